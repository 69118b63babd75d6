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


def through(
    starts: np.ndarray,
    target: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    constant: np.ndarray,
    factor: np.ndarray,
    natural: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cheapest path through every candidate: the sum of what Viterbi finds from both ends.

    Parameters
    ----------
    starts, target, left, right, constant, factor, natural
        As for `cheapest_path`.

    Returns
    -------
    cost : ndarray, shape (M,), float64
        Of the cheapest path that passes through the candidate.
    before, after : ndarray, shape (M,), int64
        Its neighbours in that path; -1 at the ends.
    """
    bounds = starts.tolist()
    first, second = natural
    cuts = np.searchsorted(second, starts).tolist()
    wanted = target.astype(np.float64)
    ahead, back = wanted.copy(), np.zeros(len(target))
    before, after = np.full((2, len(target)), -1, np.int64)
    joins: list[np.ndarray] = []
    for t in range(1, len(bounds) - 1):
        a, b, c = bounds[t - 1], bounds[t], bounds[t + 1]
        join = np.maximum(right[b:c] @ left[a:b].T, 0).astype(np.float64)
        join = float(factor[t]) * (join + float(constant[t]))
        i, j = first[cuts[t] : cuts[t + 1]] - a, second[cuts[t] : cuts[t + 1]] - b
        join[j, i] = 0
        joins.append(join)
        total = join + ahead[a:b]
        choice = total.argmin(1)
        before[b:c] = a + choice
        ahead[b:c] += total[np.arange(c - b), choice]
    for t in range(len(bounds) - 2, 0, -1):
        a, b, c = bounds[t - 1], bounds[t], bounds[t + 1]
        total = joins[t - 1] + (wanted[b:c] + back[b:c])[:, None]
        choice = total.argmin(0)
        after[a:b] = b + choice
        back[a:b] = total[choice, np.arange(b - a)]
    return ahead + back, before, after
