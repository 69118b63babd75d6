# SPDX-License-Identifier: Apache-2.0
"""A cross-fade.

Write `joined(a, b, fade)`: two pieces as one, the last `fade` samples of `a` laid on the first `fade` samples of `b`. There `a` is multiplied by a weight that
falls from 1 to 0 as half a cosine, and `b` by what is left to 1: of sample k of the fade, with k from 0 to `fade` − 1, `b` gets
(1 − cos(π (k + ½) / fade)) / 2.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def joined(a, b, fade):
    ...
"""

HINTS = (
    "How long is the result? The samples of the fade are in both pieces, and only once in the result.",
    "Three parts: a without its end, the mixture, b without its beginning. weight = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)",
    "np.concatenate([a[:-fade], (1 - weight) * a[-fade:] + weight * b[:fade], b[fade:]])",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for count, others, fade in ((50, 70, 16), (90, 40, 9), (33, 33, 32)):
        a, b = rng.normal(size=count), rng.normal(size=others)
        rise = (1 - np.cos(np.pi * (np.arange(fade) + 0.5) / fade)) / 2
        laid = np.zeros(count + others - fade)
        laid[:count] += a * np.append(np.ones(count - fade), 1 - rise)
        laid[count - fade :] += b * np.append(rise, np.ones(others - fade))
        got = answer.array("joined", a.copy(), b.copy(), fade)
        if got.shape == (count + others,):
            raise Refused(
                "as long as both together: the fade lies in both pieces, and has to be there once"
            )
        if got.shape != laid.shape:
            raise Refused(
                f"{count} and {others} samples with a fade of {fade} make {len(laid)}; yours have the shape {got.shape}"
            )
        if near(got, laid, absolute=1e-6):
            continue
        mixed = slice(count - fade, count)
        here, there = a[-fade:], b[:fade]
        if near(got[mixed], rise * here + (1 - rise) * there, absolute=1e-6):
            raise Refused(
                "it begins with the second piece and ends with the first: a has to fade out, b in"
            )
        if near(got[mixed], here + there, absolute=1e-6):
            raise Refused("added without weights: in the fade it is twice as loud")
        if near(got[mixed], (here + there) / 2, absolute=1e-6):
            raise Refused(
                "half of each all the time: at both ends of the fade it jumps; the weights have to change"
            )
        flat = (np.arange(fade) + 0.5) / fade
        ends = np.linspace(0, 1, fade)
        for ramp in (flat, ends):
            if near(got[mixed], (1 - ramp) * here + ramp * there, absolute=1e-6):
                raise Refused(
                    "a straight line: asked is half a cosine, which begins and ends without a corner"
                )
        raise Refused(
            f"in the fade your samples are off by {np.abs(got[mixed] - laid[mixed]).max():.3f}, outside by {np.abs(np.delete(got - laid, np.arange(count - fade, count))).max(initial=0):.3f}"
        )


WRONG = (
    (
        "import numpy as np\ndef joined(a, b, fade):\n    return np.concatenate([a, b])",
        "has to be there once",
    ),
    (
        "import numpy as np\ndef joined(a, b, fade):\n    return np.concatenate([a[:-fade], a[-fade:] + b[:fade], b[fade:]])",
        "twice as loud",
    ),
    (
        "import numpy as np\ndef joined(a, b, fade):\n    w = 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)\n    return np.concatenate([a[:-fade], (1 - w) * a[-fade:] + w * b[:fade], b[fade:]])",
        "a has to fade out",
    ),
    (
        "import numpy as np\ndef joined(a, b, fade):\n    w = np.linspace(0, 1, fade)\n    return np.concatenate([a[:-fade], (1 - w) * a[-fade:] + w * b[:fade], b[fade:]])",
        "a straight line",
    ),
)
