# SPDX-License-Identifier: Apache-2.0
"""What each half-phone sounds like, read off the vectors that a guide has of phones: a head on its encoder.

A guide that decodes frames works at their rate, a hundred steps a second; unit selection wants two rows of
each phone, and there are ten phones a second. Where the guide gives vectors of phones
(`PredictsTargets.phone_vectors`), a small regression from those of a phone and its neighbours takes the
decoder's place. It is learned when the voice is built, from the recordings that the voice is made of, in
seconds of plain numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.regression import Adam, Layers, gradients, through
from synthkit.types import PhoneVectors
from synthkit_unit_selection.predictor import STREAMS

MOST = 60_000
"""Phones that it is learned from at most, so that those of any corpus fit into memory."""


def padded(found: PhoneVectors) -> np.ndarray:
    """The vector of each phone and the logarithm of its seconds, and a row of zeros at either end:
    ``(P + 2, D)`` float32."""
    rows = np.column_stack([found.vectors, np.log(found.durations)]).astype(np.float32)
    return np.pad(rows, ((1, 1), (0, 0)))


def _wide(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Of the rows at `places`: the one before, it itself and the one after, side by side; ``(M, 3 D)``."""
    return rows[places[:, None] + np.arange(-1, 2)].reshape(len(places), -1)


@dataclass(frozen=True)
class Head:
    """Weights of the regression; scales of inputs and outputs are worked in.

    Attributes
    ----------
    layers : list of (ndarray, ndarray)
        Weight and bias of each of three.
    """

    layers: Layers

    def predict(self, rows: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Acoustic rows of both halves of phones: those at `places` ``(P,)`` of `padded` → ``(2 P, A)``
        float32."""
        w, b = self.layers[0]
        return through(self.layers, _wide(rows, places) @ w + b).reshape(2 * len(places), -1)

    def save(self, path: Path) -> None:
        """Write as one .npz."""
        layers: dict[str, Any] = {
            f"{k}{i}": a for i, layer in enumerate(self.layers) for k, a in zip("wb", layer, strict=True)
        }
        np.savez(path, **layers)

    @classmethod
    def load(cls, path: Path) -> Head:
        """Inverse of `save`."""
        with np.load(path) as z:
            return cls([(z[f"w{i}"], z[f"b{i}"]) for i in range(3)])


def fit_head(
    rows: np.ndarray,
    places: np.ndarray,
    acoustics: np.ndarray,
    *,
    hidden: int = 256,
    epochs: int = 8,
    batch: int = 64,
    rate: float = 2e-3,
    seed: int = 0,
) -> Head:
    """Learn it from phones in memory.

    Parameters
    ----------
    rows : ndarray, shape (N, D)
        `padded` of recordings, one after another.
    places : ndarray, shape (P,)
        Rows that are phones.
    acoustics : ndarray, shape (2 P, A)
        Columns as `STREAMS`, then the spectrum; F0 counts as much as it is voiced.
    """
    count, width = len(places), acoustics.shape[1]
    target = acoustics.reshape(count, 2 * width)
    (mean, scale), three = _spread(target), _spread(rows[places])
    mean_in, scale_in = (np.tile(part, 3) for part in three)
    rng = np.random.default_rng(seed)

    def weights(a: int, b: int, gain: float) -> np.ndarray:
        return (rng.standard_normal((a, b)) * gain).astype(np.float32)

    into, out = len(mean_in), 2 * width
    params = [
        weights(into, hidden, into**-0.5), np.zeros(hidden, np.float32),
        weights(hidden, hidden, hidden**-0.5), np.zeros(hidden, np.float32),
        weights(hidden, out, 0.1 * hidden**-0.5), np.zeros(out, np.float32),
    ]  # fmt: skip
    batch = max(1, min(batch, count))
    adam = Adam(params, rate, count // batch * epochs)
    loss_weight = np.ones((batch, out), np.float32)
    f0, voicing = STREAMS["f0"].start, STREAMS["voicing"].start
    for _ in range(epochs):
        order = rng.permutation(count)
        for start in range(0, count - batch + 1, batch):
            some = order[start : start + batch]
            voiced = np.clip(target[some], 0.1, 1)
            for half in (0, width):
                loss_weight[:, half + f0] = voiced[:, half + voicing]
            here = (_wide(rows, places[some]) - mean_in) / scale_in
            adam.step(gradients(params, here, (target[some] - mean) / scale, loss_weight))
    w1, b1, w2, b2, w3, b3 = params
    first = w1 / scale_in[:, None]
    return Head([(first, b1 - mean_in @ first), (w2, b2), (w3 * scale, b3 * scale + mean)])


def _spread(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each column, float32."""
    mean, deviation = rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64)
    return mean.astype(np.float32), np.maximum(deviation, 1e-3).astype(np.float32)
