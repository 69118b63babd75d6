# SPDX-License-Identifier: Apache-2.0
"""A coupling, undone.

Write `undo(y, s, t)`: what went into the chapter's affine coupling, and the logarithm of the determinant on the way back. `y` has 2n numbers, the unchanged half first; `s` and `t`
are functions that give n numbers for n. Return x (2n numbers) and one number.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def undo(y, s, t):
    ...
"""

HINTS = (
    "The first half of y is the first half of x. So you can ask it for s and t, just as it was asked on the way there.",
    "Solve y_b = x_b * exp(s) + t for x_b. On the way there volumes grow by exp(sum of s); on the way back?",
    "n = len(y) // 2; a = y[:n]; b = (y[n:] - t(a)) * np.exp(-s(a)); return np.concatenate([a, b]), -np.sum(s(a))",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for n in (3, 5):
        m, k = rng.standard_normal((2, n, n))

        def s(half: np.ndarray, m: np.ndarray = m) -> np.ndarray:
            return np.tanh(m @ half)

        def t(half: np.ndarray, k: np.ndarray = k) -> np.ndarray:
            return np.sin(k @ half)

        x = rng.standard_normal(2 * n)
        a, b = x[:n], x[n:]
        y = np.concatenate([a, b * np.exp(s(a)) + t(a)])
        result = answer.call("undo", y.copy(), s, t)
        if not isinstance(result, tuple) or len(result) != 2:
            raise Refused(
                "return two things: x, and the logarithm of the determinant"
            )
        got, log = np.asarray(result[0], np.float64), float(result[1])
        if got.shape != x.shape:
            raise Refused(f"x has {2 * n} numbers; yours has the shape {got.shape}")
        if near(got[n:], y[n:] * np.exp(-s(a)) - t(a)):
            raise Refused(
                "in the wrong order: what was added last is taken away first"
            )
        other = y[n:]
        if near(got[n:], (y[n:] - t(other)) * np.exp(-s(other))):
            raise Refused(
                "s and t are asked about the half that was changed; ask the one that was not"
            )
        if near(got[n:], b * np.exp(2 * s(a))) or near(
            got[n:], y[n:] * np.exp(s(a)) + t(a)
        ):
            raise Refused("that is the way there once more")
        if not near(got, x):
            raise Refused(
                "forth and back is not where it began: x_b = (y_b - t) * exp(-s), and x_a = y_a"
            )
        wanted = -float(np.sum(s(a)))
        if near(log, -wanted):
            raise Refused(
                "this is the logarithm for the way there; on the way back, volumes shrink by as much as they grew"
            )
        if not near(log, wanted):
            raise Refused(
                f"the logarithm of the determinant is {wanted:.4f}; you say {log:.4f}"
            )


WRONG = (
    (
        "import numpy as np\ndef undo(y, s, t):\n    n = len(y) // 2\n    a = y[:n]\n    return np.concatenate([a, y[n:] * np.exp(-s(a)) - t(a)]), -np.sum(s(a))",
        "wrong order",
    ),
    (
        "import numpy as np\ndef undo(y, s, t):\n    n = len(y) // 2\n    a = y[:n]\n    return np.concatenate([a, (y[n:] - t(a)) * np.exp(-s(a))]), np.sum(s(a))",
        "volumes shrink",
    ),
    (
        "import numpy as np\ndef undo(y, s, t):\n    n = len(y) // 2\n    a, b = y[:n], y[n:]\n    return np.concatenate([a, (b - t(b)) * np.exp(-s(b))]), -np.sum(s(b))",
        "half that was changed",
    ),
    (
        "import numpy as np\ndef undo(y, s, t):\n    n = len(y) // 2\n    a = y[:n]\n    return np.concatenate([a, y[n:] * np.exp(s(a)) + t(a)]), -np.sum(s(a))",
        "the way there once more",
    ),
)
