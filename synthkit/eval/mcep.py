# SPDX-License-Identifier: Apache-2.0
"""Mel-cepstra of spectra and of windowed frames, and the distortion between them.

`mcep` iterates on all frames at once and `sp2mc` (from `synthkit.dsp`) is one matrix product; both reproduce
SPTK's figures. Shapes are ``(T, order + 1)``, c0 first; float64 throughout, because log spectra of silence
lose digits in float32.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from synthkit.dsp.melcepstrum import allpass_matrix, sp2mc

__all__ = ["K", "distortion", "frame_signal", "mcep", "mcep_of_amplitude", "sp2mc"]

K = 10.0 * np.sqrt(2.0) / np.log(10.0)
"""Decibel per unit of Euclidean mel-cepstral distance (Kubichek 1993)."""


@lru_cache(maxsize=64)
def _freqt_matrix(size: int, order: int, alpha: float) -> np.ndarray:
    """SPTK's ``freqt`` of a cepstrum of `size` coefficients, shape (size, order + 1). Read-only."""
    matrix = allpass_matrix(size, order + 1, alpha)
    matrix.flags.writeable = False
    return matrix


@lru_cache(maxsize=64)
def _autocorrelation_freqt_matrix(size: int, order: int, alpha: float) -> np.ndarray:
    """The same for an autocorrelation (SPTK ``frqtr``), shape (order + 1, size)."""
    matrix = np.zeros((order + 1, size))
    column = [1.0]
    for j in range(1, order + 1):
        column.append(-alpha * column[j - 1])
    for m in range(size):
        matrix[:, m] = column
        previous, column = column, [0.0]
        for j in range(1, order + 1):
            column.append(previous[j - 1] + alpha * (previous[j] - column[j - 1]))
    matrix.flags.writeable = False
    return matrix


def mcep_of_amplitude(amplitude: np.ndarray, order: int, alpha: float, eps: float) -> np.ndarray:
    """Warped cepstrum of ``amplitude² + eps``: ``pysptk.mcep`` with ``itype=3, etype=1, maxiter=0``.

    Parameters
    ----------
    amplitude : ndarray, shape (T, n_fft // 2 + 1)
    order : int
        Coefficients beside c0.
    alpha : float
        Of the all-pass filter.
    eps : float
        Added to each power.

    Returns
    -------
    ndarray, shape (T, order + 1)
    """
    return _initial(np.square(amplitude) + eps, order, alpha)


def _initial(periodogram: np.ndarray, order: int, alpha: float) -> np.ndarray:
    half = periodogram.shape[-1] - 1
    cepstrum = np.fft.irfft(np.log(periodogram), axis=-1)[..., : half + 1]
    cepstrum[..., 0] /= 2.0
    cepstrum[..., half] /= 2.0
    warped: np.ndarray = cepstrum @ _freqt_matrix(half + 1, order, float(alpha))
    return warped


def mcep(
    frames: np.ndarray,
    order: int,
    alpha: float,
    *,
    eps: float = 0.0,
    min_iterations: int = 2,
    max_iterations: int = 30,
    threshold: float = 0.001,
) -> np.ndarray:
    """Mel-cepstral analysis of windowed frames by the unbiased estimator of the log spectrum.

    Parameters
    ----------
    frames : ndarray, shape (T, n_fft)
        Windowed samples.
    order : int
    alpha : float
    eps : float
        Added to the periodogram.
    min_iterations, max_iterations, threshold
        Newton steps stop, per frame, when the gain changes by less than `threshold`, relatively.

    Returns
    -------
    ndarray, shape (T, order + 1)
        Equal to ``pysptk.mcep`` (``etype=1``).

    Notes
    -----
    Tokuda, Kobayashi, Chiba and Imai 1992. All frames that have not converged are stepped together.
    """
    size = frames.shape[-1]
    half = size // 2
    spectrum = np.fft.rfft(frames, axis=-1)
    periodogram = spectrum.real**2 + spectrum.imag**2 + eps
    result = _initial(periodogram, order, alpha)
    if not len(frames):
        return result
    unwarp = _freqt_matrix(order + 1, half, -float(alpha))
    warp = _autocorrelation_freqt_matrix(half + 1, 2 * order, float(alpha)).T
    decay = (-alpha) ** np.arange(order + 1)
    at = np.arange(order + 1)
    toeplitz, hankel = np.abs(at[:, None] - at[None, :]), at[:, None] + at[None, :]
    gain = np.fft.irfft(np.log(periodogram), axis=-1)[:, 0] / 2.0
    active = np.arange(len(frames))
    for step in range(1, max_iterations + 1):
        # Real part of the transform of a one-sided sequence, as SPTK's real FFT of it gives.
        log_amplitude = np.fft.rfft(result[active] @ unwarp, n=size, axis=-1).real
        ratio = periodogram[active] / np.exp(2.0 * log_amplitude)
        r = np.fft.irfft(ratio, axis=-1)[:, : half + 1] @ warp
        t = r[:, 0]
        if step >= min_iterations:
            going = ~(np.abs((t - gain[active]) / t) < threshold)
            gain[active] = t
            active, r = active[going], r[going]
            if not len(active):
                break
        right = r[:, : order + 1] - decay
        h = r.copy()
        h[:, ::2] -= r[:, :1]
        c = r[:, : order + 1].copy()
        c[:, 2::2] += r[:, :1]
        c[:, 0] += r[:, 0]
        system = c[:, toeplitz] + h[:, hankel]
        result[active] += np.linalg.solve(system, right[..., None])[..., 0]
    return result


def distortion(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mel-cepstral distortion of paired frames, dB ``(T,)``: ``K·‖a - b‖``.

    Parameters
    ----------
    a, b : ndarray, shape (T, D)
        The coefficients that count (leave c0 out before, where the definition does).

    Returns
    -------
    ndarray, shape (T,)
    """
    distortion: np.ndarray = K * np.sqrt(np.square(np.asarray(a, np.float64) - b).sum(-1))
    return distortion


def frame_signal(samples: np.ndarray, size: int, hop: int) -> np.ndarray:
    """Frames ``(T, size)`` that lie wholly in `samples` (a view; T may be 0).

    Parameters
    ----------
    samples : ndarray, shape (N,)
    size, hop : int
        Samples.

    Returns
    -------
    ndarray, shape (T, size)
    """
    if len(samples) < size:
        return np.empty((0, size), samples.dtype)
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
