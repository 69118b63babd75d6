# SPDX-License-Identifier: Apache-2.0
"""Who hears what: balanced plans of listening tests, the same ones for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from synthkit.errors import ConfigError
from synthkit.eval.scales import SCALES

ATTENTION = {"mushra": 3, "mos": 3, "smos": 3, "cmos": 3, "ab": 5, "abx": 5}
"""Attention pages of a test: more where a random answer is right half of the time. One may go wrong, since
careful listeners slip too."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One page of a listener.

    Attributes
    ----------
    item : str
        The sentence.
    voices : tuple of str
        In the order of the page: one (mos, smos), A and B (cmos, ab, abx), or all (mushra).
    x : int or None
        Which of `voices` X is (abx).
    """

    item: str
    voices: tuple[str, ...]
    x: int | None = None


def plan(
    design: str,
    items: Sequence[str],
    voices: Sequence[str],
    listeners: int,
    *,
    seed: int,
    against: str | None = None,
    complete: bool = False,
    per_listener: int | None = None,
) -> list[list[Trial]]:
    """Trials of every listener, in the order in which they are heard.

    Parameters
    ----------
    design : str
        A name of `synthkit.eval.scales.SCALES`.
    items, voices : sequence of str
    listeners : int
    seed : int
    against : str, optional
        Compare every voice with this one only, instead of all with all (cmos, ab, abx).
    complete : bool
        Every listener hears every sentence by every voice (or pair), instead of by one.
    per_listener : int, optional
        Sentences that a listener hears; all when left out.

    Returns
    -------
    list of list of Trial
        By listener.

    Raises
    ------
    ConfigError
        There is no such design, or too little to compare.

    Notes
    -----
    Each time a sentence is heard it is by the next voice (a Latin square over listeners), so that over the
    listeners each sentence is heard by each voice equally often and each listener hears each voice equally
    often, both up to one. Trials come in blocks that hold each voice once, in the orders of a Williams
    square: no voice follows another more often than any other does. Comparisons change sides, and X changes
    between A and B, in the same way. On a page with all voices each stands at each place equally often.
    """
    if design not in SCALES:
        raise ConfigError(f"there is no design {design!r}", hint=f"designs are {', '.join(sorted(SCALES))}")
    kind = SCALES[design].kind
    rng = np.random.default_rng(seed)
    shuffled = [items[k] for k in rng.permutation(len(items))]
    conditions = _conditions(design, kind == "score", voices, against)
    order = [conditions[k] for k in rng.permutation(len(conditions))]
    count = len(shuffled) if per_listener is None else min(per_listener, len(shuffled))
    if count < 1 or listeners < 1:
        raise ConfigError("a listening test needs at least one sentence and one listener")
    first = rng.integers(0, 4)
    heard: Counter[int] = Counter()
    out: list[list[Trial]] = []
    for n in range(listeners):
        mine: list[tuple[int, Trial]] = []
        for k in range(count):
            item = (n * count + k) % len(shuffled)
            visit = heard[item]
            heard[item] += 1
            for c in range(len(order)) if complete or design == "mushra" else [None]:
                which = (item + visit) % len(order) if c is None else c
                turn = (visit // len(order) if c is None else visit) + item // len(order) + int(first)
                mine.append((which, _trial(design, shuffled[item], order[which], turn, visit)))
        out.append(_in_order(mine, len(order), n, rng))
    # Which listener gets which row does not follow the rows' own order.
    return [out[k] for k in rng.permutation(listeners)]


def _conditions(
    design: str, scored: bool, voices: Sequence[str], against: str | None
) -> list[tuple[str, ...]]:
    if design == "mushra":
        return [tuple(voices)]
    if scored:
        if not voices:
            raise ConfigError("a listening test needs a voice")
        return [(v,) for v in voices]
    if against is not None and against not in voices:
        raise ConfigError(f"--against {against!r} is not among the voices", hint=", ".join(voices))
    pairs = [p for p in combinations(voices, 2) if against is None or against in p]
    if not pairs:
        raise ConfigError(f"{design} compares two voices: name at least two")
    return [tuple(p) for p in pairs]


def _trial(design: str, item: str, condition: tuple[str, ...], turn: int, visit: int) -> Trial:
    if design == "mushra":
        # A square of its own for each sentence, so that neighbours change too.
        own = np.random.default_rng([*item.encode("utf-8", "surrogatepass")]).permutation(len(condition))
        row = williams(len(condition))[visit % len(williams(len(condition)))]
        return Trial(item, tuple(condition[own[k]] for k in row))
    if len(condition) == 1:
        return Trial(item, condition)
    sides = condition[::-1] if turn % 2 else condition
    return Trial(item, sides, (turn // 2) % 2 if design == "abx" else None)


def _in_order(
    mine: list[tuple[int, Trial]], conditions: int, listener: int, rng: np.random.Generator
) -> list[Trial]:
    """Blocks that hold each condition at most once, in the order of a row of the Williams square."""
    waiting: list[list[Trial]] = [[] for _ in range(conditions)]
    for which, trial in mine:
        waiting[which].append(trial)
    for queue in waiting:
        rng.shuffle(queue)
    square = williams(conditions)
    out: list[Trial] = []
    block = listener
    while any(waiting):
        out += [waiting[c].pop() for c in square[block % len(square)] if waiting[c]]
        block += 1
    return out


def williams(n: int) -> list[list[int]]:
    """Orders of `n` conditions in which each stands at each place, and follows each other one, equally often.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    list of list of int

    Notes
    -----
    Williams 1949: n rows where n is even, 2n where it is odd.

    Examples
    --------
    >>> williams(4)
    [[0, 3, 1, 2], [1, 0, 2, 3], [2, 1, 3, 0], [3, 2, 0, 1]]
    """
    zigzag = [0]
    for k in range(1, n):
        zigzag.append(n - (k + 1) // 2 if k % 2 else k // 2)
    rows = [[(z + r) % n for z in zigzag] for r in range(n)]
    return rows + [row[::-1] for row in rows] if n % 2 and n > 1 else rows
