# SPDX-License-Identifier: Apache-2.0
"""YIN, first step.

Write `difference(x, longest)`: the numbers $d[0] \\dots d[\\text{longest}]$ of the chapter's difference function for a stretch `x` that begins at t = 0. The
window $W$ is as long as fits for every lag: `len(x) - longest` samples.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def difference(x, longest):
    ...
"""

HINTS = (
    "The window does not change with the lag: x[0 : W] against x[k : k + W].",
    "Lags go from 0 to `longest`, both of them: that makes longest + 1 numbers.",
    "W = len(x) - longest; [np.sum((x[:W] - x[k : k + W]) ** 2) for k in range(longest + 1)]",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for size, longest in ((300, 120), (200, 60)):
        x = rng.normal(size=size) * np.linspace(0.5, 2, size)
        window = size - longest
        wanted = np.zeros(longest + 1)
        for n in range(window):
            wanted += (x[n] - x[n : n + longest + 1]) ** 2
        got = answer.array("difference", x, longest)
        if got.shape == (longest,):
            raise Refused(
                f"{longest} numbers: lags go from 0 to {longest}, the last one too, which makes {longest + 1}"
            )
        if got.shape != (longest + 1,):
            raise Refused(
                f"it should have {longest + 1} numbers, for lags 0 to {longest}; its shape is {got.shape}"
            )
        if near(got, wanted):
            continue
        if near(got, wanted / window):
            raise Refused("a mean where the formula has a sum")
        if near(got, [x[:window] @ x[k : k + window] for k in range(longest + 1)]):
            raise Refused(
                "that is the autocorrelation, a sum of products: YIN takes squared differences"
            )
        if near(
            got, [np.sum((x[: size - k] - x[k:]) ** 2) for k in range(longest + 1)]
        ):
            raise Refused(
                "your window becomes shorter with the lag, so that long lags look better: it has W samples for every lag"
            )
        if near(
            got,
            [
                np.sum(np.abs(x[:window] - x[k : k + window]))
                for k in range(longest + 1)
            ],
        ):
            raise Refused("absolute differences where the formula has squares")
        raise Refused(
            f"d[0] should be 0 and d[1] {wanted[1]:.3f}; yours are {got[0]:.3f} and {got[1]:.3f}"
        )


WRONG = (
    (
        "import numpy as np\ndef difference(x, longest):\n    W = len(x) - longest\n    return [np.sum((x[:W] - x[k : k + W]) ** 2) for k in range(longest)]",
        "the last one too",
    ),
    (
        "import numpy as np\ndef difference(x, longest):\n    W = len(x) - longest\n    return [np.sum(x[:W] * x[k : k + W]) for k in range(longest + 1)]",
        "squared differences",
    ),
    (
        "import numpy as np\ndef difference(x, longest):\n    return [np.sum((x[: len(x) - k] - x[k:]) ** 2) for k in range(longest + 1)]",
        "becomes shorter with the lag",
    ),
    (
        "import numpy as np\ndef difference(x, longest):\n    W = len(x) - longest\n    return [np.mean((x[:W] - x[k : k + W]) ** 2) for k in range(longest + 1)]",
        "a mean where",
    ),
)
