# SPDX-License-Identifier: Apache-2.0
"""Where a network looks.

Write `attend(queries, keys, values)`: the weights of attention and what is seen by them, as two arrays, by the chapter's first formula. `queries` has the shape (T, d), `keys` (J, d), `values`
(J, n); return the weights (T, J) and the contexts (T, n).
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def attend(queries, keys, values):
    ...
"""

HINTS = (
    "All products of queries and keys are one matrix product, queries @ keys.T, of the shape (T, J). Divide by the root of d.",
    "The weights of each frame sum to one over the phones: divide each row by its sum, sum(axis=1, keepdims=True).",
    "a = np.exp(queries @ keys.T / np.sqrt(queries.shape[1])); a = a / a.sum(axis=1, keepdims=True); return a, a @ values",
)


def _right(
    queries: np.ndarray, keys: np.ndarray, scale: float, axis: int
) -> np.ndarray:
    logits = queries @ keys.T / scale
    out = np.exp(logits - logits.max(axis=axis, keepdims=True))
    found: np.ndarray = out / out.sum(axis=axis, keepdims=True)
    return found


def check(answer: Answer, rng: np.random.Generator) -> None:
    for frames, phones, wide in ((9, 4, 16), (5, 7, 6)):
        queries, keys = (
            rng.standard_normal((frames, wide)),
            rng.standard_normal((phones, wide)),
        )
        values = rng.standard_normal((phones, 3))
        wanted = _right(queries, keys, np.sqrt(wide), 1)
        result = answer.call("attend", queries.copy(), keys.copy(), values.copy())
        if not isinstance(result, tuple) or len(result) != 2:
            raise Refused("return two arrays: the weights and what is seen by them")
        weights, seen = (np.asarray(part, np.float64) for part in result)
        if weights.shape != wanted.shape:
            raise Refused(
                f"the weights have the shape {weights.shape}; it should be {wanted.shape}, frames by phones"
            )
        if near(weights, _right(queries, keys, np.sqrt(wide), 0)):
            raise Refused(
                "here the weights of each *phone* sum to one over the frames: a frame has to share its look among the phones"
            )
        if near(weights, _right(queries, keys, 1.0, 1)):
            raise Refused(
                "the root of d is missing: with many numbers products get large, and attention hard too early"
            )
        if near(weights, queries @ keys.T / np.sqrt(wide)):
            raise Refused(
                "products are no weights yet: they may be negative, and do not sum to one"
            )
        if near(weights, _right(queries, keys, wide, 1)):
            raise Refused("divide by the root of d, not by d")
        if not near(weights, wanted):
            raise Refused(
                f"the first frame's weights should begin with {wanted[0, 0]:.4f}; yours with {weights[0, 0]:.4f}"
            )
        if seen.shape != (frames, 3) or not near(seen, wanted @ values):
            raise Refused(
                "the weights are right, but what is seen is not the mean of the values by them"
            )


WRONG = (
    (
        "import numpy as np\ndef attend(queries, keys, values):\n    a = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))\n    a = a / a.sum(axis=0, keepdims=True)\n    return a, a @ values",
        "share its look among the phones",
    ),
    (
        "import numpy as np\ndef attend(queries, keys, values):\n    a = np.exp(queries @ keys.T)\n    a = a / a.sum(axis=1, keepdims=True)\n    return a, a @ values",
        "root of d is missing",
    ),
    (
        "import numpy as np\ndef attend(queries, keys, values):\n    a = queries @ keys.T / np.sqrt(queries.shape[1])\n    return a, a @ values",
        "no weights yet",
    ),
    (
        "import numpy as np\ndef attend(queries, keys, values):\n    a = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))\n    a = a / a.sum(axis=1, keepdims=True)\n    return a, values[a.argmax(axis=1)]",
        "not the mean of the values",
    ),
)
