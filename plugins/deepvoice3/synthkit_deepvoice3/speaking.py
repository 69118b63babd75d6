# SPDX-License-Identifier: Apache-2.0
"""The model of `network.py` in numpy, for speaking: no torch, step by step with what was before kept.

Weights keep the names torch gave them, so the two files can be read side by side; a test holds them to the
same numbers. Arrays are (time, channels) of one utterance, so nothing is masked.

Attention only goes forward, and never past `WINDOW` phones at once (Ping et al. 2018, section 3.5 has such a
window too). It goes on when the phone is likely to have been left by now: more likely than not gives phones
the median of their durations. (To go on when leaving at this very step is likelier than staying would never
leave a phone whose end is equally likely at every moment.) How likely is enough is measured when a voice has
been trained, see `fitting.calibrated`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthkit_deepvoice3.stored import DILATIONS, Shape, positions

WINDOW = 3
"""Phones ahead that attention may go at once."""

LONGEST = 3.0
"""Seconds after which a phone is left in any case."""

Arrays = Mapping[str, np.ndarray]


class Weights:
    """Tensors in the order in which one utterance multiplies by them."""

    def __init__(self, tensors: Arrays, shape: Shape) -> None:
        self.shape = shape
        self.tensors: dict[str, np.ndarray] = {}
        for name, tensor in tensors.items():
            if name.endswith("conv.weight"):  # (out, in, width) to (width * in, out): taps beside each other
                rows = tensor.transpose(2, 1, 0).reshape(-1, tensor.shape[0])
                self.tensors[name] = np.ascontiguousarray(rows)
            elif tensor.ndim == 2 and not name.endswith(("symbol.weight", "speaker.weight")):
                self.tensors[name] = np.ascontiguousarray(tensor.T)
            else:
                self.tensors[name] = tensor

    def __getitem__(self, name: str) -> np.ndarray:
        return self.tensors[name]

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        """``x W' + b``."""
        out: np.ndarray = x @ self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]
        return out

    def norm(self, name: str, x: np.ndarray) -> np.ndarray:
        """Layer normalisation over channels, as torch has it (epsilon 1e-5)."""
        x = x - x.mean(axis=-1, keepdims=True)
        x /= np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-5))
        out: np.ndarray = x * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]
        return out

    def gate(self, name: str, y: np.ndarray, speaker: np.ndarray | None) -> np.ndarray:
        """(a + softsign(speaker)) * sigmoid(b)."""
        half = y.shape[-1] // 2
        a, b = y[..., :half], y[..., half:]
        if speaker is not None:
            bias = speaker @ self.tensors[f"{name}.speaker.weight"].T + self.tensors[f"{name}.speaker.bias"]
            a = a + bias / (1 + np.abs(bias))
        out: np.ndarray = a * (0.5 + 0.5 * np.tanh(0.5 * b))
        return out


def block(
    w: Weights, name: str, x: np.ndarray, speaker: np.ndarray | None, width: int, dilation: int
) -> np.ndarray:
    """`network.Gated` that sees both sides."""
    side = (width - 1) * dilation // 2
    padded = np.pad(w.norm(f"{name}.norm", x), ((side, side), (0, 0)))
    weight, channels = w[f"{name}.conv.weight"], x.shape[1]
    y = np.tile(w[f"{name}.conv.bias"], (len(x), 1))
    for tap in range(width):
        y += padded[tap * dilation : tap * dilation + len(x)] @ weight[tap * channels : (tap + 1) * channels]
    out: np.ndarray = x + w.gate(name, y, speaker)
    return out


class Causal:
    """`network.Gated` that sees what was, one step at a time."""

    def __init__(self, w: Weights, name: str, width: int, dilation: int) -> None:
        self.w, self.name, self.dilation = w, name, dilation
        self.weight, self.bias = w[f"{name}.conv.weight"], w[f"{name}.conv.bias"]
        self.seen = np.zeros(((width - 1) * dilation + 1, w.shape.channels), np.float32)

    def __call__(self, x: np.ndarray, speaker: np.ndarray | None) -> np.ndarray:
        """`x` (C,) of the next step."""
        self.seen[:-1] = self.seen[1:]
        self.seen[-1] = self.w.norm(f"{self.name}.norm", x)
        y = self.seen[:: self.dilation].reshape(-1) @ self.weight + self.bias
        out: np.ndarray = x + self.w.gate(self.name, y, speaker)
        return out


def voice_of(w: Weights, shares: np.ndarray) -> np.ndarray | None:
    """`network.DeepVoice3.voice`."""
    return shares @ w["speaker.weight"] if w.shape.speakers > 1 else None


