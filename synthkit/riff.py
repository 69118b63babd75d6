# SPDX-License-Identifier: Apache-2.0
"""Headers of wav files: what they promise is held against the file, and a length left open is put right.

Programs that write to a pipe do not know the length when they write the header (Microsoft, *Multimedia
Programming Interface and Data Specifications 1.0*, 1991: RIFF chunks hold their size before their content).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from synthkit.errors import AudioError

PLACEHOLDER = 1_000_000_000
"""Bytes of audio that a header promises and of which next to nothing is there: a length that a writer put
there because it did not know it. Programs write 2^31 - 1, 2^32 - 1, 2^31 less a page, or a round number."""
_TAIL = 1 << 20
"""Bytes from the end in which a list after the audio is looked for."""


def check_riff(descriptor: int, size: int, path: Path) -> Mended | None:
    """Whether a wav file holds what its header says; the mended file where the writer left its length open.

    Parameters
    ----------
    descriptor : int
        Of the file; other files than wav are let pass.
    size : int
        Bytes of the file.
    path : Path
        For messages.

    Returns
    -------
    Mended or None
        None: libsndfile can read it as it is, or it is no wav file.

    Raises
    ------
    AudioError
        The file ends before its audio does, or has none.
    """
    riff = os.pread(descriptor, 12, 0)
    if len(riff) < 12 or riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
        return None
    at = 12
    for _ in range(10_000):  # chunks; a file of more is damaged
        chunk = os.pread(descriptor, 8, at)
        if len(chunk) < 8:
            break
        at += 8
        length = int.from_bytes(chunk[4:], "little")
        if chunk[:4] != b"data":
            at += length + length % 2
            continue
        there = size - at
        open_ended = length >= 0x7FFFF000 or (length >= PLACEHOLDER and length > 20 * there)
        if length > there and not open_ended:
            raise AudioError(
                f"truncated: the header promises {length} bytes of audio, {there} are there", where=str(path)
            )
        if length > there or (length == 0 and there > 0 and not _chunks_follow(descriptor, at, size)):
            return Mended(descriptor, size, at, _end_of_audio(descriptor, at, size))
        return None
    raise AudioError("truncated: a wav header without audio", where=str(path))


def _chunks_follow(descriptor: int, at: int, size: int) -> bool:
    """Whether other chunks, up to the end of the file, follow a data chunk of length 0: it is empty then."""
    while at + 8 <= size:
        chunk = os.pread(descriptor, 8, at)
        if not all(32 <= byte < 127 for byte in chunk[:4]):
            return False
        length = int.from_bytes(chunk[4:], "little")
        at += 8 + length + length % 2
    return at in (size, size + 1)


def _end_of_audio(descriptor: int, at: int, size: int) -> int:
    """Where the audio that begins at `at` ends: before a list of titles or of marks that reaches, with what
    follows it, to the end of the file."""
    first = max(at, size - _TAIL)
    tail = os.pread(descriptor, size - first, first)
    for found in re.finditer(rb"LIST(?=.{4}(?:INFO|adtl))", tail, re.S):
        if _chunks_follow(descriptor, first + found.start(), size):
            return first + found.start()
    return size


class Mended:
    """A wav file whose header says how long it is, whatever stands there on the disk; for libsndfile."""

    def __init__(self, descriptor: int, size: int, data: int, end: int) -> None:
        self._descriptor, self._size, self._at = descriptor, size, 0
        length = min(end - data, 0xFFFF_FFFF)
        self._fields = {4: min(size - 8, 0xFFFF_FFFF), data - 4: length}

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; gives where that is, in bytes from the beginning.

        Parameters
        ----------
        offset : int
        whence : int
            As of `os.lseek`.

        Returns
        -------
        int
        """
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, count: int = -1) -> bytes:
        """The next bytes, with the lengths put right.

        Parameters
        ----------
        count : int
            All that is left where below 0.

        Returns
        -------
        bytes
        """
        data = bytearray(os.pread(self._descriptor, self._size if count < 0 else count, self._at))
        for place, value in self._fields.items():
            for index, byte in enumerate(value.to_bytes(4, "little")):
                if 0 <= place + index - self._at < len(data):
                    data[place + index - self._at] = byte
        self._at += len(data)
        return bytes(data)

    def readinto(self, buffer: memoryview) -> int:
        """The next bytes into a buffer.

        Parameters
        ----------
        buffer : memoryview

        Returns
        -------
        int
            How many they are.
        """
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes) -> int:
        """Refused: libsndfile asks for a file that has it.

        Parameters
        ----------
        data : bytes

        Returns
        -------
        int
            Never.

        Raises
        ------
        OSError
            Always.
        """
        raise OSError("opened to be read")
