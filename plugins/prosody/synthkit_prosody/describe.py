# SPDX-License-Identifier: Apache-2.0
"""What is known of a phone before it is spoken, as far as its F0 may depend on it.

`synthkit.linguistic` says where a phone stands in its word, phrase and utterance. Melody depends on more: on
what the words around are (their kind, length, stress and marks), and on where in the whole the phrase is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from synthkit.linguistic import PUNCTUATION, SpokenPhone, boundaries, features, mark
from synthkit.types import Segmentation

AROUND = 3
"""Words on either side that a phone is told about."""


def words_described(segmentation: Segmentation, paused: Collection[int]) -> np.ndarray:
    """A row for each word ``(W, D)``: what it is, what follows it, and whether a pause does."""
    rows = []
    for w, word in enumerate(segmentation.words):
        stressed = [k for k, p in enumerate(word.phones) if p.stress == 1]
        count = len(word.phones)
        row = [
            1.0, float(word.function), min(count, 20) / 10, float(bool(stressed)),
            (count - 1 - stressed[0]) / 10 if stressed else 0.0,
            *(float(word.break_after == b) for b in (1, 2, 3)), float(w in paused),
            float(word.text[:1].isupper()),
            *(float(mark(word) == m) for m in PUNCTUATION),
        ]  # fmt: skip
        rows.append(row)
    return np.asarray(rows, np.float32)


def around(rows: np.ndarray, reach: int = AROUND) -> np.ndarray:
    """Each row with those before and after it side by side, zeros beyond the ends: ``(W, (2 reach + 1)
    D)``."""
    count = len(rows)
    wide = np.pad(rows, ((reach, reach), (0, 0)))
    return np.concatenate([wide[k : k + count] for k in range(2 * reach + 1)], axis=1)


def _steps(k: np.ndarray) -> np.ndarray:
    return np.stack([np.minimum(k, 20) / 10, 1 / (1 + k)], axis=-1).astype(np.float32)


def phones_described(
    phones: Sequence[SpokenPhone], segmentation: Segmentation, symbols: dict[str, int]
) -> np.ndarray:
    """Rows ``(P, D)`` float32 of phones as they are spoken.

    Parameters
    ----------
    phones : sequence of SpokenPhone
    segmentation : Segmentation
    symbols : dict of str to int
        Column of each phone that the voice knows; of others nothing is said.
    """
    count = len(phones)
    word = np.array([p.word for p in phones])
    paused = {int(word[k - 1]) for k in range(1, count) if word[k] < 0}
    one = np.zeros((count + 2, len(symbols)), np.float32)
    for k, p in enumerate(phones):
        if p.symbol in symbols:
            one[k + 1, symbols[p.symbol]] = 1
    per_word = around(words_described(segmentation, paused))
    of_word = np.zeros((count, per_word.shape[1]), np.float32)
    of_word[word >= 0] = per_word[word[word >= 0]]
    # Stressed syllables and words before and after, in the phrase and in the utterance.
    accent = np.array([float(p.stress == 1) for p in phones])
    phrase = np.cumsum(word < 0)
    total = np.cumsum(accent)
    first, last = np.zeros(count), np.zeros(count)
    sizes = []
    for q in np.unique(phrase):
        here = np.flatnonzero(phrase == q)
        first[here], last[here] = total[here[0]] - accent[here[0]], total[here[-1]]
        sizes.append(float(accent[here].sum()))
    size = np.array([0.0, *sizes, 0.0])
    at = phrase - phrase[0]
    place = np.concatenate(
        [
            _steps(total - accent - first), _steps(last - total), _steps(total - accent),
            _steps(total[-1] - total), _steps(size[at]), _steps(size[at + 2]),
            (total / max(total[-1], 1))[:, None], np.full((count, 1), np.log1p(total[-1]) / 3),
        ],
        axis=1,
    )  # fmt: skip
    return np.concatenate(
        [features(phones, segmentation), one[:-2], one[1:-1], one[2:], of_word, place], axis=1
    ).astype(np.float32)


def breaks_described(segmentation: Segmentation) -> np.ndarray:
    """Rows ``(W - 1, D)`` float32 of the places between words, for the pauses."""
    words = segmentation.words
    sizes = np.cumsum([len(w.phones) for w in words]).astype(float)
    accents = np.cumsum([any(p.stress == 1 for p in w.phones) for w in words]).astype(float)
    sums = [v for total in (sizes / 4, accents) for v in (_steps(total[:-1]), _steps(total[-1] - total[:-1]))]
    return np.concatenate(
        [boundaries(segmentation), around(words_described(segmentation, ()))[:-1], *sums], axis=1
    ).astype(np.float32)
