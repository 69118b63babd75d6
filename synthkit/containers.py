# SPDX-License-Identifier: Apache-2.0
"""What Ogg and FLAC files say of themselves and libsndfile does not look at.

An Ogg file may be a chain of several (Pfeiffer, *The Ogg Encapsulation Format Version 0*, RFC 3533, 2003, §4:
a page of a new stream after pages of others); libsndfile reads the first of them to its end and stops. A FLAC
file holds the MD5 of the samples that it was made of (van Beurden and Weaver, *Free Lossless Audio Codec*,
RFC 9639, 2024, §8.2), which its decoder compares only where it is asked to.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np

from synthkit.errors import AudioError
from synthkit.paths import PathError, open_file
from synthkit.riff import Mended, check_riff

PAGE, FIRST = b"OggS", 0x02
_HEADER = 27
_WINDOW = 1 << 16
REMEMBERED = 256
_KNOWN: dict[tuple[int, int, int, int], int] = {}
"""Parts of files that were counted: a long recording is opened for each of its cuts."""
_EXACT = 24
"""Bits of a sample that a float32 holds exactly."""


def checked_file(path: Path) -> tuple[int, Mended | None]:
    """Open a recording whose container promises what is there.

    Parameters
    ----------
    path : Path

    Returns
    -------
    descriptor : int
        At the file's beginning; who asks closes it.
    mended : Mended or None
        The same file with its length put right, for a wav whose writer left the length open.

    Raises
    ------
    AudioError
        It is missing or empty, a wav that ends before its header says, or a chain of Ogg files.
    """
    try:
        descriptor, size = open_file(path)
    except PathError as error:
        raise AudioError(error.message, where=error.where) from error
    try:
        if size == 0:
            raise AudioError("the file is empty (0 bytes)", where=str(path))
        mended = check_riff(descriptor, size, path)
        check_ogg(descriptor, path)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, mended


def check_ogg(descriptor: int, path: Path) -> None:
    """Refuse an Ogg file of several recordings one after another.

    Parameters
    ----------
    descriptor : int
        Of the file; other files than Ogg are let pass.
    path : Path
        For messages.

    Raises
    ------
    AudioError
        It is a chain.
    """
    if os.pread(descriptor, 4, 0) != PAGE:
        return
    stat = os.fstat(descriptor)
    key = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if key not in _KNOWN:
        if len(_KNOWN) >= REMEMBERED:
            _KNOWN.clear()
        _KNOWN[key] = _parts(descriptor, stat.st_size)
    if _KNOWN[key] > 1:
        raise AudioError(
            "several recordings one after another (a chained Ogg), of which only the first would be read",
            where=str(path),
            hint=f"make one of them: `ffmpeg -i {path.name} {path.stem}.wav`",
        )


def _parts(descriptor: int, size: int) -> int:
    """How many recordings follow one another."""
    at, parts, heading = 0, 0, False
    while at + _HEADER <= size:
        head = os.pread(descriptor, _HEADER + 255, at)
        if head[:4] != PAGE:
            found = os.pread(descriptor, _WINDOW, at).find(PAGE, 1)
            at += found if found > 0 else _WINDOW - len(PAGE)
            continue
        first = bool(head[5] & FIRST)
        parts += first and not heading  # streams that run beside one another begin together
        heading = first
        at += _HEADER + head[26] + sum(head[_HEADER : _HEADER + head[26]])
    return parts


class Signature:
    """The MD5 of the samples that a FLAC file was made of, to be held against those that are read.

    Parameters
    ----------
    bits : int
        Of a sample.
    expected : bytes
        16 of them.
    """

    def __init__(self, bits: int, expected: bytes) -> None:
        self.bits, self.expected = bits, expected
        self._seen = hashlib.md5(usedforsecurity=False)

    def see(self, block: np.ndarray) -> None:
        """Take the next samples.

        Parameters
        ----------
        block : ndarray of float32, shape (N, C)
            Full scale is 1.
        """
        scaled, width = block * np.float32(1 << (self.bits - 1)), (self.bits + 7) // 8
        if width == 3:
            bytes_ = scaled.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3]
        else:
            bytes_ = scaled.astype(f"<i{width}")
        self._seen.update(np.ascontiguousarray(bytes_).data)

    def agrees(self) -> bool:
        """Whether those that were seen are those it was made of."""
        return self._seen.digest() == self.expected


def signature(path: Path) -> Signature | None:
    """The signature of a FLAC file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Signature or None
        None: it is no FLAC file, has none (a stream that was written as it was recorded), or its samples have
        more than 24 bits.
    """
    with path.open("rb") as file:
        head = file.read(42)
    if len(head) < 42 or head[:4] != b"fLaC" or head[4] & 0x7F:
        return None
    bits, expected = ((head[20] & 1) << 4 | head[21] >> 4) + 1, head[26:42]
    return Signature(bits, expected) if bits <= _EXACT and any(expected) else None
