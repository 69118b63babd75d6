# SPDX-License-Identifier: Apache-2.0
"""How far the melody leaps.

Write `leap(before, after)`: the step of F0 at a join in semitones, of which an octave (twice the F0) has twelve. `before` and `after` are the F0 on both
sides in Hz, 0 where there is no voice. A leap up counts as one down does; without voice on both sides there is no step, so 0.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def leap(before, after):
    ...
"""

HINTS = (
    "Pitch is heard by ratios: from 100 to 200 Hz is as far as from 200 to 400 Hz. Which function makes a sum of a product?",
    "np.log2(after / before) counts octaves. Look first whether one of the two is 0.",
    "if before == 0 or after == 0: return 0.0; else return 12 * abs(np.log2(after / before))",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for k in range(6):
        before, after = rng.uniform(70, 150), rng.uniform(160, 300)
        if k % 2:
            before, after = after, before
        wanted = 12 * abs(np.log2(after / before))
        got = answer.number("leap", before, after)
        if near(got, wanted):
            continue
        if near(got, -wanted):
            raise Refused(
                "a leap down counts as one up does: take the absolute value"
            )
        if near(abs(got), abs(after - before)):
            raise Refused(
                "a difference in hertz: the same step is heard at twice the hertz when the voice is twice as high"
            )
        if near(abs(got), wanted / 12):
            raise Refused("these are octaves: each has twelve semitones")
        if near(abs(got), wanted * np.log(2)):
            raise Refused(
                "twelve natural logarithms: an octave is a factor of two, so the logarithm is to base 2"
            )
        raise Refused(
            f"from {before:.0f} to {after:.0f} Hz are {wanted:.2f} semitones; you say {got:.2f}"
        )
    for before, after in ((0.0, 120.0), (120.0, 0.0), (0.0, 0.0)):
        with np.errstate(divide="ignore", invalid="ignore"):
            got = answer.number("leap", before, after)
        if got != 0:
            raise Refused(
                f"from {before:.0f} to {after:.0f} Hz you say {got:.2f}: where one side has no voice, no melody can leap"
            )


WRONG = (
    (
        "def leap(before, after):\n    return abs(after - before)",
        "difference in hertz",
    ),
    (
        "import numpy as np\ndef leap(before, after):\n    return 12 * np.log2(after / before)",
        "absolute value",
    ),
    (
        "import numpy as np\ndef leap(before, after):\n    return abs(np.log2(after / before))",
        "octaves",
    ),
    (
        "import numpy as np\ndef leap(before, after):\n    return 12 * abs(np.log(after / before))",
        "base 2",
    ),
    (
        "import numpy as np\ndef leap(before, after):\n    return 12 * abs(np.log2(max(after, 1) / max(before, 1)))",
        "no melody can leap",
    ),
)
