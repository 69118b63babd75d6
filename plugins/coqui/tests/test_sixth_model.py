# SPDX-License-Identifier: Apache-2.0
"""A model of another plugin: this file alone defines it, and it is checked, trained, rehearsed, saved and
spoken with."""

import ast
import json
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest
import synthkit_coqui
import torch
from coqui_samples import TINY, context, make_data
from synthkit_coqui.acoustic import CoquiModel
from synthkit_coqui.architectures import BUILT_IN, find
from synthkit_coqui.architectures.text import ReadsText
from synthkit_coqui.settings import AcousticSettings, Schedule
from torch.nn import functional as F

from synthkit import hookimpl
from synthkit.errors import SynthkitError
from synthkit.plugins import registry
from synthkit.stages import Request

FRAMES_PER_TOKEN = 6
NAME = Path(__file__).stem
"""Under which every process can import this file."""


class Steady(torch.nn.Module):
    """Every token lasts as long as the others; a convolution over them says what is heard."""

    def __init__(self, symbols: int, n_mels: int, width: int) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(symbols, width)
        self.hidden = torch.nn.Conv1d(width, width, 5, padding=2)
        self.out = torch.nn.Conv1d(width, n_mels, 1)

    def forward(self, tokens, frames):
        x = F.interpolate(self.embedding(tokens).transpose(1, 2), size=frames)
        return self.out(F.relu(self.hidden(x))).transpose(1, 2)

    def get_criterion(self):
        return torch.nn.L1Loss()

    def train_step(self, batch, criterion):
        spoken = self(batch["text_input"], batch["mel_input"].shape[1])
        return {"model_outputs": spoken}, {"loss": criterion(spoken, batch["mel_input"])}

    def inference(self, tokens, aux):
        return {"model_outputs": self(tokens, FRAMES_PER_TOKEN * tokens.shape[1])}


class SteadySettings(AcousticSettings):
    lr: float = 1e-2
    schedule: Schedule = "constant"


class SteadyArchitecture(ReadsText):
    kind = "steady"
    Settings = SteadySettings
    presets = {"default": {"width": 64}, "small": {"width": 32}, "tiny": {"width": 16}}  # noqa: RUF012

    def arguments(self):
        return ["width"]

    def make(self, voice):
        return Steady(len(voice.symbols), voice.mel.n_mels, voice.model["width"]).train()


class SteadyModel(CoquiModel):
    architecture = SteadyArchitecture()
    Config = SteadySettings


@hookimpl
def register_acoustic_models(register):
    register("steady", f"{NAME}:SteadyModel", summary="a model of a test")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """This file as a plugin that every process finds, as pip would have left it."""
    about = tmp_path / "site" / "steady-0.1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: steady\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text(f"[synthkit]\nsteady = {NAME}\n")
    folders = [str(about.parent), str(Path(__file__).parent)]
    monkeypatch.setenv("PYTHONPATH", ":".join(folders))
    monkeypatch.syspath_prepend(about.parent)
    monkeypatch.setitem(sys.modules, NAME, sys.modules[__name__])
    registry.cache_clear()
    assert "steady" in {p.name for p in entry_points(group="synthkit")}
    yield
    monkeypatch.undo()
    registry.cache_clear()


def test_it_trains_and_speaks(installed, tmp_path):
    data = make_data(count=4, held_out=1, seconds=0.8)
    kind = registry().load("acoustic_model", "steady")
    assert find("steady") is kind.architecture
    model = kind(kind.Config(**TINY, steps=30, device="cpu"))
    assert [f for f in model.check(data) if f.severity == "error"] == []
    ctx = context(tmp_path / "work")
    (tmp_path / "out").mkdir()
    model.fit(data, tmp_path / "out", ctx)
    assert any("rehearsal: saved, restored in a fresh process" in line for line in ctx.progress.lines)
    curve = [
        json.loads(line)["loss"] for line in (tmp_path / "out" / "training.jsonl").read_text().splitlines()
    ]
    assert len(curve) == 30
    assert np.mean(curve[-5:]) < 0.7 * np.mean(curve[:5])
    opened = kind(kind.Config(device="cpu"))
    opened.open(tmp_path / "out")
    segmentation = data.items[0].segmentation
    frames = opened.predict(Request(segmentation))
    assert len(frames) == FRAMES_PER_TOKEN * len(opened.speech.voice.symbols.read(segmentation))
    assert frames.spec == data.spec
    with pytest.raises(SynthkitError, match="unknown option 'speed'"):
        opened.predict(Request(segmentation, options={"speed": 2}))
    with pytest.raises(SynthkitError, match="has no model argument 'widht'"):
        kind(kind.Config(**TINY, model={"widht": 3}))._describe(data)


def test_no_model_is_known_by_name_outside_its_own_file():
    """What differs between models is asked of the architecture: no comparison with a name, no table of
    names."""
    folder = Path(synthkit_coqui.__file__).parent
    named = []
    for path in sorted(folder.rglob("*.py")):
        if path.parent.name == "architectures" or path.name == "__init__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Compare, ast.Dict, ast.Tuple, ast.List, ast.Set)):
                inside = {c.value for c in ast.walk(node) if isinstance(c, ast.Constant)} & set(BUILT_IN)
                named += [f"{path.name}:{node.lineno}: {name}" for name in sorted(map(str, inside))]
    assert named == []


def test_every_model_is_found_and_no_other_component_is_taken_for_one():
    assert {find(kind).kind for kind in BUILT_IN} == set(BUILT_IN)
    for kind in ("griffin-lim", "nobody"):
        with pytest.raises(ValueError, match=f"kind '{kind}' is none of"):
            find(kind)
