# SPDX-License-Identifier: Apache-2.0
"""Read a year.

Write `year(number)`: how an English year from 1100 to 1999 is read, in small letters without hyphens: 1984 is `nineteen eighty four`, 1905
`nineteen oh five`, 1900 `nineteen hundred`. The skeleton can read numbers below a hundred.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
ONES += "sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def small(number):
    if number < 20:
        return ONES[number]
    tens, ones = divmod(number, 10)
    return TENS[tens] + (" " + ONES[ones] if ones else "")


def year(number):
    ...
"""

HINTS = (
    "A year is read as two numbers of two digits: divmod(number, 100) gives both.",
    "Two cases are other: when the second number is 0, and when it is below ten.",
    "first, second = divmod(number, 100); then 'hundred' for 0, 'oh ' + small(second) below 10, else small(second).",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    from synthkit_text.english.numbers import year

    tried = [
        1984,
        1900,
        1905,
        1910,
        1812,
        1100,
        *(int(n) for n in rng.integers(1100, 2000, 20)),
    ]
    for number in tried:
        got = answer.call("year", number)
        if not isinstance(got, str):
            raise Refused(f"`year` has to return a text, not {type(got).__name__}")
        wanted = year(number)
        if got == wanted:
            continue
        said = f"{number} is read {wanted!r}, and you read {got!r}"
        if got.replace("-", " ").split() == wanted.split():
            raise Refused(
                f"{said}: small letters, one space between words, no hyphens"
            )
        if "thousand" in got:
            raise Refused(
                f"{said}: as an amount it is a thousand and so on, as a year it is two pairs of digits"
            )
        if got.endswith("zero"):
            raise Refused(f"{said}: when the second pair is 00, one says hundred")
        if number % 100 < 10 and "oh" not in got:
            raise Refused(f"{said}: below ten the zero is said too, as oh")
        raise Refused(said)


_HEAD = SKELETON.partition("def year")[0]
WRONG = (
    (
        _HEAD
        + "def year(number):\n    a, b = divmod(number, 100)\n    return small(a) + ' ' + small(b)",
        "one says hundred",
    ),
    (
        _HEAD
        + "def year(number):\n    a, b = divmod(number, 100)\n    return small(a) + ' ' + (small(b) if b else 'hundred')",
        "as oh",
    ),
    (
        _HEAD
        + "def year(number):\n    return 'one thousand ' + small(number // 100 % 10) + ' hundred ' + small(number % 100)",
        "as an amount",
    ),
    (
        _HEAD
        + "def year(number):\n    a, b = divmod(number, 100)\n    return (small(a) + ' ' + small(b)).replace(' ', '-')",
        "no hyphens",
    ),
)
