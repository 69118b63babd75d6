# SPDX-License-Identifier: Apache-2.0
"""The cheapest path through the candidates."""

from __future__ import annotations

import numpy as np


def cheapest_path(
    starts: np.ndarray,
    target: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    constant: np.ndarray,
    factor: np.ndarray,
    natural: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, float]:
    """Dynamic programming over a trellis whose join costs are products of vectors.

    One step's matrix fits the processor's cache, so they are made one by one; a natural neighbour, whose
    join is free, is put in by its place.

    Parameters
    ----------
    starts : ndarray, shape (T + 1,)
        Candidates of time t are ``starts[t]:starts[t + 1]`` of the flat arrays.
    target : ndarray, shape (M,), float32
    left, right : ndarray, shape (M, D), float32
        ``left[i] · right[j]`` is the acoustic cost of joining j after i.
    constant, factor : ndarray, shape (T,)
        The join into time t costs ``factor[t] * (constant[t] + left · right)``.
    natural : (ndarray, ndarray)
        Flat indices i and j of candidates that are neighbours in their recording, sorted by j's time.

    Returns
    -------
    path : ndarray, shape (T,), int64
        Flat index chosen at each time.
    cost : float
    """
    bounds = starts.tolist()
    steps = len(bounds) - 1
    came: list[np.ndarray] = []
    first, second = natural
    cuts = np.searchsorted(second, starts).tolist()
    best = target[: bounds[1]]
    constants, factors = constant.tolist(), factor.tolist()
    for t in range(1, steps):
        a, b, c = bounds[t - 1], bounds[t], bounds[t + 1]
        total = right[b:c] @ left[a:b].T
        np.maximum(total, 0, out=total)
        if factors[t] != 1.0:
            total *= factors[t]
        total += best + factors[t] * constants[t]
        if cuts[t + 1] > cuts[t]:
            i, j = first[cuts[t] : cuts[t + 1]] - a, second[cuts[t] : cuts[t + 1]] - b
            total[j, i] = best[i]
        choice = total.argmin(1)
        came.append(choice)
        best = total[np.arange(c - b), choice] + target[b:c]
    path = np.empty(steps, np.int64)
    column = int(best.argmin())
    cost = float(best[column])
    for t in range(steps - 1, -1, -1):
        path[t] = bounds[t] + column
        if t:
            column = int(came[t - 1][column])
    return path, cost
