# SPDX-License-Identifier: Apache-2.0
"""The excitation: every harmonic of F0 at one level, and white noise, as short-time spectra.

Both have unit power, so that what the network learns is a filter. The pulses follow F0 to the sample: voicing
is given to the network, not left for it to find.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=8)
def hann(size: int) -> np.ndarray:
    """Periodic Hann window, float32, read-only."""
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    window.setflags(write=False)
    return window


def pulses(f0: np.ndarray, voicing: np.ndarray, sample_rate: int, phase: float = 0.0) -> np.ndarray:
    """Harmonics of `f0` up to half the sample rate, all cosines at one level; power 1 where voiced.

    The sum of the first K cosines is a Dirichlet kernel, so no harmonic is computed by itself.

    Parameters
    ----------
    f0 : ndarray, shape (N,)
        Hz, of every sample, also where it is not voiced.
    voicing : ndarray, shape (N,)
        Level, 0 to 1.
    sample_rate : int
        Hz.
    phase : float
        Radians before the first sample.

    Returns
    -------
    ndarray, shape (N,), float32
    """
    angle = np.cumsum(f0, dtype=np.float64)
    angle *= 2 * np.pi / sample_rate
    angle += phase
    angle = np.mod(angle, 2 * np.pi).astype(np.float32)
    count = np.maximum(np.floor(np.float32(sample_rate / 2) / f0), 1).astype(np.float32)
    below = 2 * np.sin(angle / 2)
    at_zero = np.abs(below) < 1e-4
    below[at_zero] = 1
    kernel = np.sin((count + np.float32(0.5)) * angle) / below - np.float32(0.5)
    kernel[at_zero] = count[at_zero]
    out: np.ndarray = (kernel * np.sqrt(2 / count) * voicing).astype(np.float32)
    return out


def upsampled(values: np.ndarray, hop: int, before: int, after: int) -> np.ndarray:
    """`values` (L,) of frames `hop` samples apart at every sample: straight lines, held at the ends.

    The first value stands at sample `before`, and `after` samples follow the last; float32, length
    ``before + (L - 1) * hop + after``.
    """
    at = (np.arange(-before, (len(values) - 1) * hop + after) / hop).astype(np.float32)
    return np.interp(at, np.arange(len(values)), values).astype(np.float32)


def spectra(samples: np.ndarray, hop: int, n_fft: int) -> np.ndarray:
    """Short-time spectra (L, n_fft // 2 + 1), complex64, of whole frames of `samples`."""
    framed = np.lib.stride_tricks.sliding_window_view(samples, n_fft)[::hop]
    found: np.ndarray = np.fft.rfft(framed * hann(n_fft), axis=1).astype(np.complex64, copy=False)
    return found


def voiced_samples(
    log_f0: np.ndarray, voicing: np.ndarray, *, sample_rate: int, hop: int, n_fft: int, phase: float = 0.0
) -> np.ndarray:
    """Pulses ``((L - 1) * hop + n_fft,)`` whose spectra are those of L frames.

    Parameters
    ----------
    log_f0, voicing : ndarray, shape (L,)
        Natural logarithm of Hz, drawn through unvoiced stretches; 0 to 1.
    """
    half = n_fft // 2
    f0 = upsampled(log_f0, hop, half, half)
    np.clip(np.exp(f0, out=f0), 20, sample_rate / 4, out=f0)
    return pulses(f0, upsampled(voicing, hop, half, half), sample_rate, phase)


def excitation(
    log_f0: np.ndarray,
    voicing: np.ndarray,
    *,
    sample_rate: int,
    hop: int,
    n_fft: int,
    noise: np.ndarray,
    phase: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Spectra of pulses and of noise, one for each frame, centred on it.

    Parameters
    ----------
    log_f0, voicing : ndarray, shape (L,)
        Natural logarithm of Hz, drawn through unvoiced stretches; 0 to 1.
    noise : ndarray, shape ((L - 1) * hop + n_fft,)
        White, of unit power.

    Returns
    -------
    tuple of ndarray, each (L, n_fft // 2 + 1), complex64
    """
    voiced = voiced_samples(log_f0, voicing, sample_rate=sample_rate, hop=hop, n_fft=n_fft, phase=phase)
    return spectra(voiced, hop, n_fft), spectra(noise, hop, n_fft)


class Overlapped:
    """Samples of short-time spectra, by overlap and add.

    The least-squares inverse of Griffin and Lim (1984): windowed again and divided by the sum of squared
    windows. Frame l is centred on sample ``l * hop``.

    Parameters
    ----------
    count : int
        Frames in all.
    hop, n_fft : int
        `n_fft` is a multiple of `hop`.
    """

    def __init__(self, count: int, hop: int, n_fft: int) -> None:
        self._count, self._n_fft, self._steps = count, n_fft, n_fft // hop
        self._out = np.zeros((count + self._steps - 1, hop), np.float32)

    def add(self, start: int, frames: np.ndarray) -> None:
        """Those of frames from `start` on, of (N, n_fft // 2 + 1)."""
        parts = np.fft.irfft(frames, self._n_fft, axis=1).astype(np.float32, copy=False)
        parts *= hann(self._n_fft)
        hop = self._out.shape[1]
        for k in range(self._steps):
            first = start + k
            self._out[first : first + len(frames)] += parts[:, k * hop : (k + 1) * hop]

    def samples(self) -> np.ndarray:
        """All of them, ``(count - 1) * hop``."""
        hop, window = self._out.shape[1], hann(self._n_fft)
        squares = (window * window).reshape(self._steps, hop)
        total = np.zeros_like(self._out)
        for k in range(self._steps):
            total[k : k + self._count] += squares[k]
        half, size = self._n_fft // 2, (self._count - 1) * hop
        whole = self._out.ravel()[half : half + size]
        whole /= np.maximum(total.ravel()[half : half + size], 1e-6)
        return whole


def waveform(frames: np.ndarray, hop: int, n_fft: int) -> np.ndarray:
    """Samples of short-time spectra (L, n_fft // 2 + 1) as `Overlapped` gives them."""
    out = Overlapped(len(frames), hop, n_fft)
    out.add(0, frames)
    return out.samples()
