# SPDX-License-Identifier: Apache-2.0
"""A folder that is not what it says is refused with the reason, and what is right speaks without torch."""

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from synthkit_wavenet.stored import JSON, TENSORS, TrainedVocoder
from synthkit_wavenet.vocoder import WaveNetSettings, WaveNetVocoder
from wavenet_toy import mel, random_vocoder, world

from synthkit.errors import SpecMismatch, VoiceError
from synthkit.plugins import registry
from synthkit.testing.samples import context


@pytest.fixture
def folder(tmp_path):
    random_vocoder(registry().load("features", "world")().spec).save(tmp_path / "v", dtype="float32")
    return tmp_path / "v"


def test_what_is_saved_is_read(folder):
    before = random_vocoder(registry().load("features", "world")().spec)
    after = TrainedVocoder.load(folder)
    assert (after.shape, after.spec, after.made) == (before.shape, before.spec, before.made)
    assert all(np.array_equal(v, after.weights[k]) for k, v in before.weights.items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "format 99"),
        ({"shape": {"inputs": 28}}, "TypeError"),
        ({"scales": {"mean": [0.0], "std": [1.0], "level": 1.0}}, "do not fit"),
        ({"scales": {"mean": [0.0] * 28, "std": [1.0] * 28, "level": -1.0}}, "not finite or not above"),
        ({"spec": {}}, "is not what a trained vocoder holds"),
    ],
)
def test_a_json_that_says_something_else(folder, change, said):
    data = json.loads((folder / JSON).read_text())
    (folder / JSON).write_text(json.dumps({**data, **change}))
    with pytest.raises(VoiceError, match=said):
        TrainedVocoder.load(folder)


@pytest.mark.parametrize(
    "sizes",
    [
        {"layers": 0},
        {"layers": True},
        {"cycle": 60},
        {"form": "noise"},
        {"order": 0},
        {"taps": 4},
        {"skip": 9},
    ],
)
def test_sizes_that_no_network_has_or_the_weights_have_not(folder, sizes):
    data = json.loads((folder / JSON).read_text())
    (folder / JSON).write_text(json.dumps({**data, "shape": {**data["shape"], **sizes}}))
    with pytest.raises(VoiceError):
        TrainedVocoder.load(folder)


def test_tensors_that_are_cut_missing_or_no_numbers(folder):
    weights = load_file(folder / TENSORS)
    name = next(iter(weights))
    save_file({k: v for k, v in weights.items() if k != name}, folder / TENSORS)
    with pytest.raises(VoiceError, match="do not fit"):
        TrainedVocoder.load(folder)
    save_file({**weights, name: np.full_like(weights[name], np.nan)}, folder / TENSORS)
    with pytest.raises(VoiceError, match="values that are not finite"):
        TrainedVocoder.load(folder)
    (folder / TENSORS).unlink()
    with pytest.raises(VoiceError, match="is missing"):
        TrainedVocoder.load(folder)


def test_weights_are_taken_where_the_frames_are_theirs(folder, tmp_path):
    vocoder = WaveNetVocoder(WaveNetSettings(pretrained=str(folder), stored="float32"))
    vocoder.fit(world(tmp_path / "world", count=1), tmp_path, context(tmp_path))
    assert (tmp_path / TENSORS).read_bytes() == (folder / TENSORS).read_bytes()
    with pytest.raises(SpecMismatch, match="are of other features"):
        vocoder.fit(mel(tmp_path / "mel", count=1), tmp_path, context(tmp_path))


def test_without_torch_training_is_refused_and_pretrained_weights_are_not(monkeypatch):
    assert WaveNetVocoder().check() == []
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed
    (finding,) = WaveNetVocoder().check()
    assert (finding.severity, finding.code, finding.mend) == ("error", "missing-package", "pip install torch")
    assert WaveNetVocoder(WaveNetSettings(pretrained="any")).check() == []


def test_speaking_imports_no_torch(folder):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from synthkit.testing import sample_waveform\n"
        "from synthkit.plugins import registry\n"
        "frames = registry().load('features', 'world')().extract(sample_waveform(16000, 0.2))\n"
        "vocoder = registry().load('vocoder', 'wavenet')()\n"
        f"vocoder.open(Path({str(folder)!r}))\n"
        "assert len(vocoder.render(frames).samples)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
