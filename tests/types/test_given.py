# SPDX-License-Identifier: Apache-2.0
"""Durations and F0 that are given: their places, their pauses, and the contour through the points."""

import numpy as np
import pytest

from synthkit.errors import ConfigError
from synthkit.request import Request
from synthkit.types import PAUSE, Phone, Segmentation, Word
from synthkit.types.given import given, places, spoken_places


def text(*words, breaks=()):
    return Segmentation(
        " ".join(words), "ru", "toy",
        tuple(Word(w, tuple(map(Phone, w)), 2 if k in breaks else 0) for k, w in enumerate(words)),
    )  # fmt: skip


def test_places_are_those_of_symbols():
    said = text("ab", "c", breaks=(0,))
    assert [(w, k) for w, k in places(said)] == [(-1, -1), (0, 0), (0, 1), (0, -1), (1, 0), (1, -1)]
    assert said.symbols() == [PAUSE, "a", "b", PAUSE, "c", PAUSE]
    assert spoken_places([-1, 0, 0, -1, 1, -1]) == places(said)


def test_what_is_given_finds_its_phones_where_pauses_differ():
    said = text("ab", "c", breaks=(0,))
    durations = np.array([np.nan, 0.1, np.nan, 0.5, 0.2, np.nan])
    spoken = [-1, 0, 0, 1, -1]  # the pause is not made
    found = given(said, spoken, durations, np.array([[3.5, 99.0], [4.25, 120.0]]))
    np.testing.assert_array_equal(found.durations, [np.nan, 0.1, np.nan, 0.2, np.nan])
    np.testing.assert_allclose(found.f0, [[3.25, 120.0]])  # a pause that is not made has no F0


def test_pauses_are_as_given_else_the_models_own():
    said = text("a", "b", "c", "d", breaks=(0, 1))
    rows = said.symbols()
    assert rows == [PAUSE, "a", PAUSE, "b", PAUSE, "c", "d", PAUSE]
    free = np.full(len(rows), np.nan)
    assert Request(said, durations=free).pauses({1, 2}) == {1, 2}
    some = free.copy()
    some[2], some[4] = 0.3, 0.0
    assert Request(said, durations=some).pauses({1, 2}) == {0, 2}
    whole = np.full(len(rows), 0.1)
    assert Request(said, durations=whole).pauses({2}) == {0, 1, 3}


def test_the_contour_goes_through_the_points_and_leaves_other_phones():
    place = np.linspace(0, 6, 601)
    own = np.log(100 + 5 * np.sin(7 * place))
    points = np.array([[2.25, 150.0], [2.75, 160.0], [4.5, 80.0]])
    found = given(text("abcd"), [-1, 0, 0, 0, 0, -1], None, points)
    moved = found.contour(place, own)
    np.testing.assert_allclose(np.exp(np.interp(points[:, 0], place, moved)), points[:, 1], rtol=1e-6)
    for middle in (0.5, 1.5, 3.5, 5.5):
        assert np.interp(middle, place, moved) == pytest.approx(np.interp(middle, place, own), abs=1e-9)
    assert np.abs(np.diff(moved)).max() < 0.02  # no step anywhere
    np.testing.assert_array_equal(given(text("a"), [-1, 0, -1], None, None).contour(place, own), own)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"durations": np.ones(3)}, "5 phones"),
        ({"durations": np.array([1, -1, 1, 1, 1.0])}, "not negative"),
        ({"durations": np.array([1, np.inf, 1, 1, 1.0])}, "finite"),
        ({"durations": np.zeros(5)}, "all zero"),
        ({"f0": np.array([1.0, 2.0])}, "points"),
        ({"f0": np.array([[9.0, 100.0]])}, "no place 9"),
        ({"f0": np.array([[1.0, 5.0]])}, "5 Hz"),
        ({"f0": np.array([[1.0, np.nan]])}, "nan Hz"),
    ],
)
def test_what_nobody_can_speak_is_refused(asked, words):
    with pytest.raises(ConfigError, match=words):
        Request(text("abc"), **asked)
