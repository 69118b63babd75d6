# SPDX-License-Identifier: Apache-2.0
"""From ratings to summaries and tests: mean scores, comparison scores, preferences, answers of an ABX test.

A rating stands for its utterance and for its listener: intervals hold for others of both, and a pair of
voices differs only where it does both from utterance to utterance and from listener to listener.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from synthkit.eval.analysis import FEWEST, Found, Tested
from synthkit.eval.families import smallest_p
from synthkit.eval.listening.discrimination import exact_binomial, share_interval
from synthkit.eval.listening.preference import Abilities, bradley_terry, compared, connected, net_preference
from synthkit.eval.listening.questions import definitions
from synthkit.eval.metric import Definition
from synthkit.eval.ratings import Rating
from synthkit.eval.results import Row, Summary
from synthkit.eval.scales import kind_of
from synthkit.eval.statistics import (
    RESAMPLES,
    SEED,
    Interval,
    PairedTest,
    compare_paired,
)
from synthkit.eval.two_way import two_way_interval, two_way_test, without_common

CLUSTERS = ("utterance", "listener")
"""What a rating stands for."""


def rows(ratings: Sequence[Rating]) -> list[Row]:
    """A row per utterance and voice, the mean over listeners; n is how many.

    Comparison scores against several voices have no figure of one voice, and so no rows; nor have preferences
    and answers of an ABX test.

    Parameters
    ----------
    ratings : sequence of Rating

    Returns
    -------
    list of Row
    """
    out = []
    for d in definitions(ratings):
        mine = [r for r in ratings if r.metric == d.metric]
        if not _of_one_voice(mine):
            continue
        scores: dict[tuple[str, str], list[float]] = {}
        for r in mine:
            scores.setdefault((r.utterance, r.voice), []).append(r.score)
        out += [Row(u, v, d.metric, d.id, float(np.mean(s)), len(s), "") for (u, v), s in scores.items()]
    return out


def analyse_ratings(
    ratings: Sequence[Rating],
    systems: Sequence[str],
    *,
    references: Collection[str] = (),
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Tested:
    """Summaries and tests of every metric of `ratings`, for `synthkit.eval.analysis.conclude` to correct.

    Parameters
    ----------
    ratings : sequence of Rating
    systems : sequence of str
        In the order of the report.
    references : collection of str
        Those that are described and not tested: hidden references, anchors.
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    Tested
    """
    given = Tested([], {}, [], [], [])
    pairs = [p for p in combinations(systems, 2) if not set(p) & set(references)]
    for d in definitions(ratings):
        mine = [r for r in ratings if r.metric == d.metric]
        given.definitions.append(d)
        given.tested.append(d.key)
        kind = kind_of(d.metric, bool(mine[0].against))
        if kind == "preference":
            _preferences(given, d, mine, systems, pairs)
        elif kind == "discrimination":
            _discriminations(given, d, mine, pairs)
        else:
            _scores_of(given, d, mine, systems, pairs, seed, resamples)
    return given


def _scores_of(
    given: Tested,
    d: Definition,
    mine: list[Rating],
    systems: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    seed: int,
    resamples: int,
) -> None:
    least, most = d.bounds
    if _of_one_voice(mine):
        for system in systems:
            own = [r for r in mine if r.voice == system]
            if own:
                interval = two_way_interval(_scores(own), *_clusters(own), seed=seed, resamples=resamples)
                if interval.low is not None and interval.high is not None:
                    interval = replace(interval, low=max(interval.low, least), high=min(interval.high, most))
                given.summaries[d.key, system] = _summary(d, system, interval, own)
    for first, second in pairs:
        a, b = _sides(mine, first, second)
        if not b:
            continue
        why = _too_few(a, b)
        if why:
            given.too_few.append(f"{d.key}: {first} and {second} have {why}")
            continue
        if _alike(mine, first, second):
            given.found.append(
                Found(d.key, first, second, _no_difference, _test(a, b), note="identical in every rating")
            )
            continue
        both = a + b
        difference = partial(
            _difference, _scores(both), *_clusters(both), second=np.arange(len(both)) >= len(a)
        )
        given.found.append(Found(d.key, first, second, difference, _test(a, b), _least(a, b)))


def _preferences(
    given: Tested, d: Definition, mine: list[Rating], systems: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> None:
    for group in connected(mine):
        own = [r for r in mine if r.voice in group]
        fitted = bradley_terry(own, group)
        for system in systems:
            if system in group:
                heard = [r for r in own if system in (r.voice, r.against)]
                given.summaries[d.key, system] = _summary(d, system, fitted.interval(system), heard)
        for first, second in pairs:
            if not {first, second} <= set(group):
                continue
            direct = [r for r in own if {r.voice, r.against} == {first, second}]
            why = (
                _too_few(direct, direct) if (first, second) in compared(own, systems) else _too_few(own, own)
            )
            if why:
                given.too_few.append(f"{d.key}: {first} and {second} have {why}")
                continue
            net = net_preference(own, first, second)
            least = _least(direct or own)
            test = PairedTest(
                max(fitted.test(second, first), least),
                net if direct else float(np.tanh(fitted.interval(second, first).estimate / 2)),
                len(direct),
                sum(r.score == 0.5 for r in direct),
            )
            given.found.append(
                Found(d.key, first, second, partial(_worth, fitted, second, first), test, least)
            )


def _discriminations(
    given: Tested, d: Definition, mine: list[Rating], pairs: Sequence[tuple[str, str]]
) -> None:
    for first, second in pairs:
        answers = [r for r in mine if {r.voice, r.against} == {first, second}]
        if not answers:
            continue
        if len(answers) < FEWEST:
            given.too_few.append(f"{d.key}: {first} and {second} have {len(answers)} answers")
            continue
        correct = sum(r.score == 1 for r in answers)
        test = PairedTest(
            exact_binomial(correct, len(answers)), 2 * correct / len(answers) - 1, len(answers), 0
        )
        given.found.append(
            Found(d.key, first, second, partial(_beyond_chance, answers), test, 0.5 ** len(answers))
        )


def _difference(
    scores: np.ndarray, utterances: list[str], listeners: list[str], level: float, *, second: np.ndarray
) -> Interval:
    return two_way_interval(scores, utterances, listeners, second=second, level=level)


def _worth(fitted: Abilities, second: str, first: str, level: float) -> Interval:
    return fitted.interval(second, first, level=level)


def _beyond_chance(answers: Sequence[Rating], level: float) -> Interval:
    """Percentage points above the half that guessing gives; 0 is left out exactly where the exact binomial
    says so.

    Who tells nothing apart answers by chance, whatever the sentence: for that share the binomial is exact,
    while all others differ from listener to listener, which the interval allows for. What is found begins
    at the least share above a half that so many answers can show.
    """
    share = share_interval(answers, level=level)
    if share.low is None or share.high is None:
        return Interval(100 * (share.estimate - 0.5), None, None, share.clusters)
    low, high = 100 * (share.low - 0.5), 100 * (share.high - 0.5)
    found = exact_binomial(sum(r.score == 1 for r in answers), len(answers)) <= 1.0 - level
    low = max(low, 50 / len(answers)) if found else min(low, 0.0)
    return Interval(100 * (share.estimate - 0.5), low, high, share.clusters)


def pair_p(ratings: Sequence[Rating], first: str, second: str) -> float:
    """Probability of no difference between two voices, as `analyse_ratings` tests it.

    Parameters
    ----------
    ratings : sequence of Rating
        Of one metric.
    first, second : str
        Voices.

    Returns
    -------
    float
        Two-sided; of an ABX test, that of so many right answers by guessing.
    """
    kind = kind_of(ratings[0].metric, bool(ratings[0].against))
    if kind in ("score", "comparison"):
        return _test(*_sides(ratings, first, second)).p
    direct = [r for r in ratings if {r.voice, r.against} == {first, second}]
    if kind == "preference":
        return max(bradley_terry(direct, [first, second]).test(second, first), _least(direct))
    return exact_binomial(sum(r.score == 1 for r in direct), len(direct))


def _of_one_voice(ratings: Sequence[Rating]) -> bool:
    """Whether a mean of scores says something of one voice."""
    kind = kind_of(ratings[0].metric, bool(ratings[0].against))
    return kind in ("score", "comparison") and len({r.against for r in ratings}) == 1


def _summary(d: Definition, system: str, interval: Interval, ratings: Sequence[Rating]) -> Summary:
    return Summary(system, d.key, interval, len({r.utterance for r in ratings}), 0, {})


def _sides(ratings: Sequence[Rating], first: str, second: str) -> tuple[list[Rating], list[Rating]]:
    """Ratings of the first voice and of the second, without what listeners and utterances do to both alike;
    of comparison scores, zeros and the scores of the second."""
    if not any(r.against for r in ratings):
        a, b = [r for r in ratings if r.voice == first], [r for r in ratings if r.voice == second]
        if not a or not b:
            return [], []
        both = [*a, *b]
        scores = without_common(_scores(both), np.arange(len(both)) >= len(a), *_clusters(both))
        both = [replace(r, score=float(s)) for r, s in zip(both, scores, strict=True)]
        return both[: len(a)], both[len(a) :]
    turned = [
        Rating(r.listener, r.utterance, second, r.score if r.voice == second else -r.score, r.metric)
        for r in ratings
        if {r.voice, r.against} == {first, second}
    ]
    return [Rating(r.listener, r.utterance, first, 0.0, r.metric) for r in turned], turned


def _test(a: Sequence[Rating], b: Sequence[Rating]) -> PairedTest:
    """Wilcoxon over utterances, with the largest p of that, of the one over listeners and of the two-way
    test.

    Each Wilcoxon test sees one source of chance only: together they still find too much where voices suit
    some listeners and some utterances better (``benchmarks/eval_statistics.py``), which the two-way test
    mends.
    """
    both = [*a, *b]
    two_way = two_way_test(_scores(both), np.arange(len(both)) >= len(a), *_clusters(both))
    by_utterance, by_listener = (compare_paired(*_paired(a, b, by)) for by in ("utterance", "listener"))
    return PairedTest(
        max(by_utterance.p, by_listener.p, two_way, _least(a, b)),
        by_utterance.effect,
        by_utterance.pairs,
        by_utterance.ties,
    )


def _paired(a: Sequence[Rating], b: Sequence[Rating], by: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean scores of both voices for each utterance (or listener) that has both."""
    means = []
    for some in (a, b):
        scores: dict[str, list[float]] = {}
        for r in some:
            scores.setdefault(getattr(r, by), []).append(r.score)
        means.append({k: float(np.mean(s)) for k, s in scores.items()})
    common = [k for k in means[0] if k in means[1]]
    return np.array([means[0][k] for k in common]), np.array([means[1][k] for k in common])


