# SPDX-License-Identifier: Apache-2.0
"""Small corpora made on the spot."""

import io
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from synthkit import audio
from synthkit.types import Waveform

sys.path.insert(0, str(Path(__file__).parent))  # case_folders


def tone(seconds: float = 0.5, rate: int = 16000, level: float = 0.3) -> Waveform:
    t = np.arange(int(seconds * rate)) / rate
    swell = np.clip((np.minimum(t, seconds - t) - 0.05) / 0.05, 0.001, 1) if seconds > 0.3 else 1
    return Waveform((level * swell * np.sin(2 * np.pi * 220 * t)).astype(np.float32), rate)


class Maker:
    """Writes recordings and texts under a folder."""

    def __init__(self, root):
        self.root = root

    def wav(self, *names, **options):
        for name in names:
            suffix = "" if name.endswith((".wav", ".flac")) else ".wav"
            audio.write(self.root / f"{name}{suffix}", tone(**options))

    def text(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path


@pytest.fixture
def make(tmp_path):
    return Maker(tmp_path / "corpus")


def build_deb(path, files, *, compression="xz", links=()):
    """A Debian package holding `files` (member path to bytes), as dpkg-deb would write it."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(f"./{name}")
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    parts = {"debian-binary": b"2.0\n", "control.tar.xz": b"x", f"data.tar.{compression}": data.getvalue()}
    out = b"!<arch>\n"
    for name, content in parts.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        out += content + b"\n" * (len(content) % 2)
    path.write_bytes(out)
    return path


@pytest.fixture
def deb():
    return build_deb
