# SPDX-License-Identifier: Apache-2.0
"""Weights of strangers: read as data, by one reader for all."""

import os
import pickle
import re
import zipfile
from pathlib import Path

import pytest

from synthkit.errors import PluginError, VoiceError
from synthkit.weights import read_checkpoint, read_safetensors

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


def test_what_is_too_large_missing_or_no_file(tmp_path):
    torch.save({"a": torch.ones(1000)}, tmp_path / "a.pth")
    for read in (read_checkpoint, read_safetensors):
        with pytest.raises(VoiceError, match="larger than any model"):
            read(tmp_path / "a.pth", largest=1000)
        with pytest.raises(VoiceError, match="no checkpoint"):
            read(tmp_path / "none.pth")
        with pytest.raises(VoiceError, match="no file"):
            read(tmp_path)
    with pytest.raises(VoiceError, match="cannot be read"):
        read_safetensors(tmp_path / "a.pth")


def test_nothing_else_reads_them():
    sources = [*(ROOT / "synthkit").rglob("*.py"), *(ROOT / "plugins").glob("*/synthkit_*/**/*.py")]
    readers = {p.name for p in sources if re.search(r"torch\.load\(", p.read_text(encoding="utf-8"))}
    assert readers == {"weights.py"}
