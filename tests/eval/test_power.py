# SPDX-License-Identifier: Apache-2.0
"""Families of tests and their power: against textbook values and against simulated studies."""

import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from synthkit.errors import ConfigError
from synthkit.eval.families import adjust, critical_p, fewest, joint, smallest_p
from synthkit.eval.plan import make_plan, read_pilot
from synthkit.eval.power import detectable, deviation, power, sentences


def test_one_test_is_students():
    x = np.random.default_rng(0).normal(0.4, 1, 20)
    found = joint(x)
    expected = stats.ttest_1samp(x, 0.0)
    assert found.p == found.adjusted == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high))


@pytest.mark.parametrize("tests", [1, 5, 30])
def test_intervals_agree_with_adjusted_probabilities(tests):
    for k in range(200):
        rng = np.random.default_rng(k)
        words = rng.integers(3, 20, 14).astype(float)
        found = joint(rng.normal(0.8, 1, 14), words if k % 2 else None, tests=tests)
        outside = not found.difference.low <= 0 <= found.difference.high
        assert outside == (found.adjusted <= 0.05)


def test_the_family_is_sidaks():
    assert adjust(0.01, 5) == pytest.approx(1 - 0.99**5)
    assert adjust(critical_p(12), 12) == pytest.approx(0.05)
    assert adjust(1.0, 3) == 1.0
    assert smallest_p(8) == stats.wilcoxon(np.arange(1, 9.0), method="exact").pvalue
    assert [fewest(t) for t in (1, 5, 6, 7)] == [6, 8, 8, 9]


def test_pooled_rates_weigh_their_words():
    errors, words = np.array([1.0, -1.0, 0.5, 0.0]), np.array([10.0, 10.0, 20.0, 5.0])
    assert joint(errors, words).difference.estimate == pytest.approx(10 / 45)


def test_the_same_difference_everywhere_is_as_sure_as_its_number():
    found = joint(np.full(7, 2.0), tests=1)
    assert (found.difference.low, found.difference.high, found.p) == (2.0, 2.0, 2.0**-6)
    assert joint(np.zeros(7)).p == 1.0


def test_power_of_a_paired_t_test_as_in_the_books():
    # Cohen 1988, table 2.3.5 for d = 0.5: 34 pairs give 0.80 to 0.81; G*Power 3.1 has the same.
    assert sentences(0.5, 1.0, 1) == 34
    assert power(0.5, 1.0, 34, 1) == pytest.approx(0.8078, abs=5e-4)
    assert detectable(1.0, 34, 1) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("n", "tests", "difference"), [(12, 5, 1.3), (30, 15, 0.75)])
def test_planned_power_is_what_studies_find(n, tests, difference):
    studies = 2000
    hits = sum(
        joint(np.random.default_rng(k).normal(difference, 1, n), tests=tests).adjusted <= 0.05
        for k in range(studies)
    )
    assert hits / studies == pytest.approx(power(difference, 1.0, n, tests), abs=0.03)


def test_power_grows_with_the_difference_and_is_never_lost():
    for n in (8, 15, 62, 300):
        found = [power(d / 20, 1.0, n, tests=5) for d in range(1, 80)]
        assert all(0 <= a <= b + 1e-9 <= 1 + 1e-8 for a, b in pairwise(found))


def test_no_power_below_the_fewest():
    assert power(100.0, 1.0, 7, 5) == 0.0
    assert detectable(1.0, 7, 5) is None
    assert sentences(100.0, 1.0, 5) == 8
    assert sentences(1e-9, 1.0, 1) is None
    assert deviation(np.array([1.0, 3.0])) == pytest.approx(np.sqrt(2))


def test_a_plan_says_what_sentences_can_show(tmp_path):
    plan = make_plan(3, 8, [("mcd", "dB"), ("wer", "%")], worth={"mcd": 0.4})
    assert plan.tests == 6
    mcd, wer = plan.figures
    assert mcd.difference == 0.4
    assert mcd.needed == sentences(0.4, mcd.deviation, 6)
    assert wer.needed > mcd.needed
    assert "no power: at n = 7" in " ".join(
        make_plan(3, 7, [("mcd", "dB"), ("wer", "%"), ("lsd", "dB")]).notes()
    )
    assert "nothing is tested" in make_plan(1, 50, [("mcd", "dB")]).notes()[0]
    with pytest.raises(ConfigError, match="joins"):
        make_plan(2, 8, [("joins", "")])
    (tmp_path / "results.json").write_text(
        json.dumps({"power": [{"key": "mcd/synthkit", "deviation": 0.31, "sentences": 15}]})
    )
    # (n - 1) s² over the 10 % point of χ² with 14 degrees of freedom, which tables give as 7.790.
    assert read_pilot(tmp_path) == {"mcd": pytest.approx(0.31 * (14 / 7.790) ** 0.5, rel=1e-4)}
    for wrong in ({"deviation": "nan"}, {"sentences": 1}, {"sentences": None}, {"key": 3}):
        row = {"key": "mcd/synthkit", "deviation": 0.31, "sentences": 15} | wrong
        (tmp_path / "results.json").write_text(json.dumps({"power": [row]}))
        with pytest.raises(ConfigError, match=r"not the results\.json"):
            read_pilot(tmp_path)
    with pytest.raises(ConfigError, match=r"'mdc'.*none of the figures planned") as error:
        make_plan(2, 8, [("mcd", "dB")], worth={"mdc": 0.3})
    assert "did you mean 'mcd'" in error.value.hint
    (tmp_path / "results.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"not the results\.json"):
        read_pilot(tmp_path)
