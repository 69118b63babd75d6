# SPDX-License-Identifier: Apache-2.0
"""From rows to what is shown: summaries of everything with intervals, and tests of voices in the primary
figures.

The family is voices × primary figures. References, pairs that are identical in every sentence and all other
figures are described, not tested: tests that nobody asked for would take the power of those that were.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from synthkit.eval.families import adjust, critical_p, joint, smallest_p
from synthkit.eval.metric import Definition
from synthkit.eval.paired import Paired, arrays, paired
from synthkit.eval.plan import WORTH
from synthkit.eval.power import detectable, deviation, sentences
from synthkit.eval.results import ALPHA, GROUPS, Analysis, Pair, Row, Strength, Summary
from synthkit.eval.statistics import (
    RESAMPLES,
    SEED,
    Interval,
    PairedTest,
    bootstrap_interval,
    compare_paired,
    letters,
)

FEWEST = 6
"""A pair of rated voices is tested on at least this many common utterances: below, no p can reach 0.05."""

PRIMARY = (
    "mcd", "f0-rmse", "wer", "predicted-mos", "speaker-similarity", "vuv-error", "duration-rmse", "lsd",
    "cer",
)  # fmt: skip
"""Figures that are tested when none are named: the first `FIGURES` of these that are measured."""

FIGURES = 5

UNTESTED = ("cost", "concatenation")
"""Groups that describe how a voice works; they are shown with intervals but not tested."""


@dataclass(frozen=True)
class Found:
    """One pair of systems, tested but not yet corrected.

    Attributes
    ----------
    key, first, second : str
    difference : callable
        The difference with its interval, of the level (in (0, 1)) that is asked for: which one holds for the
        whole family is known only when all of it is.
    test : PairedTest
    least : float
        The smallest p that so many listeners and utterances can give.
    note : str
        Why the pair is described and not tested; empty where it is tested.
    """

    key: str
    first: str
    second: str
    difference: Callable[[float], Interval]
    test: PairedTest
    least: float = 0.0
    note: str = ""


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


def primary(
    definitions: Sequence[Definition], measured: Mapping[str, int], wanted: Sequence[str] = ()
) -> list[str]:
    """The figures that are tested, one definition of each, in the order of `wanted`.

    Parameters
    ----------
    definitions : sequence of Definition
    measured : mapping of key to int
        How many voices have a value of the definition.
    wanted : sequence of str
        Metrics (``"mcd"``) or definitions (``"mcd/versa"``); the first five of `PRIMARY` that are measured
        when empty.

    Returns
    -------
    list of str
        Keys of definitions.

    Notes
    -----
    Of a metric's definitions the one that most voices have is taken, among those the main one.
    """
    chosen: dict[str, str] = {}
    ranked = sorted(definitions, key=lambda d: (-measured.get(d.key, 0), not d.main))
    for d in ranked:
        if not measured.get(d.key):
            continue
        if d.key in wanted:
            chosen[d.key] = d.key
        if d.tested and d.group not in UNTESTED:
            chosen.setdefault(d.metric, d.key)
    if wanted:
        return list(dict.fromkeys(chosen[name] for name in wanted if name in chosen))
    usual = [chosen[name] for name in PRIMARY if name in chosen][:FIGURES]
    rest = [d.key for d in definitions if chosen.get(d.metric) == d.key and d.better != "none"]
    return usual or rest[:FIGURES]


def analyse(
    rows: Sequence[Row],
    definitions: Sequence[Definition],
    systems: Sequence[str],
    *,
    voices: Sequence[str] | None = None,
    wanted: Sequence[str] = (),
    worth: Mapping[str, float] | None = None,
    heard: Tested | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Analysis:
    """Summaries with intervals of everything, and tests of every two voices in the primary figures.

    Parameters
    ----------
    rows : sequence of Row
    definitions : sequence of Definition
    systems : sequence of str
        In the order of the report.
    voices : sequence of str, optional
        The systems that are tested; the others (recordings, copies of them) are described. All when left out.
    wanted : sequence of str
        Primary figures, as in `primary`.
    worth : mapping of str to float, optional
        Differences that are asked for by metric; those of `synthkit.eval.plan` when left out.
    heard : Tested, optional
        What listeners said of the same systems (`synthkit.eval.listening`): it joins the report as a family
        of its own.
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    Analysis
    """
    definitions = sorted(definitions, key=_place)
    voices = list(systems if voices is None else voices)
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
            values, weights = arrays(good, by_key[name])
            interval = bootstrap_interval(values, weights, seed=seed, resamples=resamples)
            if interval.low is not None and interval.high is not None:
                least, most = by_key[name].bounds
                interval = replace(interval, low=max(interval.low, least), high=min(interval.high, most))
        summaries[name, system] = Summary(system, name, interval, len(good), len(some) - len(good), reasons)

    def of(system: str, name: str) -> dict[str, Row]:
        return {u: r for u, r in table.get((name, system), {}).items() if r.value is not None}

    shown = voices or systems  # where there is no voice, the references are described by the same figures
    measured = {d.key: sum(bool(of(v, d.key)) for v in shown) for d in definitions}
    tested = primary(definitions, measured, wanted)
    beside = [
        paired(by_key[name], first, second, of(first, name), of(second, name))
        for name in tested
        for first, second in combinations(voices, 2)
    ]
    pairs, strengths, too_few = _family([p for p in beside if p is not None], worth or WORTH)
    summaries = _lettered(summaries, pairs, strengths, tested, by_key, voices)
    mine = Analysis(
        list(definitions), list(systems), summaries, pairs, tested, too_few, seed, resamples, strengths
    )
    if heard is None:
        return mine
    said = conclude(heard, systems, seed=seed, resamples=resamples)
    return replace(
        mine,
        definitions=said.definitions + mine.definitions,
        summaries={**said.summaries, **summaries},
        pairs=said.pairs + pairs,
        tested=said.tested + tested,
        untested_pairs=said.untested_pairs + too_few,
    )


def _family(
    given: Sequence[Paired], worth: Mapping[str, float]
) -> tuple[list[Pair], dict[str, Strength], list[str]]:
    """Pairs tested as one family, what their tests could find, and pairs left out, one sentence each."""
    family = [p for p in given if not p.described]
    tests = len(family)
    pairs: list[Pair] = []
    too_few: list[str] = []
    for p in given:
        n = len(p.x)
        if n < 2:
            too_few.append(f"{p.key}: {p.first} and {p.second} share {n} measured sentence")
            continue
        ranks = compare_paired(p.x, p.y)
        found = joint(p.y - p.x, p.weights, tests=tests)
        # A p below that of all differences having one sign would rest on more than their symmetry.
        p_alone = max(found.p, smallest_p(n))
        note, difference, adjusted = p.described, found.difference, adjust(p_alone, tests)
        if not note and (least := adjust(smallest_p(n), tests)) > ALPHA:
            note = f"no power: at n = {n} the smallest p is {least:.2g}"
        if note:  # what is not tested claims nothing: an interval would
            adjusted = 1.0
            if not p.identical:
                difference = Interval(difference.estimate, None, None, n)
        effect = ranks.effect
        if p.described:
            p_alone, effect = 1.0, 0.0
        pairs.append(
            Pair(p.key, p.first, p.second, difference, p_alone, adjusted, effect, n, ranks.ties, note)
        )
    strengths = {}
    for name in dict.fromkeys(p.key for p in family):
        mine = [p for p in family if p.key == name]
        n = min(len(p.x) for p in mine)
        metric = mine[0].metric
        spreads = [deviation(p.y - p.x, p.weights) for p in mine if len(p.x) > 1]
        spread = max(spreads, default=None)
        asked = worth.get(name, worth.get(metric))
        strengths[name] = Strength(
            name,
            n,
            adjust(smallest_p(n), tests),
            spread,
            None if spread is None else detectable(spread, n, tests),
            asked,
            None if spread is None or asked is None else sentences(asked, spread, tests),
        )
    return pairs, strengths, too_few


def _lettered(
    summaries: dict[tuple[str, str], Summary],
    pairs: Sequence[Pair],
    strengths: Mapping[str, Strength],
    tested: Sequence[str],
    by_key: Mapping[str, Definition],
    voices: Sequence[str],
) -> dict[tuple[str, str], Summary]:
    """Letters for the figures whose tests could find something: elsewhere one letter for all would say "the
    same"."""
    out = dict(summaries)
    for name in tested:
        mine = [p for p in pairs if p.key == name]
        silent = any(p.note and not p.note.startswith("identical") for p in mine)
        weak = name in strengths and strengths[name].weak and not any(p.different for p in mine)
        if not silent and not weak:
            out.update(_letters(out, mine, by_key[name], voices))
    return out


