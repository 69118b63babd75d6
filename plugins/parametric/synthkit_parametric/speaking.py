# SPDX-License-Identifier: Apache-2.0
"""The model of `model.py` in numpy, for speaking: no torch, half a page of linear algebra.

Weights keep the names torch gave them, so the two files can be read side by side; a test holds them to
the same numbers. Arrays are (time, channels) of one utterance, so nothing is masked.
"""

from __future__ import annotations

from collections.abc import Mapping

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


def lstm(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """A long short-term memory forwards through time; gates in torch's order: in, forget, cell, out."""
    recurrent = np.ascontiguousarray(w[f"{name}.weight_hh_l0"].T)
    driven = x @ w[f"{name}.weight_ih_l0"].T + (w[f"{name}.bias_ih_l0"] + w[f"{name}.bias_hh_l0"])
    size = recurrent.shape[0]
    h, c = np.zeros(size, np.float32), np.zeros(size, np.float32)
    out = np.empty((len(x), size), np.float32)
    # sigmoid(z) = (1 + tanh(z / 2)) / 2, so that one tanh serves all gates: halve the others going in.
    scale = np.full(4 * size, 0.5, np.float32)
    scale[2 * size : 3 * size] = 1.0
    driven, recurrent = driven * scale, recurrent * scale
    for t in range(len(x)):
        gates = np.tanh(driven[t] + h @ recurrent)
        enter, forget, out_gate = (
            (1 + gates[:size]) / 2,
            (1 + gates[size : 2 * size]) / 2,
            (1 + gates[3 * size :]) / 2,
        )
        c = forget * c + enter * gates[2 * size : 3 * size]
        h = out_gate * np.tanh(c)
        out[t] = h
    return out


def block(w: Weights, name: str, x: np.ndarray, dilation: int) -> np.ndarray:
    """`model.Block`."""
    return x + np.maximum(convolve(w, f"{name}.conv", norm(w, f"{name}.norm", x), dilation), 0)


def recurrent(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """`model.Recurrent`."""
    y = norm(w, f"{name}.norm", x)
    both = [lstm(w, f"{name}.ahead", y), lstm(w, f"{name}.back", y[::-1])[::-1]]
    return x + linear(w, f"{name}.out", np.concatenate(both, axis=1))


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


def _count(w: Weights, name: str) -> int:
    return len({key.split(".")[2] for key in w if key.startswith(f"{name}.")})
