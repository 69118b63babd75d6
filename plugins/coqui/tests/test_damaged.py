# SPDX-License-Identifier: Apache-2.0
"""Voices and model folders that are damaged, or made to do harm: each refused with its reason, none with a
traceback.

What runs code or is cut short in coqui-tts's own folders is in ``test_foreign.py``.
"""

import json
import os
import shutil
import struct

import numpy as np
import pytest
import torch
from coqui_voices import TEXT, opened
from synthkit_coqui.architectures.glowtts import GlowTTS
from synthkit_coqui.foreign import import_folder
from synthkit_coqui.speech import Speech
from test_foreign import coqui_folder  # noqa: F401 - the fixture

from synthkit.errors import VoiceError
from synthkit.stages import Request
from synthkit.weights import read_safetensors


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("voice")
    opened(folder, "glowtts", conditioning="d-vector", d_vector_dim=8, speaker_encoder="resemblyzer")
    return folder


@pytest.fixture
def copy(voice, tmp_path):
    return shutil.copytree(voice, tmp_path / "copy")


def rewritten(data, change):
    """A safetensors file with another header, its length right."""
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    change(header, next(k for k in header if k != "__metadata__"))
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + size :]


def size_of(header):
    return struct.unpack("<Q", header[:8])[0]


WEIGHTS = {
    "empty": lambda d: b"",
    "shorter than its header's length": lambda d: d[:4],
    "length beyond any file": lambda d: struct.pack("<Q", 2**63) + d[8:],
    "length beyond this file": lambda d: struct.pack("<Q", 2 * len(d)) + d[8:],
    "length one too small": lambda d: struct.pack("<Q", size_of(d) - 1) + d[8:],
    "length one too large": lambda d: struct.pack("<Q", size_of(d) + 1) + d[8:],
    "length zero": lambda d: struct.pack("<Q", 0) + d[8:],
    "cut short": lambda d: d[:-100],
    "something after it": lambda d: d + b"x" * 100,
    "a pickle": lambda d: b"\x80\x04.",
    "tensors beyond its end": lambda d: rewritten(d, lambda h, k: h[k].update(data_offsets=[0, 10**12])),
    "a shape of any size": lambda d: rewritten(d, lambda h, k: h[k].update(shape=[2**40, 2**40])),
    "an unknown type": lambda d: rewritten(d, lambda h, k: h[k].update(dtype="Q9")),
    "whole numbers": lambda d: rewritten(d, lambda h, k: h[k].update(dtype="I32")),
    "a name it should not have": lambda d: rewritten(d, lambda h, k: h.update(other=h.pop(k))),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(name, copy):
    path = copy / "model.safetensors"
    path.write_bytes(WEIGHTS[name](path.read_bytes()))
    with pytest.raises(VoiceError, match=r"cannot be read|do not fit"):
        Speech.open(copy)


def test_weights_that_are_not_finite_or_no_file(copy):
    from synthkit_coqui.checkpoints import save_tensors

    path = copy / "model.safetensors"
    state = read_safetensors(path)
    next(iter(state.values())).view(-1)[0] = float("nan")
    save_tensors(path, state)
    with pytest.raises(VoiceError, match="not finite"):
        Speech.open(copy)
    path.unlink()
    path.mkdir()
    with pytest.raises(VoiceError, match="cannot be read"):
        Speech.open(copy)


CONFIGS = {
    "kind": ("xtts", "none of glowtts"),
    "conditioning": ("magic", "conditioning"),
    "symbols": (None, "without symbols"),
    "speakers": (["a", "a", "a"], "each once"),
    "d_vector_dim": (10**12, "the number"),
    "reduction": (10**9, "the number"),
    "model.speaker_encoder_model_path": ("/etc/passwd", "no argument 'speaker_encoder_model_path'"),
    "model.hidden_channels_enc": (10**9, "the number"),
    "model.num_flow_blocks_dec": (-4, "do not fit|no model"),
    "model.encoder_type": ("os.system", "no model that can be made"),
    "model.dilation_rate": ("wide", "no model that can be made"),
    "symbols.tokens": ([str(i) for i in range(30_000)], "30000 tokens"),
    "frobnicate": (1, "unexpected keyword argument"),
}


@pytest.mark.parametrize("key", CONFIGS)
def test_description(key, copy):
    path = copy / "config.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    *parents, last = key.split(".")
    table = data
    for parent in parents:
        table = table[parent]
    table[last], said = CONFIGS[key]
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(VoiceError, match=said):
        Speech.open(copy)


@pytest.mark.parametrize("text", ["{", "[]", "null", "[" * 100_000])
def test_description_that_is_none(text, copy):
    (copy / "config.json").write_text(text)
    with pytest.raises(VoiceError, match=r"no model that can be made|no valid JSON"):
        Speech.open(copy)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"Аня": "x"}', '{"Аня": [1, 2]}', '{"Аня": [NaN, 1, 1, 1, 1, 1, 1, 1]}']
)
def test_d_vectors(text, copy):
    table = json.loads((copy / "d_vectors.json").read_text(encoding="utf-8"))
    if text.startswith('{"'):
        text = json.dumps({**table, **json.loads(text)})
    (copy / "d_vectors.json").write_text(text, encoding="utf-8")
    part = GlowTTS(GlowTTS.Config(device="cpu"))
    with pytest.raises(VoiceError, match="d-vector"):
        part.open(copy)


