# SPDX-License-Identifier: Apache-2.0
"""What speaking leaves: the waveform, what each stage gave, and when everything is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from synthkit.types import PAUSE, Alignment, Interval, Item, Segmentation, Timing, UnitPath, Waveform

CHUNK_PHONES = 400
"""A text is spoken in pieces of whole sentences of about this many phones at most."""
FIRST_PHONES = 30
"""A text of several pieces begins with one of about this many, and each of the next may be twice as long as
the one before: the first is heard soon, and while it is heard the next is made."""


@dataclass(frozen=True)
class Spoken:
    """An utterance as it was spoken, with what the pipeline knows about how.

    Attributes
    ----------
    waveform : Waveform
    segmentation : Segmentation
    predictions : tuple
        What the acoustic model gave for each chunk: frames, a unit path or a waveform.
    seconds : dict of str to float
        Time spent in each stage.
    lengths : tuple of float
        Seconds of speech that came of each prediction.
    latency : float
        Seconds until the first of them could be heard.
    """

    waveform: Waveform
    segmentation: Segmentation
    predictions: tuple[Item, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    lengths: tuple[float, ...] = ()
    latency: float = 0.0

    @property
    def alignment(self) -> Alignment | None:
        """When each phone and each word is said, None where the acoustic model does not tell.

        Times are those of the model, stretched to what the vocoder made of them; a word's are those of its
        phones.
        """
        parts = [self.segmentation] if len(self.predictions) == 1 else list(chunks(self.segmentation))
        phones: list[Interval] = []
        words: list[Interval] = []
        start = 0.0
        for part, item, seconds in zip(parts, self.predictions, self.lengths, strict=True):
            timing = None if isinstance(item, Waveform) else item.timing
            if timing is None or not timing.phones:
                return None
            edges = timing.edges
            if isinstance(item, UnitPath):
                edges = np.cumsum([0.0, *durations_of(item, seconds)])
            edges = start + edges * (seconds / edges[-1])
            said = [
                Interval(float(a), float(b), symbol)
                for a, b, symbol in zip(edges[:-1], edges[1:], timing.phones, strict=True)
            ]
            phones += said
            words += _words(part, timing, said)
            start += seconds
        return Alignment("spoken", tuple(_merged(phones)), tuple(words), start)


def durations_of(path: UnitPath, seconds: float) -> list[float]:
    """Seconds of each phone of `path` in a signal of `seconds`.

    What its units last, or what was asked for where that sums up closer to the length of the signal (a
    vocoder that changes durations).
    """
    cut = np.zeros(len(path.phones))
    for unit in path.units:
        cut[unit.phone] += (unit.end - unit.start) / path.audio.sample_rate
    asked = path.targets.get("duration")
    if asked is not None and abs(float(asked.sum()) - seconds) < abs(cut.sum() - seconds):
        return [float(d) for d in asked]
    return [float(d) for d in cut]


def _words(part: Segmentation, timing: Timing, said: list[Interval]) -> list[Interval]:
    ends: dict[int, tuple[float, float]] = {}
    for number, interval in zip(timing.words, said, strict=True):
        if number >= 0:
            ends[number] = (ends.get(number, (interval.start, 0.0))[0], interval.end)
    return [Interval(*ends[k], word.text) for k, word in enumerate(part.words) if k in ends]


def _merged(phones: list[Interval]) -> Iterator[Interval]:
    """Where one piece ends and the next begins there is one pause, not two."""
    held: Interval | None = None
    for interval in phones:
        if held is not None and held.label == interval.label == PAUSE:
            held = Interval(held.start, interval.end, PAUSE)
            continue
        if held is not None:
            yield held
        held = interval
    if held is not None:
        yield held


def chunks(segmentation: Segmentation, limit: int = CHUNK_PHONES) -> Iterator[Segmentation]:
    """Cut a long segmentation at sentence ends into pieces of about `limit` phones, the first ones shorter
    (`FIRST_PHONES`).

    A sentence that alone is longer is cut at a phrase break, and where it has none, between words.
    """
    words = segmentation.words
    start, size = 0, 0
    whole = sum(len(word.phones) for word in words) <= limit
    soon = limit if whole else min(limit, FIRST_PHONES)
    for index, word in enumerate(words):
        size += len(word.phones)
        following = len(words[index + 1].phones) if index + 1 < len(words) else 0
        last = index == len(words) - 1
        full = size + following > soon and word.break_after == 3
        full = full or (size > 1.5 * limit and word.break_after == 2) or size > 2 * limit
        if last or full:
            part = words[start : index + 1]
            if start == 0 and last:
                yield segmentation
            else:
                text = " ".join(w.text + w.punctuation for w in part)
                yield replace(segmentation, text=text, words=part, notes=())
            start, size, soon = index + 1, 0, min(limit, 2 * soon)


class Clock:
    """Seconds that each stage took."""

    def __init__(self) -> None:
        self.last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """What passed since the last lap was `stage`."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now
