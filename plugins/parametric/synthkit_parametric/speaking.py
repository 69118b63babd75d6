# SPDX-License-Identifier: Apache-2.0
"""The model of `model.py` in numpy, for speaking: no torch, half a page of linear algebra.

Weights keep the names torch gave them, so the two files can be read side by side; a test holds them to
the same numbers. Arrays are (time, channels) of one utterance, so nothing is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, takewhile
from typing import NamedTuple

import numpy as np

Weights = Mapping[str, np.ndarray]


def linear(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """``x W' + b``."""
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def norm(w: Weights, name: str, x: np.ndarray, into: np.ndarray | None = None) -> np.ndarray:
    """Layer normalisation over channels, as torch has it (epsilon 1e-5); written `into`, if that is given."""
    size = np.float32(x.shape[1])
    x = np.subtract(x, np.add.reduce(x, axis=1, keepdims=True) / size, out=into)
    x /= np.sqrt(np.add.reduce(x * x, axis=1, keepdims=True) / size + np.float32(1e-5))
    x *= w[f"{name}.weight"]
    x += w[f"{name}.bias"]
    return x


def by_taps(weight: np.ndarray) -> np.ndarray:
    """The weights of a convolution (out, in, width) as they are, but in memory a matrix for each tap, which
    `convolve` would have to gather each time."""
    return np.ascontiguousarray(weight.transpose(2, 1, 0)).transpose(2, 1, 0)


def convolve(w: Weights, name: str, padded: np.ndarray, dilation: int) -> np.ndarray:
    """Convolution over time: one matrix product for each tap. `padded` has zeros at both ends, as many as
    keep the length (see `around`)."""
    weight = w[f"{name}.weight"]  # (out, in, width)
    size = len(padded) - 2 * around(weight, dilation)
    out = padded[:size] @ weight[:, :, 0].T
    out += w[f"{name}.bias"]
    product = np.empty_like(out)
    for tap in range(1, weight.shape[2]):
        first = tap * dilation
        out += np.matmul(padded[first : first + size], weight[:, :, tap].T, out=product)
    return out


def around(weight: np.ndarray, dilation: int) -> int:
    """Steps on either side that a convolution of `weight` (out, in, width) sees."""
    return int(weight.shape[2]) // 2 * dilation


class Gates(NamedTuple):
    """Both ways of a recurrence, as `lstms` takes its steps.

    Torch's order of gates is in, forget, cell, out; the three that are sigmoids are brought together. And
    sigmoid(z) = (1 + tanh(z / 2)) / 2, so that one tanh serves all gates: the others are halved going in.

    Attributes
    ----------
    enter : ndarray, shape (2, C, 4 H)
    bias : ndarray, shape (2, 4 H)
    again : ndarray, shape (2, H, 4 H)
    """

    enter: np.ndarray
    bias: np.ndarray
    again: np.ndarray

    @classmethod
    def of(cls, w: Weights, name: str) -> Gates:
        """Those of the recurrence `name`."""
        ways = (f"{name}.ahead", f"{name}.back")
        size = w[f"{ways[0]}.weight_hh_l0"].shape[1]
        order = np.r_[: 2 * size, 3 * size : 4 * size, 2 * size : 3 * size]
        scale = np.full(4 * size, 0.5, np.float32)
        scale[3 * size :] = 1
        enter, again = (
            np.stack([np.ascontiguousarray((w[f"{way}.{kind}"][order] * scale[:, None]).T) for way in ways])
            for kind in ("weight_ih_l0", "weight_hh_l0")
        )
        bias = [(w[f"{way}.bias_ih_l0"] + w[f"{way}.bias_hh_l0"])[order] * scale for way in ways]
        return cls(enter, np.stack(bias), again)


def lstms(gates: Gates, x: np.ndarray) -> np.ndarray:
    """A long short-term memory forwards through time and one backwards, side by side: (T, C) to (T, 2 H).

    Both take each step at once, in the memory of the step before: it is the calls that cost, not their sums,
    and calls cost least on what lies in one piece. So gates stand one behind the other, each with both its
    ways, and the cell's memory behind them, where one product serves both that go into it.
    """
    size = gates.again.shape[1]
    driven = np.empty((len(x), 2, 4 * size), np.float32)
    for k in range(2):
        np.matmul(x[:: 1 - 2 * k], gates.enter[k], out=driven[:, k])
    driven += gates.bias
    one, half = np.array(1, np.float32), np.array(0.5, np.float32)
    sums, both = np.empty((2, 4 * size), np.float32), np.zeros((5, 2, size), np.float32)
    by_gate, now, sigmoids = sums.reshape(2, 4, size).transpose(1, 0, 2), both[:4], both[:3]
    kept, new = both[:2], both[3:]  # shares of what is new and of memory, and these
    enter, forget, leave, _, memory = both
    ahead, back = gates.again
    to_ahead, to_back = sums
    out, h = np.empty((len(x), 2, size), np.float32), np.zeros((2, size), np.float32)
    dot, add, multiply, tanh = np.dot, np.add, np.multiply, np.tanh
    for here, then in zip(driven, out, strict=True):
        dot(h[0], ahead, to_ahead)
        dot(h[1], back, to_back)
        add(sums, here, sums)
        tanh(by_gate, now)
        add(sigmoids, one, sigmoids)
        multiply(sigmoids, half, sigmoids)
        multiply(kept, new, kept)
        add(enter, forget, memory)
        tanh(memory, then)
        multiply(then, leave, then)
        h = then
    return np.concatenate([out[:, 0], out[::-1, 1]], axis=1)


