# SPDX-License-Identifier: Apache-2.0
"""A folder that is not what it says is refused with the reason, before anything is spoken."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from synthkit_deepvoice3.stored import JSON, TENSORS, Scales, Shape, TrainedVoice

from synthkit.errors import VoiceError
from synthkit.types import FeatureSpec, Stream


@pytest.fixture
def folder(tmp_path):
    shape = Shape(symbols=2, features=3, outputs=4, speakers=2, channels=8)
    random = np.random.default_rng(0)
    weights = {k: random.standard_normal(s).astype(np.float16) for k, s in shape.tensors().items()}
    spec = FeatureSpec("mel", 16000, 200, (Stream("mel", width=4),))
    scales = Scales(np.zeros(4, np.float32), np.ones(4, np.float32))
    made = {"steps": 1}
    TrainedVoice(
        shape, spec, ("a", "pau"), "toy", ("xx",), ("s", "t"), scales, weights, (0.4, 0.6), made
    ).save(tmp_path, dtype="float16")
    return tmp_path


def test_what_is_saved_is_read(folder, tmp_path):
    before = TrainedVoice.load(folder)
    (tmp_path / "again").mkdir()
    before.save(tmp_path / "again", dtype="float16")
    after = TrainedVoice.load(tmp_path / "again")
    assert (after.shape, after.stay, after.made) == (before.shape, (0.4, 0.6), before.made)
    assert all(np.array_equal(v, after.weights[k]) for k, v in before.weights.items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "format 99"),
        ({"shape": {"inputs": 5}}, "TypeError"),
        ({"shape": {"symbols": 2, "features": 3, "outputs": 4, "channels": 1e9}}, "channels = 1000000000"),
        ({"scales": {"mean": [0.0], "std": [1.0]}}, "do not fit"),
        ({"scales": {"mean": [float("nan")] * 4, "std": [1.0] * 4}}, "not finite"),
        ({"speakers": ["s"]}, "do not fit"),
        ({"symbols": [1, 2]}, "no texts"),
        ({"stay": [0.5, 2]}, "stay = "),
        ({"spec": {}}, "is not what a Deep Voice 3 holds"),
        ({"made": None}, "is not what a Deep Voice 3 holds"),
    ],
)
def test_a_json_that_says_something_else(folder, change, said):
    data = json.loads((folder / JSON).read_text())
    (folder / JSON).write_text(json.dumps({**data, **change}))
    with pytest.raises(VoiceError, match=said):
        TrainedVoice.load(folder)


def test_tensors_that_are_missing_or_of_another_size(folder):
    weights = load_file(folder / TENSORS)
    name = next(iter(weights))
    save_file({k: v for k, v in weights.items() if k != name}, folder / TENSORS)
    with pytest.raises(VoiceError, match="do not fit"):
        TrainedVoice.load(folder)
    save_file({**weights, name: weights[name].reshape(-1, 1)}, folder / TENSORS)
    with pytest.raises(VoiceError, match="do not fit"):
        TrainedVoice.load(folder)
