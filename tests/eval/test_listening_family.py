# SPDX-License-Identifier: Apache-2.0
"""Ratings are tested as one family whose probabilities and intervals agree, whatever was asked."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.eval.analysis import conclude
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening.design import plan
from synthkit.eval.listening.discrimination import exact_binomial
from synthkit.eval.listening.simulate import simulate
from synthkit.eval.ratings import Rating

DESIGNS = ("mushra", "mos", "smos", "cmos", "ab", "abx")
QUALITY = {"a": 3.2, "b": 3.25, "c": 3.6, "d": 3.9}


def pairs_of(ratings: list[Rating]):
    voices = list(QUALITY)
    return conclude(analyse_ratings(ratings, voices, resamples=20), voices).pairs


def leaves_out_zero(pair) -> bool:
    return pair.difference.low > 0 or pair.difference.high < 0


@pytest.mark.parametrize("design", DESIGNS)
def test_an_interval_leaves_out_zero_exactly_where_its_pair_is_found(design):
    found = 0
    for seed in range(12):
        trials = plan(design, [f"u{k}" for k in range(12)], list(QUALITY), 12, seed=seed)
        pairs = pairs_of(simulate(design, trials, QUALITY, np.random.default_rng(seed)))
        assert len(pairs) == 6
        for p in pairs:
            assert leaves_out_zero(p) == (p.adjusted <= 0.05), (seed, p)
            assert p.difference.low <= p.difference.estimate <= p.difference.high or not p.different
        found += sum(p.different for p in pairs)
    assert 0 < found < 12 * 6  # both happen, or nothing was shown


def test_intervals_of_a_family_are_wider_than_a_pair_s_own():
    trials = plan("mos", [f"u{k}" for k in range(12)], list(QUALITY), 12, seed=1)
    ratings = simulate("mos", trials, QUALITY, np.random.default_rng(1))
    (alone,) = conclude(analyse_ratings(ratings, ["a", "d"], resamples=20), ["a", "d"]).pairs
    (of_six,) = [p for p in pairs_of(ratings) if (p.first, p.second) == ("a", "d")]
    assert of_six.p == alone.p < of_six.adjusted == pytest.approx(1 - (1 - alone.p) ** 6)
    assert of_six.difference.low < alone.difference.low < alone.difference.high < of_six.difference.high


def test_an_interval_whose_tests_by_rank_find_nothing_reaches_to_zero():
    # One sentence of six is worse by little and five better by much: Student's t finds it, Wilcoxon over six
    # sentences cannot (its least p but one is 0.0625).
    ratings = [
        Rating(f"l{v}", f"u{u}", voice, 50.0 + (voice == "b") * (more + v / 9), "mushra")
        for u, more in enumerate((-1.0, 20, 21, 22, 23, 24)) for v in range(9) for voice in "ab"
    ]  # fmt: skip
    tested = analyse_ratings(ratings, ["a", "b"])
    (pair,) = conclude(tested, ["a", "b"]).pairs
    assert tested.found[0].difference(0.95).low > 0
    assert pair.adjusted == pytest.approx(0.0625)
    assert pair.difference.low == 0.0 < pair.difference.high


def answers(right: int, of: int, listeners: int = 4) -> list[Rating]:
    return [Rating(f"l{k % listeners}", f"u{k}", "b", float(k < right), "abx", "a") for k in range(of)]


def test_of_abx_answers_the_exact_binomial_decides():
    for right in range(17):
        (pair,) = conclude(analyse_ratings(answers(right, 16), ["a", "b"]), ["a", "b"]).pairs
        assert pair.p == exact_binomial(right, 16) == pytest.approx(pair.adjusted)
        assert (pair.difference.low > 0) == pair.different == (right >= 12)  # Σ C(16, k) / 2¹⁶, k ≥ 12: 0.038
        assert pair.difference.high >= 0  # fewer than guessing gives are no finding


def test_what_an_abx_test_finds_begins_at_the_least_share_above_a_half():
    (pair,) = conclude(analyse_ratings(answers(12, 16), ["a", "b"]), ["a", "b"]).pairs
    assert pair.difference.low == 100 / 32  # half an answer of sixteen: Wilson's with four listeners is below


def test_a_file_of_opinions_read_as_mushra_is_doubted(tmp_path):
    from synthkit.eval.listening.formats import read_heard
    from synthkit.eval.listening.verdict import judge

    for factor, doubted in ((1, True), (17, False)):
        path = tmp_path / f"{factor}.csv"
        rows = [
            f"l{k},u{n},{v},{factor * (2 + (k + n + (v == 'b')) % 4)},mushra"
            for k in range(6) for n in range(6) for v in "ab"
        ]  # fmt: skip
        path.write_text("\n".join(["listener,utterance,voice,score,metric", *rows]), encoding="utf-8")
        notes = judge(read_heard(path), resamples=20).heard.notes
        assert any("was it a 'mos'" in note for note in notes) == doubted
