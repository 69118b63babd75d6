# SPDX-License-Identifier: Apache-2.0
"""A sorted word list in compressed blocks, searched by bisection on its bytes.

A lexicon of 180,000 words as a Python dict costs 30 MB and 0.2 s at every start; as one compressed piece, the
15 ms of decompressing it. In blocks of 32 KiB, the window that DEFLATE looks back over, it is 2 % larger, and
a word costs the decompression of its block, once.
"""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

SEPARATOR = b"\t"
BLOCK = 32768
"""Bytes after which a block is full."""


def pack(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Compress ``(key, value)`` pairs; a key occurs once, neither holds a tab or a newline.

    The blocks' first keys and compressed sizes come first, themselves compressed, after their length in 4
    bytes.
    """
    rows = sorted(entries)
    keys = [key for key, _ in rows]
    if len(set(keys)) != len(keys):
        raise ValueError("a key occurs twice")
    for key, value in rows:
        if not key or b"\t" in key or b"\n" in key or b"\n" in value:
            raise ValueError(f"cannot pack {key!r}: {value!r}")
    blocks: list[tuple[bytes, bytes]] = []
    block = b""
    first = keys[0] if keys else b""
    for index, (key, value) in enumerate(rows):
        block += key + SEPARATOR + value + b"\n"
        if len(block) >= BLOCK or index == len(rows) - 1:
            blocks.append((first, zlib.compress(b"\n" + block, 9)))
            block, first = b"", keys[index + 1] if index + 1 < len(rows) else b""
    table = zlib.compress(b"".join(key + SEPARATOR + b"%d\n" % len(data) for key, data in blocks), 9)
    return len(table).to_bytes(4, "little") + table + b"".join(data for _, data in blocks)


class Blob:
    """Look values up in what `pack` made.

    Examples
    --------
    >>> Blob(pack([(b"a", b"1"), (b"ab", b"2")])).get(b"ab")
    b'2'
    """

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        start = 4 + int.from_bytes(packed[:4], "little")
        self._first: list[bytes] = []
        self._places: list[tuple[int, int]] = []
        for row in zlib.decompress(packed[4:start]).split(b"\n")[:-1]:
            key, _, size = row.rpartition(SEPARATOR)
            self._first.append(key)
            self._places.append((start, start + int(size)))
            start += int(size)
        self._blocks: dict[int, bytes] = {}

    @classmethod
    def open(cls, path: Path) -> Blob:
        """Read a packed file."""
        return cls(path.read_bytes())

    @cached_property
    def digest(self) -> str:
        """Of the contents."""
        return hashlib.sha256(self._packed).hexdigest()[:12]

    def get(self, key: bytes) -> bytes | None:
        """The value of `key`, or None."""
        index = bisect_right(self._first, key) - 1
        if index < 0:
            return None
        data = self._block(index)
        low, high = 0, len(data) - 1  # both are positions of a newline
        while low < high:
            start = data.rfind(b"\n", low, (low + high) // 2 + 1)
            if start < 0:
                start = low
            end = data.find(b"\n", start + 1)
            row = data[start + 1 : end]
            found, _, value = row.partition(SEPARATOR)
            if found == key:
                return value
            if found < key:
                low = end
            else:
                high = start
        return None

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        for index in range(len(self._first)):
            for row in self._block(index).split(b"\n"):
                if row:
                    key, _, value = row.partition(SEPARATOR)
                    yield key, value

    def _block(self, index: int) -> bytes:
        data = self._blocks.get(index)
        if data is None:
            start, end = self._places[index]
            data = self._blocks[index] = zlib.decompress(self._packed[start:end])
        return data
