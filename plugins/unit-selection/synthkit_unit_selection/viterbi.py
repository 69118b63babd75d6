"""The cheapest path through the candidates."""

from __future__ import annotations

import numpy as np


def cheapest_path(target: np.ndarray, join: np.ndarray) -> tuple[np.ndarray, float]:
    """Dynamic programming over a trellis.

    Parameters
    ----------
    target : ndarray, shape (T, K), float32
        Cost of each candidate; ``inf`` where a column has fewer than K.
    join : ndarray, shape (T - 1, K, K), float32
        Cost of candidate ``j`` at ``t + 1`` after candidate ``i`` at ``t`` as ``join[t, j, i]``.

    Returns
    -------
    path : ndarray, shape (T,), int64
        Column chosen at each time.
    cost : float
    """
    steps, width = target.shape
    back = np.empty((steps, width), np.int64)
    best = target[0].copy()
    line = np.arange(width)
    for t in range(1, steps):
        total = join[t - 1]
        total += best
        came = total.argmin(1)
        back[t] = came
        best = total[line, came] + target[t]
    path = np.empty(steps, np.int64)
    path[-1] = best.argmin()
    for t in range(steps - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path, float(best[path[-1]])
