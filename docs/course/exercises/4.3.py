# SPDX-License-Identifier: Apache-2.0
"""YIN, the last step.

Write `first_dip(d, shortest, threshold)`: the first lag, from `shortest` on, where the array `d` has a dip (it is smaller than at the lag before, and not
larger than at the lag after) that lies below `threshold`; 0 if there is none.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
def first_dip(d, shortest, threshold):
    ...
"""

HINTS = (
    "Go through the lags in order and return the first that meets all three conditions.",
    "The last lag has no lag after it: stop one before.",
    "for k in range(max(shortest, 1), len(d) - 1): if d[k] < threshold and d[k] < d[k - 1] and d[k] <= d[k + 1]: return k",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for case in range(6):
        period = int(rng.integers(55, 90))
        lags = np.arange(300)
        # Dips at multiples of the period, the second one deeper; a small early one, too short to be a period.
        d = (
            1
            - 0.9 * np.exp(-(((lags - period) / 6) ** 2))
            - 0.97 * np.exp(-(((lags - 2 * period) / 6) ** 2))
        )
        d -= 0.95 * np.exp(-(((lags - 12) / 3) ** 2))
        threshold = 0.02 if case == 5 else 0.15
        wanted = 0 if threshold < d[2 * period] else period
        got = answer.number("first_dip", d.copy(), 30, threshold)
        if got == wanted:
            continue
        if wanted == 0:
            raise Refused(
                f"no dip lies below {threshold}, so the answer is 0; you say {got:g}"
            )
        if got == 2 * period:
            raise Refused(
                "that is the deepest dip, two periods long: the first good one counts, or you fall an octave"
            )
        if got == 12:
            raise Refused("that lag is below `shortest`: no voice is so high")
        if got == np.flatnonzero((d < threshold) & (lags >= 30))[0]:
            raise Refused(
                "there the values first go below the threshold; the dip is where they turn up again"
            )
        if got == period - 30:
            raise Refused("counted from `shortest`, not from 0: add it again")
        raise Refused(
            f"the first dip below {threshold} is at lag {wanted}; you say {got:g}"
        )


WRONG = (
    (
        "def first_dip(d, shortest, threshold):\n    k = shortest + int(d[shortest:].argmin())\n    return k if d[k] < threshold else 0",
        "fall an octave",
    ),
    (
        "def first_dip(d, shortest, threshold):\n    return next((k for k in range(shortest, len(d)) if d[k] < threshold), 0)",
        "turn up again",
    ),
    (
        "def first_dip(d, shortest, threshold):\n    return next((k for k in range(1, len(d) - 1) if d[k] < threshold and d[k] < d[k - 1] and d[k] <= d[k + 1]), 0)",
        "no voice is so high",
    ),
    (
        "def first_dip(d, shortest, threshold):\n    d = d[shortest:]\n    return next((k for k in range(1, len(d) - 1) if d[k] < threshold and d[k] < d[k - 1] and d[k] <= d[k + 1]), 0)",
        "add it again",
    ),
)
