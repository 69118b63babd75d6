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
from pathlib import Path

from synthkit.errors import VoiceError, reason
from synthkit.types import Alignment

LINES, INDEX = "alignments.jsonl", "alignments.index.tsv"
ONE_FILE = "alignments.json"
"""What folders of earlier releases hold instead."""


class Alignments(Mapping[str, Alignment]):
    """The alignments in a folder by utterance id; each is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LINES
        self._row: dict[str, int] = {}
        self._offset, self._seconds, self._flags = array("q"), array("d"), array("l")
        failed: dict[str, int] = {}
        try:
            with (folder / INDEX).open(encoding="utf-8") as lines:
                rows = (line.rstrip("\n").split("\t", 3) for line in lines)
                for place, (offset, seconds, flags, id_) in enumerate(rows):
                    self._offset.append(int(offset))
                    self._seconds.append(0.0 if seconds == "-" else float(seconds))
                    self._flags.append(int(flags))
                    if seconds == "-":
                        failed[id_] = place
                    else:
                        self._row[id_] = place
            self._offset.append(self.path.stat().st_size)
            self._file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            reason(error)
            raise VoiceError(f"the alignments cannot be read: {error}", where=str(folder)) from error
        self._closing = weakref.finalize(self, os.close, self._file)
        self.failures = {id_: str(self._line(place).get("failure", "")) for id_, place in failed.items()}
        """Why each of the others has no alignment, by id."""

    def __getitem__(self, id_: str) -> Alignment:
        return Alignment.from_dict(self._line(self._row[id_]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._row

    def seconds(self, id_: str) -> float:
        """Length of an utterance, without reading its alignment."""
        return self._seconds[self._row[id_]]

    def flagged(self) -> list[str]:
        """Ids of those that have flags, in order."""
        return [id_ for id_, place in self._row.items() if self._flags[place]]

    def close(self) -> None:
        """Close the file; one that nobody closed gives it back when nobody holds it any more."""
        self._closing()
        self._file = -1

    def _line(self, place: int) -> dict[str, object]:
        start, end = self._offset[place], self._offset[place + 1]
        try:
            found: dict[str, object] = json.loads(os.pread(self._file, end - start, start))
        except ValueError as error:
            raise VoiceError(f"damaged at byte {start}: {error}", where=str(self.path)) from error
        return found


def write_alignments(folder: Path, found: Iterable[tuple[str, Alignment | Exception]]) -> None:
    """Write alignments, and the reasons of failures, one by one as they come."""
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
    """Alignments by utterance id and reasons of failures, of this format or the one before."""
    if (folder / LINES).exists() or not (folder / ONE_FILE).exists():
        found = Alignments(folder)
        return found, found.failures
    data = json.loads((folder / ONE_FILE).read_text(encoding="utf-8"))
    return {i: Alignment.from_dict(a) for i, a in data["alignments"].items()}, data["failures"]


def holds_alignments(folder: Path) -> bool:
    """Whether a voice's folder of its alignment has some, in either format."""
    return (folder / LINES).is_file() or (folder / ONE_FILE).is_file()