def encode(
    w: Weights, symbols: np.ndarray, features: np.ndarray, speaker: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """`network.Encoder`: keys and values (P, C)."""
    embedded = w["encoder.symbol.weight"][symbols] + w.linear("encoder.feature", features)
    x = embedded
    for k in range(w.shape.encoder):
        x = block(w, f"encoder.blocks.{k}", x, speaker, 5, 1)
    keys = w.linear("encoder.out", w.norm("encoder.norm", x))
    return keys, np.float32(math.sqrt(0.5)) * (keys + embedded)


@dataclass(frozen=True)
class Decoded:
    """What the decoder said.

    Attributes
    ----------
    coarse : ndarray, shape (S * reduction, outputs)
        Normalised.
    path : ndarray, shape (S,), int64
        The phone that each step attended to; never decreasing.
    attention : ndarray, shape (S, P), float32
        What it would have attended to, were it free to go anywhere; the last column is the end.
    forced : int
        Phones that were left because they had lasted too long.
    """

    coarse: np.ndarray
    path: np.ndarray
    attention: np.ndarray
    forced: int


def decode(
    w: Weights,
    keys: np.ndarray,
    values: np.ndarray,
    speaker: np.ndarray | None,
    *,
    longest: int,
    stay: np.ndarray | float = 0.5,
    path: np.ndarray | None = None,
    most: int | None = None,
) -> Decoded:
    """Speak until attention reaches the end.

    Parameters
    ----------
    keys, values : ndarray, shape (P, C)
        The last of them is the end.
    longest : int
        Steps after which a phone is left in any case.
    stay : float or ndarray, shape (P,)
        How likely a phone has to be said still for attention to stay with it.
    path : ndarray, shape (S,), optional
        Where to attend, instead of what attention says.
    most : int, optional
        Steps after which it stops in any case.
    """
    shape, end = w.shape, len(keys) - 1
    codes = positions(len(keys), shape.channels)
    key = w.linear("decoder.key", keys + codes) / np.float32(math.sqrt(shape.attention))
    last_of = w.linear("decoder.last", values)
    context_of = w.linear("decoder.context", values)
    before = [Causal(w, f"decoder.before.{k}", 3, DILATIONS[k % 4]) for k in range(shape.before)]
    after = [Causal(w, f"decoder.after.{k}", 3, DILATIONS[k % 4]) for k in range(shape.after)]
    heard = np.zeros(shape.outputs * shape.reduction, np.float32)
    said: list[np.ndarray] = []
    places: list[int] = []
    seen: list[np.ndarray] = []
    at, staying, lasted, forced = 0, 1.0, 0, 0
    enough = np.broadcast_to(stay, len(keys))
    most = most if path is None else len(path)
    while most is None or len(places) < most:
        x = np.maximum(w.linear("decoder.squeeze", heard), 0)
        x = np.maximum(w.linear("decoder.enter", x), 0) + last_of[at]
        for each in before:
            x = each(x, speaker)
        query = w.linear("decoder.query", w.norm("decoder.norm", x) + codes[at])
        weights = _softmax(key @ query)
        if path is not None:
            at = int(path[len(places)])
        else:
            window = _softmax(np.log(np.maximum(weights[at : at + 1 + WINDOW], 1e-30)))
            staying *= float(window[0])
            if staying < enough[at] or lasted >= longest:
                forced += staying >= enough[at]
                at, staying, lasted = at + 1 + int(window[1:].argmax()), 1.0, 0
            if not places:  # whatever it says, it says something
                at = min(at, end - 1)
        if at == end:
            break
        lasted += 1
        x = x + context_of[at]
        for each in after:
            x = each(x, speaker)
        heard = w.linear("decoder.out", w.norm("decoder.end", x))
        said.append(heard)
        places.append(at)
        seen.append(weights)
    coarse = np.concatenate(said).reshape(-1, shape.outputs) if said else np.zeros((0, shape.outputs))
    return Decoded(
        coarse.astype(np.float32), np.array(places, np.int64), np.array(seen, np.float32), int(forced)
    )


def convert(w: Weights, coarse: np.ndarray, context: np.ndarray, speaker: np.ndarray | None) -> np.ndarray:
    """`network.Converter`: normalised frames (T, outputs)."""
    spread = w.linear("converter.context", context).reshape(-1, w.shape.channels)
    x = w.linear("converter.frames", coarse) + spread
    for k in range(w.shape.converter):
        x = block(w, f"converter.blocks.{k}", x, speaker, 5, DILATIONS[k % 4])
    out: np.ndarray = coarse + w.linear("converter.out", w.norm("converter.norm", x))
    return out


def _softmax(x: np.ndarray) -> np.ndarray:
    x = np.exp(x - x.max())
    out: np.ndarray = x / x.sum()
    return out
