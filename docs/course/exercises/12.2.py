# SPDX-License-Identifier: Apache-2.0
"""How sure.

Write `interval(a, b)`: the 95 % interval (low, high) of the mean difference `b - a` of two voices on the same sentences, by Student's t. `a` and `b` are arrays of one figure, sentence by
sentence.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np
from scipy import stats


def interval(a, b):
    ...
"""

HINTS = (
    "Take the differences first, sentence by sentence; everything else is about them.",
    "The half width is t · s / √N, with s the standard deviation with N - 1 below it (ddof=1), and t that of N - 1 degrees of freedom.",
    "d = b - a; h = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d)); return d.mean() - h, d.mean() + h",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    from scipy import stats

    for n in (8, 15):
        hard = rng.normal(5, 2, n)  # some sentences are hard for both
        a, b = hard + rng.normal(0, 0.4, n), hard + rng.normal(0.3, 0.4, n)
        d = b - a
        test = stats.ttest_1samp(d, 0).confidence_interval(0.95)
        wanted = np.array([test.low, test.high])
        got = answer.array("interval", a.copy(), b.copy(), shape=(2,))
        if near(got, wanted, absolute=1e-6):
            continue
        if near(got, -wanted[::-1], absolute=1e-6):
            raise Refused(
                "a minus b: asked for is b - a, positive where b is larger"
            )
        if got[0] > got[1]:
            raise Refused("the low end comes first")
        half = (got[1] - got[0]) / 2
        true = (wanted[1] - wanted[0]) / 2
        if near(half, 1.959964 / stats.t.ppf(0.975, n - 1) * true, relative=2e-3):
            raise Refused(
                f"1.96 is for very many sentences: with {n} Student's t is wider, stats.t.ppf(0.975, {n - 1})"
            )
        if near(half, true * np.sqrt((n - 1) / n), relative=1e-4):
            raise Refused(
                "the standard deviation divides by N: of a sample it is N - 1, ddof=1"
            )
        if near(half, true * np.sqrt(n), relative=1e-3):
            raise Refused(
                "that is how single sentences spread: the mean of N is √N times firmer"
            )
        if near(
            half,
            stats.t.ppf(0.95, n - 1) / stats.t.ppf(0.975, n - 1) * true,
            relative=1e-3,
        ):
            raise Refused(
                "that is a 90 % interval: of 95 %, 2.5 % lie outside on each side, so 0.975"
            )
        if half > 1.5 * true:
            raise Refused(
                "much too wide: the voices are compared sentence by sentence, so that hard sentences cancel; take differences first"
            )
        raise Refused(
            f"for {n} sentences it goes from {wanted[0]:.3f} to {wanted[1]:.3f}; yours from {got[0]:.3f} to {got[1]:.3f}"
        )


_HEAD = "import numpy as np\nfrom scipy import stats\ndef interval(a, b):\n    d = b - a\n    n = len(d)\n"
WRONG = (
    (
        _HEAD
        + "    h = 1.96 * d.std(ddof=1) / n**0.5\n    return d.mean() - h, d.mean() + h",
        "Student's t is wider",
    ),
    (
        _HEAD
        + "    h = stats.t.ppf(0.975, n - 1) * d.std() / n**0.5\n    return d.mean() - h, d.mean() + h",
        "divides by N",
    ),
    (
        _HEAD
        + "    h = stats.t.ppf(0.975, n - 1) * d.std(ddof=1)\n    return d.mean() - h, d.mean() + h",
        "√N times firmer",
    ),
    (
        _HEAD
        + "    h = stats.t.ppf(0.975, 2 * n - 2) * ((a.var(ddof=1) + b.var(ddof=1)) / n) ** 0.5\n    return d.mean() - h, d.mean() + h",
        "sentence by sentence",
    ),
)
