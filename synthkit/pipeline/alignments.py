# SPDX-License-Identifier: Apache-2.0
"""Alignments of a corpus as one JSON line each, found by their offset: a corpus's are never there at once.

=====================  ===================================================================================
file                   what
=====================  ===================================================================================
alignments.jsonl       a line per utterance: `Alignment.to_dict`, or ``{"id": …, "failure": reason}``
alignments.index.tsv   a line each: offset, seconds (``-`` for a failure), number of flags, id
=====================  ===================================================================================

Before, all were one file, ``alignments.json``; a folder that holds it is read as well.
"""

from __future__ import annotations

import json
import os
import weakref
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synthkit.compact import Places
from synthkit.errors import VoiceError, reason
from synthkit.types import Alignment

LINES, INDEX = "alignments.jsonl", "alignments.index.tsv"
ONE_FILE = "alignments.json"
"""What folders of earlier releases hold instead."""


class Alignments(Mapping[str, Alignment]):
    """The alignments in a folder by utterance id; each is read when it is asked for.

    In memory are 20 bytes for each: where its line of the index is, and a hash of its id.
    """

    def __init__(self, folder: Path) -> None:
        self.path, self._rows = folder / LINES, folder / INDEX
        self._at = array("q", [0])
        failed: list[int] = []
        try:
            self._places = Places(self._read(failed))
            self._end = self.path.stat().st_size
            opened = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in (self.path, self._rows)]
        except (OSError, ValueError) as error:
            reason(error)
            raise VoiceError(f"the alignments cannot be read: {error}", where=str(folder)) from error
        self._file, self._index = opened
        self._closing = weakref.finalize(self, _close, *opened)
        self._count = len(self._at) - 1 - len(failed)
        self.failures = {self._row(place).id: str(self._line(place).get("failure", "")) for place in failed}
        """Why each of the others has no alignment, by id."""

    def __getitem__(self, id_: str) -> Alignment:
        place = self._place(id_)
        line = self._line(place)
        try:
            return Alignment.from_dict(line)
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged(place, error) from error

    def __iter__(self) -> Iterator[str]:
        return (row.id for row in self._walk() if row.seconds is not None)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and self._find(id_) is not None

    def seconds(self, id_: str) -> float:
        """Length of an utterance, without reading its alignment.

        Parameters
        ----------
        id_ : str
            Of an utterance that has an alignment.

        Returns
        -------
        float
            Seconds.
        """
        return self._row(self._place(id_)).seconds or 0.0

    def flagged(self) -> list[str]:
        """Ids of those that have flags, in order."""
        return [row.id for row in self._walk() if row.flags]

    def close(self) -> None:
        """Close the files; one that nobody closed gives them back when nobody holds it any more."""
        self._closing()
        self._file = self._index = -1

    def _read(self, failed: list[int]) -> Iterator[str]:
        """Ids of all lines of the index; where each begins is kept, and which are failures."""
        with self._rows.open("rb") as lines:
            for place, line in enumerate(lines):
                row = _Row.of(line)
                if row.seconds is None:
                    failed.append(place)
                self._at.append(self._at[-1] + len(line))
                yield row.id

    def _walk(self) -> Iterator[_Row]:
        with self._rows.open("rb") as lines:
            yield from map(_Row.of, lines)

    def _find(self, id_: str) -> int | None:
        """Where an id that has an alignment stands."""
        for place in self._places.of(id_):
            row = self._row(place)
            if row.id == id_ and row.seconds is not None:
                return place
        return None

    def _place(self, id_: str) -> int:
        place = self._find(id_)
        if place is None:
            raise KeyError(id_)
        return place

    def _row(self, place: int) -> _Row:
        start, end = self._at[place], self._at[place + 1]
        return _Row.of(os.pread(self._index, end - start, start))

    def _line(self, place: int) -> dict[str, object]:
        start = self._row(place).offset
        end = self._row(place + 1).offset if place + 2 < len(self._at) else self._end
        try:
            if not 0 <= start <= end <= self._end:
                raise ValueError("the index names a place that is not there")
            found = json.loads(os.pread(self._file, end - start, start))
            if not isinstance(found, dict):
                raise ValueError("it holds no alignment")
        except (ValueError, RecursionError) as error:
            raise self._damaged(place, error) from error
        return found

    def _damaged(self, place: int, error: Exception) -> VoiceError:
        return VoiceError(f"damaged at byte {self._row(place).offset}: {error}", where=str(self.path))


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the index; `seconds` is None for a failure."""

    offset: int
    seconds: float | None
    flags: int
    id: str

    @classmethod
    def of(cls, line: bytes) -> _Row:
        offset, seconds, flags, id_ = line.decode("utf-8").rstrip("\n").split("\t", 3)
        return cls(int(offset), None if seconds == "-" else float(seconds), int(flags), id_)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def write_alignments(folder: Path, found: Iterable[tuple[str, Alignment | Exception]]) -> None:
    """Write alignments, and the reasons of failures, one by one as they come.

    Parameters
    ----------
    folder : Path
        That is there.
    found : iterable of (str, Alignment or Exception)
        Utterance ids, each with its alignment or the reason why there is none.

    Raises
    ------
    MachineError
        A reason is a fault of the machine.
    """
    at = 0
    with (folder / LINES).open("wb") as lines, (folder / INDEX).open("w", encoding="utf-8") as index:
        for id_, result in found:
            if isinstance(result, Alignment):
                row, about = result.to_dict(), f"{result.duration!r}\t{len(result.flags)}"
            else:
                row, about = {"id": id_, "failure": reason(result)}, "-\t0"
            line = (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
            lines.write(line)
            index.write(f"{at}\t{about}\t{id_}\n")
            at += len(line)


def read_alignments(folder: Path) -> tuple[Mapping[str, Alignment], dict[str, str]]:
    """Alignments by utterance id and reasons of failures, of this format or the one before.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    alignments : mapping of str to Alignment
        By utterance id; read when they are asked for.
    failures : dict of str to str
        Why each of the others has none, by id.

    Raises
    ------
    VoiceError
        They cannot be read.
    """
    if (folder / LINES).exists() or not (folder / ONE_FILE).exists():
        found = Alignments(folder)
        return found, found.failures
    data = json.loads((folder / ONE_FILE).read_text(encoding="utf-8"))
    return {i: Alignment.from_dict(a) for i, a in data["alignments"].items()}, data["failures"]


def holds_alignments(folder: Path) -> bool:
    """Whether a voice's folder of its alignment has some, in either format.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    bool
    """
    return (folder / LINES).is_file() or (folder / ONE_FILE).is_file()
