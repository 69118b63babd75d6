# SPDX-License-Identifier: Apache-2.0
"""Silence where the recordings were silent.

A recording that went through an anti-alias filter is all but silent above it. WORLD's synthesis leaks into
that band, at about -75 dB under the loudest part of the spectrum: nobody hears it, but mel-cepstra of the
result are several dB off at the edge, and mel-cepstral distortion with them. A low-pass at the edge of the
frames' own spectrum takes the leak out. Speech without such an edge is left as it is.
"""

from __future__ import annotations

import numpy as np

DEPTH = 65.0
"""dB under the loudest point: where no frames reach this, there is nothing to hear."""
FALL = 20.0
"""dB that the loudest level must fall about the edge. A filter's does by thirty and more, a voice's own by
five."""
WITHIN = 32
"""About the edge: as far to both sides as this part of the sample rate."""
TAPS = 255
KAISER = 7.0
"""Stop-band about 70 dB down, transition about 280 Hz wide at 16 kHz, in proportion at other rates."""


def band_edge(power: np.ndarray, sample_rate: int) -> float | None:
    """The edge above which recordings were silent, by the power spectra of their frames.

    What counts at a frequency is its loudest frames, so that a soft fricative keeps its band beside loud
    vowels; one frame in a hundred may be louder, since a click or a cut is broad.

    Parameters
    ----------
    power : ndarray, shape (T, F)
    sample_rate : int
        Hz.

    Returns
    -------
    float or None
        Hz; None where the spectrum has no edge, or one so near half the sample rate that nothing is to be
        done.
    """
    level = 10 * np.log10(np.maximum(_loudest(power), np.finfo(np.float64).tiny))
    bins = 2 * (len(level) - 1)
    last = int(np.flatnonzero(level >= level.max() - DEPTH)[-1])
    edge = (last + 1) / bins * sample_rate
    before, after = max(last - bins // WITHIN, 0), min(last + bins // WITHIN, len(level) - 1)
    if edge >= 0.48 * sample_rate or level[before] - level[after] < FALL:
        return None
    return edge


def _loudest(power: np.ndarray) -> np.ndarray:
    """The 99th percentile over frames (T, F) of each frequency, (F,)."""
    at = len(power) - 1 - len(power) // 100
    return np.partition(power, at, axis=0)[at]


def low_pass(samples: np.ndarray, edge: float, sample_rate: int) -> np.ndarray:
    """`samples` (N,) through a Kaiser-windowed sinc of `TAPS` taps, without delay; float64 (N,)."""
    n = np.arange(TAPS) - TAPS // 2
    taps = np.sinc(2 * edge / sample_rate * n) * np.kaiser(TAPS, KAISER)
    return np.convolve(samples, taps / taps.sum())[TAPS // 2 : TAPS // 2 + len(samples)]
