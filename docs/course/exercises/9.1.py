# SPDX-License-Identifier: Apache-2.0
"""The mean of durations.

A voice guesses the *logarithm* of a duration with the least squared error, and speaks for as long as the exponential of it says. Write `typical(seconds)`: the one duration, in seconds, that such a voice gives a
phone which lasted `seconds` (an array) in the recordings, if it knows nothing else about it.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def typical(seconds):
    ...
"""

HINTS = (
    "The number with the least squared error from many numbers is their mean. Of which numbers, here?",
    "Take logarithms, their mean, and go back. Back from a logarithm leads np.exp.",
    "np.exp(np.mean(np.log(seconds)))",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for count in (1, 5, 40):
        seconds = np.exp(rng.normal(-2.5, 0.6, count))
        wanted = float(np.prod(seconds ** (1 / count)))
        got = answer.number("typical", seconds.copy())
        if near(got, wanted):
            continue
        if near(got, np.log(wanted)):
            raise Refused(
                "that is a logarithm, and the question was for seconds: go back with the exponential"
            )
        if near(got, seconds.mean()):
            raise Refused(
                "the mean of the seconds: the error is that of the logarithms, and a long phone weighs less there"
            )
        if near(got, np.log(seconds.mean())):
            raise Refused(
                "the logarithm of the mean is not the mean of the logarithms"
            )
        if near(got, np.median(seconds)):
            raise Refused(
                "the median has the least *absolute* error: asked is the squared one"
            )
        raise Refused(
            f"{count} durations with the typical one {wanted:.4f} s: you say {got:.4f}"
        )


WRONG = (
    (
        "import numpy as np\ndef typical(seconds):\n    return np.mean(np.log(seconds))",
        "that is a logarithm",
    ),
    (
        "import numpy as np\ndef typical(seconds):\n    return np.mean(seconds) if len(seconds) > 1 else seconds[0]",
        "the mean of the seconds",
    ),
    (
        "import numpy as np\ndef typical(seconds):\n    return np.median(seconds)",
        "the median",
    ),
)
