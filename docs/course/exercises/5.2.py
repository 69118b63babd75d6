# SPDX-License-Identifier: Apache-2.0
"""How many links.

Write `ways(letters, phones)`: in how many ways `letters` letters can be given their phones, each none, one or two of them in order, so that all `phones` phones are
used. It has to be quick for 30 letters and 30 phones.
"""

from __future__ import annotations

import itertools

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
def ways(letters, phones):
    ...
"""

HINTS = (
    "The chapter's `link` keeps the best way for each number of phones used so far. Keep the number of ways instead.",
    "After a letter, ways that have used j phones come from ways that had used j, j - 1 and j - 2 before it.",
    "Begin with [1, 0, 0, …]; for each letter: after[j] = before[j] + before[j - 1] + before[j - 2]. The answer is the one at `phones`.",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for letters, phones in (
        (3, 3),
        (4, 2),
        (5, 9),
        (6, 6),
        (2, 5),
        (int(rng.integers(6, 9)), int(rng.integers(3, 9))),
    ):
        # All ways, one by one.
        wanted = sum(
            sum(each) == phones
            for each in itertools.product((0, 1, 2), repeat=letters)
        )
        got = answer.number("ways", letters, phones)
        if got == wanted:
            continue
        said = f"{letters} letters and {phones} phones can be linked in {wanted} ways, you say {got:g}"
        if got == 3**letters:
            raise Refused(
                f"{said}: that is every choice, also those that use too few or too many phones"
            )
        from math import comb

        if got == comb(letters, phones):
            raise Refused(
                f"{said}: a letter may also have two phones, as x has k and s"
            )
        if got == comb(letters + phones - 1, phones):
            raise Refused(f"{said}: a letter has at most two phones")
        raise Refused(said)
    if (
        answer.number("ways", 30, 30)
        != np.polynomial.polynomial.polypow([1, 1, 1], 30)[30].round()
    ):
        raise Refused(
            "right for short words, and wrong for 30 letters and 30 phones"
        )


WRONG = (
    ("def ways(letters, phones):\n    return 3**letters", "too few or too many"),
    (
        "from math import comb\ndef ways(letters, phones):\n    return comb(letters, phones)",
        "may also have two",
    ),
    (
        "from math import comb\ndef ways(letters, phones):\n    return comb(letters + phones - 1, phones)",
        "at most two",
    ),
)
