# SPDX-License-Identifier: Apache-2.0
"""Confidence intervals, paired tests and their correction for many comparisons.

Everything is paired by utterance. A figure of a voice is a ratio ``Σ value·weight / Σ weight`` over
utterances: weights are one for means, words for error rates. All randomness comes from one seed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

SEED = 20240229
"""Default seed of every resampling; printed in every report."""

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes
    ----------
    estimate : float
    low, high : float or None
        None below two clusters, where there is no telling.
    clusters : int
        Utterances (or listeners, the fewer) it rests on.
    """

    estimate: float
    low: float | None
    high: float | None
    clusters: int


def bootstrap_interval(
    values: np.ndarray,
    weights: np.ndarray | None = None,
    clusters: Sequence[Hashable] | None = None,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """Studentised bootstrap interval of a weighted mean, resampling whole clusters.

    Parameters
    ----------
    values : ndarray, shape (N,)
    weights : ndarray, shape (N,), optional
        Positive; ones when left out.
    clusters : sequence of length N, optional
        Whose observations stand or fall together: utterance ids where each has several values. Every
        observation is its own cluster when left out.
    level : float
    resamples : int
    seed : int

    Returns
    -------
    Interval

    Notes
    -----
    Bootstrap-t (Efron and Tibshirani 1993, ch. 12) with the linearised standard error of a ratio of cluster
    totals. The percentile bootstrap covers too rarely with the tens of utterances and skewed values of a
    speech test (see ``benchmarks/eval_statistics.py``, which prints both).
    """
    a, b = _totals(values, weights, clusters)
    estimate, error = (float(x) for x in _ratio(a, b))
    n = len(a)
    if n < 2:
        return Interval(estimate, None, None, n)
    if error <= 1e-12 * max(1.0, abs(estimate)):
        return Interval(estimate, estimate, estimate, n)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, n, (resamples, n))
    means, errors = _ratio(a[drawn], b[drawn])
    ok = errors > 1e-9 * error
    low, high = _quantiles((means[ok] - estimate) / errors[ok], level)
    return Interval(estimate, estimate - high * error, estimate - low * error, n)


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

    Notes
    -----
    Utterances and listeners are resampled independently (the pigeonhole bootstrap, Owen 2007), studentised by
    the two-way cluster-robust variance of Cameron, Gelbach and Miller 2011. Each end is the farther one of that and of
    Student's t with the fewer clusters less one degrees of freedom: of a dozen utterances the bootstrap alone covers
    too rarely.
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
    rng = np.random.default_rng(seed)
    wu, wv = np.empty((resamples, n)), np.empty((resamples, m))
    for k in range(resamples):
        wu[k] = np.bincount(rng.integers(0, n, n), minlength=n)
        wv[k] = np.bincount(rng.integers(0, m, m), minlength=m)
    statistics = _two_way_statistics(table, count, signs, wu, wv, estimate, error)
    low, high = _quantiles(statistics, level)
    reach = float(t.ppf(0.5 + level / 2, fewest - 1))
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired test of two voices.

    Attributes
    ----------
    p : float
        Two-sided Wilcoxon signed-rank probability; 1 where all pairs are equal.
    effect : float
        Matched-pairs rank-biserial correlation in [-1, 1]: share of ranks in favour of larger values of the
        second voice, less the share against. 0 where all pairs are equal.
    pairs, ties : int
        Pairs that entered, and how many of them were equal.
    """

    p: float
    effect: float
    pairs: int
    ties: int


def compare_paired(first: np.ndarray, second: np.ndarray) -> Comparison:
    """Wilcoxon's signed-rank test of ``second - first`` and its effect size.

    Parameters
    ----------
    first, second : ndarray, shape (N,)
        Paired by utterance.

    Notes
    -----
    Wilcoxon 1945, equal pairs dropped; exact below 51 pairs without ties (scipy), normal with continuity
    correction otherwise. Rank-biserial: Kerby 2014. Differences within 1e-9 of the values' size are equal:
    rounding must not become a finding.
    """
    from scipy.stats import rankdata, wilcoxon

    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    difference = second - first
    scale = np.maximum(np.abs(first), np.abs(second))
    difference = np.where(np.abs(difference) <= 1e-9 * scale, 0.0, difference)
    nonzero = difference[difference != 0]
    ties = len(difference) - len(nonzero)
    if not len(nonzero):
        return Comparison(1.0, 0.0, len(difference), ties)
    ranks = rankdata(np.abs(nonzero))
    effect = float((ranks[nonzero > 0].sum() - ranks[nonzero < 0].sum()) / ranks.sum())
    exact = len(nonzero) <= 50 and len(np.unique(np.abs(nonzero))) == len(nonzero)
    p = wilcoxon(nonzero, correction=not exact, method="exact" if exact else "approx").pvalue
    return Comparison(float(p), effect, len(difference), ties)


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted probabilities, in the order given.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p)), key=lambda k: p[k])
    out = [1.0] * len(p)
    largest = 0.0
    for rank, k in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[k]))
        out[k] = largest
    return out


def letters(names: Sequence[str], different: set[frozenset[str]]) -> dict[str, str]:
    """Compact letter display: names that share a letter do not differ significantly.

    Parameters
    ----------
    names : sequence of str
        Best first, so that the best gets ``a``.
    different : set of frozenset
        Pairs that differ.

    Notes
    -----
    Insert-and-absorb (Piepho 2004).

    Examples
    --------
    >>> letters(["x", "y", "z"], {frozenset("xz")})
    {'x': 'a', 'y': 'ab', 'z': 'b'}
    """
    columns: list[frozenset[str]] = [frozenset(names)]
    for pair in sorted(different, key=sorted):
        split: list[frozenset[str]] = []
        for column in columns:
            split += [column - {name} for name in pair] if pair <= column else [column]
        columns = [c for c in dict.fromkeys(split) if not any(c < other for other in split)]
    place = {name: k for k, name in enumerate(names)}
    columns.sort(key=lambda c: sorted(place[name] for name in c))
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return {name: "".join(alphabet[k] for k, c in enumerate(columns) if name in c) for name in names}


def _totals(
    values: np.ndarray, weights: np.ndarray | None, clusters: Sequence[Hashable] | None
) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(values, np.float64)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, np.float64)
    if not len(values) or len(weights) != len(values):
        raise ValueError(f"{len(values)} values with {len(weights)} weights")
    if clusters is None:
        return values * weights, weights
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    return np.bincount(index, values * weights), np.bincount(index, weights)


def _ratio(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ratio of totals over the last axis, and its linearised standard error."""
    n = a.shape[-1]
    mean = a.sum(-1) / b.sum(-1)
    residual = (a - mean[..., None] * b) / b.mean(-1)[..., None]
    return mean, np.sqrt(np.square(residual).sum(-1) / (n * max(n - 1, 1)))


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
    signs: np.ndarray,
    wu: np.ndarray,
    wv: np.ndarray,
    estimate: float,
    error: float,
) -> np.ndarray:
    """``(mean − estimate) / error`` of every resample ``(R, U)``, ``(R, L)``, as `_two_way` has it for one.

    What a resample leaves of the residuals is a combination of the voices' sums and numbers of ratings, so
    that all resamples are a few products of matrices.
    """
    layers = np.concatenate([table, count])  # (2K, U, L)
    by_u = np.einsum("kul,rl->rku", layers, wv, optimize=True)
    by_v = np.einsum("kul,ru->rkl", layers, wu, optimize=True)
    sums = np.einsum("rku,ru->rk", by_u, wu)
    ratings, numbers = sums[:, : len(signs)], sums[:, len(signs) :]
    whole = (numbers > 0).all(1)  # an incomplete design may lose every rating of a voice
    by_u, by_v, ratings, numbers = by_u[whole], by_v[whole], ratings[whole], numbers[whole]
    wu, wv = wu[whole], wv[whole]
    means = ratings / numbers
    share = signs / numbers
    weights = np.concatenate([share, -share * means], 1)  # (R, 2K)
    n, m = wu.shape[1], wv.shape[1]
    var_u = np.einsum("ru,ru->r", np.einsum("rk,rku->ru", weights, by_u) ** 2, wu) * n / (n - 1)
    var_v = np.einsum("rl,rl->r", np.einsum("rk,rkl->rl", weights, by_v) ** 2, wv) * m / (m - 1)
    var_cell = np.zeros(len(wu))
    for i, first in enumerate(layers):
        for j, second in enumerate(layers):
            var_cell += weights[:, i] * weights[:, j] * np.einsum("ru,ru->r", wu, wv @ (first * second).T)
    spread = np.sqrt(np.maximum(np.maximum(var_u + var_v - var_cell, var_u), var_v))
    ok = spread > 1e-6 * error
    return np.asarray((means @ signs - estimate)[ok] / spread[ok])


def _two_way_variance(residual: np.ndarray, wu: np.ndarray, wv: np.ndarray) -> float:
    by_u, by_v = residual @ wv, wu @ residual
    n, m = wu.sum(), wv.sum()
    # The cells' own variance is in both sums and taken off once, but never below what either clustering
    # gives: in a Latin square the cells also hold what listeners and utterances do to all voices alike.
    var_u = (wu @ by_u**2) * n / (n - 1)
    var_v = (wv @ by_v**2) * m / (m - 1)
    var_cell = wu @ residual**2 @ wv
    return float(max(var_u + var_v - var_cell, var_u, var_v))


def _quantiles(statistics: np.ndarray, level: float) -> tuple[float, float]:
    tail = 100.0 * (1.0 - level) / 2.0
    low, high = np.percentile(statistics, [tail, 100.0 - tail])
    return float(low), float(high)
