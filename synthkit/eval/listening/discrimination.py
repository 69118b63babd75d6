# SPDX-License-Identifier: Apache-2.0
"""Whether two voices are told apart at all: ABX, exact binomial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthkit.eval.ratings import Rating
from synthkit.eval.statistics import Interval
from synthkit.eval.two_way import two_way_error


def exact_binomial(correct: int, answers: int) -> float:
    """Probability of that many correct answers or more by guessing.

    Parameters
    ----------
    correct : int
    answers : int
        How many there are; each is right with probability 1/2 by guessing.

    Returns
    -------
    float

    Examples
    --------
    >>> round(exact_binomial(9, 10), 4)
    0.0107
    """
    from scipy.stats import binomtest

    return float(binomtest(correct, answers, 0.5, alternative="greater").pvalue)


def share_interval(ratings: Sequence[Rating], *, level: float = 0.95) -> Interval:
    """Share of ones among `ratings`, in [0, 1], with an interval for other utterances and other listeners.

    Parameters
    ----------
    ratings : sequence of Rating
        Scores of 0 and 1.
    level : float

    Returns
    -------
    Interval
        Without ends where there is one utterance or one listener only.

    Notes
    -----
    Wilson's score interval (1927) with the effective number of answers in place of the number (Korn and
    Graubard 1998): ``p (1 - p) / variance``, the variance two-way cluster-robust, and Student's t with the
    fewer clusters less one degrees of freedom. Where that would be more answers than there are, the variance
    is the binomial's, which is not estimated: their number, and the normal distribution.
    """
    from scipy.stats import norm, t

    score = np.array([r.score for r in ratings], np.float64)
    n = len(score)
    p = float(score.mean())
    error, fewest = two_way_error(
        (score - p) / n, [r.utterance for r in ratings], [r.listener for r in ratings]
    )
    if fewest < 2:
        return Interval(p, None, None, fewest)
    effective = p * (1 - p) / error**2 if error > 0 else float("inf")
    z = float(t.ppf(0.5 + level / 2, fewest - 1))
    if effective >= n:
        effective, z = n, float(norm.ppf(0.5 + level / 2))
    middle = (p + z**2 / (2 * effective)) / (1 + z**2 / effective)
    reach = z / (1 + z**2 / effective) * np.sqrt(p * (1 - p) / effective + z**2 / (4 * effective**2))
    return Interval(p, float(max(0.0, middle - reach)), float(min(1.0, middle + reach)), fewest)
