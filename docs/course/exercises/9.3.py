# SPDX-License-Identifier: Apache-2.0
"""A voice in one equation.

Write `train(a, y, penalty)`: the weights of a guess `a @ w` of `y` that has the least squared error plus `penalty` times the sum of the squared weights. `a` has the shape (T, N), a row for each frame; `y` has the
shape (T, M); the answer has the shape (N, M). There is no constant: whoever wants one gives `a` a column of ones.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
import numpy as np


def train(a, y, penalty):
    ...
"""

HINTS = (
    "The chapter has the equation: a matrix times w is another matrix. numpy solves it without an inverse.",
    "The matrix is a.T @ a with the penalty added on its diagonal: penalty * np.eye(N). What stands on the other side?",
    "np.linalg.solve(a.T @ a + penalty * np.eye(a.shape[1]), a.T @ y)",
)


def _loss(a: np.ndarray, y: np.ndarray, w: np.ndarray, penalty: float) -> float:
    return float(((y - a @ w) ** 2).sum() + penalty * (w**2).sum())


def check(answer: Answer, rng: np.random.Generator) -> None:
    for frames, inputs, outputs in ((60, 5, 3), (8, 12, 2)):
        a = rng.normal(size=(frames, inputs))
        y = a @ rng.normal(size=(inputs, outputs)) + rng.normal(
            size=(frames, outputs)
        )
        penalty = float(rng.uniform(2, 6))
        # The same by longer columns: a penalty is an observation that every weight is 0.
        tall = np.vstack([a, np.sqrt(penalty) * np.eye(inputs)])
        wanted = np.linalg.lstsq(
            tall, np.vstack([y, np.zeros((inputs, outputs))]), rcond=None
        )[0]
        got = answer.array(
            "train", a.copy(), y.copy(), penalty, shape=(inputs, outputs)
        )
        if near(got, wanted, absolute=1e-6):
            continue
        if near(got, np.linalg.lstsq(a, y, rcond=None)[0], absolute=1e-6):
            raise Refused(
                "the penalty is not there: with fewer frames than numbers the weights grow without need"
            )
        if near(got, np.linalg.solve(a.T @ a + penalty, a.T @ y), absolute=1e-6):
            raise Refused(
                "the penalty was added to the whole matrix: it belongs on the diagonal, np.eye"
            )
        squared = a.T @ a + penalty**2 * np.eye(inputs)
        if near(got, np.linalg.solve(squared, a.T @ y), absolute=1e-6):
            raise Refused("the penalty is squared, and should not be")
        if near(got, a.T @ y, absolute=1e-6):
            raise Refused("that is the right side of the equation: solve it")
        raise Refused(
            f"the error and the penalty of your weights make {_loss(a, y, got, penalty):.3f}; there are weights with {_loss(a, y, wanted, penalty):.3f}"
        )


WRONG = (
    (
        "import numpy as np\ndef train(a, y, penalty):\n    return np.linalg.lstsq(a, y, rcond=None)[0]",
        "the penalty is not there",
    ),
    (
        "import numpy as np\ndef train(a, y, penalty):\n    return np.linalg.solve(a.T @ a + penalty, a.T @ y)",
        "on the diagonal",
    ),
    (
        "def train(a, y, penalty):\n    return a.T @ y",
        "solve it",
    ),
)
