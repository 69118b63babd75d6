# SPDX-License-Identifier: Apache-2.0
"""A folder that is not what it says is refused with the reason, before anything is rendered."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from synthkit_syrinx import speaking, trunk
from synthkit_syrinx.stored import JSON, TENSORS, TrainedVocoder
from synthkit_syrinx.vocoder import Syrinx

from synthkit.errors import VoiceError
from synthkit.types import Frames


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(Syrinx.bundled / "nsh", tmp_path / "nsh")
    return tmp_path / "nsh"


def test_what_is_saved_is_read(folder, tmp_path):
    before = TrainedVocoder.load(folder)
    before.save(tmp_path, dtype="float16")
    after = TrainedVocoder.load(tmp_path)
    assert (after.shape, after.spec, after.made) == (before.shape, before.spec, before.made)
    assert all(np.array_equal(v, after.weights[k]) for k, v in before.weights.items())


def frames_of(spec):
    random, count = np.random.default_rng(0), 90
    data = {
        "mcep": random.standard_normal((count, spec.stream("mcep").width)),
        "lf0": np.full(count, 5.0),
        "vuv": np.arange(count) % 30 < 20,
        "bap": -10 * random.random((count, spec.stream("bap").width)),
    }
    return Frames({name: data[name].astype(np.float32) for name in spec.names}, spec)


def test_what_was_opened_speaks_without_the_weights_that_it_read(folder):
    whole, opened = TrainedVocoder.load(folder), Syrinx()
    opened.open(folder)
    frames = frames_of(whole.spec)
    made = opened.render(frames).samples
    np.testing.assert_array_equal(made, np.clip(speaking.render(whole, frames), -1, 1))
    assert whole.weights and not opened.trained.weights


def test_how_many_frames_are_made_heard_at_once_is_not_heard(folder, monkeypatch):
    trained = TrainedVocoder.load(folder)
    frames = frames_of(trained.spec)
    together = speaking.render(trained, frames)
    monkeypatch.setattr(speaking, "TOGETHER", 7)
    monkeypatch.setattr(speaking, "NOISE", 64)
    monkeypatch.setattr(trunk, "TOGETHER", 11)
    np.testing.assert_allclose(speaking.render(trained, frames), together, atol=1e-5 * np.abs(together).max())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "format 99"),
        ({"shape": {"inputs": 5}}, "TypeError"),
        ({"scales": {"mean": [0.0], "std": [1.0], "log_f0": [5, 0.1]}}, "do not fit"),
        ({"spec": {}}, "is not what a trained vocoder holds"),
    ],
)
def test_a_json_that_says_something_else(folder, change, said):
    data = json.loads((folder / JSON).read_text())
    (folder / JSON).write_text(json.dumps({**data, **change}))
    with pytest.raises(VoiceError, match=said):
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
    (folder / TENSORS).write_bytes(b"no tensors")
    with pytest.raises(VoiceError, match="cannot be read"):
        TrainedVocoder.load(folder)
    (folder / TENSORS).unlink()
    with pytest.raises(VoiceError, match="is missing"):
        TrainedVocoder.load(folder)
