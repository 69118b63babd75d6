# SPDX-License-Identifier: Apache-2.0
"""There and back on the µ-law scale.

Write `said(x)`: the samples `x` (from -1 to 1) as a WaveNet of 256 classes would say them: compress each by the chapter's formula with µ = 255, round
it to the nearest multiple of 1/128 (from -1 to 127/128, so that there are 256), and expand that again.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def said(x):
    ...
"""

HINTS = (
    "Three lines: y from x, the nearest class, x from y. For the last, solve the formula for |x|.",
    "|x| = ((1 + µ) ** |y| - 1) / µ, and the sign is that of y. np.round(y * 128) is the class, clipped to -128 … 127.",
    "y = np.clip(np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 128), -128, 127) / 128; "
    "return np.sign(y) * (256 ** np.abs(y) - 1) / 255",
)


def _right(x: np.ndarray, rounded: object = np.round) -> np.ndarray:
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    y = np.clip(rounded(y * 128), -128, 127) / 128  # type: ignore[operator]
    out: np.ndarray = np.sign(y) * (256 ** np.abs(y) - 1) / 255
    return out


def check(answer: Answer, rng: np.random.Generator) -> None:
    x = np.concatenate(
        [[0.0, 1.0, -1.0, 1e-4], rng.uniform(-1, 1, 400), rng.normal(0, 0.01, 400)]
    )
    wanted = _right(x)
    got = answer.array("said", x.copy(), shape=x.shape)
    if near(got, wanted, absolute=1e-6):
        return
    if near(got, x, absolute=1e-6):
        raise Refused(
            "exactly what went in: between compressing and expanding it has to be rounded to a class"
        )
    compressed = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    levels = np.clip(np.round(compressed * 128), -128, 127) / 128
    if (
        near(got, levels, absolute=1e-6)
        or near(got, levels * 128)
        or near(got, levels * 128 + 128)
    ):
        raise Refused(
            "these are the classes, on the µ-law scale: expand them again, so that they can be heard"
        )
    if near(got, np.clip(np.round(x * 128), -128, 127) / 128, absolute=1e-6):
        raise Refused(
            "an even scale: each step is as large near silence as where it is loud. Compress first"
        )
    if near(got, np.abs(wanted), absolute=1e-6):
        raise Refused(
            "where has the sign gone? A sound that has no negative samples is another one"
        )
    if near(got, _right(x, np.floor), absolute=1e-6) or near(
        got, _right(x, np.trunc), absolute=1e-6
    ):
        raise Refused(
            "cut off instead of rounded: that makes the noise four times as strong. Take the nearest class"
        )
    count = len(np.unique(np.round(got, 9)))
    if count > 256:
        raise Refused(f"there are {count} different values; 256 are allowed")
    k = int(np.argmax(np.abs(got - wanted)))
    raise Refused(
        f"a sample of {x[k]:.4f} is said as {wanted[k]:.4f}; you say {got[k]:.4f}"
    )


WRONG = (
    (
        "import numpy as np\ndef said(x):\n    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)\n    return np.sign(y) * (256 ** np.abs(y) - 1) / 255",
        "rounded to a class",
    ),
    (
        "import numpy as np\ndef said(x):\n    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)\n    return np.clip(np.round(y * 128), -128, 127) / 128",
        "expand them again",
    ),
    (
        "import numpy as np\ndef said(x):\n    return np.clip(np.round(x * 128), -128, 127) / 128",
        "an even scale",
    ),
    (
        "import numpy as np\ndef said(x):\n    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)\n    y = np.clip(np.floor(y * 128), -128, 127) / 128\n    return np.sign(y) * (256 ** np.abs(y) - 1) / 255",
        "nearest class",
    ),
    (
        "import numpy as np\ndef said(x):\n    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)\n    y = np.clip(np.round(y * 128), -128, 127) / 128\n    return (256 ** np.abs(y) - 1) / 255",
        "where has the sign gone",
    ),
)
