# SPDX-License-Identifier: Apache-2.0
"""Spectra, mel-frequency cepstra for alignment, and spectral distances."""

from __future__ import annotations

import numpy as np
from scipy.signal import get_window

from synthkit.dsp.mel import triangles
from synthkit.eval.mcep import frame_signal


def power_spectra(samples: np.ndarray, size: int, hop: int, win_length: int | None = None) -> np.ndarray:
    """Power spectra of Hann-windowed frames centred on multiples of `hop`.

    Parameters
    ----------
    samples : ndarray, shape (N,)
    size, hop : int
        FFT length and hop, samples; the signal is padded by zeros of half a frame at both ends.
    win_length : int, optional
        Window length, `size` when not given; the window is centred in the frame.

    Returns
    -------
    ndarray, shape (N // hop + 1, size // 2 + 1)
    """
    win_length = win_length or size
    window = np.zeros(size)
    left = (size - win_length) // 2
    window[left : left + win_length] = get_window("hann", win_length)
    padded = np.pad(np.asarray(samples, np.float64), size // 2)
    frames = frame_signal(padded, size, hop)[: len(samples) // hop + 1]
    spectrum = np.fft.rfft(frames * window, axis=-1)
    return spectrum.real**2 + spectrum.imag**2


def mel_cepstra(power: np.ndarray, rate: int, *, coefficients: int = 13, bands: int = 40) -> np.ndarray:
    """Mel-frequency cepstra 1…`coefficients` (no c0), shape (T, coefficients).

    Orthonormal DCT-II of the natural log of the energies in `bands` HTK mel triangles of unit height from 60
    Hz to half the rate, floored 80 dB below the loudest band.

    Parameters
    ----------
    power : ndarray, shape (T, F)
        Power spectra.
    rate : int
        Hz.
    coefficients, bands : int

    Returns
    -------
    ndarray, shape (T, coefficients)
    """
    from scipy.fft import dct

    filters = triangles(rate, 2 * (power.shape[1] - 1), bands, 60.0, rate / 2, "htk", "none")
    energies = power @ filters.T
    floor = max(energies.max() * 1e-8, 1e-30)
    cepstra: np.ndarray = dct(np.log(np.maximum(energies, floor)), axis=-1, norm="ortho")
    return cepstra[:, 1 : coefficients + 1]


def speech_frames(power: np.ndarray, below: float = 40.0) -> np.ndarray:
    """True where a frame's energy is above the loudest frame's less `below` dB, shape (T,).

    Parameters
    ----------
    power : ndarray, shape (T, F)
    below : float
        dB.

    Returns
    -------
    ndarray of bool, shape (T,)
    """
    level = 10.0 * np.log10(np.maximum(power.sum(-1), 1e-30))
    loud: np.ndarray = level > level.max() - below
    return loud


def log_spectral_distance(a: np.ndarray, b: np.ndarray, floor_db: float = 80.0) -> np.ndarray:
    """Log-spectral distance of paired frames, dB ``(T,)``.

    Root of the mean over bins of the squared difference of log power spectra in dB (Gray and Markel 1976);
    both are floored `floor_db` below the largest bin of their own pair of signals.

    Parameters
    ----------
    a, b : ndarray, shape (T, F)
        Power spectra, already at one level.
    floor_db : float

    Returns
    -------
    ndarray, shape (T,)
    """
    floor = max(a.max(), b.max()) * 10.0 ** (-floor_db / 10.0)
    difference = 10.0 * np.log10(np.maximum(a, floor)) - 10.0 * np.log10(np.maximum(b, floor))
    distance: np.ndarray = np.sqrt(np.square(difference).mean(-1))
    return distance


RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""(n_fft, hop, window) of Yamamoto, Song and Kim 2020."""


def multi_resolution_stft(reference: np.ndarray, test: np.ndarray) -> tuple[float, float]:
    """Multi-resolution STFT distance of time-aligned signals.

    Parameters
    ----------
    reference, test : ndarray, shape (N,)
        Of one length.

    Returns
    -------
    convergence : float
        Mean over `RESOLUTIONS` of ``‖|R| - |T|‖ / ‖|R|‖`` (Frobenius).
    log_magnitude : float
        Mean over `RESOLUTIONS` of the mean ``|ln |R| - ln |T||``, magnitudes² floored at 1e-7.

    Notes
    -----
    Yamamoto, Song and Kim 2020 (Parallel WaveGAN), with frames centred and zero-padded.
    """
    convergence, log_magnitude = [], []
    for size, hop, window in RESOLUTIONS:
        r = np.sqrt(np.maximum(power_spectra(reference, size, hop, window), 1e-7))
        t = np.sqrt(np.maximum(power_spectra(test, size, hop, window), 1e-7))
        convergence.append(np.linalg.norm(r - t) / np.linalg.norm(r))
        log_magnitude.append(np.abs(np.log(r) - np.log(t)).mean())
    return float(np.mean(convergence)), float(np.mean(log_magnitude))
