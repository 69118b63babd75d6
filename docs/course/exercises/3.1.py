# SPDX-License-Identifier: Apache-2.0
"""Halfway for the ear.

Write `halfway(low, high)`: the frequency in Hz that lies in the middle between two frequencies on the chapter's mel scale.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def halfway(low, high):
    ...
"""

HINTS = (
    "The middle is the mean of the two values in mels; but what is asked for is a frequency.",
    "You need the scale and its inverse: m = 2595 log10(1 + f / 700), so f = 700 (10^(m / 2595) - 1).",
    "m = (mel(low) + mel(high)) / 2; return 700 * (10 ** (m / 2595) - 1)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    from synthkit.dsp.mel import hz_to_mel, mel_to_hz

    for _ in range(4):
        low, high = rng.uniform(80, 900), rng.uniform(2500, 8000)
        mels = (hz_to_mel(low, "htk") + hz_to_mel(high, "htk")) / 2
        wanted = float(mel_to_hz(mels, "htk"))
        got = answer.number("halfway", low, high)
        if near(got, wanted, relative=1e-4):
            continue
        if near(got, mels):
            raise Refused(
                "that is the middle in mels: turn it into a frequency again"
            )
        if near(got, (low + high) / 2):
            raise Refused(
                "that is the middle in hertz, as a ruler has it, not the ear"
            )
        if near(got, np.sqrt(low * high)):
            raise Refused(
                "that is the middle on a logarithmic scale: below 1,000 Hz the mel scale is nearly straight"
            )
        if near(got, 700 * (np.exp(mels / 2595) - 1)):
            raise Refused(
                "the way back has another base: the scale uses log10, so its inverse uses 10 ** …"
            )
        raise Refused(
            f"between {low:.0f} and {high:.0f} Hz lies {wanted:.1f} Hz; you say {got:.1f}"
        )


WRONG = (
    ("def halfway(low, high):\n    return (low + high) / 2", "middle in hertz"),
    (
        "def halfway(low, high):\n    return (low * high) ** 0.5",
        "logarithmic scale",
    ),
    (
        "import numpy as np\ndef halfway(low, high):\n    m = lambda f: 2595 * np.log10(1 + f / 700)\n    return (m(low) + m(high)) / 2",
        "the middle in mels",
    ),
    (
        "import numpy as np\ndef halfway(low, high):\n    m = lambda f: 2595 * np.log10(1 + f / 700)\n    return 700 * (np.exp((m(low) + m(high)) / 2 / 2595) - 1)",
        "another base",
    ),
)
