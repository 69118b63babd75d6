# SPDX-License-Identifier: Apache-2.0
"""The table and the picture of a path, and the command that shows them."""

from __future__ import annotations

import json
import re
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from synthkit_unit_selection.coverage import report
from synthkit_unit_selection.explain import explanation, phones_of, table
from synthkit_unit_selection.picture import JOIN, LINE, MARGIN, SCALE, draw

from synthkit.cli import run
from synthkit.types import FeatureSpec, Unit, UnitPath, Waveform

ROOT = Path(__file__).parents[3]
RATE = 16000


class Silence:
    sample_rate = RATE


def path(runs: int, *, phones: int = 4, name: str = "recording") -> UnitPath:
    """`runs` runs of `phones` phones of 0.2 s, joined in the middle of phones."""
    units = []
    for k in range(2 * phones * runs):
        joined = k > 1 and (k - 1) % (2 * phones) == 0
        join = {"join": 9.8, "spectrum": 1.25, "f0": 0.5, "power": 0.1} if joined else {}
        cost = {"context": 0.25, "spectrum": 2.0, "f0": 0.1, "duration": 0.3}
        start = 1600 * k
        units.append(
            Unit(
                1000 + k,
                f"{name}_{k // 8}",
                start,
                start + 1600,
                f"p{k // 2}.{k % 2 + 1}",
                k // 2,
                cost,
                join,
                joined,
            )
        )
    names = tuple(f"p{i}" for i in range(phones * runs))
    return UnitPath(
        tuple(units), Silence(), FeatureSpec("units", RATE), names, {}, sum(u.cost for u in units)
    )


def test_costs_of_units_sum_to_the_cost_exactly():
    made = path(5)
    data = json.loads(json.dumps(explanation(made)))
    assert sum(u["target_cost"] + u["join_cost"] for u in data["units"]) == data["cost"] == made.cost
    assert sum(data["terms"].values()) == pytest.approx(data["cost"], rel=1e-12)
    assert [u["place"] for u in data["units"]] == list(range(40))


def test_halves_of_phones():
    first, second = path(2).runs()
    assert phones_of(first) == "p0 p1 p2 p3 p4-"
    assert phones_of(second) == "-p4 p5 p6 p7"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
@pytest.mark.parametrize("name", ["r", "a_recording_of_a_very_long_name_indeed"])
def test_the_table_fits_the_terminal_and_keeps_its_content(width, name):
    made = path(6, phones=9, name=name)
    text = table(made, width=width)
    assert max(len(line) for line in text.splitlines()) <= width
    flat = re.sub(r"\s+", " ", text)
    for phone in made.phones:
        assert re.search(rf"(?<!\w)-?{phone}(?!\w)", flat), phone
    for run_ in made.runs()[1:]:
        assert str(run_[0].index) in flat
    assert "5 joins" in flat
    assert flat.count("11.65") == 5  # what each join costs
    assert flat.count("1.25") >= 5
    assert f"cost {made.cost:.4f}" in flat


def pixels(file: Path) -> np.ndarray:
    """The image of an 8-bit RGB PNG without filters, by the format's own definition."""
    data = file.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    at, body = 8, b""
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            body += data[at + 8 : at + 8 + size]
        at += 12 + size
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


@pytest.mark.parametrize("runs", [1, 5, 7])
def test_the_picture_has_a_line_every_few_seconds_and_every_join(tmp_path, runs):
    made = path(runs)
    seconds = 0.8 * runs
    noise = 0.1 * np.random.default_rng(0).standard_normal(int(seconds * RATE))
    draw(made, Waveform(noise.astype(np.float32), RATE), tmp_path / "new" / "p.png")
    image = pixels(tmp_path / "new" / "p.png")
    lines = 1 if seconds < LINE + 0.5 else 2
    assert image.shape[1] <= MARGIN + SCALE * (LINE + 0.5) + 20
    red = (image == JOIN).all(2)
    columns = red.sum(0)
    at = {MARGIN + int((0.1 + 0.8 * k) % LINE * SCALE + 1e-6) for k in range(1, runs)}
    assert all(columns[max(x - 1, 0) : x + 2].max() > 100 for x in at)
    assert len(np.flatnonzero(columns > 100)) == len(at)
    grey = np.flatnonzero((image[:, MARGIN : MARGIN + 200] < 255).any((1, 2)))
    assert len(grey) > 200 * lines


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """A voice of six recordings; two more are held out."""
    folder = tmp_path_factory.mktemp("explain")
    recipe = str(ROOT / "corpora/recipes/demo-ru.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHKIT_CACHE", str(folder / "cache"))
        more = ["--set", "voice.limit=8", "--set", "voice.held_out=4"]
        assert run(["build", recipe, "-o", str(folder / "ru"), *more]) == 0
        yield str(folder / "ru")


def test_force_and_forbid_from_the_command_line(voice, tmp_path, monkeypatch, capsys):
    def units(*more: str) -> list[int]:
        capsys.readouterr()
        assert run(["explain", "-v", voice, "Добрый вечер.", "--json", *more]) == 0
        return [u["index"] for u in json.loads(capsys.readouterr().out)["units"]]

    free = units()
    forbidden = units("--forbid", str(free[3]), "--forbid", str(free[8]))
    assert not {free[3], free[8]} & set(forbidden)
    forced = units("--force", f"3={forbidden[3]}")
    assert forced[3] == forbidden[3] != free[3]
    assert run(["explain", "-v", voice, "Добрый вечер.", "--force", "3"]) != 0
    assert "PLACE=UNIT" in capsys.readouterr().err
    monkeypatch.setenv("COLUMNS", "60")
    assert run(["explain", "-v", voice, "Добрый вечер.", "--png", str(tmp_path / "why.png")]) == 0
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 60
    assert pixels(tmp_path / "why.png").shape[0] > 300
    spans = [b - a for a, b in pairwise(free)]
    assert any(s == 1 for s in spans)  # natural runs survive in so small a voice


def test_a_build_says_what_is_covered_and_what_to_record_next(voice, tmp_path, capsys):
    model = Path(voice) / "acoustic_model"
    found = json.loads((model / "coverage.json").read_text(encoding="utf-8"))
    held_out = json.loads((Path(voice) / "manifest.json").read_text(encoding="utf-8"))["held_out"]
    assert len(found["record_next"]) == len(held_out) == 2
    assert found["record_next"][0]["gain"] >= found["record_next"][1]["gain"] > 0
    assert found["phrases"] >= 6  # each of the six recordings at least is a phrase
    text = (model / "coverage.txt").read_text(encoding="utf-8")
    assert f"record next: {found['record_next'][0]['text']}" in text
    assert "--sentences FILE" in report(found | {"record_next": []})
    (tmp_path / "texts").write_text("Мама мыла раму.\nЩёголь щёлкал щипцами.\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["coverage", "-v", voice, "--sentences", str(tmp_path / "texts"), "--count", "1"]) == 0
    assert re.findall("record next: (.*?)  ", capsys.readouterr().out) == ["Щёголь щёлкал щипцами."]
