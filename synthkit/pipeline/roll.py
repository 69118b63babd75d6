# SPDX-License-Identifier: Apache-2.0
"""The utterances of a build, in a file: each is read when its turn comes.

An `Utterance` takes a kilobyte and a half of memory, most of it paths; here it takes eight bytes and a line
of a temporary file, which has no name, so that no killed process leaves it behind.
"""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from synthkit.atomic import disk_errors
from synthkit.types import Utterance


class Roll(Sequence[Utterance]):
    """Utterances by number, from 0 on; threads and forked processes may read them, too.

    Parameters
    ----------
    utterances : iterable of Utterance

    Raises
    ------
    MachineError
        There is no room for temporary files.
    """

    def __init__(self, utterances: Iterable[Utterance]) -> None:
        self._at = array("q", [0])
        with disk_errors(Path(tempfile.gettempdir())), tempfile.TemporaryFile(prefix="synthkit-") as file:
            for u in utterances:
                self._at.append(self._at[-1] + file.write(_line(u)))
            file.flush()
            self._file = os.dup(file.fileno())
        # One that nobody closed gives its file back when nobody holds it any more.
        self._closing = weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return len(self._at) - 1

    @overload
    def __getitem__(self, number: int) -> Utterance: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Utterance]: ...
    def __getitem__(self, number: int | slice) -> Utterance | Sequence[Utterance]:
        if isinstance(number, slice):
            return [self[k] for k in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, end = self._at[number], self._at[number + 1]
        return _utterance(os.pread(self._file, end - start, start))

    def __iter__(self) -> Iterator[Utterance]:
        return map(self.__getitem__, range(len(self)))

    def close(self) -> None:
        """Let go of the file."""
        self._closing()
        self._file = -1


def _line(u: Utterance) -> bytes:
    labels = None if u.labels is None else str(u.labels)
    row = [u.id, u.text, str(u.audio), u.language, u.speaker, labels, u.start, u.end, u.phones, u.extra]
    # In ASCII: names of files that are not UTF-8 hold what no encoding has.
    return json.dumps(row).encode("ascii") + b"\n"


def _utterance(line: bytes) -> Utterance:
    id_, text, audio, language, speaker, labels, start, end, phones, extra = json.loads(line)
    return Utterance(
        id_,
        text,
        Path(audio),
        language,
        speaker,
        None if labels is None else Path(labels),
        start,
        end,
        None if phones is None else tuple(phones),
        extra,
    )
