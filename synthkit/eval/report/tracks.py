# SPDX-License-Identifier: Apache-2.0
"""What lies over a sentence's spectrogram and under its switching: phones, F0, loudness, and where in it the
recording is.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.eval.duration import warp_times
from synthkit.eval.metrics.common import HOP, stft_path
from synthkit.eval.pitch import yin
from synthkit.eval.sample import Clip, EvalSample
from synthkit.types import PAUSE, Alignment, Waveform

LOUDNESS = -23.0
"""LUFS that every sound is played at, where its peaks allow."""

STEP = 0.05
"""Seconds of the recording from one point of a warp to the next."""


@dataclass(frozen=True)
class Track:
    """One system's sentence.

    Attributes
    ----------
    gain : float
        dB to `LOUDNESS`, less where peaks would be cut off.
    seconds : float
    phones : list of (start, end, label)
    carried : bool
        True where the phones are the recording's, carried over along an alignment.
    f0 : list of int
        Hz every 10 ms, 0 where nothing is voiced; empty where it was not tracked.
    warp : list of float
        Seconds in this sound for every `STEP` of the recording; empty where there is none.
    """

    gain: float
    seconds: float
    phones: list[tuple[float, float, str]]
    carried: bool
    f0: list[int]
    warp: list[float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class TrackJob:
    """One sentence: each system's sound and phones, and the recording."""

    sounds: tuple[tuple[str, Path], ...]
    alignments: dict[str, Alignment]
    reference: Path | None
    alignment: Alignment | None
    closely: bool
    """Whether F0 is tracked and positions are aligned, which takes half a second a sound."""


def track_sentence(job: TrackJob) -> dict[str, Track]:
    """Tracks of one sentence by system.

    Parameters
    ----------
    job : TrackJob

    Returns
    -------
    dict of str to Track
        By system.
    """
    reference = Clip(audio.read(job.reference)) if job.reference is not None else None
    return {
        system: _track(audio.read(path), path == job.reference, job.alignments.get(system), reference, job)
        for system, path in job.sounds
    }


def _track(
    waveform: Waveform, itself: bool, alignment: Alignment | None, reference: Clip | None, job: TrackJob
) -> Track:
    clip = Clip(waveform)
    phones: list[tuple[float, float, str]] = []
    warp: list[float] = []
    carried = False
    own = job.alignment if itself else alignment
    if own is not None:
        phones = [(p.start, p.end, p.label) for p in own.phones]
    if reference is not None and itself:
        warp = [float(t) for t in np.arange(0.0, waveform.duration + STEP, STEP)]
    elif reference is not None and job.closely:
        path = stft_path(EvalSample("", "", "", clip, reference))
        warp = [float(t) for t in warp_times(np.arange(0.0, reference.duration + STEP, STEP), path, HOP)]
        if own is None and job.alignment is not None:
            carried = True
            tier = job.alignment.phones
            starts = warp_times(np.array([p.start for p in tier]), path, HOP)
            ends = warp_times(np.array([p.end for p in tier]), path, HOP)
            phones = [(float(a), float(b), p.label) for a, b, p in zip(starts, ends, tier, strict=True)]
    f0 = steady(yin(clip.samples(), clip.rate))[::2] if job.closely else np.zeros(0)
    return Track(
        gain=round(gain(waveform), 2),
        seconds=round(waveform.duration, 3),
        phones=[(round(a, 3), round(b, 3), "" if label == PAUSE else label) for a, b, label in phones],
        carried=carried,
        f0=[round(float(f)) for f in f0],
        warp=[round(t, 2) for t in warp],
    )


def gain(waveform: Waveform) -> float:
    """dB that bring `waveform` to `LOUDNESS` by ITU-R BS.1770-4; at most what its peaks allow.

    Silence gets none. Sounds shorter than the measure's block of 0.4 s are measured repeated.

    Parameters
    ----------
    waveform : Waveform

    Returns
    -------
    float
        dB.
    """
    import pyloudnorm

    samples = waveform.samples.astype(np.float64)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return 0.0
    short = int(0.4 * waveform.sample_rate) + 1
    if len(samples) < short:
        samples = np.tile(samples, -(-short // len(samples)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loudness = float(pyloudnorm.Meter(waveform.sample_rate).integrated_loudness(samples))
    if not np.isfinite(loudness):
        return 0.0
    return min(LOUDNESS - loudness, -20.0 * float(np.log10(peak)))


def steady(f0: np.ndarray, around: int = 12, octaves: float = 0.4) -> np.ndarray:
    """F0 without frames that lie far from the median of the voiced frames around them, for the eye.

    Parameters
    ----------
    f0 : ndarray, shape (T,)
        Hz, 0 where nothing is voiced.
    around : int
        Frames to each side.
    octaves : float
        How far is far.

    Returns
    -------
    ndarray, shape (T,)
        0 where a frame was taken out.
    """
    out = f0.copy()
    for k in np.flatnonzero(f0):
        near = f0[max(0, k - around) : k + around + 1]
        near = near[near > 0]
        if len(near) < around // 2 or abs(np.log2(f0[k] / np.median(near))) > octaves:
            out[k] = 0.0
    return out
