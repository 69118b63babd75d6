# SPDX-License-Identifier: Apache-2.0
"""How far apart two frames are.

Write `distance(a, b)`: the mel-cepstral distortion of two frames in dB, $\\frac{10}{\\ln 10} \\sqrt{2 \\sum_{m=1}^{M} (a_m - b_m)^2}$, where `a` and `b`
are mel-cepstra $c_0 \\dots c_M$. The first number is the level, and is left out.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def distance(a, b):
    ...
"""

HINTS = (
    "The sum begins with m = 1: which index of the arrays is that?",
    "The factor 2 stands under the root, 10 / ln 10 before it: np.log is ln.",
    "10 / np.log(10) * np.sqrt(2 * np.sum((a[1:] - b[1:]) ** 2))",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for order in (24, 39):
        a, b = rng.normal(size=order + 1), rng.normal(size=order + 1)
        steps = a - b
        wanted = 10 / np.log(10) * np.sqrt(2 * np.sum(steps[1:] ** 2))
        got = answer.number("distance", a, b)
        if near(got, wanted):
            continue
        if near(got, 10 / np.log(10) * np.sqrt(2 * np.sum(steps**2))):
            raise Refused(
                "the level is still in it: leave c_0 out, or the louder of two equal voices is another one"
            )
        if near(got, wanted / np.sqrt(2)):
            raise Refused("the 2 under the root is missing")
        if near(got, wanted * np.sqrt(2)):
            raise Refused("the 2 stands under the root, not before it")
        if near(got, wanted * np.log(10)):
            raise Refused(
                "10 / ln 10 is about 4.34: np.log10(10) is 1, and ln is np.log"
            )
        if near(got, 10 / np.log(10) * np.sqrt(2 * np.mean(steps[1:] ** 2))):
            raise Refused("a mean over coefficients where the formula has a sum")
        if near(got, 10 / np.log(10) * np.sqrt(2 * np.sum(steps[1:-1] ** 2))):
            raise Refused("the last coefficient is missing: m goes to M")
        raise Refused(
            f"for random cepstra of order {order} you say {got:.3f} dB, and it is {wanted:.3f} dB"
        )


WRONG = (
    (
        "import numpy as np\ndef distance(a, b):\n    return 10 / np.log(10) * np.sqrt(2 * np.sum((a - b) ** 2))",
        "leave c_0 out",
    ),
    (
        "import numpy as np\ndef distance(a, b):\n    return 10 / np.log(10) * np.sqrt(np.sum((a[1:] - b[1:]) ** 2))",
        "2 under the root is missing",
    ),
    (
        "import numpy as np\ndef distance(a, b):\n    return 10 / np.log10(10) * np.sqrt(2 * np.sum((a[1:] - b[1:]) ** 2))",
        "ln is np.log",
    ),
    (
        "import numpy as np\ndef distance(a, b):\n    return 10 / np.log(10) * np.sqrt(2 * np.mean((a[1:] - b[1:]) ** 2))",
        "the formula has a sum",
    ),
)
