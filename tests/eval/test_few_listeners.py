# SPDX-License-Identifier: Apache-2.0
"""So few listeners and sentences that no test of them could come out claim nothing; nor do equal voices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wilcoxon

from synthkit.eval.analysis import conclude
from synthkit.eval.families import adjust, smallest_p
from synthkit.eval.listening import analyse_ratings, questions
from synthkit.eval.listening.heard import Heard
from synthkit.eval.listening.verdict import judge
from synthkit.eval.ratings import Rating
from synthkit.eval.report.text import as_text
from synthkit.eval.results import Analysis
from synthkit.eval.verdict import verdict


def rated(scores: dict[str, float], people: int, sentences: int, metrics: tuple[str, ...] = ("mos",)):
    """Everybody gives each voice the same score in every sentence."""
    return [
        Rating(f"l{k}", f"u{n}", voice, score, metric)
        for metric in metrics for k in range(people) for n in range(sentences)
        for voice, score in scores.items()
    ]  # fmt: skip


def concluded(ratings: list[Rating], voices: str) -> Analysis:
    return conclude(analyse_ratings(ratings, list(voices), resamples=20), list(voices))


@pytest.mark.parametrize(("people", "sentences"), [(6, 6), (8, 8), (6, 20), (20, 7)])
def test_ratings_give_no_p_below_that_of_one_sign(people, sentences):
    (pair,) = concluded(rated({"a": 4, "b": 3}, people, sentences), "ab").pairs
    assert pair.p == smallest_p(min(people, sentences))
    noisy = np.random.default_rng(1).normal(1, 0.01, min(people, sentences))
    assert pair.p == pytest.approx(wilcoxon(noisy, method="exact").pvalue)


def test_a_preference_gives_no_p_below_that_of_one_sign():
    ratings = [Rating(f"l{k}", f"u{n}", "a", 1.0, "ab", "b") for k in range(6) for n in range(6)]
    (pair,) = concluded(ratings, "ab").pairs
    assert pair.p == smallest_p(6) and pair.different


def test_what_could_not_come_out_has_no_letters_and_is_no_same():
    found = concluded(rated({"a": 4, "b": 3}, 6, 6, ("mos", "smos")), "ab")
    for p in found.pairs:
        assert "no power" in p.note and f"{adjust(smallest_p(6), 2):.2g}" in p.note
        assert not p.different and p.adjusted == 1.0 and p.difference.low is None
    assert not any(s.letters for s in found.summaries.values())
    said = verdict(found, ["a", "b"])
    assert "too few listeners or sentences to tell" in said and "no difference" not in said
    told = as_text(found)
    assert "6 listeners or utterances are too few for 2 tests" in told and "share a letter" not in told


def test_enough_listeners_come_out():
    found = concluded(rated({"a": 4, "b": 3}, 8, 8, ("mos", "smos")), "ab")
    assert all(p.different and not p.note for p in found.pairs)
    assert {s.system: s.letters for s in found.summaries.values()} == {"a": "a", "b": "b"}


def test_voices_rated_alike_each_time_are_described():
    rng = np.random.default_rng(2)
    ratings = []
    for k in range(8):
        for n in range(8):
            base = float(rng.integers(3, 6))
            scores = {"a": base, "b": base, "c": base - 2 + (k == n)}
            ratings += [Rating(f"l{k}", f"u{n}", v, s, "mos") for v, s in scores.items()]
    found = concluded(ratings, "abc")
    by = {(p.first, p.second): p for p in found.pairs}
    assert by["a", "b"].note == "identical in every rating" and not by["a", "b"].tested
    assert by["a", "b"].difference.estimate == 0
    assert by["a", "c"].adjusted == pytest.approx(adjust(by["a", "c"].p, 2))  # two tests, not three
    letters = {s.system: s.letters for s in found.summaries.values()}
    assert letters == {"a": "a", "b": "a", "c": "b"}


@pytest.mark.parametrize(
    ("scores", "role", "noted"),
    [
        ({"a": 60, "b": 65, "Anker": 15}, "", True),
        ({"a": 60, "b": 65, "c": 55}, "", False),
        ({"a": 60, "b": 65, "Anker": 15}, "anchor", False),
    ],
)
def test_what_looks_like_an_anchor_is_told(scores, role, noted):
    ratings = [
        Rating(f"l{k}", f"u{n}", v, s + (k + n) % 3, "mushra")
        for k in range(6) for n in range(6) for v, s in scores.items()
    ]  # fmt: skip
    heard = Heard(ratings, roles={"Anker": role} if role else {})
    notes = judge(heard, resamples=20).heard.notes
    assert any("'Anker'" in n and "role" in n for n in notes) == noted


@pytest.mark.parametrize(
    ("scores", "doubted"), [((1.5, 3.0, 4.5), True), ((0, 2, 4), True), ((10, 50, 90), False)]
)
def test_opinions_of_any_kind_are_not_taken_for_mushra_without_a_word(scores, doubted):
    ratings = [
        Rating(f"l{k}", f"u{n}", v, scores[(k + n + (v == "b")) % 3], "mushra")
        for k in range(6) for n in range(6) for v in "ab"
    ]  # fmt: skip
    notes = judge(Heard(ratings), resamples=20).heard.notes
    assert any("was it a 'mos'" in n for n in notes) == doubted


def test_what_is_asked_says_what_a_p_can_be():
    (d,) = questions.definitions(rated({"a": 4, "b": 3}, 6, 6))
    assert (d.metric, d.id, d.range) == ("mos", "listeners", (1, 5))
    assert "72 ratings by 6 listeners" in d.text and "never below that of one sign" in d.text
