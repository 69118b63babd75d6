# SPDX-License-Identifier: Apache-2.0
"""Several small networks that learn the same from another start, and their mean: they err differently.

Each has two hidden layers of rectified units and is trained by Adam in plain numpy; while it learns, some of
what it is told is left out at random, so that it does not learn single sentences by heart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthkit.regression import Adam, Layers, gradients, through

NARROWEST = 0.05
"""Least deviation of an input that is scaled to 1: what hardly ever is otherwise would else be huge."""


@dataclass(frozen=True)
class Ensemble:
    """Trained networks; scales of inputs and outputs are worked in.

    Attributes
    ----------
    members : tuple of Layers
    """

    members: tuple[Layers, ...]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Mean of what the members say of ``(N, D)``: ``(N, O)`` float32."""
        said = [through(layers, rows @ layers[0][0] + layers[0][1]) for layers in self.members]
        return np.asarray(np.mean(said, axis=0, dtype=np.float64), np.float32)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """What `restored` takes, each array by a name that begins with `name`."""
        return {
            f"{name}.{m}.{kind}{k}": array
            for m, layers in enumerate(self.members)
            for k, layer in enumerate(layers)
            for kind, array in zip("wb", layer, strict=True)
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, np.ndarray], name: str) -> Ensemble:
        """Inverse of `arrays`; `KeyError` where one is missing, `ValueError` where two do not fit."""
        count = len({key.split(".")[1] for key in arrays if key.startswith(f"{name}.")})
        members = tuple(
            [(arrays[f"{name}.{m}.w{k}"], arrays[f"{name}.{m}.b{k}"]) for k in range(3)] for m in range(count)
        )
        if not members:
            raise KeyError(name)
        for layers in members:
            widths = [w.shape for w, _ in layers]
            if any(a[1] != b[0] for a, b in zip(widths, widths[1:], strict=False)) or any(
                b.shape != w.shape[1:] or not np.isfinite(w).all() for w, b in layers
            ):
                raise ValueError(f"weights of {name} that do not fit each other")
        return cls(members)


def standards(
    rows: np.ndarray, target: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """In what terms a network learns: what is taken from inputs and targets, and what they are divided by.

    Parameters
    ----------
    rows : ndarray, shape (N, D), float32
    target, weight : ndarray, shape (N, O)
        What is to be said of each, and how much it counts.

    Returns
    -------
    mean_in, scale_in : ndarray, shape (D,), float32
    mean, scale : ndarray, shape (O,), float64
        Weighted.
    """
    total = np.maximum(weight.sum(0, dtype=np.float64), 1e-9)
    mean = (target * weight).sum(0) / total
    return (
        rows.mean(0, dtype=np.float64).astype(np.float32),
        np.maximum(rows.std(0, dtype=np.float64), NARROWEST).astype(np.float32),
        mean,
        np.maximum(np.sqrt((np.square(target - mean) * weight).sum(0) / total), 1e-3),
    )


def fit_ensemble(
    rows: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    *,
    members: int,
    hidden: int,
    epochs: int,
    rate: float = 2e-3,
    decay: float = 3e-3,
    left_out: float = 0.3,
    batch: int = 256,
    seed: int = 0,
) -> Ensemble:
    """Train on all rows.

    Parameters
    ----------
    rows : ndarray, shape (N, D), float32
    target, weight : ndarray, shape (N, O)
        What is to be said of each, and how much it counts; where it does not, `target` is anything finite.
    members, hidden, epochs : int
    rate, decay : float
        Of `synthkit.regression.Adam`.
    left_out : float
        Share of inputs that a network is not told of in each step.
    batch, seed : int

    Returns
    -------
    Ensemble

    Notes
    -----
    Adam is that of Kingma and Ba (2015); leaving inputs out is dropout (Srivastava et al. 2014).
    """
    keep = weight.sum(1) > 0
    rows, target, weight = rows[keep], target[keep].astype(np.float64), weight[keep].astype(np.float32)
    mean_in, scale_in, mean, scale = standards(rows, target, weight)
    wanted = np.where(weight > 0, (target - mean) / scale, 0).astype(np.float32)
    rows = (rows - mean_in) / scale_in
    made = []
    for member in range(members):
        layers = _fit_one(
            rows, wanted, weight, hidden=hidden, epochs=epochs, rate=rate, decay=decay, left_out=left_out,
            batch=batch, random=np.random.default_rng([seed, member]),
        )  # fmt: skip
        (w1, b1), middle, (w3, b3) = layers
        first = (w1 / scale_in[:, None]).astype(np.float32)
        made.append(
            [(first, (b1 - mean_in @ first).astype(np.float32)), middle,
             ((w3 * scale).astype(np.float32), (b3 * scale + mean).astype(np.float32))]
        )  # fmt: skip
    return Ensemble(tuple(made))


def _fit_one(
    rows: np.ndarray,
    wanted: np.ndarray,
    weight: np.ndarray,
    *,
    hidden: int,
    epochs: int,
    rate: float,
    decay: float,
    left_out: float,
    batch: int,
    random: np.random.Generator,
) -> Layers:
    count, into = rows.shape
    out = wanted.shape[1]

    def start(a: int, b: int, gain: float) -> np.ndarray:
        return (random.standard_normal((a, b)) * gain).astype(np.float32)

    params = [
        start(into, hidden, into**-0.5), np.zeros(hidden, np.float32),
        start(hidden, hidden, hidden**-0.5), np.zeros(hidden, np.float32),
        start(hidden, out, 0.1 * hidden**-0.5), np.zeros(out, np.float32),
    ]  # fmt: skip
    batch = max(1, min(batch, count))
    adam = Adam(params, rate, count // batch * epochs, decay)
    for _ in range(epochs):
        order = random.permutation(count)
        for begin in range(0, count - batch + 1, batch):
            some = order[begin : begin + batch]
            told = random.random((batch, into), np.float32) >= left_out
            adam.step(
                gradients(
                    params, rows[some] * told * np.float32(1 / (1 - left_out)), wanted[some], weight[some]
                )
            )
    return [(params[0], params[1]), (params[2], params[3]), (params[4], params[5])]
