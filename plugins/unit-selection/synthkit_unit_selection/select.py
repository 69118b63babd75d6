"""From target rows to a path of units: preselection, costs, search, and the account of every cost."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from synthkit.types import PAUSE, FeatureSpec, Unit, UnitPath
from synthkit_unit_selection import preselect
from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.costs import (
    TARGET_TERMS,
    Scales,
    Weights,
    acoustic_columns,
    acoustic_total,
    acoustic_weights,
    join_terms,
    join_vectors,
    symbolic_terms,
)
from synthkit_unit_selection.index import Index
from synthkit_unit_selection.store import UnitStore
from synthkit_unit_selection.viterbi import cheapest_path


@dataclass(frozen=True)
class Target:
    """What is wanted: context rows per phone and predicted acoustics per half-phone."""

    symbols: tuple[str, ...]
    context: np.ndarray
    predicted: np.ndarray


@dataclass(frozen=True)
class Search:
    """How to look: sizes, switches, and what is excluded, forbidden or forced."""

    window: int = 32
    keep: int = 30
    phrase_limit: int = 8
    reach: int = 200
    successors: bool = True
    phrases: bool = True
    excluded: frozenset[str] = frozenset()
    forbidden: frozenset[int] = frozenset()
    forced: dict[int, int] = field(default_factory=dict)
    """Position of the half-phone in the target to the unit that must stand there."""


class Selector:
    """Finds the cheapest path of units through an open store."""

    def __init__(self, store: UnitStore, index: Index, scales: Scales) -> None:
        self.store, self.index, self.scales = store, index, scales
        self.is_pause = np.array([symbol == PAUSE for symbol in store.phones])

    def candidates(self, target: Target, factors: np.ndarray, search: Search) -> np.ndarray:
        """Units that may stand at each half-phone: ``(T, K)``, -1 for none."""
        store = self.store
        excluded = np.array(sorted(store.numbers(search.excluded)), np.int64)
        forbidden = np.array(sorted(search.forbidden), np.int64)
        steps = 2 * len(target.context)
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
        if search.forced:
            keep = ~np.isin(times, list(search.forced))
            times = np.concatenate([times[keep], list(search.forced)])
            units = np.concatenate([units[keep], list(search.forced.values())])
            order = np.argsort(times, kind="stable")
            times, units = times[order], units[order]
        return preselect.to_rows(times, units, steps)

    def places(self, target: Target) -> tuple[np.ndarray, np.ndarray]:
        """Per join between half-phones ``t`` and ``t + 1``: inside a pause; at a phone boundary. ``(T - 1,)``."""
        pause = self.is_pause[target.context[:, COLUMN["phone"]]].repeat(2)
        boundary = np.arange(1, len(pause)) % 2 == 0
        return (pause[1:] & pause[:-1]) & ~boundary, boundary

    def path(self, target: Target, weights: Weights, search: Search) -> tuple[np.ndarray, float]:
        """The cheapest path: unit per half-phone, and its cost as the search counts it."""
        factors = acoustic_weights(target.predicted, weights, self.scales)
        table = self.candidates(target, factors, search)
        cost = self.target_costs(target, table, factors, weights)
        return self._search(target, table, cost, weights)

    def target_costs(
        self, target: Target, table: np.ndarray, factors: np.ndarray, weights: Weights
    ) -> np.ndarray:
        """Weighted target cost of every candidate ``(T, K)``; ``inf`` where there is none."""
        store, width = self.store, target.predicted.shape[1]
        units = np.maximum(table, 0)
        rows = target.context.repeat(2, axis=0)
        half = np.arange(len(table)) % 2
        acoustics = store.acoustics[units]
        cost = acoustic_total(acoustics[:, :, :width], target.predicted, factors)
        cost += weights.target["hygiene"] * acoustics[:, :, width]
        for term, values in symbolic_terms(rows, store.context[units >> 1], half, self.scales).items():
            cost += weights.target[term] * values
        cost[table < 0] = np.inf
        return cost

    def _search(
        self, target: Target, table: np.ndarray, cost: np.ndarray, weights: Weights
    ) -> tuple[np.ndarray, float]:
        store = self.store
        units = np.maximum(table, 0)
        edge = units + store.recording[units]
        left, _ = join_vectors(store.joins[edge[:-1] + 1], weights, self.scales)
        _, right = join_vectors(store.joins[edge[1:]], weights, self.scales)
        join = np.matmul(right, left.transpose(0, 2, 1))
        np.maximum(join, 0, out=join)
        pause, boundary = self.places(target)
        constant = weights.join["join"] + weights.join["boundary"] * boundary
        join += constant.astype(np.float32)[:, None, None]
        if pause.any():
            join[pause] *= weights.join["pause"]
        natural = (edge[1:, :, None] == edge[:-1, None, :] + 1) & (units[1:, :, None] == units[:-1, None, :] + 1)
        join[natural] = 0
        columns, total = cheapest_path(cost, join)
        return table[np.arange(len(table)), columns], total

    def account(self, target: Target, path: np.ndarray, weights: Weights, spec: FeatureSpec) -> UnitPath:
        """The path with every cost by term; the path's cost is the sum over its units, exactly."""
        store, scales = self.store, self.scales
        width = target.predicted.shape[1]
        rows, half = target.context.repeat(2, axis=0), np.arange(len(path)) % 2
        column = path[:, None]
        terms = {
            name: weights.target[name] * values[:, 0].astype(np.float64)
            for name, values in symbolic_terms(rows, store.context[column >> 1], half, scales).items()
        }
        factors = acoustic_weights(target.predicted, weights, scales).astype(np.float64)
        acoustics = store.acoustics[path].astype(np.float64)
        square = (acoustics[:, :width] - target.predicted) ** 2 * factors
        for name, columns in acoustic_columns(width).items():
            terms[name] = square[:, columns].sum(1)
        terms["hygiene"] = weights.target["hygiene"] * acoustics[:, width]
        recording = store.recording[path]
        edge = path + recording
        pause, boundary = self.places(target)
        units = []
        for t, unit in enumerate(path.tolist()):
            join: dict[str, float] = {}
            joined = t > 0 and not (path[t - 1] + 1 == unit and recording[t - 1] == recording[t])
            if joined:
                place = "pause" if pause[t - 1] else "boundary" if boundary[t - 1] else "inside"
                join = join_terms(store.joins[edge[t - 1] + 1], store.joins[edge[t]], place, weights, scales)
            asked = target.symbols[t // 2]
            got = store.phones[store.context[unit >> 1, COLUMN["phone"]]]
            label = f"{asked}.{t % 2 + 1}" if asked == got else f"{asked}.{t % 2 + 1}~{got}"
            units.append(
                Unit(
                    unit, store.sources[recording[t]], int(store.edges[edge[t]]), int(store.edges[edge[t] + 1]),
                    label, t // 2, {n: float(terms[n][t]) for n in TARGET_TERMS}, join, bool(joined),
                )  # fmt: skip
            )
        duration = np.exp(target.predicted[:, 0].reshape(-1, 2)).sum(1)
        f0 = np.where(
            target.predicted[:, 2].reshape(-1, 2).mean(1) > 0.5,
            np.exp(target.predicted[:, 1].reshape(-1, 2).mean(1)), 0,
        )  # fmt: skip
        cost = sum(unit.cost for unit in units)
        return UnitPath(tuple(units), store, spec, target.symbols, {"duration": duration, "f0": f0}, cost)
