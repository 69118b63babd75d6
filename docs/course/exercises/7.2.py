# SPDX-License-Identifier: Apache-2.0
"""What a path costs.

Write `price(path, target, join)`: the cost of a path as the chapter's first formula has it. `path` has T numbers of candidates, one a place;
`target` has the shape (T, K): `target[t, k]` is the target cost of candidate k at place t; `join` has the shape (T - 1, K, K): `join[t, i, j]` is what
it costs that candidate j of place t + 1 comes after candidate i of place t.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused, near

SKELETON = """
def price(path, target, join):
    ...
"""

HINTS = (
    "Two sums: one over T places, one over the T - 1 steps between them.",
    "The join between place t and place t + 1 is join[t, path[t], path[t + 1]], for t from 0 to T - 2.",
    "sum(target[t, k] for t, k in enumerate(path)) + sum(join[t, path[t], path[t + 1]] for t in range(len(path) - 1))",
)


def parts(
    target: np.ndarray, join: np.ndarray, path: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """What the units of a path cost, its joins, and its joins read the wrong way round."""
    places = np.arange(len(path))
    steps, turned = (
        join[places[:-1], path[:-1], path[1:]],
        join[places[:-1], path[1:], path[:-1]],
    )
    return target[places, path].sum(), steps, turned


def drawn(
    rng: np.random.Generator, places: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs and a path of which no two of the answers below are near one another."""
    while True:
        target = rng.uniform(0, 5, (places, 6))
        join = rng.uniform(0, 20, (places - 1, 6, 6))
        path = rng.permutation(np.arange(places) % 6)
        units, steps, turned = parts(target, join, path)
        whole = units + steps.sum()
        answers = (
            whole,
            units,
            steps.sum(),
            units + turned.sum(),
            whole - steps[-1],
            whole - target[0, path[0]],
        )
        if np.diff(np.sort(answers)).min() > 0.5:
            return target, join, path


def check(answer: Answer, rng: np.random.Generator) -> None:
    for places in (5, 9):
        target, join, path = drawn(rng, places)
        units, steps, turned = parts(target, join, path)
        got = answer.number("price", path.tolist(), target.copy(), join.copy())
        if near(got, units + steps.sum()):
            continue
        if near(got, units):
            raise Refused(
                "only the units are paid: the joins between them are missing"
            )
        if near(got, steps.sum()):
            raise Refused("only the joins are paid: the target costs are missing")
        if near(got, units + turned.sum()):
            raise Refused(
                "the joins are read the wrong way round: join[t, i, j] has i before j"
            )
        if near(got, units + steps[:-1].sum()):
            raise Refused("the last join is missing: there are T - 1 of them")
        if near(got, units - target[0, path[0]] + steps.sum()):
            raise Refused(
                "the first unit's target cost is missing: nothing is joined there, but it is paid"
            )
        raise Refused(
            f"a random path of {places} units costs {units + steps.sum():.3f}; you say {got:.3f}"
        )


WRONG = (
    (
        "def price(path, target, join):\n    return sum(target[t, k] for t, k in enumerate(path))",
        "joins between them are missing",
    ),
    (
        "def price(path, target, join):\n    return sum(target[t, k] for t, k in enumerate(path)) + sum(join[t, path[t + 1], path[t]] for t in range(len(path) - 1))",
        "wrong way round",
    ),
    (
        "def price(path, target, join):\n    return sum(target[t, k] for t, k in enumerate(path)) + sum(join[t, path[t], path[t + 1]] for t in range(len(path) - 2))",
        "last join is missing",
    ),
    (
        "def price(path, target, join):\n    return sum(target[t, path[t]] + join[t - 1, path[t - 1], path[t]] for t in range(1, len(path)))",
        "first unit's target cost is missing",
    ),
)
