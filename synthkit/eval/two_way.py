# SPDX-License-Identifier: Apache-2.0
"""Ratings stand for their utterance and for their listener: intervals, errors and tests that hold for others
of both."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from synthkit.eval.statistics import RESAMPLES, SEED, Interval, quantiles


def without_common(
    values: np.ndarray, second: np.ndarray, utterances: Sequence[Hashable], listeners: Sequence[Hashable]
) -> np.ndarray:
    """Ratings of two voices less what an utterance or a listener does to both alike; each voice's mean stays.

    Parameters
    ----------
    values, second, utterances, listeners
        As in `two_way_interval`.

    Returns
    -------
    ndarray, shape (N,)

    Notes
    -----
    Where everybody hears everything by both voices, how generous a listener is and how good a sentence
    cancel in the difference of two voices. In a Latin square they do over all listeners, though not within
    an utterance, so that they would pass for chance and make intervals too wide. They are fitted (listener +
    utterance + voice, least squares) and taken off as far as they cancel: wholly for a listener who has
    heard both voices equally often, not at all for one who has heard one voice only.
    """
    values = np.asarray(values, np.float64)
    voice = np.asarray(second, np.int64)
    u, rows = np.unique(np.asarray(utterances), return_inverse=True)
    v, columns = np.unique(np.asarray(listeners), return_inverse=True)
    count = np.zeros((2, len(u), len(v)))
    np.add.at(count, (voice, rows, columns), 1.0)
    if np.array_equal(count[0], count[1]):
        return values
    share = count / count.sum((1, 2), keepdims=True)
    blocks = [count.sum((1, 2)), count.sum((0, 2)), count.sum((0, 1))]
    gram = np.block([
        [np.diag(blocks[0]), count.sum(2), count.sum(1)],
        [count.sum(2).T, np.diag(blocks[1]), count.sum(0)],
        [count.sum(1).T, count.sum(0).T, np.diag(blocks[2])],
    ])  # fmt: skip
    right = np.concatenate([
        np.bincount(where, values, n)
        for where, n in ((voice, 2), (rows, len(u)), (columns, len(v)))
    ])  # fmt: skip
    fitted = np.linalg.lstsq(gram, right, rcond=None)[0]
    good, generous = fitted[2 : 2 + len(u)], fitted[2 + len(u) :]
    lost = 0.0
    for effect, where, axis in ((good, rows, 2), (generous, columns, 1)):
        by = share.sum(axis)
        cancels = 1.0 - np.abs(by[1] - by[0]) / by.sum(0)
        values = values - ((effect - effect.mean()) * cancels)[where]
        lost += max(0.0, float(cancels.sum()) - 1.0)
    mean = right[:2] / blocks[0]
    left = values - np.array([values[voice == k].mean() for k in (0, 1)])[voice]
    # What least squares leaves is too small by the degrees of freedom that the fit has taken.
    return np.asarray(mean[voice] + left * np.sqrt(len(left) / max(len(left) - lost, 1.0)))


def two_way_interval(
    values: np.ndarray,
    utterances: Sequence[Hashable],
    listeners: Sequence[Hashable],
    *,
    second: np.ndarray | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """Interval of a mean rating, or of the difference of two, that holds for other utterances and other
    listeners.

    Parameters
    ----------
    values : ndarray, shape (N,)
        One rating each; the design may be incomplete: a listener may have heard an utterance by both voices
        or (Latin square) by one only.
    utterances, listeners : sequence of length N
    second : ndarray of bool, shape (N,), optional
        Which ratings are the second voice's. The estimate is then the mean of the second less that of the
        first.
    level, resamples, seed
        As in `bootstrap_interval`.

    Returns
    -------
    Interval
        Without ends where there is one utterance or one listener only.

    Notes
    -----
    The standard error is the two-way cluster-robust one of Cameron, Gelbach and Miller 2011. A difference
    has Student's t with the fewer clusters less one degrees of freedom, as `two_way_test` has. A mean may
    lie near an end of its scale and be skewed: for it utterances and listeners are resampled independently
    (the pigeonhole bootstrap, Owen 2007, studentised), and each end is the farther one of that and of
    Student's t, since of a dozen utterances the bootstrap alone covers too rarely.
    """
    from scipy.stats import t

    values = np.asarray(values, np.float64)
    signs = np.ones(1) if second is None else np.array([-1.0, 1.0])
    voice = np.zeros(len(values), np.int64) if second is None else np.asarray(second, np.int64)
    table, count = _cells(values, voice, utterances, listeners, len(signs))
    _, n, m = table.shape
    fewest = min(n, m)
    if fewest < 2:
        means = table.sum((1, 2)) / count.sum((1, 2))
        return Interval(float(signs @ means), None, None, fewest)
    estimate, error = _two_way(table, count, signs, np.ones(n), np.ones(m))
    if error <= 1e-12 * max(1.0, abs(estimate)):
        return Interval(estimate, estimate, estimate, fewest)
    reach = float(t.ppf(0.5 + level / 2, fewest - 1))
    if second is not None:
        return Interval(estimate, estimate - reach * error, estimate + reach * error, fewest)
    rng = np.random.default_rng(seed)
    wu, wv = np.empty((resamples, n)), np.empty((resamples, m))
    for k in range(resamples):
        wu[k] = np.bincount(rng.integers(0, n, n), minlength=n)
        wv[k] = np.bincount(rng.integers(0, m, m), minlength=m)
    low, high = quantiles(_two_way_statistics(table[0], count[0], wu, wv, estimate, error), level)
    return Interval(
        estimate, estimate - max(high, reach) * error, estimate - min(low, -reach) * error, fewest
    )


def two_way_test(
    values: np.ndarray, second: np.ndarray, utterances: Sequence[Hashable], listeners: Sequence[Hashable]
) -> float:
    """Two-sided probability of no difference of two mean ratings, against other utterances and other
    listeners.

    Parameters
    ----------
    values, second, utterances, listeners
        As in `two_way_interval`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        There is one utterance or one listener only: chance cannot be told from them.

    Notes
    -----
    The difference over its two-way cluster-robust standard error (Cameron, Gelbach and Miller 2011), by
    Student's t with the fewer clusters less one degrees of freedom.
    """
    from scipy.stats import t

    table, count = _cells(
        np.asarray(values, np.float64), np.asarray(second, np.int64), utterances, listeners, 2
    )
    n, m = table.shape[1:]
    if min(n, m) < 2:
        raise ValueError(f"{n} utterances and {m} listeners: a two-way test needs two of each")
    estimate, error = _two_way(table, count, np.array([-1.0, 1.0]), np.ones(n), np.ones(m))
    if error <= 1e-12 * max(1.0, abs(estimate)):
        return 1.0 if abs(estimate) <= 1e-9 else 0.0
    return float(2.0 * t.sf(abs(estimate) / error, min(n, m) - 1))


def two_way_error(
    influence: np.ndarray, utterances: Sequence[Hashable], listeners: Sequence[Hashable]
) -> tuple[float, int]:
    """Standard error of an estimate that is a sum of `influence`, one share a rating; and the fewer clusters.

    Parameters
    ----------
    influence : ndarray, shape (N,)
        What each rating adds to the estimate beyond what is expected of it (in a regression, a row of
        bread × score).
    utterances, listeners : sequence of length N

    Returns
    -------
    error : float
        NaN with fewer than two clusters of either kind.
    fewest : int

    Notes
    -----
    Cameron, Gelbach and Miller 2011, never below what either clustering gives alone.
    """
    table, _ = _cells(
        np.asarray(influence, np.float64), np.zeros(len(influence), np.int64), utterances, listeners, 1
    )
    cells = table[0]
    n, m = cells.shape
    if min(n, m) < 2:
        return float("nan"), min(n, m)
    return float(np.sqrt(_two_way_variance(cells, np.ones(n), np.ones(m)))), min(n, m)


def _cells(
    values: np.ndarray,
    voice: np.ndarray,
    utterances: Sequence[Hashable],
    listeners: Sequence[Hashable],
    voices: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Sums and numbers of ratings by voice, utterance and listener, ``(voices, U, L)`` each."""
    u, rows = np.unique(np.asarray(utterances), return_inverse=True)
    v, columns = np.unique(np.asarray(listeners), return_inverse=True)
    table = np.zeros((voices, len(u), len(v)))
    count = np.zeros_like(table)
    np.add.at(table, (voice, rows, columns), values)
    np.add.at(count, (voice, rows, columns), 1.0)
    return table, count


