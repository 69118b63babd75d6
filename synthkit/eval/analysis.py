"""From rows to what is shown: summaries with intervals, and every test of the report as one family."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from synthkit.eval.metric import Definition
from synthkit.eval.results import GROUPS, Analysis, Pair, Row, Summary
from synthkit.eval.statistics import (
    RESAMPLES,
    SEED,
    Comparison,
    Interval,
    bootstrap_interval,
    compare_paired,
    holm,
    letters,
)

FEWEST = 6
"""A pair of voices is tested on at least this many common utterances: below, no p can reach 0.05."""

UNTESTED = ("cost", "concatenation")
"""Groups that describe how a voice works; they are shown with intervals but not tested."""


@dataclass(frozen=True)
class Found:
    """One pair of systems, tested but not yet corrected."""

    key: str
    first: str
    second: str
    difference: Interval
    test: Comparison


@dataclass(frozen=True)
class Tested:
    """Summaries and tests before the correction for how many they are.

    Attributes
    ----------
    definitions : list of Definition
    summaries : dict of (key, system) to Summary
    found : list of Found
    tested : list of str
        Keys of the definitions that were tested.
    too_few : list of str
        Pairs left out for too few common utterances (or listeners), one sentence each.
    """

    definitions: list[Definition]
    summaries: dict[tuple[str, str], Summary]
    found: list[Found]
    tested: list[str]
    too_few: list[str]

    def joined(self, other: Tested) -> Tested:
        """Both as one family, this one first."""
        return Tested(
            self.definitions + other.definitions,
            {**self.summaries, **other.summaries},
            self.found + other.found,
            self.tested + other.tested,
            self.too_few + other.too_few,
        )


def primary(definitions: Sequence[Definition], keys_with_values: set[str]) -> list[str]:
    """One definition per metric, those that are tested: the main one, else the first that has values."""
    chosen: dict[str, str] = {}
    for d in sorted(definitions, key=lambda d: not d.main):
        if d.tested and d.group not in UNTESTED and d.key in keys_with_values:
            chosen.setdefault(d.metric, d.key)
    return [d.key for d in definitions if chosen.get(d.metric) == d.key]


def analyse(
    rows: Sequence[Row],
    definitions: Sequence[Definition],
    systems: Sequence[str],
    *,
    heard: Tested | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Analysis:
    """Summaries with intervals, and all pairwise tests with Holm's correction.

    Parameters
    ----------
    rows : sequence of Row
    definitions : sequence of Definition
    systems : sequence of str
        In the order of the report.
    heard : Tested, optional
        What listeners said of the same systems (`synthkit.eval.ratings`): it joins the report and the family of
        tests.
    seed, resamples : int
        Of the bootstrap.
    """
    definitions = sorted(definitions, key=_place)
    table: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        table.setdefault((row.key, row.system), {})[row.utterance] = row
    by_key = {d.key: d for d in definitions}
    summaries: dict[tuple[str, str], Summary] = {}
    for (name, system), some in table.items():
        good = [r for r in some.values() if r.value is not None]
        reasons: dict[str, int] = {}
        for r in some.values():
            if r.value is None:
                reasons[r.reason] = reasons.get(r.reason, 0) + 1
        interval = None
        if good:
            values, weights = _arrays(good, by_key[name])
            interval = bootstrap_interval(values, weights, seed=seed, resamples=resamples)
            if interval.low is not None and interval.high is not None:
                least, most = by_key[name].bounds
                interval = replace(interval, low=max(interval.low, least), high=min(interval.high, most))
        summaries[name, system] = Summary(system, name, interval, len(good), len(some) - len(good), reasons)

    with_values = {r.key for r in rows if r.value is not None}
    tested = primary(definitions, with_values)
    found: list[Found] = []
    too_few: list[str] = []
    for name in tested:
        for first, second in combinations(systems, 2):
            a, b = table.get((name, first), {}), table.get((name, second), {})
            common = [u for u in a if u in b and a[u].value is not None and b[u].value is not None]
            if not common:
                continue
            if len(common) < FEWEST:
                too_few.append(f"{name}: {first} and {second} share {len(common)} measured utterances")
                continue
            x = np.array([a[u].value for u in common], float)
            y = np.array([b[u].value for u in common], float)
            _, weights = _arrays([a[u] for u in common], by_key[name])
            difference = bootstrap_interval(y - x, weights, seed=seed, resamples=resamples)
            found.append(Found(name, first, second, difference, compare_paired(x, y)))
    mine = Tested(list(definitions), summaries, found, tested, too_few)
    return conclude(mine if heard is None else heard.joined(mine), systems, seed=seed, resamples=resamples)


def conclude(
    given: Tested, systems: Sequence[str], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Analysis:
    """Holm's correction over everything that was tested, and the letters that follow from it."""
    summaries = dict(given.summaries)
    adjusted = holm([f.test.p for f in given.found])
    pairs = [
        Pair(f.key, f.first, f.second, f.difference, f.test.p, q, f.test.effect, f.test.pairs, f.test.ties)
        for f, q in zip(given.found, adjusted, strict=True)
    ]
    by_key = {d.key: d for d in given.definitions}
    for name in given.tested:
        mine = [p for p in pairs if p.key == name]
        involved = [s for s in systems if any(s in (p.first, p.second) for p in mine)]
        if any((name, s) not in summaries for s in involved) or not _all_against_all(mine, involved):
            continue
        sign = -1.0 if by_key[name].better == "higher" else 1.0

        def order(s: str, name: str = name, sign: float = sign) -> float:
            interval = summaries[name, s].interval
            return sign * interval.estimate if interval is not None else math.inf

        shown = letters(
            sorted(involved, key=order), {frozenset((p.first, p.second)) for p in mine if p.different}
        )
        for system, text in shown.items():
            summaries[name, system] = replace(summaries[name, system], letters=text)
    return Analysis(
        list(given.definitions), list(systems), summaries, pairs, given.tested, given.too_few, seed, resamples
    )


def _all_against_all(pairs: Sequence[Pair], systems: Sequence[str]) -> bool:
    """Letters say of every two systems whether they differ, so every two must have been tested."""
    return {frozenset((p.first, p.second)) for p in pairs} == {frozenset(c) for c in combinations(systems, 2)}


def _place(d: Definition) -> tuple[int, bool]:
    return (GROUPS.index(d.group) if d.group in GROUPS else len(GROUPS), not d.main)


def _arrays(rows: Sequence[Row], definition: Definition) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([r.value for r in rows], float)
    if definition.pool == "ratio":
        return values, np.array([r.n for r in rows], float)
    return values, np.ones(len(rows))
