# SPDX-License-Identifier: Apache-2.0
"""Sound at another sample rate."""

from __future__ import annotations

import math

import numpy as np

from synthkit.errors import AudioError
from synthkit.types import Waveform

LARGEST_RATIO = 2048
"""Of the rates' numerator and denominator in lowest terms: beyond, soxr resamples. 44.1 to 16 kHz has 441."""


def resample(waveform: Waveform, sample_rate: int) -> Waveform:
    """Change the sampling rate by a polyphase filter; the same bytes every time.

    A Kaiser-windowed sinc of 64 zero crossings to each side, 100 dB down from the lower of the two
    Nyquist frequencies on, flat to 90 % of it (Kaiser's formulae: Oppenheim & Schafer, *Discrete-Time
    Signal Processing*, 7.5.3). No delay: sample k of the result is at time k / `sample_rate`. The filter has
    64 taps for each of the rates' smallest common parts; odd pairs of rates (`LARGEST_RATIO`) go to soxr.

    Parameters
    ----------
    waveform : Waveform
    sample_rate : int
        Hz, positive.

    Returns
    -------
    Waveform
        ``ceil(N * new / old)`` samples, float32.
    """
    old = waveform.sample_rate
    if sample_rate <= 0:
        raise AudioError(f"a sample rate of {sample_rate} Hz makes no sense")
    if sample_rate == old:
        return waveform
    common = math.gcd(old, sample_rate)
    up, down = sample_rate // common, old // common
    if max(up, down) > LARGEST_RATIO:
        return Waveform(_resample_odd(waveform.samples, old, sample_rate), sample_rate)
    from scipy.signal import resample_poly

    longest = max(up, down)
    times = np.arange(-64 * longest, 64 * longest + 1) / longest
    attenuation, cutoff = 100.0, 0.95
    taper = np.kaiser(len(times), 0.1102 * (attenuation - 8.7))
    filter_ = cutoff * np.sinc(cutoff * times) * taper
    filter_ /= filter_.sum()
    samples = resample_poly(waveform.samples.astype(np.float64), up, down, window=filter_)
    return Waveform(samples.astype(np.float32), sample_rate)


def _resample_odd(samples: np.ndarray, old: int, new: int) -> np.ndarray:
    """By soxr (very high quality), whose filter does not grow with the rates' least common multiple."""
    import soxr

    out = soxr.resample(np.asarray(samples, np.float32), old, new, quality="VHQ")
    length = -(-len(samples) * new // old)
    return np.pad(out, (0, max(0, length - len(out))))[:length].astype(np.float32)
