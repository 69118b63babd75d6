# SPDX-License-Identifier: Apache-2.0
"""Power spectrum to mel-cepstrum and back, as matrix products.

Both ways are linear but for the logarithm, so that SPTK's recursions, which run frame by frame, become one
matrix each: the same numbers as ``pysptk.sp2mc`` and ``mc2sp`` to 1e-12, fifty times faster in Python.

The all-pass (bilinear) frequency transformation is equation 15 and its recursion of K. Tokuda, T. Kobayashi,
T. Masuko, S. Imai, "Mel-generalized cepstral analysis", ICSLP 1994, after A. V. Oppenheim, D. H. Johnson,
"Discrete representation of signals", Proc. IEEE 60(6), 1972.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

LARGEST_DFT = 2049
"""Bins up to which `analysis_matrix` is a product with a whole DFT: of a recording of 192 kHz, with 8,193,
that took 2.5 GB. Features of usual rates keep the bits that they have always had."""


def sp2mc(power: np.ndarray, order: int, alpha: float) -> np.ndarray:
    """Mel-cepstrum of a power spectrum.

    Parameters
    ----------
    power : ndarray, shape (T, F)
        Power spectral envelope, ``F = n_fft // 2 + 1``; every value greater than zero.
    order : int
        Order; ``order + 1`` coefficients are given, c0 first.
    alpha : float
        All-pass constant, for example 0.41 at 16 kHz.

    Returns
    -------
    ndarray, shape (T, order + 1), float64
    """
    mcep: np.ndarray = np.log(power) @ analysis_matrix(power.shape[-1], order, alpha)
    return mcep


def mc2sp(mcep: np.ndarray, alpha: float, n_fft: int) -> np.ndarray:
    """Power spectrum of a mel-cepstrum: the inverse of `sp2mc` as far as the order goes.

    Parameters
    ----------
    mcep : ndarray, shape (T, order + 1)
    alpha : float
    n_fft : int
        Even.

    Returns
    -------
    ndarray, shape (T, n_fft // 2 + 1), float64
    """
    matrix = synthesis_matrix(np.shape(mcep)[-1] - 1, alpha, n_fft)
    power: np.ndarray = np.exp(np.asarray(mcep, dtype=np.float64) @ matrix)
    return power


@lru_cache(maxsize=16)
def analysis_matrix(bins: int, order: int, alpha: float) -> np.ndarray:
    """Log power spectrum to mel-cepstrum, shape ``(bins, order + 1)``; read-only."""
    matrix: np.ndarray
    if bins <= LARGEST_DFT:
        # Inverse DFT of each one-sided bin (rows), c0 halved, then the all-pass transformation of all of it.
        cepstrum = np.fft.irfft(np.eye(bins), axis=-1)
        cepstrum[:, 0] /= 2.0
        matrix = cepstrum @ allpass_matrix(cepstrum.shape[1], order + 1, alpha)
    else:
        # The same by a DFT of the transformation, real and even: it grows with bins, not with their square.
        allpass = allpass_matrix(2 * (bins - 1), order + 1, alpha)
        allpass[0] /= 2.0
        matrix = np.fft.rfft(allpass, axis=0).real / (bins - 1)
        matrix[[0, -1]] /= 2.0
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=16)
def synthesis_matrix(order: int, alpha: float, n_fft: int) -> np.ndarray:
    """Mel-cepstrum to log power spectrum, shape ``(order + 1, n_fft // 2 + 1)``; read-only."""
    half = n_fft // 2
    cepstrum = allpass_matrix(order + 1, half + 1, -alpha)
    cepstrum[:, 0] *= 2.0
    symmetric = np.zeros((order + 1, n_fft))
    symmetric[:, : half + 1] = cepstrum
    symmetric[:, -1 : -half - 1 : -1] = cepstrum[:, 1:]
    matrix = np.fft.rfft(symmetric, axis=-1).real
    matrix.setflags(write=False)
    return matrix


def allpass_matrix(n_in: int, n_out: int, alpha: float) -> np.ndarray:
    """Matrix of the all-pass transformation of a cepstrum (SPTK's ``freqt``), shape ``(n_in, n_out)``.

    Row k is the warped cepstrum of a unit at quefrency k: the powers of the all-pass filter
    ``(z^-1 - alpha) / (1 - alpha z^-1)``, each got from the one before.

    Parameters
    ----------
    n_in, n_out : int
        Coefficients before and after, c0 included.
    alpha : float
        -1 to 1; 0 warps nothing.

    Returns
    -------
    ndarray, shape (n_in, n_out), float64
    """
    rows = np.zeros((n_in, n_out))
    before = rows[0].tolist()  # floats of Python's are five times as fast, one by one
    before[0] = rows[0, 0] = 1.0
    b = 1.0 - alpha * alpha
    for k in range(1, n_in):
        row = [alpha * before[0]]
        if n_out > 1:
            row.append(b * before[0] + alpha * before[1])
        for j in range(2, n_out):
            row.append(before[j - 1] + alpha * (before[j] - row[j - 1]))
        rows[k] = before = row
    return rows


@lru_cache(maxsize=16)
def default_alpha(sample_rate: int) -> float:
    """The all-pass constant whose warping lies nearest to the mel scale at `sample_rate`, to 0.001.

    Least squares over 1000 frequencies, both scales running from 0 to 1; the mel scale is
    ``1000 / ln 2 * ln(1 + f / 1000)`` (Fant), as ``pysptk.util.mcepalpha`` has it: 0.41 at 16 kHz,
    0.455 at 22.05 kHz, 0.554 at 48 kHz.
    """
    points = 1000
    f = np.arange(points) / points * sample_rate * 0.5
    mel = np.log1p(f / 1000.0)
    mel /= mel[-1]
    omega = np.arange(points) / points * np.pi
    alphas = np.arange(0.0, 1.0, 0.001)[:, None]
    missed = []
    for some in np.split(alphas, 20):  # all at once would be 8 MB an array, several times
        warped = np.arctan2((1 - some**2) * np.sin(omega), (1 + some**2) * np.cos(omega) - 2 * some)
        warped /= warped[:, -1:]
        missed.append(((warped - mel) ** 2).sum(1))
    return round(float(alphas[np.argmin(np.concatenate(missed)), 0]), 3)