def block(w: Weights, name: str, x: np.ndarray, dilation: int) -> np.ndarray:
    """`model.Block`."""
    pad = around(w[f"{name}.conv.weight"], dilation)
    padded = np.zeros((len(x) + 2 * pad, x.shape[1]), np.float32)
    norm(w, f"{name}.norm", x, padded[pad : pad + len(x)])
    y = convolve(w, f"{name}.conv", padded, dilation)
    np.maximum(y, 0, out=y)
    y += x
    return y


def recurrent(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """`model.Recurrent`."""
    gates = w.gates(name) if isinstance(w, Network) else Gates.of(w, name)
    y = linear(w, f"{name}.out", lstms(gates, norm(w, f"{name}.norm", x)))
    y += x
    return y


class Network(dict[str, np.ndarray]):
    """Weights that are spoken with again and again: in memory as products take them, and what is computed of
    them alone is kept.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Names, shapes and values stay.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__({name: by_taps(v) if v.ndim == 3 else v for name, v in weights.items()})
        self._gates: dict[str, Gates] = {}

    def gates(self, name: str) -> Gates:
        """Of the recurrence `name`."""
        if name not in self._gates:
            self._gates[name] = Gates.of(self, name)
        return self._gates[name]


def encode(
    w: Weights, symbols: np.ndarray, features: np.ndarray, speaker: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """`model.Parametric.encode`: phone vectors (P, C) and normalised log durations (P,).

    `speaker` (speakers + languages,) are shares of both, as `voice.TrainedVoice.who` gives them.
    """
    x = w["encoder.symbol.weight"][symbols] + linear(w, "encoder.feature", features)
    codes = [w[name] for name in ("encoder.speaker.weight", "encoder.language.weight") if name in w]
    x = x + speaker.astype(np.float32) @ np.concatenate(codes)
    for name in _blocks(w, "encoder.blocks"):
        x = block(w, name, x, 1)
    x = recurrent(w, "encoder.recurrent", x)
    return x, linear(w, "duration", block(w, "timing", x, 1))[:, 0]


def decode(
    w: Weights, encoded: np.ndarray, index: np.ndarray, places: np.ndarray, outputs: int
) -> np.ndarray:
    """`model.Parametric.decode`: normalised frames (S * reduction, outputs)."""
    x = linear(w, "decoder.enter", encoded)[index] + linear(w, "decoder.place", places)
    for k, name in enumerate(_blocks(w, "decoder.blocks")):
        x = block(w, name, x, 2 ** (k % 4))
    x = recurrent(w, "decoder.recurrent", x)
    return linear(w, "decoder.out", norm(w, "decoder.norm", x)).reshape(-1, outputs)


def pauses(w: Weights, boundaries: np.ndarray) -> np.ndarray:
    """`model.Parametric.pauses`: logits (W - 1,)."""
    return linear(w, "pause_out", np.tanh(linear(w, "pause_in", boundaries)))[:, 0]


def encode_all(
    many: Sequence[Weights], symbols: np.ndarray, features: np.ndarray, speaker: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """`encode` by each of `many`: the phone vectors of each, and the mean of their durations."""
    vectors, durations = zip(*(encode(w, symbols, features, speaker) for w in many), strict=True)
    return list(vectors), np.mean(durations, axis=0)


def decode_all(
    many: Sequence[Weights],
    encoded: Sequence[np.ndarray],
    index: np.ndarray,
    places: np.ndarray,
    outputs: int,
) -> np.ndarray:
    """`decode` by each of `many`, of its own phone vectors: the mean."""
    each = (decode(w, x, index, places, outputs) for w, x in zip(many, encoded, strict=True))
    return np.mean(list(each), axis=0)


def pauses_all(many: Sequence[Weights], boundaries: np.ndarray) -> np.ndarray:
    """`pauses` by each of `many`: the mean."""
    return np.mean([pauses(w, boundaries) for w in many], axis=0)


def _blocks(w: Weights, name: str) -> Iterator[str]:
    """Names of the blocks of a part."""
    return takewhile(lambda k: f"{k}.norm.weight" in w, (f"{name}.{k}" for k in count()))
