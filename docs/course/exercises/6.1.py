# SPDX-License-Identifier: Apache-2.0
"""Choose what to read.

Write `choose(sentences, weight)`: which sentence to read first. `sentences` is a list of lists of phones, `weight` a dictionary of what each diphone (a pair of neighbouring
phones) is worth. Return the index of the sentence with the greatest worth per phone, where a diphone counts once however often it comes, and one that `weight` lacks is worth nothing.
"""

from __future__ import annotations

import numpy as np

from synthkit_course.exercise import Answer, Refused

SKELETON = """
def choose(sentences, weight):
    ...
"""

HINTS = (
    "Diphones of phones p: zip(p, p[1:]). A set counts each once.",
    "Divide the worth by the number of phones; then take the index of the largest.",
    "gains = [sum(weight.get(d, 0) for d in set(zip(p, p[1:]))) / len(p) for p in sentences]; return gains.index(max(gains))",
)


def _best(
    sentences: list[list[str]],
    weight: dict[tuple[str, str], int],
    once: bool,
    per: bool,
) -> int:
    gains = []
    for phones in sentences:
        pairs = list(zip(phones, phones[1:], strict=False))
        worth = sum(
            weight.get(d, 0) for d in (dict.fromkeys(pairs) if once else pairs)
        )
        gains.append(worth / (len(phones) if per else 1))
    return max(range(len(gains)), key=gains.__getitem__)


def check(answer: Answer, rng: np.random.Generator) -> None:
    tried = 0
    while tried < 8:
        letters = list("abcde")
        sentences = [
            [str(rng.choice(letters)) for _ in range(rng.integers(3, 14))]
            for _ in range(8)
        ]
        weight = {
            (x, y): int(rng.integers(1, 30))
            for x in letters
            for y in letters
            if rng.random() < 0.7
        }
        wanted = _best(sentences, weight, True, True)
        long, twice = (
            _best(sentences, weight, True, False),
            _best(sentences, weight, False, True),
        )
        if len({wanted, long, twice}) < 3:
            continue  # a case that tells nothing apart
        tried += 1
        got = answer.number("choose", [list(s) for s in sentences], dict(weight))
        if got == wanted:
            continue
        if got == _best(sentences, weight, True, False):
            raise Refused(
                "that is the sentence worth most in all, mostly the longest: divide by its number of phones"
            )
        if got == _best(sentences, weight, False, True):
            raise Refused(
                "a diphone that comes twice in a sentence is recorded once: count each once (a set)"
            )
        if got == _best(sentences, weight, False, False):
            raise Refused(
                "the longest wins here: divide by the number of phones, and count each diphone once"
            )
        if not 0 <= got < len(sentences):
            raise Refused(
                f"{got:g} is no index of {len(sentences)} sentences: return which one it is, from 0 on"
            )
        raise Refused(
            f"of {len(sentences)} sentences number {wanted} is worth most per phone; you choose {got:g}"
        )


WRONG = (
    (
        "def choose(s, w):\n    g = [sum(w.get(d, 0) for d in set(zip(p, p[1:]))) for p in s]\n    return g.index(max(g))",
        "divide by its number of phones",
    ),
    (
        "def choose(s, w):\n    g = [sum(w.get(d, 0) for d in zip(p, p[1:])) / len(p) for p in s]\n    return g.index(max(g))",
        "count each once",
    ),
    (
        "def choose(s, w):\n    return max(sum(w.get(d, 0) for d in set(zip(p, p[1:]))) / len(p) for p in s) + 100",
        "return which one it is",
    ),
)
