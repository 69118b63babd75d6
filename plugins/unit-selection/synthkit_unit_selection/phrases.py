"""Whole utterances, sentences and phrases of the corpus: found by a hash of their phones, used as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.types import Segmentation
from synthkit_unit_selection.spoken import Spoken

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

    def __init__(self, path: Path) -> None:
        with np.load(path) as z:
            self.keys, self.spans = z["keys"], z["spans"]

    def find(
        self, segmentation: Segmentation, recording: np.ndarray, excluded: Sequence[int]
    ) -> list[Found]:
        """Spans of `segmentation` that the corpus holds, longest first, none overlapping.

        `recording` gives the recording of each unit; those in `excluded` are passed over.
        """
        out: list[Found] = []
        count = len(segmentation.words)
        for start, end in phrase_spans(segmentation):
            whole = start == 0 and end == count
            long_enough = whole or sum(len(w.phones) for w in segmentation.words[start:end]) >= SHORTEST
            if not long_enough or any(f.start < end and start < f.end for f in out):
                continue
            key = phrase_key(segmentation, start, end)
            at = int(np.searchsorted(self.keys, key))
            while at < len(self.keys) and self.keys[at] == key:
                first, last, full = (int(v) for v in self.spans[at])
                if int(recording[2 * first]) not in excluded and bool(full) >= whole:
                    out.append(Found(start, end, first, last, whole))
                    break
                at += 1
        return out


def write_phrases(path: Path, segmentations: Sequence[Segmentation], spoken: Sequence[Spoken]) -> None:
    """Write the table of a corpus: key, first and last phone, and whether the span is a whole recording."""
    rows, base = [], 0
    for segmentation, said in zip(segmentations, spoken, strict=True):
        word = np.array(said.word)
        for start, end in phrase_spans(segmentation):
            inside = np.flatnonzero((word >= start) & (word < end))
            if not len(inside):
                continue
            key = phrase_key(segmentation, start, end)
            if start == 0 and end == len(segmentation.words):
                rows.append((key, base, base + len(word), 1))
            else:
                rows.append((key, base + int(inside[0]), base + int(inside[-1]) + 1, 0))
        base += len(word)
    table = np.array(sorted(rows, key=lambda r: (r[0], -r[3], r[1])), np.int64).reshape(-1, 4)
    np.savez(path, keys=table[:, 0], spans=table[:, 1:])
