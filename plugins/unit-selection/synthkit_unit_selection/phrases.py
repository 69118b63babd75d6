# SPDX-License-Identifier: Apache-2.0
"""Whole utterances, sentences and phrases of the corpus: found by a hash of their phones, used as they
are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.types import Segmentation
from synthkit_unit_selection.phone_row import PhoneRow
from synthkit_unit_selection.table import SortedTable, write_sorted

NAME = "phrases"
ROW = np.dtype([("key", "<i8"), ("first", "<i4"), ("last", "<i4"), ("full", "u1")])

SHORTEST = 8
"""Phones that a phrase inside an utterance must have to be used whole; a shorter one is left to the search,
which may find it too, but is free to prefer better prosody."""


def phrase_key(segmentation: Segmentation, start: int, end: int) -> int:
    """A 63-bit hash of the phones and stress of words ``[start, end)``, without pauses."""
    text = " | ".join(
        " ".join(f"{p.symbol}{p.stress}" for p in word.phones) for word in segmentation.words[start:end]
    )
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def phrase_spans(segmentation: Segmentation) -> list[tuple[int, int]]:
    """Word spans that are looked up: the utterance, then its sentences, then its phrases."""
    count = len(segmentation.words)
    spans = [(0, count)]
    for level in (3, 2):
        start = 0
        for i, word in enumerate(segmentation.words):
            if word.break_after >= level or i == count - 1:
                spans.append((start, i + 1))
                start = i + 1
    return list(dict.fromkeys(spans))


@dataclass(frozen=True)
class Found:
    """Words ``[start, end)`` of a text are phones ``[first, last)`` of the corpus."""

    start: int
    end: int
    first: int
    last: int
    whole: bool


class Phrases:
    """The lookup table of a voice."""

    def __init__(self, folder: Path) -> None:
        self._table = SortedTable(folder, NAME, [("first", "<i4"), ("last", "<i4"), ("full", "u1")])

    def find(self, segmentation: Segmentation, excluded: Sequence[tuple[int, int]]) -> list[Found]:
        """Spans of `segmentation` that the corpus holds, longest first, none overlapping.

        Those in the spans of units `excluded` are passed over.
        """
        out: list[Found] = []
        count = len(segmentation.words)
        for start, end in phrase_spans(segmentation):
            whole = start == 0 and end == count
            long_enough = whole or sum(len(w.phones) for w in segmentation.words[start:end]) >= SHORTEST
            if not long_enough or any(f.start < end and start < f.end for f in out):
                continue
            for first, last, full in self._rows(phrase_key(segmentation, start, end)):
                free = not any(low <= 2 * first < high for low, high in excluded)
                if free and full >= whole:
                    out.append(Found(start, end, first, last, whole))
                    break
        return out

    def _rows(self, key: int) -> list[tuple[int, int, bool]]:
        limit, rows, found = 2, np.zeros(0), np.ones(1, bool)
        while found.all():
            limit *= 4
            (rows,), (found,) = self._table.find(np.array([key]), limit)
        return [(int(r["first"]), int(r["last"]), bool(r["full"])) for r in rows[found]]

    def close(self) -> None:
        """Close the table."""
        self._table.close()


def phrase_rows(segmentation: Segmentation, spoken: PhoneRow) -> tuple[np.ndarray, list[int]]:
    """Rows of the table of one recording, phones counted from its first; and the keys of what is long enough
    to be said whole."""
    rows, whole, word = [], [], np.array(spoken.word)
    for start, end in phrase_spans(segmentation):
        key = phrase_key(segmentation, start, end)
        if sum(len(w.phones) for w in segmentation.words[start:end]) >= SHORTEST:
            whole.append(key)
        inside = np.flatnonzero((word >= start) & (word < end))
        if not len(inside):
            continue
        if start == 0 and end == len(segmentation.words):
            rows.append((key, 0, len(word), 1))
        else:
            rows.append((key, int(inside[0]), int(inside[-1]) + 1, 0))
    return np.array(rows, ROW), whole


def write_phrases(folder: Path, rows: np.ndarray) -> None:
    """Write the table of a corpus: key, first and last phone, and whether the span is a whole recording."""
    order = np.lexsort((rows["first"], -rows["full"].astype(np.int8), rows["key"]))
    write_sorted(folder, NAME, rows[order])
