# SPDX-License-Identifier: Apache-2.0
"""Everything that the search looked at, with every cost by term."""

from __future__ import annotations

import numpy as np

from synthkit.types import FeatureSpec, Lattice
from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.costs import JOIN_TERMS, TARGET_TERMS, Weights, join_columns
from synthkit_unit_selection.select import Search, Selector, Target
from synthkit_unit_selection.viterbi import cheapest_path, through


def lattice(
    selector: Selector, target: Target, weights: Weights, search: Search, spec: FeatureSpec
) -> Lattice:
    """Candidates, path, and the cheapest path through each candidate; arguments are those of the search."""
    store = selector.store
    trellis = selector.trellis(target, weights, search)
    times, units = trellis.times, trellis.units
    chosen, _ = cheapest_path(*trellis.costs)
    whole, before, after = through(*trellis.costs)
    rows, at = store.units.fetch(units)
    records, edges = rows[at], rows[["join", "edge"]][at + 1]
    terms = selector.target_terms(target, times, records, weights)
    joins = np.zeros((len(units), len(JOIN_TERMS)))
    joined = np.flatnonzero((before >= 0) & (units[before] + 1 != units))
    pause, boundary = selector.places(target)
    when = times[joined]
    joins[joined] = join_columns(
        edges["join"][before[joined]], records["join"][joined], pause[when], boundary[when], weights,
        selector.scales,
    )  # fmt: skip
    got = records["context"][:, COLUMN["phone"]].tolist()
    return Lattice(
        selector.account(target, units[chosen], weights, spec),
        trellis.costs[0].astype(np.int64),
        chosen,
        units,
        tuple(store.sources(units)),
        np.stack([records["edge"], edges["edge"]], axis=1).astype(np.int64),
        tuple(
            _label(target.symbols[t // 2], t, store.phones[g])
            for t, g in zip(times.tolist(), got, strict=True)
        ),
        TARGET_TERMS,
        JOIN_TERMS,
        terms.astype(np.float32),
        joins.astype(np.float32),
        before,
        after,
        whole,
    )


def _label(wanted: str, place: int, got: str) -> str:
    name = f"{wanted}.{place % 2 + 1}"
    return name if got == wanted else f"{name}~{got}"
