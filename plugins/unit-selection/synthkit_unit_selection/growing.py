# SPDX-License-Identifier: Apache-2.0
"""Arrays written piece by piece, and read back in blocks: what a corpus measures never is in memory at once.

All are read by `os.pread` and the like: pages of a map would count as the process's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
import numpy.typing as npt

from synthkit.errors import VoiceError

BLOCK = 4096
"""Rows that are looked at together."""


class Growing:
    """A .npy file that rows are appended to; its header is written when it is closed.

    Parameters
    ----------
    path : Path
    dtype : numpy.dtype or what makes one
        Of a value.
    shape : tuple of int
        Of a row.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self.path, self.dtype, self.shape, self.count = path, np.dtype(dtype), shape, 0
        self._file: IO[bytes] = path.open("wb")
        self._header(10**15)
        self.offset = self._file.tell()

    def append(self, rows: np.ndarray) -> None:
        """Write rows ``(n, *shape)``."""
        rows = np.ascontiguousarray(rows, self.dtype)
        self._file.write(rows.data.cast("B") if rows.size else b"")
        self.count += len(rows)

    def close(self) -> None:
        """Write the header and close the file."""
        self._file.seek(0)
        self._header(self.count)
        if self._file.tell() != self.offset:
            raise VoiceError("the file's header changed its length", where=str(self.path))
        self._file.close()

    def _header(self, count: int) -> None:
        descr = np.lib.format.dtype_to_descr(self.dtype)
        np.lib.format.write_array_header_1_0(
            self._file, {"descr": descr, "fortran_order": False, "shape": (count, *self.shape)}
        )

    def __enter__(self) -> Growing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close() if kind is None else self._file.close()


class Column:
    """A file of plain rows ``(n, *shape)``, written once and then read in blocks."""

    def __init__(self, path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self.dtype = np.dtype((dtype, shape)) if shape else np.dtype(dtype)
        self._path, self._file = path, path.open("wb")
        self.count = 0

    def append(self, rows: np.ndarray) -> None:
        """Write rows."""
        self._file.write(np.ascontiguousarray(rows, self.dtype.base).tobytes())
        self.count += len(rows)

    def blocks(self, size: int = BLOCK) -> Iterator[np.ndarray]:
        """All rows, `size` at a time."""
        self._file.flush()
        return blocks(self._path, self.dtype, 0, self.count, size)

    def whole(self) -> np.ndarray:
        """All rows at once."""
        self._file.flush()
        return np.fromfile(self._path, self.dtype)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def places(flags: np.ndarray, size: int = 1 << 20) -> np.ndarray:
    """Where `flags` are not 0, as int32: a half of what `numpy.flatnonzero` takes, and no more on the way."""
    parts = (np.flatnonzero(flags[i : i + size]).astype(np.int32) + i for i in range(0, len(flags), size))
    return np.concatenate([np.zeros(0, np.int32), *parts])


def blocks(path: Path, dtype: np.dtype, offset: int, count: int, size: int = BLOCK) -> Iterator[np.ndarray]:
    """Rows of a file from `offset` bytes on, `size` at a time."""
    with path.open("rb") as file:
        file.seek(offset)
        while count > 0:
            data = file.read(min(size, count) * dtype.itemsize)
            if len(data) < min(size, count) * dtype.itemsize:
                raise VoiceError("the file is cut short", where=str(path))
            yield np.frombuffer(data, dtype)
            count -= size


def overwrite(path: Path, offset: int, rows: np.ndarray) -> None:
    """Put rows into a file in place of those at `offset` bytes."""
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        data = memoryview(np.ascontiguousarray(rows).tobytes())
        while data:
            written = os.pwrite(file, data, offset)
            data, offset = data[written:], offset + written
    finally:
        os.close(file)
