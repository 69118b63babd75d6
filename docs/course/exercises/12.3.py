# SPDX-License-Identifier: Apache-2.0
"""By chance.

Write `chance(right, trials)`: in an ABX test a listener says whether X is A or B, and guesses right half of the time. How probable is it that pure guessing gives at least `right` right answers of `trials`?
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
from math import comb


def chance(right, trials):
    ...
"""

HINTS = (
    "Each of the 2^trials rows of answers is equally probable. comb(trials, k) of them have exactly k right.",
    "At least: add up all k from `right` to `trials`, both included.",
    "sum(comb(trials, k) for k in range(right, trials + 1)) / 2**trials",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    import itertools

    for trials in (8, 12, int(rng.integers(9, 14))):
        right = int(rng.integers(trials // 2 + 1, trials))
        # Every row of answers there is.
        counts = np.array(
            [sum(row) for row in itertools.product((0, 1), repeat=trials)]
        )
        wanted = float(np.mean(counts >= right))
        got = answer.number("chance", right, trials)
        if near(got, wanted):
            continue
        said = f"{right} or more of {trials} come by chance with a probability of {wanted:.4f}, you say {got:.4f}"
        if near(got, np.mean(counts == right)):
            raise Refused(
                f"{said}: that is exactly {right}; more would have impressed you as well"
            )
        if near(got, np.mean(counts > right)):
            raise Refused(f"{said}: {right} itself is missing")
        if near(got, 0.5**right):
            raise Refused(
                f"{said}: half to the power of {right} is the chance of {right} right ones in a row; here the wrong ones may lie anywhere among them, and each place counts"
            )
        if near(got, right / trials):
            raise Refused(
                f"{said}: that is the share of right answers, not a probability of chance"
            )
        if near(got, 1 - wanted):
            raise Refused(f"{said}: that is fewer than {right}, the other side")
        raise Refused(said)


WRONG = (
    (
        "from math import comb\ndef chance(right, trials):\n    return comb(trials, right) / 2**trials",
        "that is exactly",
    ),
    (
        "from math import comb\ndef chance(right, trials):\n    return sum(comb(trials, k) for k in range(right + 1, trials + 1)) / 2**trials",
        "itself is missing",
    ),
    ("def chance(right, trials):\n    return 0.5**right", "in a row"),
    (
        "def chance(right, trials):\n    return right / trials",
        "the share of right answers",
    ),
)
