# SPDX-License-Identifier: Apache-2.0
"""Phone durations: which phones of two sequences correspond, and how their lengths compare."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def matching(reference: Sequence[str], test: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of positions that hold the same symbol in a cheapest edit alignment.

    Insertions, deletions and substitutions cost one; where alignments cost the same, matches are kept late.

    Parameters
    ----------
    reference, test : sequence of str

    Returns
    -------
    list of (int, int)
        Places in the reference and in the test, in order.

    Examples
    --------
    >>> matching("abcd", "abd")
    [(0, 0), (1, 1), (3, 2)]
    """
    n, m = len(reference), len(test)
    cost = np.zeros((n + 1, m + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(n + 1), np.arange(m + 1)
    columns = np.arange(1, m + 1)
    symbols = np.array(list(test), dtype=object)
    for i in range(1, n + 1):
        here = np.minimum(cost[i - 1, 1:] + 1, cost[i - 1, :-1] + (symbols != reference[i - 1]))
        # An insertion chain to column j costs one a step: a running minimum of (value - column).
        cost[i, 1:] = np.minimum(np.minimum.accumulate(here - columns), i) + columns
    i, j, pairs = n, m, []
    while i and j:
        same = reference[i - 1] == test[j - 1]
        if cost[i, j] == cost[i - 1, j - 1] + (not same):
            if same:
                pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def warp_times(times: np.ndarray, path: tuple[np.ndarray, np.ndarray], period: float) -> np.ndarray:
    """Where moments of the first signal lie in the second, along a frame alignment path.

    Parameters
    ----------
    times : ndarray, shape (P,)
        Seconds in the first signal.
    path : tuple of ndarray
        Frame indices in the first and the second signal.
    period : float
        Seconds from one frame to the next.

    Returns
    -------
    ndarray, shape (P,)
        Seconds in the second, non-decreasing for sorted input. A frame of the first that is paired with
        several of the second counts at their middle.
    """
    first, second = path
    frames = np.unique(first)
    middle = np.bincount(first, second)[frames] / np.bincount(first)[frames]
    mapped: np.ndarray = np.interp(np.asarray(times) / period, frames, middle) * period
    return mapped
