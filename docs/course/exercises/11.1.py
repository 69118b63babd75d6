# SPDX-License-Identifier: Apache-2.0
"""How far a network sees.

Write `field(dilations, width)`: the receptive field, in samples, of causal convolutions laid over each other. `dilations` has one number a layer; each layer
sees `width` of its inputs, the present one among them, with so many places from one to the next.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
def field(dilations, width):
    ...
"""

HINTS = (
    "One layer of width 3 and dilation 4 sees the samples 0, 4 and 8 places back: its field reaches from 0 to 8. How many samples are that?",
    "Reaches add up: the next layer sees things that have themselves seen further back. A layer adds (width - 1) * dilation.",
    "1 + sum((width - 1) * d for d in dilations)",
)


def check(answer: Answer, rng: np.random.Generator) -> None:
    cases = [([2**k for k in range(10)] * 2, 2), ([1, 2, 4, 8], 3)]
    cases.append((rng.integers(1, 40, 6).tolist(), int(rng.integers(3, 6))))
    for dilations, width in cases:
        total = sum(dilations)
        wanted = 1 + (width - 1) * total
        got = answer.number("field", list(dilations), width)
        if near(got, wanted):
            continue
        if near(got, wanted - 1):
            raise Refused(
                "this is how far back it sees; the present sample is seen as well"
            )
        if near(got, 1 + width * total) or near(got, width * total):
            raise Refused(
                f"a layer {width} wide has {width - 1} steps between its inputs, not {width}"
            )
        if near(got, 1 + (width - 1) * max(dilations)):
            raise Refused(
                "only the farthest layer counts here: reaches of layers add up"
            )
        if near(got, float(np.prod(dilations))) or near(
            got, float(width) ** len(dilations)
        ):
            raise Refused(
                "a product: reaches add up. (With dilations that double, both come to nearly the same, but not with others.)"
            )
        if near(got, 1 + total):
            raise Refused("right for layers that see two inputs; look at `width`")
        raise Refused(
            f"dilations {dilations}, width {width}: {wanted} samples; you say {got:g}"
        )


WRONG = (
    (
        "def field(dilations, width):\n    return (width - 1) * sum(dilations)",
        "present sample",
    ),
    (
        "def field(dilations, width):\n    return 1 + width * sum(dilations)",
        "steps between its inputs",
    ),
    (
        "def field(dilations, width):\n    return 1 + (width - 1) * max(dilations)",
        "add up",
    ),
    (
        "def field(dilations, width):\n    return width ** len(dilations)",
        "a product",
    ),
    (
        "def field(dilations, width):\n    return 1 + sum(dilations)",
        "look at `width`",
    ),
)
