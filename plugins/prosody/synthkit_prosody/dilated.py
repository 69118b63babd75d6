# SPDX-License-Identifier: Apache-2.0
"""Networks that hear a phone's neighbours: convolutions over the phones of an utterance, and their mean.

What `describe.py` says of a phone is brought to `hidden` numbers; then each layer adds to those of a phone
what it makes of them and of those of two other phones, 1, 2, 4, 8 and 16 before and after. So a phone is told
of some thirty on either side, in terms that are learned. Trained by Adam in plain numpy, with some of the
inputs and some of what layers say left out at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.regression import Adam
from synthkit_prosody.ensemble import standards

DILATIONS = (1, 2, 4, 8, 16)
"""How far the neighbours are that each layer hears, in phones."""
KINDS = ("into", *(f"layer{k}" for k in range(len(DILATIONS))), "out")


@dataclass(frozen=True)
class DilatedEnsemble:
    """Trained networks; scales of inputs and outputs are worked in.

    Attributes
    ----------
    weights : tuple of ndarray, float32
        Of M networks of width H: ``(M, D, H)``, for each layer ``(M, 3 H, H)``, ``(M, H, O)``.
    biases : tuple of ndarray, float32
        ``(M, H)``, for each layer ``(M, H)``, ``(M, O)``.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Mean of what the networks say of the phones ``(P, D)`` of one utterance: ``(P, O)`` float32."""
        (into, *layers, out), (first, *biases, last) = self.weights, self.biases
        hidden = np.maximum(rows @ into + first[:, None], 0)
        for weight, bias, step in zip(layers, biases, DILATIONS, strict=True):
            heard = beside(hidden, *neighbours([len(rows)], step))
            hidden = hidden + np.maximum(heard @ weight + bias[:, None], 0)
        said = hidden @ out + last[:, None]
        return np.asarray(said.mean(0, dtype=np.float64), np.float32)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """What `restored` takes, each array by a name that begins with `name`."""
        return {
            f"{name}.{kind}.{what}": array
            for what, arrays in (("w", self.weights), ("b", self.biases))
            for kind, array in zip(KINDS, arrays, strict=True)
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, np.ndarray], name: str) -> DilatedEnsemble:
        """Inverse of `arrays`; `KeyError` where one is missing, `ValueError` where two do not fit."""
        weights, biases = (tuple(arrays[f"{name}.{kind}.{what}"] for kind in KINDS) for what in "wb")
        members, _, width = weights[0].shape
        shapes = [weights[0].shape, *[(members, 3 * width, width)] * len(DILATIONS)]
        shapes.append((members, width, weights[-1].shape[-1]))
        if not members or any(
            w.shape != shape or b.shape != (members, shape[2]) or not np.isfinite(w).all()
            for w, b, shape in zip(weights, biases, shapes, strict=True)
        ):
            raise ValueError(f"weights of {name} that do not fit each other")
        return cls(weights, biases)


def neighbours(lengths: Sequence[int], step: int) -> tuple[np.ndarray, np.ndarray]:
    """Phones `step` before and after each one of utterances that stand in a row.

    Parameters
    ----------
    lengths : sequence of int
        Phones of each utterance; N in all.
    step : int

    Returns
    -------
    before, after : ndarray, shape (N,)
        N where the utterance has none.
    """
    total = int(sum(lengths))
    ends = np.repeat(np.cumsum(lengths), lengths)
    starts = ends - np.repeat(lengths, lengths)
    at = np.arange(total)
    return np.where(at - step >= starts, at - step, total), np.where(at + step < ends, at + step, total)


def beside(rows: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Each row with its two neighbours side by side, zeros for one that is not there: ``(..., N, 3 H)``."""
    more = np.concatenate([rows, np.zeros_like(rows[..., :1, :])], axis=-2)
    return np.concatenate([more[..., before, :], rows, more[..., after, :]], axis=-1)


