# SPDX-License-Identifier: Apache-2.0
"""Weights of strangers: read as data, by one reader for all."""

import os
import pickle
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from synthkit.errors import PluginError, VoiceError
from synthkit.weights import read_arrays, read_checkpoint, read_safetensors

torch = pytest.importorskip("torch")
ROOT = Path(__file__).parents[1]


class Evil:
    def __reduce__(self):
        return (os.system, ("touch OWNED",))


def test_tensors_and_plain_values_come_back(tmp_path):
    torch.save({"model": {"a": torch.ones(3)}, "step": 7, "names": ["x"]}, tmp_path / "a.pth")
    found = read_checkpoint(tmp_path / "a.pth")
    assert found["step"] == 7
    assert torch.equal(found["model"]["a"], torch.ones(3))


def test_code_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"model": Evil()}, tmp_path / "evil.pth")
    (tmp_path / "raw.pth").write_bytes(pickle.dumps({"model": Evil()}))
    for name in ("evil.pth", "raw.pth"):
        with pytest.raises(VoiceError, match="holds code, which is never run"):
            read_checkpoint(tmp_path / name)
    assert not (tmp_path / "OWNED").exists()


def test_one_that_unpacks_to_far_more_than_it_is(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 50_000_000)
    with pytest.raises(PluginError, match="unpacks to 48 MiB from 0"):
        read_checkpoint(tmp_path / "bomb.pth", error=PluginError)


@pytest.mark.parametrize("keep", [0, 3, 300, 0.9])
def test_one_that_is_cut_short(tmp_path, keep):
    path = tmp_path / "a.pth"
    torch.save({"a": torch.ones(1000)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(VoiceError, match=r"cut short|holds code"):
        read_checkpoint(path)


def test_another_kind_of_file_is_no_checkpoint(tmp_path):
    (tmp_path / "metadata.csv").write_text("a|text that somebody says\n", encoding="utf-8")
    with pytest.raises(VoiceError, match="is no checkpoint: torch writes no file"):
        read_checkpoint(tmp_path / "metadata.csv")


def test_what_is_too_large_missing_or_no_file(tmp_path):
    torch.save({"a": torch.ones(1000)}, tmp_path / "a.pth")
    for read in (read_checkpoint, read_safetensors, read_arrays):
        with pytest.raises(VoiceError, match="larger than any model"):
            read(tmp_path / "a.pth", largest=1000)
        with pytest.raises(VoiceError, match="no checkpoint"):
            read(tmp_path / "none.pth")
        with pytest.raises(VoiceError, match="no file"):
            read(tmp_path)
    for read in (read_safetensors, read_arrays):
        with pytest.raises(VoiceError, match="cannot be read"):
            read(tmp_path / "a.pth")


def test_arrays_are_the_tensors_in_float32(tmp_path):
    tensors = {"half": torch.tensor([[0.5, -2.0]], dtype=torch.float16), "whole": torch.arange(3.0)}
    from safetensors.torch import save_file

    save_file(tensors, tmp_path / "a.safetensors")
    arrays = read_arrays(tmp_path / "a.safetensors")
    assert {k: (v.dtype, v.tolist()) for k, v in arrays.items()} == {
        k: (np.float32, v.tolist()) for k, v in tensors.items()
    }
    save_file({"b": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "b.safetensors")
    assert read_arrays(tmp_path / "b.safetensors") is None, "numpy has no such number"


def test_nothing_else_reads_them():
    sources = [*(ROOT / "synthkit").rglob("*.py"), *(ROOT / "plugins").glob("*/synthkit_*/**/*.py")]
    readers = {p.name for p in sources if re.search(r"torch\.load\(", p.read_text(encoding="utf-8"))}
    assert readers == {"weights.py"}
    tensors = {
        p.name for p in sources if re.search(r"\b(load_file|safe_open)\(", p.read_text(encoding="utf-8"))
    }
    assert tensors == {
        "weights.py",
        "trained.py",  # against the shapes that its own description states
        "learning.py",  # a training's state, with its metadata
    }
