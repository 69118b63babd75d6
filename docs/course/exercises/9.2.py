# SPDX-License-Identifier: Apache-2.0
"""Draw the curtain.

Write `sharpen(frames, natural, share)`: `frames` has the shape (T, M), a row of numbers for each frame; `natural` has the M variances over time that they have in recordings. Move the frames away from their mean over time, so that with
`share` 1 each number has its natural variance, with 0 nothing is changed, and in between the *factor* is in between, as in the chapter.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def sharpen(frames, natural, share):
    ...
"""

HINTS = (
    "What is done to a variance when all deviations are multiplied by g? So which g leads from the one variance to the other?",
    "g = np.sqrt(natural / frames.var(0)), and the factor is 1 + share * (g - 1). The mean is that over time: axis 0.",
    "mean + (1 + share * (g - 1)) * (frames - mean)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for share in (1.0, 0.0, 0.4):
        scale = rng.uniform(0.2, 0.5, 6)
        frames = rng.normal(size=(80, 6)) * scale + rng.normal(size=6) * 3
        natural = frames.var(0) * rng.uniform(1.5, 5, 6)
        mean, ratio = frames.mean(0), natural / frames.var(0)

        def moved(
            g: np.ndarray, frames: np.ndarray = frames, mean: np.ndarray = mean
        ) -> np.ndarray:
            return mean + (frames - mean) * g

        wanted = moved(1 + share * (np.sqrt(ratio) - 1))
        got = answer.array(
            "sharpen", frames.copy(), natural.copy(), share, shape=frames.shape
        )
        if near(got, wanted, absolute=1e-6):
            continue
        if near(got, moved(1 + share * (ratio - 1))):
            raise Refused(
                "a factor of g makes the variance g² times as large: take the root"
            )
        if near(got, frames * (1 + share * (np.sqrt(ratio) - 1))):
            raise Refused(
                "the mean is multiplied, too, and every sound changes its colour: only the distance from the mean may grow"
            )
        if near(got, moved(np.sqrt(ratio))):
            raise Refused("share is not used: at 0 nothing may change")
        if near(got, moved(share * np.sqrt(ratio))):
            raise Refused(
                "at a share of 0 all frames are the mean: the factor has to go from 1 to g, not from 0"
            )
        if near(got, wanted - mean):
            raise Refused("the mean was taken away and not given back")
        raise Refused(
            f"with a share of {share:g} the variances should be {np.round(wanted.var(0), 3).tolist()}; yours are {np.round(got.var(0), 3).tolist()}"
        )


WRONG = (
    (
        "import numpy as np\ndef sharpen(frames, natural, share):\n    m = frames.mean(0)\n    g = natural / frames.var(0)\n    return m + (1 + share * (g - 1)) * (frames - m)",
        "take the root",
    ),
    (
        "import numpy as np\ndef sharpen(frames, natural, share):\n    g = np.sqrt(natural / frames.var(0))\n    return (1 + share * (g - 1)) * frames",
        "the mean is multiplied",
    ),
    (
        "import numpy as np\ndef sharpen(frames, natural, share):\n    m = frames.mean(0)\n    g = np.sqrt(natural / frames.var(0))\n    return m + g * (frames - m)",
        "share is not used",
    ),
)
