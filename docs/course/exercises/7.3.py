# SPDX-License-Identifier: Apache-2.0
"""The cheapest path.

Write `cheapest(target, join)`: the path whose cost is least, as T numbers of candidates, one a place. `target` has the shape (T, K) and `join` the shape
(T - 1, K, K), as in exercise 7.2. It will be asked for a hundred places: trying all paths would take longer than the world has been there.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
import numpy as np


def cheapest(target, join):
    ...
"""

HINTS = (
    "Go from place to place. Keep of each candidate what the cheapest way to it costs, and which candidate that way came from.",
    "With `best` of shape (K,), the ways from each i to each j cost ways = best[:, None] + join[t]; ways.argmin(0) are the arrows, ways.min(0) what "
    "they cost.",
    "At the end begin with best.argmin() and follow the arrows from the last to the first: path.append(arrow[path[-1]]). Then turn the path round.",
)


def _price(path: np.ndarray, target: np.ndarray, join: np.ndarray) -> float:
    steps = join[np.arange(len(path) - 1), path[:-1], path[1:]]
    return float(target[np.arange(len(path)), path].sum() + steps.sum())


def _forward(
    target: np.ndarray, join: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What the cheapest way to each candidate costs, and where it came from."""
    best, arrows = [target[0]], []
    for here, step in zip(target[1:], join, strict=True):
        ways = best[-1][:, None] + step
        arrows.append(ways.argmin(0))
        best.append(ways.min(0) + here)
    return best, arrows


def _right(target: np.ndarray, join: np.ndarray) -> np.ndarray:
    best, arrows = _forward(target, join)
    path = [int(best[-1].argmin())]
    for arrow in reversed(arrows):
        path.append(int(arrow[path[-1]]))
    return np.array(path[::-1])


def _greedy(target: np.ndarray, join: np.ndarray) -> np.ndarray:
    path = [int(target[0].argmin())]
    for here, step in zip(target[1:], join, strict=True):
        path.append(int((step[path[-1]] + here).argmin()))
    return np.array(path)


def check(answer: Answer, rng: np.random.Generator) -> None:
    for places in (100, 12, 2):
        target = rng.uniform(0, 4, (places, 6))
        join = rng.uniform(0, 8, (places - 1, 6, 6))
        wanted = _right(target, join)
        got = answer.array("cheapest", target.copy(), join.copy())
        if got.shape != (places,):
            raise Refused(
                f"a path of {places} places has {places} candidates; yours has the shape {got.shape}"
            )
        if not (np.isin(got, np.arange(6))).all():
            raise Refused(
                "a path is made of numbers of candidates, from 0 to K - 1: not of costs"
            )
        path = got.astype(int)
        if (path == wanted).all():
            continue
        if (path == wanted[::-1]).all():
            raise Refused(
                "the right path from its end to its beginning: arrows are followed backwards, so turn it round"
            )
        if (path == target.argmin(1)).all():
            raise Refused(
                "the best unit at each place, whatever the joins: that is what makes a voice sound cut"
            )
        if (path == _greedy(target, join)).all():
            raise Refused(
                "greedy: it takes the best next step each time, and cannot take back what turns out badly later"
            )
        best, _ = _forward(target, join)
        if (path == [int(b.argmin()) for b in best]).all():
            raise Refused(
                "the smallest number at each place: these candidates are the ends of different paths. Keep arrows, and follow them back"
            )
        raise Refused(
            f"your path of {places} places costs {_price(path, target, join):.3f}; there is one that costs {_price(wanted, target, join):.3f}"
        )


WRONG = (
    (
        "def cheapest(target, join):\n    return target.argmin(1)",
        "whatever the joins",
    ),
    (
        "def cheapest(target, join):\n    path = [target[0].argmin()]\n    for t in range(1, len(target)):\n        path.append((join[t - 1][path[-1]] + target[t]).argmin())\n    return path",
        "greedy",
    ),
    (
        "def cheapest(target, join):\n    best = target[0]\n    path = [best.argmin()]\n    for t in range(1, len(target)):\n        best = (best[:, None] + join[t - 1]).min(0) + target[t]\n        path.append(best.argmin())\n    return path",
        "ends of different paths",
    ),
    (
        "def cheapest(target, join):\n    best, arrows = target[0], []\n    for t in range(1, len(target)):\n        ways = best[:, None] + join[t - 1]\n        arrows.append(ways.argmin(0))\n        best = ways.min(0) + target[t]\n    path = [best.argmin()]\n    for arrow in reversed(arrows):\n        path.append(arrow[path[-1]])\n    return path",
        "turn it round",
    ),
)
