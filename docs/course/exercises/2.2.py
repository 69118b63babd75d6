# SPDX-License-Identifier: Apache-2.0
"""Children's formants.

Write `resonances(length_cm, count)`: the first `count` resonances in Hz, from the lowest, of a tube of `length_cm` centimetres that is
closed at one end and open at the other, with a speed of sound of 350 m/s; as a list or an array.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
def resonances(length_cm, count):
    ...
"""

HINTS = (
    "Odd numbers of quarter waves fit in: 1, 3, 5 … of them, and not 1, 2, 3 …",
    "Mind the units: centimetres and metres a second do not go together.",
    "[(2 * n - 1) * 350 / (4 * length_cm / 100) for n in range(1, count + 1)]",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for length, count in ((17.5, 3), (14.2, 4), (10.0, 2)):
        # Found, not calculated by the formula: where a wave that is reflected at both ends comes back in phase.
        f = np.linspace(1, 8000, 79991)
        pressure = np.cos(2 * np.pi * f * length / 35000)
        at = np.flatnonzero(np.diff(np.sign(pressure)))[:count]
        wanted = (f[at] + f[at + 1]) / 2
        got = answer.array("resonances", length, count, shape=(count,))
        if near(got, wanted, absolute=0.2):
            continue
        if near(got * 100, wanted, absolute=1.0) or near(
            got / 100, wanted, absolute=1.0
        ):
            raise Refused(
                "a hundred times off: the length is in centimetres, the speed in metres a second"
            )
        if near(got, wanted[0] * np.arange(1, count + 1), absolute=0.5):
            raise Refused(
                "1, 2, 3 quarter waves: with one end closed only odd numbers fit in, 1, 3, 5"
            )
        if near(got, 2 * wanted[0] * np.arange(1, count + 1), absolute=0.5):
            raise Refused(
                "that is a tube with both ends open, where half waves fit in: ours is closed at the glottis"
            )
        if near(got, wanted[0] * (2 * np.arange(count) + 3), absolute=0.5):
            raise Refused(
                "the lowest resonance is left out: n begins with 1, so that 2n - 1 begins with 1"
            )
        raise Refused(
            f"a tube of {length} cm has {', '.join(f'{w:.0f}' for w in wanted)} Hz; you say {', '.join(f'{g:.0f}' for g in got)}"
        )


WRONG = (
    (
        "def resonances(length_cm, count):\n    return [(2 * n - 1) * 350 / (4 * length_cm) for n in range(1, count + 1)]",
        "a hundred times off",
    ),
    (
        "def resonances(length_cm, count):\n    return [n * 35000 / (4 * length_cm) for n in range(1, count + 1)]",
        "only odd numbers",
    ),
    (
        "def resonances(length_cm, count):\n    return [n * 35000 / (2 * length_cm) for n in range(1, count + 1)]",
        "both ends open",
    ),
    (
        "def resonances(length_cm, count):\n    return [(2 * n + 1) * 35000 / (4 * length_cm) for n in range(1, count + 1)]",
        "lowest resonance is left out",
    ),
    (
        "def resonances(length_cm, count):\n    return [(2 * n - 1) * 35000 / (4 * length_cm) for n in range(1, count)]",
        "the shape",
    ),
)
