# SPDX-License-Identifier: Apache-2.0
"""Breaks that no punctuation shows: a long stretch is cut before a function word near its middle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

LONGEST = 22
"""Syllables. The speaker of ``msu-ru-nsh`` spoke more than 23 without a pause in 2 phrases of 1,000."""
SHORTEST = 4


def cut_long(syllables: Sequence[int], function: Sequence[bool], breaks: list[int]) -> None:
    """Put a 2 into `breaks` (one a word) until no stretch is longer than `LONGEST` syllables.

    Stretches lie between breaks of 2 or 3. A cut falls before a function word and after a content word,
    as near the middle as may be; where there is no such place the stretch stays whole.
    """
    said = [0, *accumulate(syllables)]
    start = 0
    for index, value in enumerate(breaks):
        if value >= 2 or index == len(breaks) - 1:
            _cut(said, function, breaks, start, index)
            start = index + 1


def _cut(said: Sequence[int], function: Sequence[bool], breaks: list[int], first: int, last: int) -> None:
    """Cut one stretch; ``said[i]`` is the number of syllables before word i."""
    pending = [(first, last)]
    while pending:
        start, end = pending.pop()
        total = said[end + 1] - said[start]
        if total <= LONGEST:
            continue
        # A very long stretch is cut from the left, so that the work stays linear.
        aim = total / 2 if total <= 3 * LONGEST else LONGEST * 0.7
        best, place = float("inf"), -1
        for index in range(start, end):
            here = said[index + 1] - said[start]
            if here - aim > max(best, LONGEST / 2):
                break
            if function[index + 1] and not function[index] and min(here, total - here) >= SHORTEST:
                distance = abs(here - aim)
                if distance < best:
                    best, place = distance, index
        if place >= 0:
            breaks[place] = 2
            pending += [(start, place), (place + 1, end)]
