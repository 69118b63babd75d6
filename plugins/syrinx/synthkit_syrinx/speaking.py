# SPDX-License-Identifier: Apache-2.0
"""The network of `network.py` in numpy, for speaking: no torch.

Weights keep the names torch gave them, so the two files can be read side by side; a test holds them to the
same numbers. Arrays are (frames, channels) of one utterance.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthkit.types import Frames
from synthkit_syrinx.conditions import Grid, pitch_of, values_of
from synthkit_syrinx.source import excitation, waveform
from synthkit_syrinx.stored import WIDTH, TrainedVocoder

Weights = Mapping[str, np.ndarray]
LOUDEST = np.float32(6.0)
SEED = 20260101
"""Of the noise: the same frames give the same samples."""


def norm(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """Layer normalisation over channels, as torch has it (epsilon 1e-5)."""
    x = x - x.mean(axis=1, keepdims=True)
    x /= np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / np.float32(x.shape[1]) + np.float32(1e-5))
    x *= w[f"{name}.weight"]
    x += w[f"{name}.bias"]
    return x


def gelu(x: np.ndarray) -> np.ndarray:
    """``0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))``, in place of `x`'s values."""
    y = x * x
    y *= np.float32(0.044715 * 0.7978845608)
    y += np.float32(0.7978845608)
    y *= x
    np.tanh(y, out=y)
    y += np.float32(1)
    y *= x
    y *= np.float32(0.5)
    return y


def block(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """`network.Block`."""
    taps = w[f"{name}.depthwise.weight"]  # (C, 1, WIDTH)
    pad = WIDTH // 2
    padded = np.pad(x, ((pad, pad), (0, 0)))
    y = padded[: len(x)] * taps[:, 0, 0]
    for tap in range(1, WIDTH):
        y += padded[tap : tap + len(x)] * taps[:, 0, tap]
    y += w[f"{name}.depthwise.bias"]
    y = norm(w, f"{name}.norm", y)
    y = gelu(y @ w[f"{name}.widen.weight"].T + w[f"{name}.widen.bias"])
    y = y @ w[f"{name}.narrow.weight"].T
    y += w[f"{name}.narrow.bias"]
    y *= w[f"{name}.scale"]
    y += x
    return y


def trunk(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """`network.Trunk`: (L, inputs) to (L, outputs)."""
    weight = w[f"{name}.enter.weight"]  # (C, inputs, WIDTH)
    pad = WIDTH // 2
    padded = np.pad(x, ((pad, pad), (0, 0)))
    y = padded[: len(x)] @ weight[:, :, 0].T
    for tap in range(1, WIDTH):
        y += padded[tap : tap + len(x)] @ weight[:, :, tap].T
    y += w[f"{name}.enter.bias"]
    y = norm(w, f"{name}.first", y)
    depth = len({key.split(".")[2] for key in w if key.startswith(f"{name}.blocks.")})
    for k in range(depth):
        y = block(w, f"{name}.blocks.{k}", y)
    y = norm(w, f"{name}.last", y)
    return y @ w[f"{name}.out.weight"].T + w[f"{name}.out.bias"]


def pitch(
    v: TrainedVocoder, frames: Frames, values: np.ndarray, samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log F0 and voicing (L,): as WORLD frames state them, or read from normalised `values`."""
    if not v.shape.reads_pitch:
        return pitch_of(frames, Grid.of(v.spec), samples)
    out = trunk(v.weights, "pitch", values)
    mean, std = v.scales.log_f0
    return out[:, 0] * np.float32(std) + np.float32(mean), (out[:, 1] > 0).astype(np.float32)


def inputs_of(v: TrainedVocoder, values: np.ndarray, log_f0: np.ndarray, voicing: np.ndarray) -> np.ndarray:
    """What the filter's trunk reads (L, inputs + 2), of normalised `values`."""
    mean, std = v.scales.log_f0
    level = (log_f0 - np.float32(mean)) / np.float32(std)
    return np.concatenate([values, np.stack([level, voicing], axis=1)], axis=1, dtype=np.float32)


def render(v: TrainedVocoder, frames: Frames) -> np.ndarray:
    """Samples of `frames`, float32, ``len(frames) * hop_length`` of them."""
    grid = Grid.of(v.spec)
    samples = grid.samples(len(frames))
    values = (values_of(frames, grid, samples) - v.scales.mean) / v.scales.std
    log_f0, voicing = pitch(v, frames, values, samples)
    count = (len(values) - 1) * grid.hop + grid.n_fft
    noise = np.random.default_rng(SEED).standard_normal(count, np.float32)
    voiced, breath = excitation(
        log_f0, voicing, sample_rate=grid.sample_rate, hop=grid.hop, n_fft=grid.n_fft, noise=noise
    )
    out = trunk(v.weights, "filter", inputs_of(v, values, log_f0, voicing))
    bins = v.shape.bins
    level = np.exp(np.minimum(out[:, :bins], LOUDEST))
    phase = out[:, bins : 2 * bins]
    turned = np.empty(level.shape, np.complex64)
    turned.real = level * np.cos(phase)
    turned.imag = level * np.sin(phase)
    voiced *= turned
    breath *= np.exp(np.minimum(out[:, 2 * bins :], LOUDEST))
    voiced += breath
    return waveform(voiced, grid.hop, grid.n_fft)[:samples]