@pytest.fixture
def theirs(coqui_folder, tmp_path):  # noqa: F811
    return shutil.copytree(coqui_folder[0], tmp_path / "theirs")


def refused(folder, said):
    with pytest.raises(VoiceError, match=said):
        import_folder(folder, folder / "out")
    assert not (folder / "out").exists()


@pytest.mark.parametrize("name", ["config.json", "speakers.json", "best_model_7.pth"])
def test_links_that_lead_out_are_refused(name, theirs, tmp_path):
    (tmp_path / "private").mkdir()
    shutil.move(theirs / name, tmp_path / "private" / name)
    (theirs / name).symlink_to(tmp_path / "private" / name)
    refused(theirs, "leads out of its folder")
    (theirs / name).unlink()
    shutil.move(tmp_path / "private" / name, theirs / "data.bin")
    (theirs / name).symlink_to("data.bin")  # within the folder a link is a file like any other
    import_folder(theirs, theirs / "out")


@pytest.mark.parametrize("path", ["/etc/hostname", "../../../../etc/hostname", "C:\\run\\speakers.json", 5])
def test_paths_of_the_machine_it_was_trained_on_are_not_followed(path, theirs):
    config = json.loads((theirs / "config.json").read_text())
    (theirs / "config.json").write_text(json.dumps({**config, "speakers_file": path}))
    voice = import_folder(theirs, theirs / "out")
    assert voice.speakers == ("Аня", "Борис")  # of the speakers.json beside it
    (theirs / "speakers.json").unlink()
    shutil.rmtree(theirs / "out")
    refused(theirs, "not beside the config")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("speakers", ["a", "a"], "each once"),
        ("audio", {"sample_rate": "x"}, "no model that can be made"),
        ("audio", {"sample_rate": 16000, "hop_length": -5}, "hop_length is a whole number above 0"),
        ("audio", {"num_mels": 10**9}, "the number"),
        ("characters", "abc", "no model that can be made"),
        ("model_args", "x", "no model that can be made"),
        ("languages", 5, "no model that can be made"),
        ("encoder_params", [], "no model that can be made"),
    ],
)
def test_settings_of_no_model(key, value, said, theirs):
    """Where the checkpoint keeps no config of its own, with which a changed one would not agree."""
    config = json.loads((theirs / "config.json").read_text())
    (theirs / "config.json").write_text(json.dumps({**config, key: value}))
    state = torch.load(theirs / "best_model_7.pth", weights_only=True)
    torch.save({"model": state["model"]}, theirs / "best_model_7.pth")
    refused(theirs, said)


def test_tensors_that_are_none(theirs):
    path = theirs / "best_model_7.pth"
    state = torch.load(path, weights_only=True)
    name = "encoder.emb.weight"
    whole = state["model"][name]
    for odd in (
        whole.to_sparse(),
        torch.zeros(1).expand(10**6, 10**6),
        whole * float("nan"),
        whole.to(torch.complex64),
    ):
        torch.save({**state, "model": {**state["model"], name: odd}}, path)
        refused(theirs, "do not fit")
    torch.save({"model": {1: whole}}, path)
    refused(theirs, "no dictionary of tensors")
    path.unlink()
    path.mkdir()
    refused(theirs, "cannot be read")


def test_nothing_waits_for_a_pipe(theirs):
    (theirs / "speakers.json").unlink()
    os.mkfifo(theirs / "speakers.json")
    refused(theirs, "not beside the config")


def test_the_undamaged_ones_open(copy, theirs):
    part = GlowTTS(GlowTTS.Config(device="cpu"))
    part.open(copy)
    assert np.isfinite(part.predict(Request(TEXT))["mel"]).all()
    import_folder(theirs, theirs / "out")
