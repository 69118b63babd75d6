"""Breaks that no punctuation shows: a long stretch is cut before a function word near its middle."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 22
"""Syllables. The speaker of ``msu-ru-nsh`` spoke more than 23 without a pause in 2 phrases of 1,000."""
SHORTEST = 4


def cut_long(syllables: Sequence[int], function: Sequence[bool], breaks: list[int]) -> None:
    """Put a 2 into `breaks` (one a word) until no stretch is longer than `LONGEST` syllables.

    Stretches lie between breaks of 2 or 3. A cut falls before a function word and after a content word,
    as near the middle as may be; where there is no such place the stretch stays whole.
    """
    start = 0
    for index, value in enumerate(breaks):
        if value >= 2 or index == len(breaks) - 1:
            _cut(syllables, function, breaks, start, index)
            start = index + 1


def _cut(
    syllables: Sequence[int], function: Sequence[bool], breaks: list[int], first: int, last: int
) -> None:
    pending = [(first, last)]
    while pending:
        start, end = pending.pop()
        total = sum(syllables[start : end + 1])
        if total <= LONGEST:
            continue
        # A very long stretch is cut from the left, so that the work stays linear.
        aim = total / 2 if total <= 3 * LONGEST else LONGEST * 0.7
        best, place, said = float("inf"), -1, 0
        for index in range(start, end):
            said += syllables[index]
            if said - aim > max(best, LONGEST / 2):
                break
            if function[index + 1] and not function[index] and min(said, total - said) >= SHORTEST:
                distance = abs(said - aim)
                if distance < best:
                    best, place = distance, index
        if place < 0:
            continue
        breaks[place] = 2
        pending += [(start, place), (place + 1, end)]
