# SPDX-License-Identifier: Apache-2.0
"""Which stretches of speech are which sentences, in order: one dynamic programme, two ways to judge a pair.

First by duration alone, as Gale and Church (1993) align sentences of two languages by their lengths; then,
with a model learned of what that found, by how well the sound fits the phones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.corpora.pauses import Island

MOST = 12
"""Islands that one sentence may be spread over."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Sentence `sentence` is said in islands `first` to `last` (inclusive)."""

    sentence: int
    first: int
    last: int
    gain: float = 0.0


def duration_gain(
    expected: np.ndarray, spoken: Sequence[Island], *, spread: float = 0.16
) -> Callable[[int, int, int], float]:
    """How well a sentence's expected duration (seconds) fits islands, above 0 where it does."""
    gaps = np.array([b.start - a.end for a, b in zip(spoken, spoken[1:], strict=False)] or [1.0])
    usual = float(np.median(gaps))

    def gain(sentence: int, first: int, last: int) -> float:
        e = expected[sentence]
        speech = sum(spoken[k].duration for k in range(first, last + 1))
        sigma = spread * e + 0.12
        z = (speech - e) / sigma
        before = gaps[first - 1] if first else usual * 2
        after = gaps[last] if last < len(gaps) else usual * 2
        inside = gaps[first:last]
        widest = float(inside.max()) if len(inside) else 0.0
        # A pause within a sentence is seldom longer than those around it.
        bad = max(0.0, widest - min(before, after)) / usual
        return float(np.sqrt(e) * (2.2 - 0.5 * min(z * z, 30.0)) - 1.2 * bad)

    return gain


def match(
    count: int,
    spoken: Sequence[Island],
    expected: np.ndarray,
    gain: Callable[[int, int, int], float],
    *,
    centres: np.ndarray | None = None,
    reach: float = 120.0,
    extra: float = 0.6,
    missing: float = 1.0,
) -> list[Pair]:
    """The pairs, in order, of the largest gain in all.

    Parameters
    ----------
    count : int
        Sentences.
    spoken : sequence of Island
    expected : ndarray, shape (count,)
        Seconds of speech of each.
    gain : callable
        Of (sentence, first, last).
    centres : ndarray, optional
        Seconds at which each sentence is expected to begin; a straight line when left out.
    reach : float
        Seconds to either side of it that are looked at.
    extra, missing : float
        What an island (per second) and a sentence (per root of its seconds) cost that are passed over.
    """
    if centres is None:
        before = np.r_[0.0, np.cumsum(expected)]
        span = (spoken[0].start, spoken[-1].end)
        centres = span[0] + (span[1] - span[0]) * before[:-1] / before[-1]
    islands = len(spoken)
    starts = np.array([i.start for i in spoken])
    durations = np.array([i.duration for i in spoken])
    cost = np.r_[0.0, np.cumsum(extra * durations)]
    best = -cost.copy()  # no sentence yet: all islands so far passed over
    first_of = np.full((count, islands + 1), -1, np.int32)
    source_of = np.zeros((count, islands + 1), np.int32)
    gains: dict[tuple[int, int], float] = {}
    for i in range(count):
        low = int(np.searchsorted(starts, centres[i] - reach))
        high = int(np.searchsorted(starts, centres[i] + reach))
        new = best - missing * np.sqrt(expected[i])
        for first in range(low, high):
            speech = 0.0
            for last in range(first, min(first + MOST, islands)):
                speech += durations[last]
                if speech > 1.9 * expected[i] + 0.6:
                    break
                if speech < 0.45 * expected[i] - 0.3:
                    continue
                found = gain(i, first, last)
                if best[first] + found > new[last + 1]:
                    new[last + 1] = best[first] + found
                    first_of[i, last + 1] = first
                    gains[i, last + 1] = found
        # Islands after the last one of this sentence may be passed over.
        run = new + cost
        top = np.maximum.accumulate(run)
        source_of[i] = np.maximum.accumulate(np.where(run >= top, np.arange(islands + 1), 0))
        best = top - cost
    out: list[Pair] = []
    at = islands
    for i in range(count - 1, -1, -1):
        at = int(source_of[i, at])
        first = int(first_of[i, at])
        if first >= 0:
            out.append(Pair(i, first, at - 1, gains[i, at]))
            at = first
    return out[::-1]
