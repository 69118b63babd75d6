# SPDX-License-Identifier: Apache-2.0
"""Find the words of a segmentation in a sequence of phone labels that need not be the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from synthkit.types import PAUSE, Segmentation

GAP = 1.0
"""Cost of a phone that only one side has."""
INNER_PAUSE = 1.5
"""Cost of a pause inside a word."""

_VOWELS = frozenset("aeiouyæɐɑɒɔəɘɛɜɚɝɞɨɪɯɵøœɤʉʊʌʏ")


def difference(a: str, b: str) -> float:
    """How unlike two phone symbols are, 0 to 1.5: alike in their first letter, in being vowels, or not."""
    if a == b:
        return 0.0
    if a[:1] == b[:1]:
        return 0.4
    return 0.8 if (a[:1] in _VOWELS) == (b[:1] in _VOWELS) else 1.5


def find_words(
    labels: Sequence[str], segmentation: Segmentation
) -> tuple[list[tuple[int, int]] | None, float]:
    """The stretch of labels that each word takes, by the cheapest edits over all its pronunciations.

    Words follow one another; a pause may stand before, between and after them. Each takes at least one
    phone and neither begins nor ends with a pause.

    Parameters
    ----------
    labels : sequence of str
        Phone labels, pauses among them as `PAUSE`.
    segmentation : Segmentation
        Its words' pronunciations and variants are tried.

    Returns
    -------
    spans : list of (first, end) or None
        Half-open ranges of labels per word; None where there are fewer labels than words.
    cost : float
        Sum of the edits.
    """
    n = len(labels)
    # reach[j]: cheapest way to have all words so far within labels[:j]; pauses between words are free.
    reach = [math.inf] * (n + 1)
    reach[0] = 0.0
    traces: list[list[int]] = []
    skips: list[list[int]] = []
    for word in segmentation.words:
        skips.append(_skip_pauses(labels, reach))
        best, origin = [math.inf] * (n + 1), [-1] * (n + 1)
        for way in dict.fromkeys(tuple(p.symbol for p in way) for way in (word.phones, *word.variants)):
            cost, begun = _through(labels, reach, way)
            for j in range(n + 1):
                ends_well = j > 0 and labels[j - 1] != PAUSE
                if ends_well and 0 <= begun[j] < j and labels[begun[j]] != PAUSE and cost[j] < best[j]:
                    best[j], origin[j] = cost[j], begun[j]
        traces.append(origin)
        reach = best
    end_skips = _skip_pauses(labels, reach)
    if math.isinf(reach[n]):
        return None, math.inf
    total, j = reach[n], n
    spans: list[tuple[int, int]] = []
    for number in range(len(traces) - 1, -1, -1):
        j = (end_skips if number == len(traces) - 1 else skips[number + 1])[j]
        spans.append((traces[number][j], j))
        j = traces[number][j]
    return spans[::-1], total


def _skip_pauses(labels: Sequence[str], reach: list[float]) -> list[int]:
    """Let pauses pass for nothing, in place; gives where each position was left from."""
    source = list(range(len(reach)))
    for j, label in enumerate(labels):
        if label == PAUSE and reach[j] < reach[j + 1]:
            reach[j + 1], source[j + 1] = reach[j], source[j]
    return source


def _through(labels: Sequence[str], reach: list[float], way: Sequence[str]) -> tuple[list[float], list[int]]:
    """Edit distance of one pronunciation from every start at once, with the start each end came from."""
    n = len(labels)
    cost, begun = list(reach), list(range(n + 1))
    extra = [INNER_PAUSE if label == PAUSE else GAP for label in labels]
    for symbol in ("", *way):
        new, from_ = [math.inf] * (n + 1), [-1] * (n + 1)
        for j in range(n + 1):
            if symbol:
                new[j], from_[j] = cost[j] + GAP, begun[j]
                if j and labels[j - 1] != PAUSE and cost[j - 1] + difference(symbol, labels[j - 1]) < new[j]:
                    new[j], from_[j] = cost[j - 1] + difference(symbol, labels[j - 1]), begun[j - 1]
            else:
                new[j], from_[j] = cost[j], begun[j]
            if j and new[j - 1] + extra[j - 1] < new[j]:
                new[j], from_[j] = new[j - 1] + extra[j - 1], from_[j - 1]
        cost, begun = new, from_
    return cost, begun
