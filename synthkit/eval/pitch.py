# SPDX-License-Identifier: Apache-2.0
"""A fundamental-frequency tracker in plain numpy, for when no other is installed."""

from __future__ import annotations

import numpy as np

from synthkit.eval.mcep import frame_signal


def yin(
    samples: np.ndarray,
    rate: int,
    *,
    hop: float = 0.005,
    low: float = 60.0,
    high: float = 400.0,
    threshold: float = 0.15,
    voiced: float = 0.3,
) -> np.ndarray:
    """F0 contour by YIN, all frames at once.

    Parameters
    ----------
    samples : ndarray, shape (N,)
    rate : int
        Hz.
    hop : float
        Seconds.
    low, high : float
        Search range, Hz.
    threshold : float
        The first dip of the normalised difference below it is the period.
    voiced : float
        A frame whose best dip is above it is unvoiced, as is one 45 dB below the loudest.

    Returns
    -------
    ndarray, shape (N // (hop·rate) + 1,)
        Hz, 0 where unvoiced; frame t is centred on ``t·hop``.

    Notes
    -----
    de Cheveigné and Kawahara 2002, steps 1-5 (no local search), followed by a median over three frames of
    the voicing decision. The integration window is one longest period.
    """
    step = round(hop * rate)
    longest, shortest = int(np.ceil(rate / low)) + 1, max(2, int(rate / high))
    window = longest
    size = window + longest
    padded = np.pad(np.asarray(samples, np.float64), (size // 2, size))
    count = len(samples) // step + 1
    frames = frame_signal(padded, size, step)[:count]
    n_fft = 1 << (size + window - 1).bit_length()
    head = np.fft.rfft(frames[:, :window], n_fft)
    correlation = np.fft.irfft(np.fft.rfft(frames, n_fft) * head.conj(), n_fft)[:, : longest + 1]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    power = energy[:, window : window + longest + 1] - energy[:, : longest + 1]
    difference = np.maximum(power[:, :1] + power - 2.0 * correlation, 0.0)
    normalised = np.ones_like(difference)
    running = np.cumsum(difference[:, 1:], axis=1)
    lags = np.arange(1, longest + 1)
    normalised[:, 1:] = difference[:, 1:] * lags / np.maximum(running, 1e-20)

    search = normalised[:, shortest:longest]
    dips = (search < normalised[:, shortest - 1 : longest - 1]) & (search <= normalised[:, shortest + 1 :])
    good = dips & (search < threshold)
    best = np.where(good.any(1), good.argmax(1), np.where(dips, search, np.inf).argmin(1)) + shortest
    rows = np.arange(count)
    before, here, after = (normalised[rows, best + k] for k in (-1, 0, 1))
    curve = before - 2.0 * here + after
    shift = np.where(curve > 1e-12, 0.5 * (before - after) / np.where(curve > 1e-12, curve, 1.0), 0.0)
    f0 = rate / (best + np.clip(shift, -0.5, 0.5))

    level = 10.0 * np.log10(np.maximum(frames.var(axis=1), 1e-20))
    is_voiced = (here < voiced) & (level > level.max() - 45.0) & (level > -90.0)
    edge = np.pad(is_voiced, 1, mode="edge").astype(int)
    is_voiced = edge[:-2] + edge[1:-1] + edge[2:] >= 2
    return np.where(is_voiced & (f0 >= low) & (f0 <= high), f0, 0.0)
