# SPDX-License-Identifier: Apache-2.0
"""From posteriors to boundaries.

Write `boundaries(posterior, hop)`: the mean beginning, in seconds, of each phone but the first, from posteriors (T, Q) of frames `hop` seconds apart. A phone begins, on the mean, after as many frames
as were expected in all phones before it.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def boundaries(posterior, hop):
    ...
"""

HINTS = (
    "The expected number of frames in a phone is the sum of its posteriors over time.",
    "The second phone begins after the frames of the first, the third after those of the first and second: a cumulative sum.",
    "posterior.sum(axis=0).cumsum()[:-1] * hop",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for frames, phones, hop in ((60, 3, 0.005), (90, 5, 0.01)):
        edges = np.sort(
            rng.choice(np.arange(8, frames - 8), phones - 1, replace=False)
        )
        t = np.arange(frames)[:, None]
        reached = 1 / (
            1 + np.exp(-(t - edges + 0.5) / rng.uniform(0.5, 3, phones - 1))
        )
        reached = np.minimum.accumulate(reached, axis=1)
        posterior = np.concatenate(
            [np.ones((frames, 1)), reached], 1
        ) - np.concatenate([reached, np.zeros((frames, 1))], 1)
        # The mean of each boundary: how many frames lie before the phone is reached.
        wanted = (1 - reached).sum(0) * hop
        got = answer.array("boundaries", posterior.copy(), hop)
        if got.shape == (phones,):
            raise Refused(
                f"{phones} phones have {phones - 1} boundaries between them: the end of the last one is none"
            )
        if got.shape != (phones - 1,):
            raise Refused(
                f"{phones - 1} numbers are wanted, one for each phone but the first; the shape is {got.shape}"
            )
        if near(got, wanted, absolute=1e-9):
            continue
        if near(got, wanted / hop, absolute=1e-6):
            raise Refused("that is in frames: times the hop, for seconds")
        if near(got, posterior.sum(0)[:-1] * hop, absolute=1e-9):
            raise Refused(
                "those are durations: a phone begins after all phones before it, so add them up (cumsum)"
            )
        most = posterior.argmax(1)
        if near(
            got,
            [np.argmax(most >= q) * hop for q in range(1, phones)],
            absolute=2 * hop,
        ):
            raise Refused(
                "where another phone becomes likeliest: that is tied to the grid of frames, and the mean is not"
            )
        raise Refused(
            f"the first boundary lies at {wanted[0]:.4f} s; you say {got[0]:.4f} s"
        )


WRONG = (
    (
        "def boundaries(p, hop):\n    return p.sum(axis=0).cumsum() * hop",
        "the end of the last one is none",
    ),
    (
        "def boundaries(p, hop):\n    return p.sum(axis=0)[:-1] * hop",
        "those are durations",
    ),
    (
        "def boundaries(p, hop):\n    return p.sum(axis=0).cumsum()[:-1]",
        "that is in frames",
    ),
)
