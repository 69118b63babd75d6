# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a recording as sound: each reason with its figure, and how much it matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.types import Waveform

_BLOCK = 1 << 20
FRAME = 0.02
"""Seconds of the frames in which levels are taken."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a recording, dB re full scale, of frames of 20 ms.

    Attributes
    ----------
    speech : float
        Of the loudest twentieth of the frames.
    quiet : float
        Of the quietest twentieth, digital silence aside.
    before, after : float
        Seconds at either end that are more than 40 dB below the speech.
    """

    speech: float
    quiet: float
    before: float
    after: float


def levels(waveform: Waveform) -> Levels:
    """See `Levels`.

    Parameters
    ----------
    waveform : Waveform

    Returns
    -------
    Levels
    """
    size = max(int(FRAME * waveform.sample_rate), 1)
    count = max(len(waveform.samples) // size, 1)
    frames = np.resize(waveform.samples[: count * size], (count, min(size, len(waveform.samples))))
    with np.errstate(divide="ignore"):
        db = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1))
    heard = db[np.isfinite(db)]
    if not len(heard):
        return Levels(float("-inf"), float("-inf"), waveform.duration, 0.0)
    speech, quiet = float(np.percentile(heard, 95)), float(np.percentile(heard, 5))
    loud = np.flatnonzero(db > speech - 40.0)
    return Levels(speech, quiet, loud[0] * FRAME, (count - 1 - loud[-1]) * FRAME)


def beyond_full_scale(samples: np.ndarray) -> str | None:
    """What is to be said of samples above 1: floats of another scale, or of a mix that is too loud.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        Full scale being 1.

    Returns
    -------
    str or None
        None where there are none.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    if peak <= 1.0 + 1e-4:
        return None
    if peak > 8.0:
        bits = next((b for b in (16, 24, 32) if peak <= 1.01 * 2 ** (b - 1)), None)
        scale = f": samples on the scale of {bits}-bit integers?" if bits else ""
        return f"far beyond full scale: its peak is {peak:.0f}, not 1{scale}"
    return f"beyond full scale: its peak is {peak:.2f} ({20 * np.log10(peak):.1f} dB), not 1"


def opposite_phase(channels: np.ndarray) -> bool:
    """Whether two channels ``(N, 2)`` would cancel each other when they are averaged.

    Parameters
    ----------
    channels : ndarray, shape (N, 2)

    Returns
    -------
    bool
    """
    if channels.shape[1] != 2:
        return False
    left, right = (channels[:, k] - channels[:, k].mean() for k in (0, 1))
    power = float(np.sqrt((left @ left) * (right @ right)))
    return power > 0 and float(left @ right) / power < -0.5


def loudest_db(waveform: Waveform) -> float:
    """RMS of the loudest 20 ms, dB re full scale; -inf for digital silence.

    Parameters
    ----------
    waveform : Waveform

    Returns
    -------
    float
    """
    samples = waveform.samples
    size = min(max(int(0.02 * waveform.sample_rate), 1), len(samples))
    best = 0.0
    for start in range(
        0, len(samples) - size + 1, _BLOCK
    ):  # in parts: the sums take twice the samples' memory
        part = samples[start : start + _BLOCK + size - 1].astype(np.float64)
        energy = np.cumsum(np.concatenate([[0.0], part**2]))
        best = max(best, float((energy[size:] - energy[:-size]).max()) / size)
    return 10 * float(np.log10(best)) if best > 0 else float("-inf")


def clipped_samples(samples: np.ndarray, *, run: int = 3) -> int:
    """Samples in runs of at least `run` equal neighbours at the recording's own peak, if that is ≥ 0.98.

    A wave that merely touches full scale has no such runs; one that was cut off there has.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        Full scale being 1.
    run : int

    Returns
    -------
    int
    """
    peak = float(np.abs(samples).max())
    if peak < 0.98:
        return 0
    high = np.abs(samples) >= peak * 0.9995
    edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= run].sum())
