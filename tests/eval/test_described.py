# SPDX-License-Identifier: Apache-2.0
"""What is described and not tested claims nothing: it has no interval that would leave out 0 beside p = 1."""

import numpy as np
import pytest

from synthkit.eval.analysis import analyse
from synthkit.eval.families import adjust, smallest_p
from synthkit.eval.metric import Definition
from synthkit.eval.results import Row
from synthkit.eval.verdict import verdict


def analysed(n, first, second, *, group="spectral", figures=5):
    definitions = [
        Definition(f"d{k}", "toy", "dB", "lower", f"Distance {k}", "", "", group=group, main=True)
        for k in range(figures)
    ]
    rng = np.random.default_rng(3)
    rows = []
    for d in definitions:
        for u in range(n):
            base = 5 + rng.normal(0, 0.1)
            for name, make in (("a", first), ("b", second)):
                rows.append(Row(f"u{u}", name, d.metric, d.id, float(make(base, rng)), 1, ""))
    return analyse(rows, definitions, ["a", "b"], wanted=[d.key for d in definitions], resamples=50)


def plain(base, rng):
    return base + rng.normal(0, 0.01)


def worse(base, rng):
    return base + 1 + rng.normal(0, 0.01)


@pytest.mark.parametrize("n", [3, 4, 7, 8, 12])
def test_an_interval_leaves_out_zero_exactly_where_its_pair_is_found(n):
    found = analysed(n, plain, worse)
    assert len(found.pairs) == 5
    for p in found.pairs:
        out = p.difference.low is not None and (p.difference.low > 0 or p.difference.high < 0)
        assert out == p.different == (p.adjusted <= 0.05) == (n >= 8)
        assert p.p >= smallest_p(n)  # what one sign in every sentence gives, however plain the difference
        if n < 8:
            assert "no power" in p.note and p.difference.low is None and p.adjusted == 1.0
        else:
            assert p.adjusted == pytest.approx(adjust(p.p, 5))


def test_a_voice_that_says_the_recordings_is_described():
    found = analysed(12, lambda base, rng: 3e-13, plain)
    assert {p.note for p in found.pairs} == {"identical to the recordings: a"}
    assert not any(p.different or p.tested for p in found.pairs)
    assert "identical to the recordings (a)" in verdict(found, ["a", "b"])
    # No errors at all is what an understood voice has: that is no copy.
    heard = analysed(12, lambda base, rng: 0.0, plain, group="intelligibility")
    assert all(p.different for p in heard.pairs)


def test_a_voice_that_says_the_recordings_has_no_letter_and_is_not_best():
    rng = np.random.default_rng(4)
    d = Definition("lsd", "toy", "dB", "lower", "LSD", "", "", group="spectral", main=True)
    rows = []
    for u in range(12):
        for name, value in (("a", 5.2), ("b", 4.8), ("c", 0.0)):
            noise = rng.normal(0, 0.01) if value else 0.0
            rows.append(Row(f"u{u}", name, "lsd", "toy", value + noise, 1, ""))
    found = analyse(rows, [d], ["a", "b", "c"], wanted=[d.key], resamples=50)
    by = {(p.first, p.second): p for p in found.pairs}
    assert by["a", "b"].different and found.families == "1 test"
    for pair in (by["a", "c"], by["b", "c"]):
        assert pair.copies == ("c",) and pair.p == 1.0 and pair.effect == 0.0 and pair.difference.low is None
    assert {s: found.summary(d.key, s).letters for s in "abc"} == {"a": "b", "b": "a", "c": ""}
    assert found.best(d.key, ["a", "b", "c"]) == ["b"]


def test_tests_are_counted_by_family():
    from synthkit.eval.listening import analyse_ratings
    from synthkit.eval.ratings import Rating

    rng = np.random.default_rng(5)
    d = Definition("lsd", "toy", "dB", "lower", "LSD", "", "", group="spectral", main=True)
    rows = [
        Row(f"u{u}", v, "lsd", "toy", 5 + k + rng.normal(0, 0.1), 1, "")
        for u in range(8) for k, v in enumerate("abc")
    ]  # fmt: skip
    ratings = [
        Rating(f"l{k}", f"u{n}", v, float(rng.integers(1, 6)), "mos")
        for k in range(8) for n in range(8) for v in "abc"
    ]  # fmt: skip
    heard = analyse_ratings(ratings, list("abc"), resamples=20)
    found = analyse(rows, [d], list("abc"), wanted=[d.key], heard=heard, resamples=50)
    assert found.families == "3 tests, and 3 of what listeners rated"
