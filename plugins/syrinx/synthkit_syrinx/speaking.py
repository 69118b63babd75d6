# SPDX-License-Identifier: Apache-2.0
"""Frames to samples, for speaking: no torch. The network itself is in `trunk.py`.

Arrays are (frames, channels) of one utterance.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from synthkit.types import Frames
from synthkit_syrinx.conditions import Grid, pitch_of, values_of
from synthkit_syrinx.source import Overlapped, spectra, voiced_samples
from synthkit_syrinx.stored import TrainedVocoder

LOUDEST = np.float32(6.0)
TOGETHER = 48
"""Frames that are made heard at a time: memory for all of them would cost more to get than to write to."""
SEED = 20260101
"""Of the noise: the same frames give the same samples."""

NOISE = 1 << 17
"""Samples of noise that are made and kept at least; longer ones are twice as many, four times …"""


@lru_cache(maxsize=1)
def hiss(count: int) -> np.ndarray:
    """White noise of unit power, float32, read-only; more of it begins as less does."""
    noise = np.random.default_rng(SEED).standard_normal(count, np.float32)
    noise.setflags(write=False)
    return noise


def pitch(
    v: TrainedVocoder, frames: Frames, values: np.ndarray, samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log F0 and voicing (L,): as WORLD frames state them, or read from normalised `values`."""
    if not v.shape.reads_pitch:
        return pitch_of(frames, Grid.of(v.spec), samples)
    out = v.trunks["pitch"](values)
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
    pulses = voiced_samples(log_f0, voicing, sample_rate=grid.sample_rate, hop=grid.hop, n_fft=grid.n_fft)
    noise = hiss(max(1 << (len(pulses) - 1).bit_length(), NOISE))
    trunk, bins = v.trunks["filter"], v.shape.bins
    known, spoken = (
        trunk.inner(inputs_of(v, values, log_f0, voicing)),
        Overlapped(len(values), grid.hop, grid.n_fft),
    )
    for start in range(0, len(values), TOGETHER):
        said = trunk.outputs(known[start : start + TOGETHER])
        read = slice(start * grid.hop, (start + len(said) - 1) * grid.hop + grid.n_fft)
        voiced, breath = (spectra(each[read], grid.hop, grid.n_fft) for each in (pulses, noise))
        level = np.exp(np.minimum(said[:, :bins], LOUDEST))
        phase = said[:, bins : 2 * bins]
        turned = np.empty(voiced.shape, np.complex64)
        np.multiply(level, np.cos(phase), out=turned.real)
        np.multiply(level, np.sin(phase), out=turned.imag)
        voiced *= turned
        breath *= np.exp(np.minimum(said[:, 2 * bins :], LOUDEST))
        voiced += breath
        spoken.add(start, voiced)
    return spoken.samples()[:samples]
