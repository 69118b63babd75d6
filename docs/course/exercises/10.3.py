# SPDX-License-Identifier: Apache-2.0
"""How long each phone is.

Write `durations(fits)`: how many frames each phone gets on the best monotonic line. `fits` has the shape (T, J), with T at least J: `fits[t, j]` is how well frame t fits phone j, larger is better. The first frame belongs to
the first phone, the last to the last, and no phone is left out. Return J whole numbers that sum to T.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
import numpy as np


def durations(fits):
    ...
"""

HINTS = (
    "First Q as in the chapter, with minus infinity where no line can be: Q[0, j] for all j but 0.",
    "Go back from the last frame and the last phone: at t, the line came from j - 1 if Q[t - 1, j - 1] > Q[t - 1, j], else it stayed. At j = 0 it can only stay.",
    "Count while you go back: took = np.zeros(J, int); j = J - 1; for t in range(T - 1, -1, -1): took[j] += 1; if t and j and Q[t - 1, j - 1] > Q[t - 1, j]: j -= 1",
)


def _right(fits: np.ndarray, narrow: bool = True) -> np.ndarray:
    frames, phones = fits.shape
    best = np.full((frames, phones), -np.inf)
    best[0] = fits[0]
    if narrow:
        best[0, 1:] = -np.inf
    for t in range(1, frames):
        moved = np.concatenate([[-np.inf], best[t - 1, :-1]])
        best[t] = fits[t] + np.maximum(best[t - 1], moved)
    j = phones - 1
    took = np.zeros(phones, int)
    for t in range(frames - 1, -1, -1):
        took[j] += 1
        if t and j and best[t - 1, j - 1] > best[t - 1, j]:
            j -= 1
    return took


def check(answer: Answer, rng: np.random.Generator) -> None:
    for frames, phones in ((60, 9), (40, 12), (8, 8), (30, 3)):
        fits = rng.normal(size=(frames, phones))
        wanted = _right(fits)
        got = answer.array("durations", fits.copy())
        if got.shape != (phones,):
            raise Refused(
                f"{phones} phones have {phones} durations; yours have the shape {got.shape}"
            )
        if (got == wanted).all():
            continue
        if (got == np.bincount(fits.argmax(1), minlength=phones)).all():
            raise Refused(
                "each frame went to the phone that it fits best, wherever that is: that is no line"
            )
        if got.sum() != frames:
            raise Refused(
                f"there are {frames} frames, and yours are {got.sum():g}: each belongs to one phone"
            )
        if (got < 1).any():
            raise Refused(
                "a phone was left out: is Q minus infinity where no line can be, at the first frame for all phones but the first?"
            )
        if (got == wanted[::-1]).all():
            raise Refused(
                "from the last to the first: going back turns the order round"
            )
        if (got == _right(-fits)).all():
            raise Refused("the worst line of all: larger is better here")
        if (got == np.diff(np.arange(phones + 1) * frames // phones)).all():
            raise Refused("an even pace: look at what the frames say")
        raise Refused(
            "there is a better line: of the two places before, the one with the larger Q"
        )


WRONG = (
    (
        "import numpy as np\ndef durations(fits):\n    return np.bincount(fits.argmax(1), minlength=fits.shape[1])",
        "no line",
    ),
    (
        "import numpy as np\ndef durations(fits):\n    T, J = fits.shape\n    return np.diff(np.arange(J + 1) * T // J)",
        "even pace",
    ),
    (
        "import numpy as np\ndef durations(fits):\n    T, J = fits.shape\n    Q = np.full((T, J), np.inf)\n    Q[0, 0] = fits[0, 0]\n    for t in range(1, T):\n        Q[t] = fits[t] + np.minimum(Q[t - 1], np.r_[np.inf, Q[t - 1, :-1]])\n    took, j = np.zeros(J, int), J - 1\n    for t in range(T - 1, -1, -1):\n        took[j] += 1\n        if t and j and Q[t - 1, j - 1] < Q[t - 1, j]:\n            j -= 1\n    return took",
        "larger is better",
    ),
    (
        "import numpy as np\ndef durations(fits):\n    T, J = fits.shape\n    Q = np.full((T, J), -np.inf)\n    Q[0, 0] = fits[0, 0]\n    for t in range(1, T):\n        Q[t] = fits[t] + np.maximum(Q[t - 1], np.r_[-np.inf, Q[t - 1, :-1]])\n    took, j = [0], J - 1\n    for t in range(T - 1, -1, -1):\n        took[-1] += 1\n        if t and j and Q[t - 1, j - 1] > Q[t - 1, j]:\n            j -= 1\n            took.append(0)\n    return took",
        "turns the order round",
    ),
)
