# SPDX-License-Identifier: Apache-2.0
"""How much louder.

Write `louder(a, b)`: by how many decibels the level of the samples `a` is above that of the samples `b`. Both are arrays of
numbers, and not of the same length.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def louder(a, b):
    ...
"""

HINTS = (
    "A level in dB is a logarithm, so a difference of levels is the logarithm of a ratio.",
    "The ratio is that of two RMS values; RMS is the root of the MEAN of the squares, so that lengths do not matter.",
    "20 * log10(rms(a) / rms(b)), with rms(x) = sqrt(mean(x ** 2)).",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for size, gain in ((700, 0.5), (400, 3.0), (1600, 0.05)):
        a, b = gain * rng.normal(size=size), rng.normal(size=900) + 0.2
        power = np.mean(a**2) / np.mean(b**2)
        wanted = 10 * np.log10(power)
        got = answer.number("louder", a, b)
        if near(got, wanted, absolute=1e-6):
            continue
        if near(got, -wanted, absolute=1e-6):
            raise Refused("the sign is wrong: positive where `a` is the louder one")
        if near(got, wanted / 2, absolute=1e-6):
            raise Refused(
                "half of what it should be: 10·log10 is for powers, 20·log10 for amplitudes such as RMS"
            )
        if near(got, wanted * 2, absolute=1e-6):
            raise Refused(
                "twice what it should be: 20·log10 is for amplitudes; of a power (a mean of squares) it is 10·log10"
            )
        if near(got, 10 * np.log10(np.sum(a**2) / np.sum(b**2)), absolute=1e-6):
            raise Refused(
                "the longer one counts as louder: take the mean of the squares, not their sum"
            )
        if near(got, wanted * np.log(10), relative=1e-4):
            raise Refused(
                "that is a natural logarithm: decibels take the one to base 10, np.log10"
            )
        raise Refused(
            f"for {size} and 900 random samples you say {got:.2f} dB, and it is {wanted:.2f} dB"
        )


WRONG = (
    (
        "import numpy as np\ndef louder(a, b):\n    return 10 * np.log10(np.sqrt(np.mean(a**2) / np.mean(b**2)))",
        "20·log10 for amplitudes",
    ),
    (
        "import numpy as np\ndef louder(a, b):\n    return 10 * np.log10(np.sum(a**2) / np.sum(b**2))",
        "take the mean",
    ),
    (
        "import numpy as np\ndef louder(a, b):\n    return 20 * np.log(np.sqrt(np.mean(a**2) / np.mean(b**2)))",
        "natural logarithm",
    ),
    (
        "import numpy as np\ndef louder(a, b):\n    return 10 * np.log10(np.mean(b**2) / np.mean(a**2))",
        "sign is wrong",
    ),
    ("import numpy as np\ndef louder(a, b):\n    ...", "returns nothing"),
)
