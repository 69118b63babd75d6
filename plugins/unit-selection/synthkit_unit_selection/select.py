# SPDX-License-Identifier: Apache-2.0
"""From target rows to a path of units: preselection, costs, search, and the account of every cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit.types import PAUSE, FeatureSpec, Unit, UnitPath
from synthkit_unit_selection import preselect
from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.costs import (
    JOIN_TERMS,
    TARGET_TERMS,
    Scales,
    Weights,
    acoustic_terms,
    acoustic_weights,
    join_columns,
    join_vectors,
    symbolic_terms,
)
from synthkit_unit_selection.index import Index
from synthkit_unit_selection.store import UnitStore
from synthkit_unit_selection.viterbi import cheapest_path

if TYPE_CHECKING:
    from synthkit.types.given import Given
    from synthkit_unit_selection.multiform import GuideSpeech, Multiform


TOGETHER = 4096
"""Candidates whose costs are counted together: to get memory for all would cost more than to write to it."""


@dataclass(frozen=True)
class Target:
    """What is wanted: context rows per phone and predicted acoustics per half-phone, each phone's word, what
    of it the request gave, and the same as the guide says it, where that may be used."""

    symbols: tuple[str, ...]
    context: np.ndarray
    predicted: np.ndarray
    words: tuple[int, ...] = ()
    given: Given | None = None
    speech: GuideSpeech | None = None


@dataclass(frozen=True)
class Search:
    """How to look: sizes, switches, and what is excluded, forbidden or forced."""

    window: int = 32
    keep: int = 30
    phrase_limit: int = 8
    reach: int = 200
    successors: bool = True
    phrases: bool = True
    excluded: Sequence[tuple[int, int]] = ()
    """Spans of units."""
    forbidden: frozenset[int] = frozenset()
    forced: dict[int, int] = field(default_factory=dict)
    """Position of the half-phone in the target to the unit that must stand there."""


@dataclass(frozen=True)
class Trellis:
    """Candidates by place, and the arguments of `cheapest_path`."""

    times: np.ndarray
    units: np.ndarray
    costs: Any


class Selector:
    """Finds the cheapest path of units through an open store."""

    def __init__(
        self, store: UnitStore, index: Index, scales: Scales, speech: GuideSpeech | None = None
    ) -> None:
        self.recorded, self.index, self.scales = store, index, scales
        self.store: UnitStore | Multiform = store
        self.said: Multiform | None = None
        if speech is not None:
            from synthkit_unit_selection.multiform import Multiform

            self.store = self.said = Multiform(store, speech)
        self.is_pause = np.array([symbol == PAUSE for symbol in store.phones])

    def candidates(
        self, target: Target, factors: np.ndarray, search: Search
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a half-phone's place in the target and a unit that may stand there, sorted; ``(M,)``
        each."""
        store = self.recorded
        excluded = list(search.excluded)
        forbidden = np.array(sorted(search.forbidden), np.int64)
        places = np.array(sorted(search.forced), np.int64)
        forced = np.array([search.forced[place] for place in places.tolist()], np.int64)
        if len(places) == 2 * len(target.context):
            return places, forced
        first = preselect.first_choice(
            store, self.index, target.context, target.predicted, factors, excluded, forbidden,
            window=search.window, keep=search.keep,
        )  # fmt: skip
        times, columns = np.nonzero(first >= 0)
        units = first[times, columns]
        phones = target.context[:, COLUMN["phone"]].astype(np.int64)
        if search.phrases:
            here, there = self.index.phrases(phones, search.phrase_limit)
            times = np.concatenate([times, 2 * here])
            units = np.concatenate([units, 2 * there])
        reach = search.reach if search.successors else 0
        times, units = preselect.runs(store, phones, times, units, excluded, forbidden, reach=reach)
        if self.said is not None:
            times = np.concatenate([times, self.said.speech.times])
            units = np.concatenate([units, self.said.base + self.said.speech.rows])
            order = np.lexsort([units, times])
            times, units = times[order], units[order]
        if len(places):
            free = ~np.isin(times, places)
            times, units = np.concatenate([times[free], places]), np.concatenate([units[free], forced])
            order = np.lexsort([units, times])
            times, units = times[order], units[order]
        return times, units

    def places(self, target: Target) -> tuple[np.ndarray, np.ndarray]:
        """Per half-phone, whether the join before it is inside a pause, and whether it is between phones."""
        pause = self.is_pause[target.context[:, COLUMN["phone"]]].repeat(2)
        boundary = np.arange(len(pause)) % 2 == 0
        return pause & ~boundary, boundary

    def path(self, target: Target, weights: Weights, search: Search) -> tuple[np.ndarray, float]:
        """The cheapest path: unit per half-phone, and its cost as the search counts it."""
        trellis = self.trellis(target, weights, search)
        best, total = cheapest_path(*trellis.costs)
        return trellis.units[best], total

    def trellis(self, target: Target, weights: Weights, search: Search) -> Trellis:
        """The candidates, and all that the search for the cheapest path needs of them."""
        store, scales = self.store, self.scales
        factors = acoustic_weights(target.predicted, weights, scales)
        times, units = self.candidates(target, factors, search)
        rows, at = store.units.fetch(units)
        cost = np.empty(len(units), np.float32)
        left, right = (np.empty((len(units), rows["join"].shape[1] + 4), np.float32) for _ in range(2))
        for start in range(0, len(units), TOGETHER):
            some = slice(start, start + TOGETHER)
            here, joins = at[some], rows["join"]
            cost[some] = self.target_costs(target, times[some], rows, here, factors, weights)
            left[some], right[some] = join_vectors(joins[here + 1], joins[here], weights, scales)
        pause, boundary = self.places(target)
        constant = weights.join["join"] + weights.join["boundary"] * boundary
        factor = np.where(pause, weights.join["pause"], 1.0)
        starts = np.searchsorted(times, np.arange(2 * len(target.context) + 1))
        natural = self._neighbours(times, units)
        return Trellis(times, units, (starts, cost, left, right, constant, factor, natural))

    def _neighbours(self, times: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flat indices (i, j) of candidates where j, one half-phone later, follows i in the recording."""
        size = len(self.store) + 1
        pairs = times * size + units
        wanted = pairs + size + 1
        place = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
        # Consecutive units are of one recording: between two of them there is an empty phone.
        good = pairs[place] == wanted
        return np.flatnonzero(good), place[good]

    def target_costs(
        self,
        target: Target,
        times: np.ndarray,
        rows: np.ndarray,
        at: np.ndarray,
        factors: np.ndarray,
        weights: Weights,
    ) -> np.ndarray:
        """Weighted target cost ``(M,)`` of every candidate, whose record is ``rows[at]``."""
        width = target.predicted.shape[1]
        acoustics = rows["acoustics"][at]
        cost = weights.target["hygiene"] * acoustics[:, width]
        difference = acoustics[:, :width] - target.predicted[times]
        difference *= difference
        cost += np.einsum("ij,ij->i", difference, factors[times])
        terms = symbolic_terms(target.context[times >> 1], rows["context"][at], times & 1, self.scales)
        for term, values in terms.items():
            cost += np.float32(weights.target[term]) * values
        return cost

    def target_terms(
        self, target: Target, times: np.ndarray, records: np.ndarray, weights: Weights
    ) -> np.ndarray:
        """Weighted target cost of each unit at its place by `TARGET_TERMS`: ``(M, 10)``, float64."""
        width = target.predicted.shape[1]
        symbolic = symbolic_terms(target.context[times >> 1], records["context"], times & 1, self.scales)
        terms = {name: weights.target[name] * values.astype(np.float64) for name, values in symbolic.items()}
        acoustics = records["acoustics"].astype(np.float64)
        terms |= acoustic_terms(acoustics[:, :width], times, target.predicted, weights, self.scales)
        terms["hygiene"] = weights.target["hygiene"] * acoustics[:, width]
        return np.stack([terms[name] for name in TARGET_TERMS], axis=1)

    def account(self, target: Target, path: np.ndarray, weights: Weights, spec: FeatureSpec) -> UnitPath:
        """The path with every cost by term; the path's cost is the sum over its units, exactly."""
        store, scales = self.store, self.scales
        times = np.arange(len(path))
        block, where = store.units.fetch(path)
        records, ends = block[where], block[["join", "edge"]][where + 1]
        rows = self.target_terms(target, times, records, weights).tolist()
        joined = np.concatenate([[False], path[1:] != path[:-1] + 1])
        pause, boundary = self.places(target)
        at = np.flatnonzero(joined)
        joins = join_columns(
            ends["join"][at - 1], records["join"][at], pause[at], boundary[at], weights, scales
        )
        by_time = {
            t: dict(zip(JOIN_TERMS, row, strict=True))
            for t, row in zip(at.tolist(), joins.tolist(), strict=True)
        }
        begins, stops = records["edge"].tolist(), ends["edge"].tolist()
        got = records["context"][:, COLUMN["phone"]].tolist()
        if max(got) >= len(store.phones) or not np.isfinite(rows).all():
            raise VoiceError("the voice is damaged: a unit has no phone of its inventory, or no costs")
        # Labels may end a little beyond the sound; a damaged edge lies days away, and would be read as zeros.
        most = store.lengths(path) + spec.sample_rate
        if (records["edge"] < -spec.sample_rate).any() or (records["edge"] > ends["edge"]).any():
            raise VoiceError("the voice is damaged: a unit ends before it begins")
        if (ends["edge"] > most).any():
            raise VoiceError("the voice is damaged: a unit lies outside of its recording")
        units = []
        for t, (unit, source) in enumerate(zip(path.tolist(), store.sources(path), strict=True)):
            label = f"{target.symbols[t // 2]}.{t % 2 + 1}"
            if store.phones[got[t]] != target.symbols[t // 2]:
                label += f"~{store.phones[got[t]]}"
            cost = dict(zip(TARGET_TERMS, rows[t], strict=True))
            units.append(
                Unit(
                    unit,
                    source,
                    begins[t],
                    stops[t],
                    label,
                    t // 2,
                    cost,
                    by_time.get(t, {}),
                    t in by_time,
                )
            )
        duration = np.exp(target.predicted[:, 0].reshape(-1, 2)).sum(1)
        voiced = target.predicted[:, 2].reshape(-1, 2).mean(1) > 0.5
        f0 = np.where(voiced, np.exp(target.predicted[:, 1].reshape(-1, 2).mean(1)), 0)
        asked = {"duration": duration, "f0": f0}
        return UnitPath(tuple(units), store, spec, target.symbols, asked, target.words, target.given)
