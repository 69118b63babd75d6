# SPDX-License-Identifier: Apache-2.0
"""A folder that is not what it says is refused with the reason, before anything is rendered."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from synthkit_syrinx.stored import JSON, TENSORS, TrainedVocoder
from synthkit_syrinx.vocoder import Syrinx

from synthkit.errors import VoiceError


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
