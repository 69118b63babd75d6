# SPDX-License-Identifier: Apache-2.0
"""Optimal coupling with a limit.

Of the left phone the frames 0 to i − 1 are kept, of the right one the frames j to the end. Write `couple(left, right, least)`: the pair (i, j) whose frames `left[i]` and `right[j]` are nearest (by the sum of squared
differences), of those pairs only that leave a phone of at least `least` frames. `left` has the shape (N, D), `right` the shape (M, D).
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
import numpy as np


def couple(left, right, least):
    ...
"""

HINTS = (
    "All distances at once: left[:, None] - right[None] has the shape (N, M, D). And how many frames does the pair (i, j) leave?",
    "It leaves i of the left phone and M - j of the right one. Make the distance of every pair that leaves too few infinite, and take the smallest.",
    "argmin counts through the whole table: np.unravel_index(distance.argmin(), distance.shape) makes a row and a column of it.",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for n, m in ((9, 12), (14, 8), (11, 11)):
        left, right = rng.normal(size=(n, 5)), rng.normal(size=(m, 5))
        right[m - 2] = left[1] + 0.01  # the nearest of all leaves three frames
        right[1] = left[n - 2] + 0.1  # the nearest that may be
        least = 8
        got = answer.array(
            "couple", left.copy(), right.copy(), least, shape=(2,)
        ).tolist()
        if got == [n - 2, 1]:
            continue
        squares = np.array([[((a - b) ** 2).sum() for b in right] for a in left])
        if got == [1, m - 2]:
            raise Refused(
                f"nearest of all, but it leaves three frames where at least {least} are asked: the limit is missing"
            )
        if got == [1, n - 2]:
            raise Refused(
                "the two are exchanged: first i, of the left phone, then j"
            )
        if got in ([1, m - 2][::-1], [n - 2, 1][::-1]):
            raise Refused(
                "the two are exchanged: first i, of the left phone, then j"
            )
        same = min(n, m)
        if got[0] == got[1] == int(np.diag(squares)[:same].argmin()):
            raise Refused(
                "only pairs with i = j were looked at: each frame of the one has to be held against each of the other"
            )
        least_all = np.where(
            np.add.outer(np.arange(n), m - np.arange(m)) >= least, squares, -np.inf
        )
        if got == list(np.unravel_index(least_all.argmax(), squares.shape)):
            raise Refused("the farthest pair: asked is the nearest")
        i, j = (int(g) for g in got)
        if not (0 <= i < n and 0 <= j < m):
            raise Refused(
                f"({i}, {j}) is no pair of frames of phones with {n} and {m}"
            )
        if i + m - j < least:
            raise Refused(
                f"({i}, {j}) leaves {i} + {m} − {j} = {i + m - j} frames: the limit of {least} is not kept"
            )
        raise Refused(
            f"({i}, {j}) has the distance {squares[i, j]:.3f}; there is a pair with {squares[n - 2, 1]:.3f} that leaves enough"
        )


WRONG = (
    (
        "import numpy as np\ndef couple(left, right, least):\n    d = ((left[:, None] - right[None]) ** 2).sum(-1)\n    return np.unravel_index(d.argmin(), d.shape)",
        "the limit is missing",
    ),
    (
        "import numpy as np\ndef couple(left, right, least):\n    d = ((left[:, None] - right[None]) ** 2).sum(-1)\n    for i in range(len(left)):\n        for j in range(len(right)):\n            if i + len(right) - j < least:\n                d[i, j] = np.inf\n    return np.unravel_index(d.argmin(), d.shape)[::-1]",
        "exchanged",
    ),
    (
        "import numpy as np\ndef couple(left, right, least):\n    k = min(len(left), len(right))\n    i = ((left[:k] - right[:k]) ** 2).sum(-1).argmin()\n    return i, i",
        "only pairs with i = j",
    ),
    (
        "import numpy as np\ndef couple(left, right, least):\n    d = ((left[:, None] - right[None]) ** 2).sum(-1)\n    for i in range(len(left)):\n        for j in range(len(right)):\n            if i + len(right) - j < least:\n                d[i, j] = -np.inf\n    return np.unravel_index(d.argmax(), d.shape)",
        "the farthest pair",
    ),
)
