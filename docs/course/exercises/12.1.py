# SPDX-License-Identifier: Apache-2.0
"""Warp.

Write `warped(distances)`: the least sum of distances of a way from the first pair of frames to the last, both included, through a matrix (N, M). A step goes on by one frame in the
one, in the other, or in both.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def warped(distances):
    ...
"""

HINTS = (
    "Fill a table D of the same shape, row by row. D[0, 0] is distances[0, 0].",
    "Each other cell: its own distance plus the least of its three neighbours above and to the left; outside the table is infinite.",
    "D = np.full((N + 1, M + 1), np.inf); D[0, 0] = 0; D[i + 1, j + 1] = distances[i, j] + min(D[i, j], D[i, j + 1], D[i + 1, j]); return D[-1, -1]",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    from synthkit.eval.dtw import path_of_costs

    for n, m in ((6, 6), (9, 5), (4, 11)):
        d = rng.uniform(0, 1, (n, m))
        i, j = path_of_costs(d)
        wanted = d[i, j].sum()
        got = answer.number("warped", d.copy())
        if near(got, wanted):
            continue
        k = np.arange(min(n, m))
        if near(got, d[k, k].sum()):
            raise Refused(
                "that is the diagonal, frame by frame: nothing is warped, and the ends do not meet when one is longer"
            )
        if near(got, wanted / len(i)):
            raise Refused("that is the mean along the way; asked for is the sum")
        if near(got, wanted - d[0, 0]):
            raise Refused(
                "the first pair of frames is missing: D of the first cell is its own distance"
            )
        total = np.full((n + 1, m + 1), np.inf)
        total[0, 0] = 0
        for x in range(n):
            for y in range(m):
                total[x + 1, y + 1] = d[x, y] + min(
                    total[x, y + 1], total[x + 1, y], np.inf if x or y else 0
                )
        if near(got, total[-1, -1]):
            raise Refused("the step that goes on in both is missing")
        if got < wanted and near(got, d.min(axis=int(n < m)).sum()):
            raise Refused(
                "the nearest frame for each, whatever the order: a way may not go back in time"
            )
        raise Refused(
            f"for a matrix of {n} by {m} it is {wanted:.4f}, and you say {got:.4f}"
        )


_HEAD = "import numpy as np\ndef warped(d):\n    n, m = d.shape\n    D = np.full((n + 1, m + 1), np.inf)\n    D[0, 0] = 0\n"
WRONG = (
    (
        "import numpy as np\ndef warped(d):\n    k = np.arange(min(d.shape))\n    return d[k, k].sum()",
        "nothing is warped",
    ),
    (
        _HEAD
        + "    for i in range(n):\n        for j in range(m):\n            D[i + 1, j + 1] = d[i, j] + min(D[i, j + 1], D[i + 1, j], 0 if i == j == 0 else np.inf)\n    return D[-1, -1]",
        "goes on in both is missing",
    ),
    (
        _HEAD
        + "    for i in range(n):\n        for j in range(m):\n            D[i + 1, j + 1] = d[i, j] + min(D[i, j], D[i, j + 1], D[i + 1, j])\n    return D[-1, -1] - d[0, 0]",
        "first pair of frames is missing",
    ),
    (
        "import numpy as np\ndef warped(d):\n    return d.min(axis=int(d.shape[0] < d.shape[1])).sum()",
        "may not go back in time",
    ),
)
