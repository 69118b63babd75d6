# SPDX-License-Identifier: Apache-2.0
"""The recipes that train: every key is known, the parts fit, and the preflight has nothing against them."""

import json
from pathlib import Path

import pytest

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.pipeline.config import load
from synthkit.pipeline.contract import connect
from synthkit.plugins import registry

FOLDER = Path(__file__).parent.parent / "recipes"
RECIPES = [
    FOLDER / f"{name}.toml"
    for name in ("glowtts-hifigan", "vits", "nsh-glowtts", "nsh-tacotron2", "nsh-vits")
]
FOR_A_CPU = ("nsh-glowtts", "nsh-tacotron2", "nsh-vits")


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_recipe(path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    config = load(path)
    parts = {n: part.new() for n, part in config.parts.stages.items()}
    findings = [f for part in parts.values() for f in part.check()]
    assert [f for f in findings if f.severity == "error"] == []
    if path.stem not in FOR_A_CPU:
        assert any(f.code == "slow" for f in findings)  # it says that a CPU is not enough
    model = parts["acoustic_model"]
    names = (config.parts["acoustic_model"].plugin, config.parts["vocoder"].plugin)
    spec = parts["features"].spec
    assert connect(model.produces(spec), parts["vocoder"], names=names, plugins=registry()) == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_doctor_looks_at_the_data_before_anything_is_aligned(path, capsys, tmp_path, monkeypatch):
    """On the bundled minutes, which everybody has; ``device = "auto"`` finds no GPU here."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path))
    few = ["--set", "voice.corpus=bundled-ru", "--set", "voice.limit=6"]
    assert run(["doctor", str(path), *few]) == 0
    assert "6 usable" in capsys.readouterr().out
    assert run(["doctor", str(path), *few, "--set", "acoustic_model.max_seconds=1"]) == 1
    assert "no recording is shorter than 1 s" in " ".join(capsys.readouterr().out.split())
    assert run(["doctor", str(path), *few, "--set", "acoustic_model.batch_size=9000", "--json"]) == 0
    found = {f["code"]: f for f in json.loads(capsys.readouterr().out)}
    assert found["memory"]["mend"].startswith("batch_size = ")
    assert "batch-larger-than-corpus" in found


TINY = {"preset": "tiny", "steps": 2, "warmup_steps": 1, "batch_size": 1, "threads": 1, "rehearsal": "false"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_a_tiny_one_is_built_and_speaks(path, tmp_path, monkeypatch):
    """The very recipe, of three utterances and two steps: everything but its length and size."""
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))
    settings = ["voice.corpus=bundled-ru", "voice.limit=3"]
    settings += [f"acoustic_model.{k}={v}" for k, v in TINY.items()]
    if path.stem == "glowtts-hifigan":
        settings += [f"vocoder.{k}={v}" for k, v in TINY.items()]
    more = [part for text in settings for part in ("--set", text)]
    assert run(["build", str(path), "-o", str(tmp_path / "voice"), "--executor", "serial", *more]) == 0
    curve = (tmp_path / "voice" / "acoustic_model" / "training.jsonl").read_text().splitlines()
    assert json.loads(curve[-1])["step"] == 2
    known = next(p for p in open_corpus("bundled-ru").utterances if p.id == "ru_0003").text
    assert run(["say", "-v", str(tmp_path / "voice"), known, "-o", str(tmp_path / "out.wav")]) == 0
    assert audio.read(tmp_path / "out.wav").duration > 0.1


def test_every_recipe_is_tried():
    demos = {"demo-ru-glowtts"}  # what it takes is tried by test_taken.py
    assert {p.stem for p in FOLDER.glob("*.toml")} == {p.stem for p in RECIPES} | demos
