# SPDX-License-Identifier: Apache-2.0
"""The table and the picture of a path, and the command that shows them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from synthkit_unit_selection.coverage import report
from synthkit_unit_selection.explain import explanation, phones_of, table
from synthkit_unit_selection.picture import LINE, ROWS, draw, spectrogram

from synthkit.cli import run
from synthkit.errors import ConfigError
from synthkit.pipeline.voice import Voice
from synthkit.stages import Request
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
    return UnitPath(tuple(units), Silence(), FeatureSpec("units", RATE), names)


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


def noise(seconds: float) -> Waveform:
    samples = 0.1 * np.random.default_rng(0).standard_normal(int(seconds * RATE))
    return Waveform(samples.astype(np.float32), RATE)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("runs", [1, 5, 7])
def test_the_picture_has_a_line_every_few_seconds_and_every_join(tmp_path, runs):
    made = path(runs)
    seconds = 0.8 * runs
    draw(made, noise(seconds), tmp_path / "new" / "p.svg")
    root = ElementTree.parse(tmp_path / "new" / "p.svg").getroot()
    lines = 1 if seconds < LINE + 0.5 else 2
    assert sum(g.get("id", "").startswith("axes_") for g in root.iter(f"{SVG}g")) == lines * len(ROWS)
    joins = [g for g in root.iter(f"{SVG}g") if g.get("id") == "joins"]
    assert sum(len(list(g.iter(f"{SVG}path"))) for g in joins) == (runs - 1) * len(ROWS)
    texts = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert {t for t in texts if t in made.phones} == set(
        made.phones
    )  # text is text: it can be found and edited
    for label in ("amplitude", "frequency, kHz", "cost", "time, s"):
        assert texts.count(label) == lines
    assert [t for t in texts if t.startswith(f"cost {made.cost:.2f}")]
    for n in range(runs):
        assert any(t in (f"{8 * n + (n > 0)}: recording_{n}", f"{8 * n + (n > 0)}") for t in texts), n


def test_a_picture_is_svg_pdf_or_png_and_the_same_every_time(tmp_path):
    from matplotlib.image import imread

    heads = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG\r\n\x1a\n"}
    for kind, head in heads.items():
        for number in (1, 2):
            draw(path(2), noise(1.6), tmp_path / f"{number}.{kind}")
        data = (tmp_path / f"1.{kind}").read_bytes()
        assert data.startswith(head)
        assert data == (tmp_path / f"2.{kind}").read_bytes(), kind
    image = imread(tmp_path / "1.png")
    red = np.abs(image[..., :3] - np.array([0xD6, 0x45, 0x45]) / 255).max(2) < 0.02
    assert (red.sum(0) > 300).sum() in (1, 2, 3)  # one join, through all parts
    with pytest.raises(ConfigError, match=r"a picture is \.svg, \.pdf or \.png, not \.jpg"):
        draw(path(1), noise(0.8), tmp_path / "1.jpg")


def test_a_tone_stands_at_its_frequency_and_level():
    time = np.arange(RATE) / RATE
    levels = spectrogram(
        Waveform((0.5 * np.sin(2 * np.pi * 2000 * time)).astype(np.float32), RATE), 0.25, 10, 0.05, 0.5
    )
    assert levels.shape == (129, 10)
    assert set(levels.argmax(0)) == {32}  # 2 kHz of 0–8 kHz
    assert np.abs(levels.max(0)).max() < 0.1  # dB re a tone of that amplitude
    assert levels[64].max() < -70


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
    assert run(["explain", "-v", voice, "Добрый вечер.", "--picture", str(tmp_path / "why.png")]) == 0
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 60
    assert (tmp_path / "why.png").stat().st_size > 10_000
    assert run(["explain", "-v", str(tmp_path / "no voice"), "Да.", "--picture", "why.gif"]) == 2
    assert "a picture is .svg, .pdf or .png, not .gif" in capsys.readouterr().err
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


def test_the_cheapest_path_through_every_candidate(voice):
    """Against all paths: of a word that is short enough to try them."""
    with Voice.open(voice) as opened:
        model = opened.acoustic_model
        request = Request(opened.segment("Да."), options={"keep": 2, "successors": False, "phrases": False})
        found = model.lattice(request)
        assert found.path.to_dict() == model.predict(request).to_dict()

        def cost(row: tuple[int, ...]) -> float:
            force = dict(enumerate(found.units[list(row)].tolist()))
            return model.predict(replace(request, options={**request.options, "force": force})).cost

        places = [range(*pair) for pair in pairwise(found.starts.tolist())]
        some = list(product(*(p[:2] for p in places[:4])))
        rest = tuple(found.chosen[4:].tolist())
        cheapest = min(cost((*row, *rest)) for row in some)
    assert cheapest == pytest.approx(found.path.cost, rel=1e-5)  # no other is cheaper
    assert found.through[found.chosen] == pytest.approx(found.path.cost, rel=1e-5)
    assert (found.through >= found.path.cost * (1 - 1e-5)).all() and found.excess.min() == 0
    chosen = found.chosen
    assert found.before[chosen].tolist() == [-1, *chosen[:-1]]
    assert found.after[chosen].tolist() == [*chosen[1:], -1]
    assert found.target[chosen].sum() + found.join[chosen].sum() == pytest.approx(found.path.cost, rel=1e-5)


def test_why_as_one_file(voice, tmp_path, open_page, capsys):
    free = ["explain", "-v", voice, "Добрый вечер.", "--json"]
    assert run(free) == 0
    units = [u["index"] for u in json.loads(capsys.readouterr().out)["units"]]
    more = ["--forbid", str(units[3]), "--html", str(tmp_path / "why.html")]
    assert run([*free[:-1], *more]) == 0
    page = open_page((tmp_path / "why.html").as_uri(), width=390)
    page.wait_for_selector("body[data-shown]")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert "; before: cost" in page.text_content("#costs") and not page.is_disabled("#hear-a")
    labels = page.eval_on_selector_all(".units button", "all => all.map((b) => b.ariaLabel)")
    assert len(labels) == len(units) and not [x for x in labels if x.startswith(f"unit {units[3]},")]
    page.focus(".units button[tabindex='0']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"body[data-unit='{labels[1].split()[1].rstrip(',')}']")
    page.focus("#lattice")
    page.keyboard.press("ArrowDown")
    assert "candidate 2 of" in page.get_attribute("#lattice", "aria-label")
    page.select_option("#language", "ru")
    assert "Все кандидаты" in page.get_attribute("#lattice", "aria-label")
    page.focus("#play")
    page.keyboard.press("Enter")
    page.wait_for_selector("#play[aria-pressed=true]")
