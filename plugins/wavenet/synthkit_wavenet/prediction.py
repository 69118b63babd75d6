# SPDX-License-Identifier: Apache-2.0
"""Linear prediction from the frames: what of a sample is known before it is heard.

The frames state a spectral envelope. Its autocorrelation gives, by the recursion of Levinson and Durbin, the
filter that predicts a sample from the `order` samples before it, and the level of what it leaves. A network
that models what is left (`z` in units of that level) has to learn neither loudness nor formants, and what it
gets wrong is shaped like speech: Song, Byun and Kang 2019 (ExcitNet, arXiv:1811.04769); Hwang et al. 2020
(LP-WaveNet, arXiv:1811.11913); Valin and Skoglund 2019 (LPCNet, arXiv:1810.11846), from whom the prediction
comes from the vocoder's own frames, so that nothing else has to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.dsp.mel import expand, filterbank
from synthkit.dsp.melcepstrum import mc2sp
from synthkit.dsp.specs import MelSpec, WorldSpec
from synthkit.types import Frames
from synthkit_wavenet.conditions import states_pitch

N_FFT = 512
"""Of the envelope that the autocorrelation is taken of."""
FLOOR = 3e-5
"""White noise, relative to a frame's power, that keeps a filter from following an empty band (-45 dB)."""
LAG_WINDOW_HZ = 30.0
"""Widens the sharpest resonances: a Gaussian over the lags."""
SILENCE = 1e-5
"""Least level of what is left: a third of a step of 16 bits."""
BLOCK = 4096
"""Frames at once."""


@dataclass(frozen=True)
class Predictor:
    """A filter for each frame.

    Attributes
    ----------
    taps : ndarray, shape (T, order), float32
        Weights of the samples before, the last one first.
    level : ndarray, shape (T,), float32
        Root mean square of what is left, as the envelope states it.
    lag : ndarray, shape (T,), int32
        Samples in a period of the voice; 0 where there is none, or frames do not say.
    """

    taps: np.ndarray
    level: np.ndarray
    lag: np.ndarray


def of_frames(frames: Frames, order: int) -> Predictor:
    """Filters of `order` from WORLD or mel frames; ``order = 0`` predicts nothing, at level 1."""
    count = len(frames)
    if not order:
        return Predictor(
            np.zeros((count, 0), np.float32), np.ones(count, np.float32), np.zeros(count, np.int32)
        )
    taps, level = np.empty((count, order), np.float32), np.empty(count, np.float32)
    for start in range(0, count, BLOCK):
        part = slice(start, start + BLOCK)
        power = envelope(frames, part)
        taps[part], level[part] = levinson(autocorrelation(power, order, frames.spec.sample_rate))
    return Predictor(taps, level, lags(frames))


def envelope(frames: Frames, part: slice) -> np.ndarray:
    """Power spectra (T, N_FFT // 2 + 1) that the frames in `part` state, up to a factor."""
    if frames.spec.kind == "world":
        return mc2sp(frames["mcep"][part], WorldSpec.of(frames.spec).alpha, N_FFT)
    view = MelSpec.of(frames.spec)
    filters = filterbank(view)
    bins = np.arange(view.n_fft // 2 + 1) * view.sample_rate / view.n_fft
    weight = filters.sum(axis=1)
    energy = np.maximum(expand(frames["mel"][part], view) / weight, 1e-9) ** (2 / view.power)
    centres = filters @ bins / weight
    wanted = np.arange(N_FFT // 2 + 1) * view.sample_rate / N_FFT
    at = np.interp(wanted, centres, np.arange(len(centres)))
    below = np.minimum(at.astype(np.int64), len(centres) - 2)
    log = np.log(energy)
    between: np.ndarray = np.exp(log[:, below] + (log[:, below + 1] - log[:, below]) * (at - below))
    return between


def autocorrelation(power: np.ndarray, order: int, sample_rate: int) -> np.ndarray:
    """Autocorrelation (T, order + 1) of signals with these power spectra (T, F), widened and floored."""
    found: np.ndarray = np.fft.irfft(power, axis=1)[:, : order + 1]
    found *= np.exp(-0.5 * (2 * np.pi * LAG_WINDOW_HZ / sample_rate * np.arange(order + 1)) ** 2)
    found[:, 0] *= 1 + FLOOR
    return found


def levinson(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The recursion of Levinson and Durbin, for all rows at once.

    Parameters
    ----------
    r : ndarray, shape (T, order + 1)
        Autocorrelation, lag 0 first; positive definite.

    Returns
    -------
    taps : ndarray, shape (T, order)
        ``x[n] ≈ Σ taps[k] x[n - 1 - k]``.
    level : ndarray, shape (T,)
        Root of the power of the error.
    """
    r = np.asarray(r, np.float64)
    count, order = len(r), r.shape[1] - 1
    taps = np.zeros((count, order))
    error = r[:, 0].copy()
    for k in range(order):
        reflected = (r[:, k + 1] - np.einsum("tj,tj->t", taps[:, :k], r[:, k:0:-1])) / error
        taps[:, :k] -= reflected[:, None] * taps[:, :k][:, ::-1].copy()
        taps[:, k] = reflected
        error *= 1 - reflected**2
    return taps, np.sqrt(np.maximum(error, 0))


def lags(frames: Frames) -> np.ndarray:
    """Samples in a period (T,), int32; 0 where it is not voiced, everywhere where frames state no pitch."""
    if not states_pitch(frames.spec):
        return np.zeros(len(frames), np.int32)
    rate = frames.spec.sample_rate
    period = np.round(rate / np.exp(np.asarray(frames["lf0"], np.float64))).astype(np.int32)
    return np.where(frames["vuv"] > 0.5, np.clip(period, 8, longest(rate)), 0).astype(np.int32)


def longest(sample_rate: int) -> int:
    """Samples in the longest period that is looked back at: one of 50 Hz."""
    return sample_rate // 50