def _two_way(
    table: np.ndarray, count: np.ndarray, signs: np.ndarray, wu: np.ndarray, wv: np.ndarray
) -> tuple[float, float]:
    """Signed sum of the voices' weighted means, and its cluster-robust standard error."""
    total = wu @ count @ wv
    means = (wu @ table @ wv) / total
    # What each cell adds to the estimate beyond its share; the voices' errors meet in their common clusters.
    residual = np.tensordot(signs / total, table - means[:, None, None] * count, 1)
    return float(signs @ means), float(np.sqrt(_two_way_variance(residual, wu, wv)))


def _two_way_statistics(
    table: np.ndarray,
    count: np.ndarray,
    wu: np.ndarray,
    wv: np.ndarray,
    estimate: float,
    error: float,
) -> np.ndarray:
    """``(mean − estimate) / error`` of every resample ``(R, U)``, ``(R, L)``, as `_two_way` has it for one.

    What a resample leaves of the residuals is a combination of the sums and the numbers of ratings, so
    that all resamples are a few products of matrices.
    """
    layers = np.stack([table, count])  # (2, U, L)
    by_u = np.einsum("kul,rl->rku", layers, wv, optimize=True)
    by_v = np.einsum("kul,ru->rkl", layers, wu, optimize=True)
    sums = np.einsum("rku,ru->rk", by_u, wu)
    some = sums[:, 1] > 0  # an incomplete design may lose every rating
    by_u, by_v, wu, wv = by_u[some], by_v[some], wu[some], wv[some]
    numbers = sums[some, 1]
    means = sums[some, 0] / numbers
    weights = np.stack([1 / numbers, -means / numbers], 1)
    n, m = wu.shape[1], wv.shape[1]
    var_u = np.einsum("ru,ru->r", np.einsum("rk,rku->ru", weights, by_u) ** 2, wu) * n / (n - 1)
    var_v = np.einsum("rl,rl->r", np.einsum("rk,rkl->rl", weights, by_v) ** 2, wv) * m / (m - 1)
    var_cell = np.zeros(len(wu))
    for i, first in enumerate(layers):
        for j, second in enumerate(layers):
            var_cell += weights[:, i] * weights[:, j] * np.einsum("ru,ru->r", wu, wv @ (first * second).T)
    spread = np.sqrt(np.maximum(np.maximum(var_u + var_v - var_cell, var_u), var_v))
    ok = spread > 1e-6 * error
    return np.asarray((means - estimate)[ok] / spread[ok])


def _two_way_variance(residual: np.ndarray, wu: np.ndarray, wv: np.ndarray) -> float:
    by_u, by_v = residual @ wv, wu @ residual
    n, m = wu.sum(), wv.sum()
    # The cells' own variance is in both sums and taken off once, but never below what either clustering
    # gives: in a Latin square the cells also hold what listeners and utterances do to all voices alike.
    var_u = (wu @ by_u**2) * n / (n - 1)
    var_v = (wv @ by_v**2) * m / (m - 1)
    var_cell = wu @ residual**2 @ wv
    return float(max(var_u + var_v - var_cell, var_u, var_v))
