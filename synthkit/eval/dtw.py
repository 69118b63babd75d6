# SPDX-License-Identifier: Apache-2.0
"""Dynamic time warping of two feature sequences: exact, and the FastDTW approximation other tools use.

Both are numpy and plain Python, no compiler: the exact one works on anti-diagonals, FastDTW keeps its narrow
window per row. A path is two index arrays of one length, first and last frames included.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

Path = tuple[np.ndarray, np.ndarray]
"""Indices into the first and the second sequence, int64 ``(L,)`` each."""


def dtw_path(a: np.ndarray, b: np.ndarray) -> Path:
    """Cheapest monotone alignment under Euclidean frame distance, steps (1,1), (1,0), (0,1), all of weight
    one.

    Where moves cost the same the diagonal is taken, then the step in `a`.

    Parameters
    ----------
    a, b : ndarray, shape (N, D) and (M, D)

    Returns
    -------
    tuple of ndarray
        Frame indices in `a` and in `b`.

    Raises
    ------
    ValueError
        A sequence is empty, a frame is not finite or the dimensions differ.

    Notes
    -----
    Sakoe and Chiba 1978, symmetric form without slope constraint or window.

    Examples
    --------
    >>> i, j = dtw_path(np.array([[0.], [1.], [2.]]), np.array([[0.], [2.]]))
    >>> i.tolist(), j.tolist()
    ([0, 1, 2], [0, 0, 1])
    """
    return path_of_costs(cdist(*_check(a, b)))


def path_of_costs(costs: np.ndarray) -> Path:
    """`dtw_path` from a matrix of local costs ``(N, M)``.

    Parameters
    ----------
    costs : ndarray, shape (N, M)

    Returns
    -------
    Path
    """
    n, m = costs.shape
    # Row k of `skew` is anti-diagonal k: skew[k, i] is the cell (i, k - i).
    skew = np.full((n, n + m), np.inf)
    skew[:, :m] = costs
    skew = skew.ravel()[: n * (n + m - 1)].reshape(n, n + m - 1).T
    total = np.full((n + m + 1, n + 1), np.inf)  # total[k + 2, i + 1]: cheapest way to (i, k - i)
    total[0, 0] = 0.0
    for k in range(n + m - 1):
        lo, hi = max(0, k - m + 1), min(n, k + 1)
        best = np.minimum(total[k, lo:hi], total[k + 1, lo:hi])  # diagonal; step in a
        np.minimum(best, total[k + 1, lo + 1 : hi + 1], out=best)  # step in b
        np.add(best, skew[k, lo:hi], out=total[k + 2, lo + 1 : hi + 1])
    return _trace(total, n, m)


def _trace(total: np.ndarray, n: int, m: int) -> Path:
    i, k = n - 1, n + m - 2
    rows, diagonals = [i], [k]
    cell = total.item
    while k > 0:
        diagonal, in_a, in_b = cell(k, i), cell(k + 1, i), cell(k + 1, i + 1)
        if diagonal <= in_a and diagonal <= in_b:
            i, k = i - 1, k - 2
        elif in_a <= in_b:
            i, k = i - 1, k - 1
        else:
            k -= 1
        rows.append(i)
        diagonals.append(k)
    first = np.array(rows[::-1])
    return first, np.array(diagonals[::-1]) - first


def fastdtw_path(a: np.ndarray, b: np.ndarray, radius: int = 1) -> Path:
    """The path of the FastDTW approximation (Salvador and Chan 2007) under Euclidean frame distance.

    Equal to that of the package ``fastdtw`` 0.3.4, its order of preference among equal moves included
    (step in `a`, step in `b`, diagonal). Only the tool-compatible metrics use it: the path is not optimal.

    Parameters
    ----------
    a, b : ndarray, shape (N, D) and (M, D)
    radius : int
        Frames by which the coarser path is widened.

    Returns
    -------
    Path
    """
    return _fastdtw(*_check(a, b), radius)


def _fastdtw(a: np.ndarray, b: np.ndarray, radius: int) -> Path:
    n, m = len(a), len(b)
    if min(n, m) < radius + 2:
        return _windowed(a, b, np.zeros(n, np.int64), np.full(n, m))
    first, second = _fastdtw(_halve(a), _halve(b), radius)
    low, high = _widen(first, second, n, m, radius)
    return _windowed(a, b, low, high)


def _halve(x: np.ndarray) -> np.ndarray:
    even = len(x) - len(x) % 2
    halved: np.ndarray = (x[0:even:2] + x[1:even:2]) / 2
    return halved


def _widen(first: np.ndarray, second: np.ndarray, n: int, m: int, radius: int) -> Path:
    """Window of the finer level: columns ``[low, high)`` of every row."""
    coarse = int(first[-1]) + 1
    low = np.full(coarse, np.iinfo(np.int64).max)
    high = np.full(coarse, -1, np.int64)
    np.minimum.at(low, first, second)
    np.maximum.at(high, first, second)
    row = np.minimum(np.arange(n) // 2, coarse - 1 + radius)
    above, below = np.clip(row - radius, 0, coarse - 1), np.clip(row + radius, 0, coarse - 1)
    # Both edges of a monotone path rise, so the extremes lie in the outermost rows.
    return np.maximum(2 * (low[above] - radius), 0), np.minimum(2 * (high[below] + radius) + 2, m)


def _windowed(a: np.ndarray, b: np.ndarray, low: np.ndarray, high: np.ndarray) -> Path:
    width = high - low
    rows = np.repeat(np.arange(len(a)), width)
    starts = np.concatenate([[0], np.cumsum(width)])
    columns = np.arange(starts[-1]) - np.repeat(starts[:-1] - low, width)
    difference = a[rows] - b[columns]
    costs = np.sqrt(np.einsum("ij,ij->i", difference, difference)).tolist()
    infinity = float("inf")
    above: list[float] = []
    above_low = 0
    moves: list[list[int]] = []
    lows, starts_list = low.tolist(), starts.tolist()
    for i, first in enumerate(lows):
        here: list[float] = []
        back: list[int] = []
        left = infinity
        # Cells outside the window above cost infinity; one before each row stands for (i - 1, j - 1).
        diagonal = above[first - 1 - above_low] if 0 <= first - 1 - above_low < len(above) else infinity
        if i == 0 and first == 0:
            diagonal = 0.0
        offset, size = first - above_low, len(above)
        for cost in costs[starts_list[i] : starts_list[i + 1]]:
            up = above[offset] if 0 <= offset < size else infinity
            if up <= left and up <= diagonal:
                value, move = up, 1
            elif left <= diagonal:
                value, move = left, 2
            else:
                value, move = diagonal, 0
            left = value + cost
            here.append(left)
            back.append(move)
            diagonal = up
            offset += 1
        above, above_low = here, first
        moves.append(back)
    i, j = len(a) - 1, len(b) - 1
    path = [(i, j)]
    while i > 0 or j > 0:
        move = moves[i][j - lows[i]]
        i, j = i - (move != 2), j - (move != 1)
        path.append((i, j))
    indices = np.array(path[::-1])
    return indices[:, 0], indices[:, 1]


def _check(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"sequences of shapes {a.shape} and {b.shape} cannot be aligned")
    if not len(a) or not len(b):
        raise ValueError("an empty sequence cannot be aligned")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("frames that are no numbers cannot be aligned")
    return a, b
