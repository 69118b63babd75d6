# SPDX-License-Identifier: Apache-2.0
"""Rows of a .npy file, read where they are asked for.

Reading leaves nothing behind, whatever the size of the file. A memory-mapped page, in contrast, counts as
the process's own as soon as it is touched, and the kernel maps its whole neighbourhood with it: a few
thousand scattered rows make a large file resident. A call per stretch costs about what a page fault does.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from synthkit.errors import VoiceError
from synthkit_unit_selection.growing import BLOCK, Growing, blocks

_TOGETHER = 1024
"""Rows at most this many bytes apart are read in one stretch."""
TOP = 64
"""Every so many keys of a `SortedTable` one is kept apart."""
STEP = 8
"""Every so many keys of an `Ordering` one is kept apart."""


class Rows:
    """The rows of an array on disk, one by one or in stretches.

    Parameters
    ----------
    path : Path
    wanted : numpy.dtype or what makes one
        Of its values, or of the fields that are read; how wide a field is, the file says.

    Raises
    ------
    VoiceError
        The file is missing, damaged, cut short, or holds other values.
    """

    def __init__(self, path: Path, wanted: npt.DTypeLike = None) -> None:
        try:
            with path.open("rb") as file:
                if np.lib.format.read_magic(file) != (1, 0):
                    raise ValueError("not a .npy file of version 1.0")
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
                self.offset = file.tell()
                size = os.fstat(file.fileno()).st_size
            if size < self.offset + int(np.prod(shape)) * dtype.itemsize:
                raise ValueError("the file is cut short")
            if not shape:
                raise ValueError("it holds no rows")
            if wanted is not None and not _holds(dtype, np.dtype(wanted)):
                raise ValueError(f"it holds {dtype} instead of {np.dtype(wanted)}")
        except (OSError, ValueError) as error:
            raise VoiceError(f"the voice cannot be read: {error}", where=str(path)) from error
        self.dtype, self._count, self.path = dtype, shape[0], path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        # A voice that nobody closed gives its files back when nobody holds it any more.
        self._closing = weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self._count

    def mapped(self) -> np.ndarray:
        """The whole array, memory-mapped: for tools that look at every row."""
        if not self._count:
            return np.zeros(0, self.dtype)
        return np.asarray(np.load(self.path, mmap_mode="r"))

    def blocks(self, size: int = BLOCK) -> Iterator[np.ndarray]:
        """All rows, `size` at a time."""
        return blocks(self.path, self.dtype, self.offset, self._count, size)

    def fetch(self, rows: np.ndarray, before: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """A block that holds `rows` ``(N,)`` and the row after each, and the place of each in it ``(N,)``.

        What is given as `before` is where the block begins.
        """
        head = np.zeros(0, self.dtype) if before is None else before
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        if len(ordered) and not 0 <= ordered[0] <= ordered[-1] < self._count:
            raise VoiceError(
                "the voice is damaged: a row is asked for that is not there", where=str(self.path)
            )
        size = self.dtype.itemsize
        first = np.concatenate([[True], np.diff(ordered) * size > _TOGETHER])[: len(rows)]
        starts = ordered[first]
        ends = np.minimum(np.concatenate([ordered[:-1][first[1:]], ordered[-1:]]) + 2, self._count)
        base = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])[: len(starts)] + len(head)
        at = np.empty(len(rows), np.int64)
        at[order] = ordered - (starts - base)[np.cumsum(first) - 1]
        out = np.empty(len(head) + int((ends - starts).sum()), self.dtype)
        out[: len(head)] = head
        into, file = out.view(np.uint8).data, self._file
        stretches = (self.offset + starts * size, base * size, (base + ends - starts) * size)
        for offset, begin, end in zip(*(each.tolist() for each in stretches), strict=True):
            into[begin:end] = os.pread(file, end - begin, offset)
        return out, at

    def spans(self, starts: np.ndarray, width: int) -> np.ndarray:
        """Rows ``[start, start + width)`` for each of `starts` ``(N,)``: ``(N, width)``.

        What lies beyond the last row is zero; the caller knows the number of rows.
        """
        if width < 1:
            raise VoiceError(f"the voice's settings ask for {width} rows at a time", where=str(self.path))
        size, file = self.dtype.itemsize, self._file
        offsets = (self.offset + starts * size).tolist()
        parts = [os.pread(file, width * size, offset) for offset in offsets]
        data = b"".join(
            part if len(part) == width * size else part.ljust(width * size, b"\0") for part in parts
        )
        return np.frombuffer(data, self.dtype).reshape(len(starts), width)

    def close(self) -> None:
        """Close the file."""
        self._closing()
        self._file = -1


def _holds(there: np.dtype, wanted: np.dtype) -> bool:
    """Whether values of `there` are those of `wanted`, or have its fields."""
    if wanted.names is None or there.names is None:
        return there == wanted
    return all(name in there.names and there[name].base == wanted[name].base for name in wanted.names)


def mapped(path: Path, wanted: npt.DTypeLike = None) -> np.ndarray:
    """The whole array of a file, memory-mapped; the file is open as long as there is an array of it."""
    rows = Rows(path, wanted)
    try:
        return rows.mapped()
    finally:
        rows.close()


class _Keyed:
    """Rows sorted by a key.

    Every so many-th key lies in a file of its own, small enough to be mapped, so a search costs one stretch
    of the table itself.
    """

    def __init__(self, rows: Path, keys: Path, wanted: npt.DTypeLike) -> None:
        self.rows = Rows(rows, wanted)
        try:
            self._keys = mapped(keys, np.int64)
        except BaseException:
            self.rows.close()
            raise

    def close(self) -> None:
        """Close the table; a map holds its file open as long as there is an array of it."""
        self.rows.close()
        self._keys = np.zeros(0, np.int64)


class Ordering(_Keyed):
    """All units sorted by one key, each with the sound it is judged by, so that a window is one stretch.

    Every `STEP`-th key is kept, which places a window to within `STEP` units.
    """

    def __init__(self, folder: Path, name: str) -> None:
        wanted = [("unit", "<i4"), ("sound", "i1")]
        super().__init__(folder / f"order-{name}.npy", folder / f"order-{name}-keys.npy", wanted)

    def near(
        self, wanted: np.ndarray, low: np.ndarray, high: np.ndarray, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """`width` rows around each wanted key, all of ``[low, high)``: ``(T, width)``, and which of them
        count."""
        at = np.searchsorted(self._keys, wanted) * STEP - STEP // 2
        start = np.clip(at - width // 2, low, np.maximum(low, high - width))
        return self.rows.spans(start, width), start[:, None] + np.arange(width) < high[:, None]


class SortedTable(_Keyed):
    """Rows sorted by their int64 field ``key``, found by binary search; every `TOP`-th key is kept apart.

    `wanted` are the fields beside the key.
    """

    def __init__(self, folder: Path, name: str, wanted: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(folder / f"{name}.npy", folder / f"{name}-top.npy", [("key", "<i8"), *wanted])

    def find(self, keys: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """The first `limit` rows of each key ``(N, limit)``, and which of them there are, bool of that
        shape."""
        start = np.maximum(np.searchsorted(self._keys, keys) - 1, 0) * TOP
        rows = self.rows.spans(start, TOP + limit)
        place = start[:, None] + np.arange(TOP + limit)
        before = ((rows["key"] < keys[:, None]) & (place < len(self.rows))).sum(1)
        # More than `TOP` keys are before it only where the table is damaged: then nothing is found.
        column = np.minimum(before, TOP)[:, None] + np.arange(limit)
        line = np.arange(len(keys))[:, None]
        rows = rows[line, column]
        return rows, (rows["key"] == keys[:, None]) & (place[line, column] < len(self.rows))


Table = TypeVar("Table", Ordering, SortedTable)


def open_tables(
    kind: Callable[[Path, str], Table], folder: Path, names: Iterable[str], opened: ExitStack
) -> dict[str, Table]:
    """Tables of a folder by name; `opened` closes them."""
    tables = {}
    for name in names:
        tables[name] = kind(folder, name)
        opened.callback(tables[name].close)
    return tables


class Sorted:
    """Writes a table from parts, each of keys that are not below those of the part before.

    Parameters
    ----------
    rows, keys : Path
        Files of the rows, and of every `step`-th key.
    dtype : numpy.dtype or what makes one
        Of a row.
    """

    def __init__(self, rows: Path, keys: Path, dtype: npt.DTypeLike, step: int) -> None:
        self._rows, self._keys, self._step = Growing(rows, dtype), Growing(keys, np.int64), step

    @classmethod
    def table(cls, folder: Path, name: str, dtype: npt.DTypeLike) -> Sorted:
        """Of a `SortedTable`."""
        return cls(folder / f"{name}.npy", folder / f"{name}-top.npy", dtype, TOP)

    @classmethod
    def ordering(cls, folder: Path, name: str, dtype: npt.DTypeLike) -> Sorted:
        """Of an `Ordering`."""
        return cls(folder / f"order-{name}.npy", folder / f"order-{name}-keys.npy", dtype, STEP)

    def append(self, keys: np.ndarray, rows: np.ndarray) -> None:
        """Sort a part and write it; rows of one key stay in the order given."""
        order = np.argsort(keys, kind="stable")
        self._keys.append(keys[order[-self._rows.count % self._step :: self._step]])
        for start in range(0, len(order), BLOCK):
            self._rows.append(rows[order[start : start + BLOCK]])

    def close(self) -> None:
        """Close the files."""
        self._rows.close()
        self._keys.close()


def write_sorted(folder: Path, name: str, rows: np.ndarray) -> None:
    """Write a `SortedTable`; rows of one key stay in the order given."""
    out = Sorted.table(folder, name, rows.dtype)
    out.append(rows["key"], rows)
    out.close()
