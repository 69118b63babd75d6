# SPDX-License-Identifier: Apache-2.0
"""How many sentences a difference needs, and what so many sentences can show.

The power of the very tests that `synthkit.eval.families` makes, before there is any speech: from the standard
deviation of the paired differences, the number of sentences, and how many tests the family has.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from synthkit.eval.families import LEVEL, critical_p, fewest

POWER = 0.8
"""A plan counts a difference as shown when four studies of five would find it."""

MOST = 100_000
"""Sentences beyond which a plan says that a difference is out of reach."""


def power(difference: float, deviation: float, n: int, tests: int, *, level: float = LEVEL) -> float:
    """Probability that a true difference is found.

    Parameters
    ----------
    difference, deviation : float
        True mean, and standard deviation from sentence to sentence, of the paired difference; in the figure's
        unit.
    n : int
        Sentences.
    tests : int
        Of the family: pairs of voices × primary figures.
    level : float
        Family-wise.

    Returns
    -------
    float
        0 where even the clearest difference could not come out.

    Notes
    -----
    Tails of the noncentral t beyond the family's critical value (Cohen 1988, ch. 2, for a paired test).

    Examples
    --------
    >>> round(power(0.5, 1.0, 34, tests=1), 2)
    0.81
    """
    if n < fewest(tests, level):
        return 0.0
    if deviation <= 0:
        return 1.0 if difference else 0.0
    bound = float(stats.t.isf(critical_p(tests, level) / 2.0, n - 1))
    shift = abs(difference) / deviation * math.sqrt(n)
    if shift > bound + 30:  # certain; the noncentral t loses its digits far out
        return 1.0
    other = float(stats.nct.cdf(-bound, n - 1, shift))
    # Where next to nothing is left of the tail on the wrong side, scipy gives NaN for it.
    return float(stats.nct.sf(bound, n - 1, shift)) + (0.0 if math.isnan(other) else other)


def sentences(difference: float, deviation: float, tests: int, *, wanted: float = POWER) -> int | None:
    """The fewest sentences that find `difference` with probability `wanted`; None beyond `MOST`.

    Parameters
    ----------
    difference, deviation : float
        In the figure's unit; the deviation is of paired differences.
    tests : int
        In the family.
    wanted : float
        Power, 0 to 1.

    Returns
    -------
    int or None
    """
    low, high = 1, 8
    while power(difference, deviation, high, tests) < wanted:
        low, high = high, high * 2
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(difference, deviation, middle, tests) >= wanted else (middle, high)
    return high


def detectable(deviation: float, n: int, tests: int, *, wanted: float = POWER) -> float | None:
    """The least difference that `n` sentences find with probability `wanted`; None where there is no
    power.

    Parameters
    ----------
    deviation : float
        Of paired differences, in the figure's unit.
    n : int
        Sentences.
    tests : int
        In the family.
    wanted : float
        Power, 0 to 1.

    Returns
    -------
    float or None
    """
    if n < fewest(tests):
        return None
    low, high = 0.0, max(deviation, 1e-12)
    while power(high, deviation, n, tests) < wanted:
        high *= 2.0
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (low, middle) if power(middle, deviation, n, tests) >= wanted else (middle, high)
    return high


def deviation(difference: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Standard deviation of paired differences ``(N,)``, N at least 2, as the standard error of their
    (weighted) mean has it.

    Parameters
    ----------
    difference : ndarray, shape (N,)
    weights : ndarray, shape (N,), optional

    Returns
    -------
    float
    """
    d = np.asarray(difference, np.float64)
    w = np.ones(len(d)) if weights is None else np.asarray(weights, np.float64)
    residual = w * (d - (w * d).sum() / w.sum()) / w.mean()
    return math.sqrt(float(np.square(residual).sum()) / (len(d) - 1))


def upper_deviation(found: float, n: int, *, level: float = 0.8) -> float:
    """The upper end of the interval of a standard deviation that `n` normal values were found to have.

    Parameters
    ----------
    found : float
        In the figure's unit.
    n : int
        At least 2.
    level : float
        Of the two-sided interval.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        `found` is no finite number from 0, or `n` below 2.
    """
    from scipy.stats import chi2

    if not 0 <= found < math.inf or n < 2:
        raise ValueError(f"a deviation of {found} of {n} values")
    return found * math.sqrt((n - 1) / float(chi2.ppf((1 - level) / 2, n - 1)))