def _least(*sides: Sequence[Rating]) -> float:
    """The smallest p that the listeners and utterances of all `sides` can give: one sign for each.

    A p below it would rest on what is not known of so few: that what they say is normally distributed.
    """
    common = [set.intersection(*({getattr(r, by) for r in some} for some in sides)) for by in CLUSTERS]
    return smallest_p(min(map(len, common)))


def _alike(ratings: Sequence[Rating], first: str, second: str) -> bool:
    """Whether two voices got the same score each time that they were rated, one by one."""
    said = [{(r.listener, r.utterance): r.score for r in ratings if r.voice == v} for v in (first, second)]
    return not any(r.against for r in ratings) and said[0] == said[1]


def _no_difference(level: float) -> Interval:
    return Interval(0.0, 0.0, 0.0, 0)


def _too_few(a: Sequence[Rating], b: Sequence[Rating]) -> str:
    for by in CLUSTERS:
        common = len({getattr(r, by) for r in a} & {getattr(r, by) for r in b})
        if common < FEWEST:
            return f"{common} {by}{'s' if common != 1 else ''} in common"
    return ""


def _scores(ratings: Sequence[Rating]) -> np.ndarray:
    return np.array([r.score for r in ratings], np.float64)


def _clusters(ratings: Sequence[Rating]) -> tuple[list[str], list[str]]:
    return [r.utterance for r in ratings], [r.listener for r in ratings]
