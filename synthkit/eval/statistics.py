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

FEWEST_RESAMPLED = 8
"""Clusters below which intervals of means are Student's t."""


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
    speech test (see ``benchmarks/eval_statistics.py``, which prints both). Below `FEWEST_RESAMPLED` clusters
    there are too few different resamples (of two clusters all give the same interval, of no width) and the
    interval is Student's t.
    """
    a, b = _totals(values, weights, clusters)
    estimate, error = (float(x) for x in _ratio(a, b))
    n = len(a)
    if n < 2:
        return Interval(estimate, None, None, n)
    if error <= 1e-12 * max(1.0, abs(estimate)):
        return Interval(estimate, estimate, estimate, n)
    if n < FEWEST_RESAMPLED:
        from scipy.stats import t

        reach = float(t.ppf(0.5 + level / 2, n - 1)) * error
        return Interval(estimate, estimate - reach, estimate + reach, n)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, n, (resamples, n))
    means, errors = _ratio(a[drawn], b[drawn])
    ok = errors > 1e-9 * error
    low, high = quantiles((means[ok] - estimate) / errors[ok], level)
    return Interval(estimate, estimate - high * error, estimate - low * error, n)


@dataclass(frozen=True, slots=True)
class PairedTest:
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


def compare_paired(first: np.ndarray, second: np.ndarray) -> PairedTest:
    """Wilcoxon's signed-rank test of ``second - first`` and its effect size.

    Parameters
    ----------
    first, second : ndarray, shape (N,)
        Paired by utterance.

    Returns
    -------
    PairedTest

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
        return PairedTest(1.0, 0.0, len(difference), ties)
    ranks = rankdata(np.abs(nonzero))
    effect = float((ranks[nonzero > 0].sum() - ranks[nonzero < 0].sum()) / ranks.sum())
    exact = len(nonzero) <= 50 and len(np.unique(np.abs(nonzero))) == len(nonzero)
    p = wilcoxon(nonzero, correction=not exact, method="exact" if exact else "approx").pvalue
    return PairedTest(float(p), effect, len(difference), ties)


def letters(names: Sequence[str], different: set[frozenset[str]]) -> dict[str, str]:
    """Compact letter display: names that share a letter do not differ significantly.

    Parameters
    ----------
    names : sequence of str
        Best first, so that the best gets ``a``.
    different : set of frozenset
        Pairs that differ.

    Returns
    -------
    dict of str to str

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


def quantiles(statistics: np.ndarray, level: float) -> tuple[float, float]:
    """The two between which the share `level` of `statistics` lies, as much beyond either.

    Parameters
    ----------
    statistics : ndarray
    level : float
        0 to 1.

    Returns
    -------
    (float, float)
    """
    tail = 100.0 * (1.0 - level) / 2.0
    low, high = np.percentile(statistics, [tail, 100.0 - tail])
    return float(low), float(high)


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
