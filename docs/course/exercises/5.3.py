# SPDX-License-Identifier: Apache-2.0
"""The error rate.

Write `error_rate(pairs, distance)`: the phone error rate, in percent, of a list of pairs (true phones, guessed phones). `distance(a, b)` is the chapter's edit distance; it is
given to you. The rate is all mistakes over all true phones.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
def error_rate(pairs, distance):
    ...
"""

HINTS = (
    "Add up the mistakes of all words, and separately the lengths of all true pronunciations.",
    "A long word counts more than a short one: it is no mean over words.",
    "100 * sum(distance(a, b) for a, b in pairs) / sum(len(a) for a, b in pairs)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    from synthkit.eval.intelligibility import errors

    def distance(a: list[str], b: list[str]) -> int:
        found = errors(a, b)
        return found.substitutions + found.deletions + found.insertions

    for _ in range(3):
        pairs = [
            (
                [str(p) for p in rng.integers(0, 5, rng.integers(2, 12))],
                [str(p) for p in rng.integers(0, 5, rng.integers(1, 14))],
            )
            for _ in range(30)
        ]
        found = [errors(*pair) for pair in pairs]
        wrong = sum(e.substitutions + e.deletions + e.insertions for e in found)
        wanted = 100 * wrong / sum(e.length for e in found)
        got = answer.number("error_rate", pairs, distance)
        if near(got, wanted):
            continue
        if near(got, wanted / 100):
            raise Refused("right as a ratio, and asked for in percent")
        if near(got, 100 * np.mean([distance(*p) / len(p[0]) for p in pairs])):
            raise Refused(
                "a mean of the words' rates: in it a short word counts as much as a long one; add up first, then divide"
            )
        if near(got, 100 * wrong / sum(len(b) for _, b in pairs)):
            raise Refused(
                "divided by the phones that were guessed: then whoever says more errs less; divide by the true ones"
            )
        if near(got, 100 * np.mean([distance(*p) > 0 for p in pairs])):
            raise Refused("that is how many words are wrong, not how many phones")
        raise Refused(f"you say {got:.2f} %, and it is {wanted:.2f} %")


WRONG = (
    (
        "def error_rate(pairs, distance):\n    return 100 * sum(distance(a, b) / len(a) for a, b in pairs) / len(pairs)",
        "add up first",
    ),
    (
        "def error_rate(pairs, distance):\n    return 100 * sum(distance(a, b) for a, b in pairs) / sum(len(b) for a, b in pairs)",
        "divide by the true ones",
    ),
    (
        "def error_rate(pairs, distance):\n    return 100 * sum(a != b for a, b in pairs) / len(pairs)",
        "how many words are wrong",
    ),
    (
        "def error_rate(pairs, distance):\n    return sum(distance(a, b) for a, b in pairs) / sum(len(a) for a, b in pairs)",
        "in percent",
    ),
)
