# SPDX-License-Identifier: Apache-2.0
"""The model of `model.py` in numpy, for speaking: no torch, half a page of linear algebra.

Weights keep the names torch gave them, so the two files can be read side by side; a test holds them to
the same numbers. Arrays are (time, channels) of one utterance, so nothing is masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Weights = Mapping[str, np.ndarray]


def linear(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """``x W' + b``."""
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def norm(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """Layer normalisation over channels, as torch has it (epsilon 1e-5)."""
    x = x - x.mean(axis=1, keepdims=True)
    x /= np.sqrt((x * x).mean(axis=1, keepdims=True) + np.float32(1e-5))
    return x * w[f"{name}.weight"] + w[f"{name}.bias"]


def convolve(w: Weights, name: str, x: np.ndarray, dilation: int) -> np.ndarray:
    """Convolution over time that keeps the length: one matrix product for each tap."""
    weight = w[f"{name}.weight"]  # (out, in, width)
    width = weight.shape[2]
    pad = width // 2 * dilation
    padded = np.pad(x, ((pad, pad), (0, 0)))
    out = np.tile(w[f"{name}.bias"], (len(x), 1))
    for tap in range(width):
        out += padded[tap * dilation : tap * dilation + len(x)] @ weight[:, :, tap].T
    return out


def lstms(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """A long short-term memory forwards through time and one backwards, side by side: (T, C) to (T, 2 H).

    Both take each step at once, in the memory of the step before: it is the calls that cost, not their sums.
    """
    ways = (f"{name}.ahead", f"{name}.back")
    size = w[f"{ways[0]}.weight_hh_l0"].shape[1]
    # Torch's order of gates is in, forget, cell, out; the three that are sigmoids are brought together. And
    # sigmoid(z) = (1 + tanh(z / 2)) / 2, so that one tanh serves all gates: halve the others going in.
    order = np.r_[: 2 * size, 3 * size : 4 * size, 2 * size : 3 * size]
    scale = np.full((4 * size, 1), 0.5, np.float32)
    scale[3 * size :] = 1
    one, half = np.float32(1), np.float32(0.5)
    driven = np.empty((len(x), 2, 4 * size), np.float32)
    for k, way in enumerate(ways):
        driven[:, k] = x[:: 1 - 2 * k] @ (w[f"{way}.weight_ih_l0"][order] * scale).T
        driven[:, k] += (w[f"{way}.bias_ih_l0"] + w[f"{way}.bias_hh_l0"])[order] * scale[:, 0]
    ahead, back = (np.ascontiguousarray((w[f"{way}.weight_hh_l0"][order] * scale).T) for way in ways)
    out, gates = np.empty((len(x), 2, size), np.float32), np.empty((2, 4 * size), np.float32)
    sigmoids = gates[:, : 3 * size]
    enter, forget, leave, cell = (gates[:, k * size : (k + 1) * size] for k in range(4))
    h, c = np.zeros((2, size), np.float32), np.zeros((2, size), np.float32)
    for t in range(len(x)):
        np.dot(h[0], ahead, out=gates[0])
        np.dot(h[1], back, out=gates[1])
        gates += driven[t]
        np.tanh(gates, out=gates)
        sigmoids += one
        sigmoids *= half
        c *= forget
        enter *= cell
        c += enter
        h = out[t]
        np.tanh(c, out=h)
        h *= leave
    return np.concatenate([out[:, 0], out[::-1, 1]], axis=1)


def block(w: Weights, name: str, x: np.ndarray, dilation: int) -> np.ndarray:
    """`model.Block`."""
    return x + np.maximum(convolve(w, f"{name}.conv", norm(w, f"{name}.norm", x), dilation), 0)


def recurrent(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """`model.Recurrent`."""
    return x + linear(w, f"{name}.out", lstms(w, name, norm(w, f"{name}.norm", x)))


def encode(
    w: Weights, symbols: np.ndarray, features: np.ndarray, speaker: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """`model.Parametric.encode`: phone vectors (P, C) and normalised log durations (P,).

    `speaker` (speakers + languages,) are shares of both, as `voice.TrainedVoice.who` gives them.
    """
    x = w["encoder.symbol.weight"][symbols] + linear(w, "encoder.feature", features)
    codes = [w[name] for name in ("encoder.speaker.weight", "encoder.language.weight") if name in w]
    x = x + speaker.astype(np.float32) @ np.concatenate(codes)
    for k in range(_count(w, "encoder.blocks")):
        x = block(w, f"encoder.blocks.{k}", x, 1)
    x = recurrent(w, "encoder.recurrent", x)
    return x, linear(w, "duration", block(w, "timing", x, 1))[:, 0]


def decode(
    w: Weights, encoded: np.ndarray, index: np.ndarray, places: np.ndarray, outputs: int
) -> np.ndarray:
    """`model.Parametric.decode`: normalised frames (S * reduction, outputs)."""
    x = linear(w, "decoder.enter", encoded)[index] + linear(w, "decoder.place", places)
    for k in range(_count(w, "decoder.blocks")):
        x = block(w, f"decoder.blocks.{k}", x, 2 ** (k % 4))
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


def _count(w: Weights, name: str) -> int:
    return len({key.split(".")[2] for key in w if key.startswith(f"{name}.")})
