# SPDX-License-Identifier: Apache-2.0
"""Forward.

Write `likelihood(p, stay)`: the probability of all frames together, over all ways through a left-to-right model. `p` is an array (T, Q) of how likely each frame is in each phone;
the way begins in the first phone and ends in the last, stays with probability `stay` and goes on to the next with `1 - stay`. (T is small: no scaling is needed.)
"""

from __future__ import annotations

import itertools

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def likelihood(p, stay):
    ...
"""

HINTS = (
    "α of the first frame is p[0, 0] in the first phone and 0 in all others.",
    "For each further frame: new = α * stay; new[1:] += α[:-1] * (1 - stay); new *= p[t].",
    "The way has to end in the last phone: return α[-1], not α.sum().",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for frames, phones in ((5, 3), (6, 2), (7, 4)):
        p, stay = (
            rng.uniform(0.1, 1, (frames, phones)),
            float(rng.uniform(0.3, 0.8)),
        )
        wanted = anywhere = best = free = 0.0
        # All ways, one by one.
        for way in itertools.product((0, 1), repeat=frames - 1):
            at = np.concatenate([[0], np.cumsum(way)])
            if at[-1] >= phones:
                continue
            moves = np.prod([1 - stay if go else stay for go in way])
            total = np.prod(p[np.arange(frames), at])
            anywhere += moves * total
            if at[-1] == phones - 1:
                wanted += moves * total
                free += total
                best = max(best, moves * total)
        got = answer.number("likelihood", p.copy(), stay)
        if near(got, wanted, absolute=1e-15):
            continue
        if near(got, anywhere, absolute=1e-15):
            raise Refused(
                "ways that end in an earlier phone are counted too: all phones were said, so the last frame is in the last phone"
            )
        if near(got, best, absolute=1e-15):
            raise Refused(
                "that is the likeliest way alone (Viterbi): add over all ways"
            )
        if near(got, free, absolute=1e-15):
            raise Refused("the probabilities to stay and to go on are missing")
        if near(got, np.log(wanted)):
            raise Refused("a logarithm: asked for is the probability itself")
        raise Refused(
            f"for {frames} frames and {phones} phones it is {wanted:.6g}, and you say {got:.6g}"
        )


_HEAD = "import numpy as np\ndef likelihood(p, stay):\n    a = np.zeros(p.shape[1])\n    a[0] = p[0, 0]\n    for row in p[1:]:\n"
WRONG = (
    (
        _HEAD
        + "        new = a * stay\n        new[1:] += a[:-1] * (1 - stay)\n        a = new * row\n    return a.sum()",
        "the last frame is in the last phone",
    ),
    (
        _HEAD
        + "        new = a * stay\n        new[1:] = np.maximum(new[1:], a[:-1] * (1 - stay))\n        a = new * row\n    return a[-1]",
        "over all ways",
    ),
    (
        _HEAD
        + "        new = a.copy()\n        new[1:] += a[:-1]\n        a = new * row\n    return a[-1]",
        "to stay and to go on are missing",
    ),
    (
        _HEAD
        + "        new = a * stay\n        new[1:] += a[:-1] * (1 - stay)\n        a = new * row\n    return np.log(a[-1])",
        "a logarithm",
    ),
)
