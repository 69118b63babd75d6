# SPDX-License-Identifier: Apache-2.0
"""Acoustics read off a guide's vectors of phones."""

from __future__ import annotations

import numpy as np
import pytest
from synthkit_unit_selection.guidance import learn_head
from synthkit_unit_selection.guide import Guide
from synthkit_unit_selection.head import Head, fit_head, padded
from synthkit_unit_selection.phone_row import from_text
from synthkit_unit_selection.predictor import STREAMS

from synthkit.regression import Adam, gradients
from synthkit.types import PAUSE, FeatureSpec, Phone, PhoneVectors, Segmentation, Word

WIDTH = 6
RNG = np.random.default_rng(3)
TRUE = RNG.standard_normal((9, 2 * WIDTH)).astype(np.float32) * 0.3


def found(count: int) -> PhoneVectors:
    vectors = RNG.standard_normal((count, 2)).astype(np.float32)
    return PhoneVectors(("a",) * count, (0,) * count, np.exp(RNG.standard_normal(count)), vectors)


def sounding(rows: np.ndarray) -> np.ndarray:
    """What phones of `padded` rows sound like: linear in a phone and its two neighbours, always voiced."""
    wide = np.concatenate([rows[:-2], rows[1:-1], rows[2:]], axis=1)
    out = (wide @ TRUE).reshape(-1, WIDTH)
    out[:, STREAMS["voicing"]] = 1
    return out


def test_it_learns_what_vectors_say_of_a_phone_and_its_neighbours():
    each = [padded(found(40)) for _ in range(60)]
    rows, base = np.concatenate(each), np.cumsum([0] + [len(e) for e in each[:-1]])
    places = np.concatenate([b + 1 + np.arange(40) for b in base])
    head = fit_head(rows, places, np.concatenate([sounding(e) for e in each]), hidden=32, epochs=20)
    new = padded(found(50))
    real = sounding(new)
    said = head.predict(new, np.arange(1, 51))
    assert said.shape == real.shape == (100, WIDTH)
    columns = [k for k in range(WIDTH) if k != STREAMS["voicing"].start]
    assert ((said - real)[:, columns] ** 2).mean() < 0.05 * real[:, columns].var()


def test_it_comes_back_from_its_file_as_it_was(tmp_path):
    rows = padded(found(30))
    head = fit_head(rows, np.arange(1, 31), sounding(rows), hidden=8, epochs=2)
    head.save(tmp_path / "head.npz")
    again = Head.load(tmp_path / "head.npz")
    np.testing.assert_array_equal(again.predict(rows, np.arange(1, 31)), head.predict(rows, np.arange(1, 31)))


def test_the_vectors_of_a_guide_are_put_beside_the_phones_of_the_voice():
    class Knows:
        def known_phones(self):
            return ("a", "b", PAUSE)

        def phone_vectors(self, segmentation, *, pauses=None, speaker=None):
            symbols = [PAUSE, *(p.symbol for p in segmentation.phones()), PAUSE]
            vectors = np.array([[ord(s[0])] for s in symbols], np.float32)
            return PhoneVectors(tuple(symbols), (0,) * len(symbols), np.full(len(symbols), 0.1), vectors)

    guide = Guide(Knows(), "toy", "toy", FeatureSpec("world", 16000), "d")
    text = Segmentation("ab", "xx", "toy", (Word("ab", (Phone("a"), Phone("b")), 3),))
    # The recording has a phone more than the text: nothing is said of one of the two.
    spoken = from_text(text, [True], {0: (1, [("a", 0, 0), ("a", 0, 0), ("b", 0, 0)])})
    rows, theirs, ours = guide.vectors(text, spoken)
    assert len(ours) == 4
    assert len(spoken) == 5
    assert [chr(int(rows[i, 0])) for i in theirs] == [spoken.symbols[k][0] for k in ours]
    real = np.zeros((2 * len(spoken), WIDTH), np.float32)
    assert isinstance(learn_head(guide, lambda: [(text, spoken, real, real)], 5), Head)


def test_a_guide_without_vectors_has_no_head():
    class Frames:
        def known_phones(self):
            return ("a", PAUSE)

        def phone_vectors(self, segmentation, *, pauses=None, speaker=None):
            return None

    guide = Guide(Frames(), "toy", "toy", FeatureSpec("world", 16000), "d")
    text = Segmentation("a", "xx", "toy", (Word("a", (Phone("a"),), 3),))
    spoken = from_text(text, [True])
    real = np.zeros((2 * len(spoken), WIDTH), np.float32)
    assert learn_head(guide, lambda: [(text, spoken, real, real)], 3) is None


def test_gradients_are_those_of_the_weighted_squared_error():
    sizes = ((3, 5), (5,), (5, 4), (4,), (4, 2), (2,))
    params = [RNG.standard_normal(s) for s in sizes]
    x, target, weight = (RNG.standard_normal((7, n)) for n in (3, 2, 2))
    weight = np.abs(weight)

    def loss() -> float:
        w1, b1, w2, b2, w3, b3 = params
        h = np.maximum(np.maximum(x @ w1 + b1, 0) @ w2 + b2, 0)
        return float((weight * (h @ w3 + b3 - target) ** 2).sum() / len(x))

    given = gradients(params, x, target, weight)
    for p, g in zip(params, given, strict=True):
        where = tuple(0 for _ in p.shape)
        p[where] += 1e-6
        up = loss()
        p[where] -= 2e-6
        down = loss()
        p[where] += 1e-6
        assert g[where] == pytest.approx((up - down) / 2e-6, rel=1e-4, abs=1e-6)
    before = loss()
    adam = Adam(params, 0.01, 50)
    for _ in range(50):
        adam.step(gradients(params, x, target, weight))
    assert loss() < before
