# SPDX-License-Identifier: Apache-2.0
"""Durations and F0 that are given are what units are looked for by."""

import numpy as np
import pytest
from synthkit_unit_selection.given import as_targets, free_of_given
from synthkit_unit_selection.phrases import Found

from synthkit.request import Request
from synthkit.types import Phone, Segmentation, Word
from synthkit.types.given import Given


def given(count, durations=(), f0=()):
    seconds = np.full(count, np.nan)
    for place, value in durations:
        seconds[place] = value
    return Given(seconds, np.array(f0, float).reshape(-1, 2))


def test_targets_of_the_search_are_what_is_given():
    predicted = np.zeros((6, 8), np.float32)
    predicted[:, 0], predicted[:, 1], predicted[:, 2] = np.log(0.05), np.log(120), 0.2
    out = as_targets(predicted, given(3, [(1, 0.2)], [[1.5, 180.0]]))
    np.testing.assert_allclose(np.exp(out[:, 0]), [0.05, 0.05, 0.1, 0.1, 0.05, 0.05], rtol=1e-5)
    assert np.exp(out[2:4, 1]).mean() > 145 and np.exp(out[0, 1]) == pytest.approx(120, rel=0.01)
    np.testing.assert_allclose(out[:, 2], [0.2, 0.2, 0.5, 0.5, 0.2, 0.2])
    np.testing.assert_array_equal(out[:, 3:], predicted[:, 3:])


def test_a_phrase_is_not_taken_whole_where_something_is_given():
    text = Segmentation("ab c", "ru", "toy", (Word("ab", (Phone("a"), Phone("b"))), Word("c", (Phone("c"),))))
    found = [Found(0, 1, 0, 2, False), Found(1, 2, 9, 10, False)]
    assert free_of_given(found, Request(text, f0=np.array([[3.5, 100.0]]))) == found[:1]
    durations = np.full(5, np.nan)
    durations[1] = 0.1
    assert free_of_given(found, Request(text, durations=durations)) == found[1:]
    assert free_of_given(found, Request(text)) == found