def _letters(
    summaries: Mapping[tuple[str, str], Summary],
    pairs: Sequence[Pair],
    definition: Definition,
    systems: Sequence[str],
) -> dict[tuple[str, str], Summary]:
    """Summaries of one figure with their letters; none where not every two systems were compared."""
    name = definition.key
    copies = {s for p in pairs for s in p.copies}  # of them no letter says that they differ from nothing
    pairs = [p for p in pairs if not copies & {p.first, p.second}]
    involved = [s for s in systems if any(s in (p.first, p.second) for p in pairs)]
    if not any(p.tested for p in pairs) or any((name, s) not in summaries for s in involved):
        return {}
    if not _all_against_all(pairs, involved):
        return {}
    sign = -1.0 if definition.better == "higher" else 1.0

    def order(s: str) -> float:
        interval = summaries[name, s].interval
        return sign * interval.estimate if interval is not None else math.inf

    shown = letters(
        sorted(involved, key=order), {frozenset((p.first, p.second)) for p in pairs if p.different}
    )
    return {(name, s): replace(summaries[name, s], letters=text) for s, text in shown.items()}


def conclude(
    given: Tested, systems: Sequence[str], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Analysis:
    """Everything that was tested as one family, and the letters that follow from it.

    Parameters
    ----------
    given : Tested
    systems : sequence of str
        In the order of the report.
    seed, resamples : int
        Of the bootstrap, as it is reported.

    Returns
    -------
    Analysis
        Probabilities and intervals of its pairs hold for the whole family and agree: an interval leaves
        out 0 exactly where its pair is found.

    Notes
    -----
    Both by Šidák 1967 (`synthkit.eval.families`). What a pair's interval is made of may find a difference
    that its test, which asks more (`synthkit.eval.listening.scores`), does not: such an interval reaches
    to 0, which makes it wider and never narrower.
    """
    tests = sum(not f.note for f in given.found)
    pairs = [_corrected(f, tests) for f in given.found]
    by_key = {d.key: d for d in given.definitions}
    summaries = _lettered(given.summaries, pairs, {}, given.tested, by_key, systems)
    return Analysis(
        list(given.definitions), list(systems), summaries, pairs, given.tested, given.too_few, seed, resamples
    )


def _corrected(f: Found, tests: int) -> Pair:
    """One pair as a member of its family; what is described, or could not have come out, claims nothing."""
    note, test = f.note, f.test
    if not note and (least := adjust(f.least, tests)) > ALPHA:
        note = f"no power: the smallest p is {least:.2g}"
    adjusted = 1.0 if note else adjust(test.p, tests)
    difference = f.difference(1.0 - critical_p(tests))
    if note and not f.note:
        difference = replace(difference, low=None, high=None)
    elif adjusted > ALPHA:
        difference = _reaching_zero(difference)
    return Pair(
        f.key, f.first, f.second, difference, test.p, adjusted, test.effect, test.pairs, test.ties, note
    )


def _reaching_zero(interval: Interval) -> Interval:
    if interval.low is None or interval.high is None:
        return interval
    return replace(interval, low=min(interval.low, 0.0), high=max(interval.high, 0.0))


def _all_against_all(pairs: Sequence[Pair], systems: Sequence[str]) -> bool:
    """Letters say of every two systems whether they differ, so every two must have been tested."""
    return {frozenset((p.first, p.second)) for p in pairs} == {frozenset(c) for c in combinations(systems, 2)}


def _place(d: Definition) -> tuple[int, bool]:
    return (GROUPS.index(d.group) if d.group in GROUPS else len(GROUPS), not d.main)
