"""Listening tests: mean opinion scores and comparison scores, their intervals, tests and rows.

A rating stands for its utterance and for its listener: intervals resample both, and a pair of voices differs only
where it does both from utterance to utterance and from listener to listener.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from synthkit.eval.analysis import FEWEST, Found, Tested
from synthkit.eval.metric import Definition
from synthkit.eval.ratings import Rating
from synthkit.eval.results import Row, Summary
from synthkit.eval.statistics import (
    RESAMPLES,
    SEED,
    Comparison,
    compare_paired,
    two_way_interval,
    two_way_test,
)

ID = "listeners"
TITLES = {"mos": "Mean opinion score", "cmos": "Comparison mean opinion score", "smos": "Similarity MOS"}
_HOW = (
    "95 % intervals resample listeners and utterances (pigeonhole bootstrap, studentised by the two-way cluster-robust "
    "variance). A pair of voices is tested by Wilcoxon's signed-rank test over utterances (means over listeners), by the "
    "same over listeners (means over utterances), and by the difference over its two-way standard error (Student's t); the "
    "largest p counts. The effect is that over utterances."
)


def definitions(ratings: Sequence[Rating]) -> list[Definition]:
    """What was asked of the listeners, in the order of the file."""
    out = []
    for metric in dict.fromkeys(r.metric for r in ratings):
        title = TITLES.get(metric, metric)
        mine = [r for r in ratings if r.metric == metric]
        anchors = sorted({r.against for r in mine if r.against})
        if anchors:
            what = f"Mean of listeners' comparison scores ({metric!r}) of a voice against another: above 0 the voice is better. "
            if len(anchors) == 1:
                title = f"{title}, against {anchors[0]}"
        else:
            what = f"Mean of listeners' ratings ({metric!r}). "
        people = len({r.listener for r in mine})
        what += f"{len(mine)} ratings by {people} listener{'s' if people != 1 else ''}. "
        out.append(
            Definition(
                metric, ID, "", "higher", title, what + _HOW, "Owen 2007; Cameron, Gelbach and Miller 2011",
                group="listeners", main=True,
            )
        )  # fmt: skip
    return out


def rows(ratings: Sequence[Rating]) -> list[Row]:
    """A row per utterance and voice, the mean over listeners; n is how many.

    Comparison scores against several voices have no figure of one voice, and so no rows.
    """
    out = []
    for d in definitions(ratings):
        mine = [r for r in ratings if r.metric == d.metric]
        if len({r.against for r in mine}) > 1:
            continue
        scores: dict[tuple[str, str], list[float]] = {}
        for r in mine:
            scores.setdefault((r.utterance, r.voice), []).append(r.score)
        out += [Row(u, v, d.metric, d.id, float(np.mean(s)), len(s), "") for (u, v), s in scores.items()]
    return out


def analyse_ratings(
    ratings: Sequence[Rating], systems: Sequence[str], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Tested:
    """Summaries and tests of every metric of `ratings`, for `synthkit.eval.analysis.conclude` to correct.

    Parameters
    ----------
    ratings : sequence of Rating
    systems : sequence of str
        In the order of the report.
    seed, resamples : int
        Of the bootstrap.
    """
    given = Tested([], {}, [], [], [])
    for d in definitions(ratings):
        mine = [r for r in ratings if r.metric == d.metric]
        given.definitions.append(d)
        given.tested.append(d.key)
        if len({r.against for r in mine}) == 1:
            for system in systems:
                own = [r for r in mine if r.voice == system]
                if own:
                    interval = two_way_interval(_scores(own), *_clusters(own), seed=seed, resamples=resamples)
                    heard = len({r.utterance for r in own})
                    given.summaries[d.key, system] = Summary(system, d.key, interval, heard, 0, {})
        for first, second in combinations(systems, 2):
            a, b = _sides(mine, first, second)
            if not b:
                continue
            why = _too_few(a, b)
            if why:
                given.too_few.append(f"{d.key}: {first} and {second} have {why}")
                continue
            both = a + b
            difference = two_way_interval(
                _scores(both),
                *_clusters(both),
                second=np.arange(len(both)) >= len(a),
                seed=seed,
                resamples=resamples,
            )
            given.found.append(Found(d.key, first, second, difference, _test(a, b)))
    return given


def _sides(ratings: Sequence[Rating], first: str, second: str) -> tuple[list[Rating], list[Rating]]:
    """Ratings of the first voice and of the second; of comparison scores, zeros and the scores of the second."""
    if not any(r.against for r in ratings):
        a, b = [r for r in ratings if r.voice == first], [r for r in ratings if r.voice == second]
        return (a, b) if a and b else ([], [])
    turned = [
        Rating(r.listener, r.utterance, second, r.score if r.voice == second else -r.score, r.metric)
        for r in ratings
        if {r.voice, r.against} == {first, second}
    ]
    return [Rating(r.listener, r.utterance, first, 0.0, r.metric) for r in turned], turned


def _test(a: Sequence[Rating], b: Sequence[Rating]) -> Comparison:
    """Wilcoxon over utterances, with the largest p of that, of the one over listeners and of the two-way test.

    Each Wilcoxon test sees one source of chance only: together they still find too much where voices suit some
    listeners and some utterances better (``benchmarks/eval_statistics.py``), which the two-way test mends.
    """
    both = [*a, *b]
    two_way = two_way_test(_scores(both), np.arange(len(both)) >= len(a), *_clusters(both))
    by_utterance, by_listener = (compare_paired(*_paired(a, b, by)) for by in ("utterance", "listener"))
    return Comparison(
        max(by_utterance.p, by_listener.p, two_way),
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


def _too_few(a: Sequence[Rating], b: Sequence[Rating]) -> str:
    for by in ("utterance", "listener"):
        common = len({getattr(r, by) for r in a} & {getattr(r, by) for r in b})
        if common < FEWEST:
            return f"{common} {by}{'s' if common != 1 else ''} in common"
    return ""


def _scores(ratings: Sequence[Rating]) -> np.ndarray:
    return np.array([r.score for r in ratings], np.float64)


def _clusters(ratings: Sequence[Rating]) -> tuple[list[str], list[str]]:
    return [r.utterance for r in ratings], [r.listener for r in ratings]
