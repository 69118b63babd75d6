# SPDX-License-Identifier: Apache-2.0
"""What components that torch trains have in common: what is said where it is missing, what is left as it was,
what is refused of a folder."""

import json
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from synthkit import neural_vocoder
from synthkit.errors import MissingDependency, VoiceError
from synthkit.kept_scales import keep_scales, kept_scales
from synthkit.taught import described_by, needs_torch, torch_device, torch_training
from synthkit.types import FeatureSpec, Stream

SPEC = FeatureSpec("toy", 16000, 80, (Stream("x", width=3),))


@dataclass(frozen=True)
class Size:
    width: int

    def check(self):
        if not 1 <= self.width <= 9:
            raise ValueError(f"width = {self.width}")

    def tensors(self):
        return {"w": (self.width, 2)}


@dataclass(frozen=True)
class Level:
    level: float

    def to_dict(self):
        return {"level": self.level}

    @classmethod
    def from_dict(cls, data):
        return cls(float(data["level"]))


class Toy(neural_vocoder.TrainedVocoder[Size, Level]):
    name = "toy"
    sizes, normalised = Size, Level

    @classmethod
    def check_spec(cls, shape, scales, spec):
        if spec.streams[0].width != shape.width:
            raise ValueError("a width that is not its spec's")


def test_torch_is_asked_for_where_something_has_to_be_trained(monkeypatch):
    assert needs_torch("vocoder 'toy'", pretrained=False) == []
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed
    (finding,) = needs_torch("vocoder 'toy'", pretrained=False)
    assert finding.problem == "training vocoder 'toy' needs torch (speaking does not)"
    assert needs_torch("vocoder 'toy'", pretrained=True) == []
    with (
        pytest.raises(MissingDependency, match="training vocoder 'toy' needs torch"),
        torch_training("vocoder 'toy'", threads=1),
    ):
        raise AssertionError("the training began")


def test_torch_is_left_as_it_was_found_whatever_happens_inside():
    torch = pytest.importorskip("torch")
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    with pytest.raises(ValueError, match="inside"), torch_training("vocoder 'toy'", threads=threads + 1):
        assert torch.get_num_threads() == threads + 1
        torch.manual_seed(1234)
        raise ValueError("inside")
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_a_device_is_what_was_asked_for():
    torch = pytest.importorskip("torch")
    assert torch_device("cpu") == "cpu"
    assert torch_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_folder_comes_back_and_what_does_not_fit_is_refused_by_name(tmp_path):
    toy = Toy(Size(3), SPEC, Level(0.5), {"w": np.ones((3, 2), np.float32)}, {"steps": 7})
    toy.save(tmp_path, dtype="float16")
    back = Toy.load(tmp_path)
    assert (back.shape, back.spec, back.scales, back.made) == (toy.shape, SPEC, toy.scales, {"steps": 7})
    assert np.array_equal(back.weights["w"], toy.weights["w"])
    description = tmp_path / "toy.json"
    whole = json.loads(description.read_text(encoding="utf-8"))
    for change, said in (
        ({"shape": {"width": 4}}, "not its spec's"),
        ({"shape": {"width": 40}}, "width = 40"),
        ({"shape": {}}, "TypeError"),
        ({"scales": {}}, "KeyError"),
        ({"spec": 7}, "Error"),
        ({"format": 2}, "format 2"),
    ):
        description.write_text(json.dumps({**whole, **change}), encoding="utf-8")
        with pytest.raises(VoiceError, match=said) as error:
            Toy.load(tmp_path)
        assert "toy.json" in str(error.value)
    description.write_text(json.dumps({**whole, "shape": {"width": 3}}), encoding="utf-8")
    (tmp_path / "toy.safetensors").unlink()
    with pytest.raises(VoiceError, match="is missing"):
        Toy.load(tmp_path)


def test_an_error_of_reading_that_has_a_name_keeps_it(tmp_path):
    with pytest.raises(VoiceError, match="mine"), described_by(tmp_path / "a.json", "a toy"):
        raise VoiceError("mine")
    with (
        pytest.raises(VoiceError, match="is not what a toy holds"),
        described_by(tmp_path / "a.json", "a toy"),
    ):
        [][0]


def test_what_is_kept_beside_a_state_comes_back_for_the_same_features_only(tmp_path):
    path = tmp_path / "toy-scales.json"
    assert kept_scales(path, Level, SPEC) == (None, set())
    keep_scales(path, Level(0.25), {"b", "a"}, SPEC)
    assert kept_scales(path, Level, SPEC) == (Level(0.25), {"a", "b"})
    other = FeatureSpec("toy", 16000, 160, (Stream("x", width=3),))
    assert kept_scales(path, Level, other) == (None, set())
    path.write_text("{", encoding="utf-8")
    with pytest.raises(VoiceError, match="toy-scales"):
        kept_scales(path, Level, SPEC)


def test_what_is_bundled_is_what_a_vocoder_is_shown_with(tmp_path):
    class Hum(neural_vocoder.TaughtVocoder[Toy]):
        name, bundled, holds = "hum", tmp_path / "data", Toy

    assert Hum.demos == ()
    weights(tmp_path, "anna")
    (demo,) = Hum.demos
    assert (demo.name, demo.settings) == ("", {"pretrained": "anna"})
    assert demo.renders[0].accepts(SPEC)
    assert not demo.renders[0].accepts(FeatureSpec("toy", 22050, 80, SPEC.streams))
    weights(tmp_path, "boris")
    assert [d.name for d in Hum.demos] == ["anna", "boris"]


def weights(root, name):
    made = root / "data" / name
    made.mkdir(parents=True)
    Toy(Size(3), SPEC, Level(0.5), {"w": np.ones((3, 2), np.float32)}).save(made, dtype="float32")
