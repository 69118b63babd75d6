"""The recipes for a GPU: every key is known, the parts fit, and the preflight has nothing against them."""

from pathlib import Path

import pytest

from synthkit.config import load
from synthkit.pipeline.contract import connect
from synthkit.plugins import registry

RECIPES = sorted((Path(__file__).parent.parent / "recipes").glob("*.toml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_recipe(path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    config = load(path)
    parts = {n: registry().load(n, s.plugin)(s.settings) for n, s in config.stages.items()}
    findings = [f for part in parts.values() for f in part.check()]
    assert [f for f in findings if f.severity == "error"] == []
    assert any(f.code == "slow" for f in findings)  # it says that a CPU is not enough
    model = parts["acoustic_model"]
    names = (config.stages["acoustic_model"].plugin, config.stages["vocoder"].plugin)
    spec = parts["features"].spec
    assert connect(model.produces(spec), parts["vocoder"], names=names, plugins=registry()) == []


def test_there_are_recipes():
    assert {p.stem for p in RECIPES} == {"glowtts-hifigan", "vits"}
