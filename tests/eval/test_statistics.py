# SPDX-License-Identifier: Apache-2.0
"""Intervals, tests and letters against known answers."""

import numpy as np
import pytest
from scipy import stats

from synthkit.eval.statistics import (
    bootstrap_interval,
    compare_paired,
    letters,
)
from synthkit.eval.two_way import two_way_interval, without_common


def test_interval_agrees_with_students_for_normal_data():
    x = np.random.default_rng(3).normal(5, 2, 400)
    found = bootstrap_interval(x)
    low, high = stats.t.interval(0.95, 399, x.mean(), stats.sem(x))
    assert found.estimate == pytest.approx(x.mean())
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03)


def test_pooled_rates_are_weighted():
    errors, words = np.array([1.0, 5.0, 0.0]), np.array([10.0, 10.0, 20.0])
    assert bootstrap_interval(errors / words, words).estimate == pytest.approx(6 / 40)


def test_copies_of_an_observation_add_no_certainty():
    x = np.random.default_rng(0).normal(0, 1, 30)
    once = bootstrap_interval(x)
    thrice = bootstrap_interval(np.repeat(x, 3), clusters=np.repeat(np.arange(30), 3))
    assert (thrice.low, thrice.high, thrice.clusters) == (
        pytest.approx(once.low),
        pytest.approx(once.high),
        30,
    )


def test_the_seed_fixes_the_result():
    x = np.random.default_rng(0).normal(0, 1, 30)
    assert bootstrap_interval(x, seed=1) == bootstrap_interval(x, seed=1)
    assert bootstrap_interval(x, seed=1) != bootstrap_interval(x, seed=2)


def test_too_little_to_tell():
    assert bootstrap_interval(np.array([3.0])).low is None
    same = bootstrap_interval(np.full(10, 3.0))
    assert (same.low, same.high) == (3.0, 3.0)
    two = bootstrap_interval(np.array([3.0, 5.0]))  # Student's t of one degree of freedom: 4 ± 12.706
    assert (two.low, two.high) == (pytest.approx(-8.706, abs=1e-3), pytest.approx(16.706, abs=1e-3))


def test_listeners_widen_the_interval():
    rng = np.random.default_rng(0)
    utterance, listener = np.divmod(np.arange(300), 10)
    score = 3 + rng.normal(0, 0.5, 10)[listener] + rng.normal(0, 0.3, 300)
    one = bootstrap_interval(score, clusters=utterance)
    both = two_way_interval(score, utterance, listener, resamples=300)
    assert both.estimate == pytest.approx(score.mean())
    assert both.high - both.low > 2 * (one.high - one.low)


def test_what_is_common_to_both_voices_is_taken_off_as_far_as_it_cancels():
    rng = np.random.default_rng(2)
    utterance, listener = (x.ravel() for x in np.mgrid[:12, :8])
    second = (
        utterance + listener
    ) % 2 == 1  # a Latin square: everybody hears half of the sentences by either
    noise = rng.normal(0, 0.1, 96)
    score = 3 + 0.5 * second + rng.normal(0, 1, 12)[utterance] + rng.normal(0, 1, 8)[listener] + noise
    left = without_common(score, second, utterance, listener)
    for voice in (False, True):
        assert left[second == voice].mean() == pytest.approx(score[second == voice].mean())
        assert left[second == voice].std() < 0.15
    # Whoever has heard one voice only may be generous to it: nothing is taken off.
    apart = listener >= 4
    assert without_common(score, apart, np.zeros(96), listener) == pytest.approx(score)
    # Where all is heard by both, all cancels by itself.
    twice = without_common(
        np.r_[score, score], np.arange(192) >= 96, np.r_[utterance, utterance], np.r_[listener, listener]
    )
    assert twice == pytest.approx(np.r_[score, score])


def test_coverage_of_a_small_simulation():
    # benchmarks/eval_statistics.py has the full one; here a rate that no sane interval would miss.
    hits = 0
    for k in range(200):
        x = np.random.default_rng(k).lognormal(0, 0.5, 30)
        found = bootstrap_interval(x, resamples=400, seed=k)
        hits += found.low <= np.exp(0.125) <= found.high
    assert 180 <= hits <= 200


def test_identical_voices_do_not_differ():
    x = np.random.default_rng(0).normal(5, 1, 40)
    found = compare_paired(x, x)
    assert (found.p, found.effect, found.ties) == (1.0, 0.0, 40)
    assert compare_paired(x, x * (1 + 1e-14)).p == 1.0


def test_wilcoxon_and_effect_by_hand():
    # Differences 1, 2, -3, 4, 5, 6: W+ = 18, W- = 3.
    first = np.zeros(6)
    second = np.array([1.0, 2, -3, 4, 5, 6])
    found = compare_paired(first, second)
    assert found.effect == pytest.approx(15 / 21)
    assert found.p == pytest.approx(stats.wilcoxon(second, method="exact").pvalue)
    assert compare_paired(second, first).effect == pytest.approx(-15 / 21)


def test_letters_share_where_there_is_no_difference():
    names = ["a1", "b1", "c1", "d1"]
    different = {frozenset(p) for p in (("a1", "c1"), ("a1", "d1"), ("b1", "d1"))}
    shown = letters(names, different)
    for x in names:
        for y in names:
            share = bool(set(shown[x]) & set(shown[y]))
            assert share == (x == y or frozenset((x, y)) not in different)
    assert shown["a1"] == "a"
    assert letters(names, set()) == dict.fromkeys(names, "a")
