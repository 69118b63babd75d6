# SPDX-License-Identifier: Apache-2.0
"""Recordings that cannot be analysed are refused before they become frames of nonsense."""

from __future__ import annotations

import numpy as np

from synthkit.errors import AudioError
from synthkit.types import Waveform


def usable(waveform: Waveform, *, sample_rate: int, minimum: int, what: str) -> np.ndarray:
    """The samples of `waveform`, as float64, when they can be analysed.

    Parameters
    ----------
    waveform : Waveform
    sample_rate : int
        The rate the analysis is defined at, Hz.
    minimum : int
        Fewest samples that make a frame.
    what : str
        Who asks, for the message: ``"features 'world'"``.

    Returns
    -------
    ndarray, shape (N,), float64

    Raises
    ------
    AudioError
        Another sample rate, not mono, too short, samples that are not finite, or digital silence throughout.
    """
    samples = np.asarray(waveform.samples)
    if waveform.sample_rate != sample_rate:
        raise AudioError(
            f"{what} are defined at {sample_rate} Hz and the recording has {waveform.sample_rate} Hz",
            hint="resample the recording, or set the features' sample_rate to the recording's",
        )
    if samples.ndim != 1:
        raise AudioError(f"{what} need mono audio, and this has shape {samples.shape}", hint="mix it to mono")
    if len(samples) < minimum:
        raise AudioError(
            f"{what} need at least {minimum} samples ({minimum / sample_rate * 1000:.0f} ms) "
            f"and the recording has {len(samples)}",
            hint="leave the recording out; `synthkit corpora check` lists such files",
        )
    samples = samples.astype(np.float64)
    bad = len(samples) - int(np.isfinite(samples).sum())
    if bad:
        raise AudioError(f"the recording has {bad} samples that are not finite (NaN or infinite)")
    if not samples.any():
        raise AudioError(
            "the recording is digital silence: every sample is zero",
            hint="leave it out; `synthkit corpora check` lists such files",
        )
    return samples
