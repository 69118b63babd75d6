# SPDX-License-Identifier: Apache-2.0
"""A lattice as plain lists for a page: of each place the candidates that came nearest to being chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthkit.types import Lattice

MOST = 60
"""Candidates told of a place, beside those that the paths of others pass through."""


def lattice_told(lattice: Lattice, most: int = MOST) -> dict[str, Any]:
    """What a page draws of `lattice`.

    Parameters
    ----------
    lattice : Lattice
    most : int
        Candidates of a place that are told in any case, the cheapest ones.

    Returns
    -------
    dict
        ``sources`` and the names of the ``target`` and ``join`` terms; ``all``, how many candidates there
        were; and ``places``, each with ``label`` and rows of candidates sorted by what their path costs more
        than the chosen one: unit, place in ``sources``, seconds from and to, that excess, rows of the
        candidates before and after it in that path (-1 at the ends), costs by target term and by join term,
        and the label where another phone stands for the one wanted.
    """
    starts, excess = lattice.starts.tolist(), lattice.excess
    order = [a + np.argsort(excess[a:b], kind="stable") for a, b in zip(starts, starts[1:], strict=False)]
    order = [_first(o, int(chosen)) for o, chosen in zip(order, lattice.chosen, strict=True)]
    told = _told(lattice, order, most)
    order = [o[told[o]] for o in order]
    row = np.full(len(excess), -1, np.int64)
    for place in order:
        row[place] = np.arange(len(place))
    sources = sorted({lattice.sources[c] for place in order for c in place.tolist()})
    number = {name: k for k, name in enumerate(sources)}
    seconds = lattice.spans / lattice.path.audio.sample_rate

    def candidate(c: int, label: str) -> list[Any]:
        before, after = int(lattice.before[c]), int(lattice.after[c])
        return [
            int(lattice.units[c]),
            number[lattice.sources[c]],
            *(round(float(s), 4) for s in seconds[c]),
            round(float(excess[c]), 3),
            int(row[before]) if before >= 0 else -1,
            int(row[after]) if after >= 0 else -1,
            [round(float(v), 3) for v in lattice.target[c]],
            [round(float(v), 3) for v in lattice.join[c]] if lattice.join[c].any() else [],
            lattice.labels[c] if lattice.labels[c] != label else "",
        ]

    places = []
    for place, unit in zip(order, lattice.path.units, strict=True):
        label = unit.label.partition("~")[0]
        places.append({"label": label, "candidates": [candidate(c, label) for c in place.tolist()]})
    return {
        "sources": sources,
        "target": list(lattice.target_terms),
        "join": list(lattice.join_terms),
        "all": len(excess),
        "places": places,
    }


def _first(order: np.ndarray, chosen: int) -> np.ndarray:
    """The chosen one stands first, whoever costs as much."""
    return np.concatenate([[chosen], order[order != chosen]])


def _told(lattice: Lattice, order: list[np.ndarray], most: int) -> np.ndarray:
    """Whether each candidate is told: the first of each place, and all that their paths pass through."""
    told = np.zeros(len(lattice.units), bool)
    for place in order:
        told[place[:most]] = True
    known = 0
    while known < (known := int(told.sum())):  # each round may bring in others, whose paths cost less
        for place in reversed(order[1:]):
            told[lattice.before[place[told[place]]]] = True
        for place in order[:-1]:
            told[lattice.after[place[told[place]]]] = True
    return told
