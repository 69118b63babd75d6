# SPDX-License-Identifier: Apache-2.0
"""The states an utterance may pass through: its words' pronunciations with optional pauses between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthkit.types import PAUSE, Segmentation

STATES = 3
"""States per phone, passed from left to right."""


@dataclass(frozen=True)
class Graph:
    """States in an order in which each comes after its predecessors.

    Attributes
    ----------
    emission : ndarray, int32, shape (S,)
        Which density of the model a state has: ``phone * STATES + position``.
    before : ndarray, int32, shape (S, P)
        Predecessors other than itself; the rest is -1.
    first, last : ndarray, bool, shape (S,)
        Where a path may begin and end.
    unit : ndarray, int32, shape (S,)
        Which phone of the graph a state belongs to.
    phone, word : ndarray, int32, shape (N,)
        The model's phone of each unit, and the word it belongs to (-1 for a pause).
    shortest : int
        Frames of the shortest path.
    """

    emission: np.ndarray
    before: np.ndarray
    first: np.ndarray
    last: np.ndarray
    unit: np.ndarray
    phone: np.ndarray
    word: np.ndarray
    shortest: int


def phone_key(segmentation: Segmentation, symbol: str) -> str:
    """Name of a phone in the model: sets may use one symbol for two sounds; the pause is shared."""
    return PAUSE if symbol == PAUSE else f"{segmentation.phone_set}:{symbol}"


def build(segmentation: Segmentation, index: Mapping[str, int]) -> Graph:
    """The graph of one utterance.

    Parameters
    ----------
    segmentation : Segmentation
    index : mapping of str to int
        The model's phones by `phone_key`.

    Raises
    ------
    KeyError
        A phone the model does not know.
    """
    emission: list[int] = []
    before: list[list[int]] = []
    unit: list[int] = []
    phone: list[int] = []
    word: list[int] = []

    def chain(keys: list[str], entries: list[int], of_word: int) -> int:
        for key in keys:
            phone.append(index[key])
            word.append(of_word)
            for position in range(STATES):
                emission.append(index[key] * STATES + position)
                before.append(list(entries))
                unit.append(len(phone) - 1)
                entries = [len(emission) - 1]
        return entries[0]

    start = -1
    ends = [start, chain([PAUSE], [start], -1)]
    shortest = 0
    for number, item in enumerate(segmentation.words):
        ways = dict.fromkeys(tuple(p.symbol for p in way) for way in (item.phones, *item.variants))
        keys = [[phone_key(segmentation, s) for s in way] for way in ways if way]
        outs = [chain(way, ends, number) for way in keys]
        shortest += STATES * min(map(len, keys))
        ends = [*outs, chain([PAUSE], outs, -1)]
    table = np.full((len(emission), max(map(len, before))), -1, np.int32)
    first = np.zeros(len(emission), np.bool_)
    for state, entries in enumerate(before):
        real = [e for e in entries if e != start]
        table[state, : len(real)] = real
        first[state] = len(real) < len(entries)
    last = np.zeros(len(emission), np.bool_)
    last[ends] = True
    ints = (np.array(a, np.int32) for a in (emission, unit, phone, word))
    em, un, ph, wo = ints
    return Graph(em, table, first, last, un, ph, wo, shortest)


def chain_of(graph: Graph, units: np.ndarray) -> Graph:
    """The graph of one path: `units` one after another, nothing optional."""
    states = np.concatenate([np.flatnonzero(graph.unit == u) for u in units])
    n = len(states)
    ends = np.zeros(n, np.bool_)
    first, last = ends.copy(), ends.copy()
    first[0] = last[-1] = True
    return Graph(
        graph.emission[states],
        np.arange(-1, n - 1, dtype=np.int32)[:, None].copy(),
        first,
        last,
        np.repeat(np.arange(len(units), dtype=np.int32), STATES),
        graph.phone[units],
        graph.word[units],
        n,
    )
