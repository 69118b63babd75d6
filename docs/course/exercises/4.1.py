# SPDX-License-Identifier: Apache-2.0
"""Count the octave errors.

Write `octave_errors(f0, truth)`: of the frames that both arrays call voiced (0 is unvoiced), the share, from 0 to 1, where `f0` is more than
half an octave above or below `truth`. An octave up is twice the frequency, an octave down is half of it.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def octave_errors(f0, truth):
    ...
"""

HINTS = (
    "First choose the frames: (f0 > 0) & (truth > 0). Only those are counted, above and below the line.",
    "Octaves are a logarithm to base 2 of a ratio: np.log2(f0 / truth) is 1 for an octave up and -1 for one down.",
    "both = (f0 > 0) & (truth > 0); return np.mean(np.abs(np.log2(f0[both] / truth[both])) > 0.5)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for _ in range(3):
        truth = rng.uniform(80, 200, 400)
        # From a bit less than a third to a bit more than three times: what lies between tells rules apart.
        ratio = 2.0 ** np.concatenate(
            [rng.normal(0, 0.02, 200), rng.uniform(-1.6, 1.6, 200)]
        )
        f0 = truth * rng.permutation(ratio)
        f0[rng.random(400) < 0.2] = 0
        truth[rng.random(400) < 0.2] = 0
        both = [k for k in range(400) if f0[k] > 0 and truth[k] > 0]
        high = sum(f0[k] > truth[k] * 2**0.5 for k in both)
        low = sum(f0[k] < truth[k] / 2**0.5 for k in both)
        wanted = (high + low) / len(both)
        try:
            got = answer.number("octave_errors", f0.copy(), truth.copy())
        except Refused as refused:
            if "divided by zero" in str(refused):
                raise Refused(
                    "unvoiced frames are 0: leave them out before you divide or take a logarithm"
                ) from None
            raise
        if near(got, wanted, absolute=1e-9):
            continue
        if near(got, high / len(both)):
            raise Refused(
                "only those that are too high: half an octave down is as far, log2 of the ratio is below -0.5"
            )
        if near(got, (high + low) / 400):
            raise Refused(
                "a share of all frames: only those that both call voiced are counted"
            )
        if near(got, high + low):
            raise Refused("a number of frames: divide by how many both call voiced")
        if near(got, 100 * wanted):
            raise Refused("in percent, and asked for from 0 to 1")
        if near(got, np.mean([abs(f0[k] / truth[k] - 1) > 0.5 for k in both])):
            raise Refused(
                "half as much again is not half an octave: ratios count, so take log2(f0 / truth)"
            )
        if got > wanted and near(
            got,
            np.mean(
                [
                    abs(np.log2(max(f0[k], 1e-9) / max(truth[k], 1e-9))) > 0.5
                    for k in range(400)
                ]
            ),
            relative=0.3,
        ):
            raise Refused(
                "unvoiced frames are 0: leave them out before you divide or take a logarithm"
            )
        raise Refused(f"it is {wanted:.3f} here, and you say {got:.3f}")


WRONG = (
    (
        "import numpy as np\ndef octave_errors(f0, truth):\n    b = (f0 > 0) & (truth > 0)\n    return np.mean(np.log2(f0[b] / truth[b]) > 0.5)",
        "only those that are too high",
    ),
    (
        "import numpy as np\ndef octave_errors(f0, truth):\n    b = (f0 > 0) & (truth > 0)\n    return np.sum(np.abs(np.log2(f0[b] / truth[b])) > 0.5) / len(f0)",
        "a share of all frames",
    ),
    (
        "import numpy as np\ndef octave_errors(f0, truth):\n    b = (f0 > 0) & (truth > 0)\n    return np.mean(np.abs(f0[b] / truth[b] - 1) > 0.5)",
        "take log2",
    ),
    (
        "import numpy as np\ndef octave_errors(f0, truth):\n    return np.mean(np.abs(np.log2((f0 + 1e-9) / (truth + 1e-9))) > 0.5)",
        "unvoiced frames are 0",
    ),
)
