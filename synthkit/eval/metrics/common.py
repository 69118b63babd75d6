# SPDX-License-Identifier: Apache-2.0
"""What the built-in metrics share: level-equal short-time spectra and the alignment path over them."""

from __future__ import annotations

import numpy as np

from synthkit.eval.dtw import Path, dtw_path
from synthkit.eval.sample import Clip, EvalSample
from synthkit.eval.spectral import mel_cepstra, power_spectra

HOP = 0.005
"""Seconds between frames of the built-in analyses."""

WINDOW = 0.032
"""Length of their window, seconds, rounded up to a power of two samples."""


def common_rate(sample: EvalSample) -> int:
    """The lower of the two sample rates: what both signals have.

    Parameters
    ----------
    sample : EvalSample

    Returns
    -------
    int
        Hz.
    """
    assert sample.reference is not None
    return min(sample.reference.rate, sample.test.rate)


def spectra(clip: Clip, rate: int) -> np.ndarray:
    """Power spectra ``(T, F)`` every `HOP`, `WINDOW` long, of the clip at `rate`.

    Parameters
    ----------
    clip : Clip
    rate : int
        Hz.

    Returns
    -------
    ndarray, shape (T, F)
    """
    size = 1 << (round(WINDOW * rate) - 1).bit_length()
    return clip.memo(("stft", rate), lambda: power_spectra(clip.samples(rate), size, round(HOP * rate)))


def stft_path(sample: EvalSample) -> Path:
    """Exact DTW path, reference frame to test frame, over 13 mel-frequency cepstra (no c0) every 5 ms.

    Parameters
    ----------
    sample : EvalSample

    Returns
    -------
    Path
    """
    rate = common_rate(sample)

    def cepstra(clip: Clip) -> np.ndarray:
        return clip.memo(("mfcc", rate), lambda: mel_cepstra(spectra(clip, rate), rate))

    def compute() -> Path:
        assert sample.reference is not None
        return dtw_path(cepstra(sample.reference), cepstra(sample.test))

    return sample.memo(("stft path", rate), compute)