def fit_dilated(
    rows: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    lengths: Sequence[int],
    *,
    members: int,
    hidden: int,
    epochs: int,
    rate: float = 2e-3,
    decay: float = 3e-3,
    untold: float = 0.3,
    unheard: float = 0.2,
    batch: int = 8,
    seed: int = 0,
) -> DilatedEnsemble:
    """Train on utterances that stand in a row.

    Parameters
    ----------
    rows : ndarray, shape (N, D), float32
    target, weight : ndarray, shape (N, O)
        What is to be said of each, and how much it counts; where it does not, `target` is anything finite.
    lengths : sequence of int
        Rows of each utterance.
    members, hidden, epochs : int
    rate, decay : float
        Of `synthkit.regression.Adam`.
    untold, unheard : float
        Share of inputs, and of what layers say, that is left out in each step.
    batch : int
        Utterances.
    seed : int

    Returns
    -------
    DilatedEnsemble

    Notes
    -----
    Layers that hear ever farther neighbours are those of Yu and Koltun (2016); they add to what came before
    as those of He et al. (2016) do.
    """
    mean_in, scale_in, mean, scale = standards(rows, target, weight)
    wanted = np.where(weight > 0, (target - mean) / scale, 0).astype(np.float32)
    ends = np.cumsum(lengths)
    scaled = (rows - mean_in) / scale_in
    utterances = [
        (scaled[e - n : e], wanted[e - n : e], weight[e - n : e].astype(np.float32))
        for e, n in zip(ends.tolist(), lengths, strict=True)
    ]
    made = []
    for member in range(members):
        params = _fit_one(
            utterances, hidden=hidden, epochs=epochs, rate=rate, decay=decay, untold=untold,
            unheard=unheard, batch=batch, random=np.random.default_rng([seed, member]),
        )  # fmt: skip
        weights, biases = params[::2], params[1::2]
        weights[0] = (weights[0] / scale_in[:, None]).astype(np.float32)
        biases[0] = (biases[0] - mean_in @ weights[0]).astype(np.float32)
        weights[-1] = (weights[-1] * scale).astype(np.float32)
        biases[-1] = (biases[-1] * scale + mean).astype(np.float32)
        made.append((weights, biases))
    weights, biases = (
        tuple(np.stack(arrays) for arrays in zip(*(m[k] for m in made), strict=True)) for k in (0, 1)
    )
    return DilatedEnsemble(weights, biases)


def _fit_one(
    utterances: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    *,
    hidden: int,
    epochs: int,
    rate: float,
    decay: float,
    untold: float,
    unheard: float,
    batch: int,
    random: np.random.Generator,
) -> list[np.ndarray]:
    count, into, out = len(utterances), utterances[0][0].shape[1], utterances[0][1].shape[1]
    params: list[np.ndarray] = []
    for a, b in ((into, hidden), *[(3 * hidden, hidden)] * len(DILATIONS), (hidden, out)):
        params += [
            (random.standard_normal((a, b)) * (3 * a) ** -0.5).astype(np.float32),
            np.zeros(b, np.float32),
        ]
    batch = min(batch, count)
    adam = Adam(params, rate, count // batch * epochs, decay)
    for _ in range(epochs):
        order = random.permutation(count)
        for begin in range(0, count - batch + 1, batch):
            some = [utterances[k] for k in order[begin : begin + batch]]
            x, wanted, weight = (np.concatenate(parts) for parts in zip(*some, strict=True))
            if not weight.any():
                continue
            kept = [
                (random.random((len(x), width), np.float32) >= share) * np.float32(1 / (1 - share))
                for width, share in ((into, untold), *[(hidden, unheard)] * (1 + len(DILATIONS)))
            ]
            adam.step(gradients(params, x, wanted, weight, [len(s[0]) for s in some], kept))
    return params


def gradients(
    params: list[np.ndarray],
    x: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    lengths: Sequence[int],
    kept: Sequence[np.ndarray],
) -> list[np.ndarray]:
    """Of the weighted mean squared error, for parameters flat as weight, bias, weight …

    Parameters
    ----------
    params : list of ndarray
    x : ndarray, shape (N, D)
    target, weight : ndarray, shape (N, O)
    lengths : sequence of int
        Rows of each utterance.
    kept : sequence of ndarray
        Factors of the inputs and of what each layer but the last says: 0 where it is left out.

    Returns
    -------
    list of ndarray
        As `params`.
    """
    told = x * kept[0]
    first = np.maximum(told @ params[0] + params[1], 0)
    hidden = first * kept[1]
    trace = []
    for k, step in enumerate(DILATIONS):
        before, after = neighbours(lengths, step)
        heard = beside(hidden, before, after)
        said = np.maximum(heard @ params[2 * k + 2] + params[2 * k + 3], 0)
        trace.append((before, after, heard, said))
        hidden = hidden + said * kept[k + 2]
    error = (hidden @ params[-2] + params[-1] - target) * weight * np.float32(2 / weight.sum())
    found = [error.sum(0), hidden.T @ error]
    back = error @ params[-2].T
    width = back.shape[1]
    for k in reversed(range(len(DILATIONS))):
        before, after, heard, said = trace[k]
        own = back * kept[k + 2] * (said > 0)
        found += [own.sum(0), heard.T @ own]
        spread = np.concatenate([own @ params[2 * k + 2].T, np.zeros((1, 3 * width), np.float32)])
        # Whom a phone hears before it, hears it after.
        back = back + spread[:-1, width : 2 * width]
        back += spread[after, :width]
        back += spread[before, 2 * width :]
    own = back * kept[1] * (first > 0)
    return [*found, own.sum(0), told.T @ own][::-1]
