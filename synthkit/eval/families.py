# SPDX-License-Identifier: Apache-2.0
"""A family of paired differences tested together: adjusted probabilities and the intervals that agree with
them.

Both are made of one critical value, so that an interval excludes 0 exactly where its adjusted probability is
at most the level. Step-down corrections (Holm 1979) find a little more, and have no intervals that agree
with what they find.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthkit.eval.statistics import Interval

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Joint:
    """One difference of a family.

    Attributes
    ----------
    difference : Interval
        Estimate with the interval that holds for all differences of the family at once.
    p : float
        Two-sided, of this difference alone.
    adjusted : float
        The same for the family.
    """

    difference: Interval
    p: float
    adjusted: float


def adjust(p: float, tests: int) -> float:
    """Probability that the smallest of `tests` p-values is as small as `p` by chance (Šidák 1967).

    Holds whatever the correlations of normal estimates are: figures of the same sentences and pairs that
    share a voice make it stricter, never laxer.

    Parameters
    ----------
    p : float
    tests : int

    Returns
    -------
    float
        1 - (1 - p)^tests.

    Examples
    --------
    >>> round(adjust(0.01, 5), 4)
    0.049
    """
    return float(-math.expm1(tests * math.log1p(-p))) if p < 1.0 else 1.0


def critical_p(tests: int, level: float = LEVEL) -> float:
    """The p of one test at which the family of `tests` is at its level; the inverse of `adjust`.

    Parameters
    ----------
    tests : int
    level : float
        Of the family.

    Returns
    -------
    float
        1 - (1 - level)^(1 / tests).
    """
    return float(-math.expm1(math.log(level) / max(tests, 1)))


def smallest_p(n: int) -> float:
    """The smallest two-sided p of `n` paired differences: all of them have one sign.

    Nothing is assumed of their distribution but symmetry, and a p below it would rest on more than that.

    Parameters
    ----------
    n : int

    Returns
    -------
    float
        2^(1 - n), the probability of that many equal signs under either; 1 without any difference.

    Examples
    --------
    >>> smallest_p(8)
    0.0078125
    """
    return 2.0 ** (1 - n) if n > 0 else 1.0


def fewest(tests: int, level: float = LEVEL) -> int:
    """The fewest sentences with which a test of such a family can come out at all.

    Parameters
    ----------
    tests : int
    level : float
        Of the family.

    Returns
    -------
    int

    Examples
    --------
    >>> fewest(1), fewest(5), fewest(30)
    (6, 8, 11)
    """
    return next(n for n in range(2, 100) if smallest_p(n) <= critical_p(tests, level))


def joint(
    difference: np.ndarray, weights: np.ndarray | None = None, *, tests: int = 1, level: float = LEVEL
) -> Joint:
    """Test paired differences against 0, as one of a family.

    Parameters
    ----------
    difference : ndarray, shape (N,)
        Second voice less first, by sentence; N is at least 2.
    weights : ndarray, shape (N,), optional
        How much each sentence counts (words, for error rates); ones when left out.
    tests : int
        How many tests the family has, this one among them.
    level : float
        Family-wise.

    Returns
    -------
    Joint

    Notes
    -----
    The mean difference (of pooled rates: the ratio of totals) over its standard error, by Student's t; the
    interval is the estimate ± the critical value of the family (Šidák 1967) times the standard error. Rank
    tests judge another figure than the mean that stands beside them, and their p need not agree with its
    interval.
    """
    d = np.asarray(difference, np.float64)
    w = np.ones(len(d)) if weights is None else np.asarray(weights, np.float64)
    n = len(d)
    if n < 2:
        raise ValueError("a difference needs two sentences at least")
    estimate = float((w * d).sum() / w.sum())
    residual = w * (d - estimate) / w.mean()
    error = math.sqrt(float(np.square(residual).sum()) / (n * (n - 1)))
    if error <= 1e-12 * max(1.0, abs(estimate)):  # the same in every sentence
        p = 1.0 if abs(estimate) <= 1e-12 else smallest_p(n)
        return Joint(Interval(estimate, estimate, estimate, n), p, adjust(p, tests))
    p = float(2.0 * stats.t.sf(abs(estimate) / error, n - 1))
    half = float(stats.t.isf(critical_p(tests, level) / 2.0, n - 1)) * error
    return Joint(Interval(estimate, estimate - half, estimate + half, n), p, adjust(p, tests))
