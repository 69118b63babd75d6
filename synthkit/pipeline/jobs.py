# SPDX-License-Identifier: Apache-2.0
"""The work of each stage on one utterance, as functions a worker process can run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.atomic import arrived
from synthkit.errors import SynthkitError, reason
from synthkit.pipeline import checked
from synthkit.pipeline.part import ComponentRef
from synthkit.types import Alignment, FeatureSpec, Frames, Segmentation, Utterance, Waveform


@dataclass(frozen=True)
class Segments:
    """A segmenter that crosses to other processes by its name, and is made once in each."""

    ref: ComponentRef

    def segment(self, text: str, language: str) -> Segmentation:
        """See `synthkit.stages.Segmenter.segment`.

        Parameters
        ----------
        text : str
        language : str
            BCP-47.

        Returns
        -------
        Segmentation
        """
        said: Segmentation = self.ref.get().segment(text, language)
        return said


@dataclass(frozen=True)
class SegmentJob:
    """Segment one utterance into `out` (JSON)."""

    segmenter: ComponentRef
    utterance: Utterance
    out: Path


def run_segment(job: SegmentJob) -> str | None:
    """Do a `SegmentJob`; returns why it cannot be done, or None. A fault of the machine is raised.

    Parameters
    ----------
    job : SegmentJob

    Returns
    -------
    str or None
    """
    try:
        segmentation = job.segmenter.get().segment(job.utterance.text, job.utterance.language)
        checked.write_json(job.out, segmentation.to_dict())
    except SynthkitError as error:
        return reason(error)
    return None


@dataclass(frozen=True)
class FeatureJob:
    """Features of one utterance into `out` (npz)."""

    extractor: ComponentRef
    utterance: Utterance
    alignment: Alignment
    sample_rate: int
    out: Path


def run_features(job: FeatureJob) -> str | None:
    """Do a `FeatureJob`; returns why it cannot be done, or None. A fault of the machine is raised.

    Parameters
    ----------
    job : FeatureJob

    Returns
    -------
    str or None
    """
    try:
        waveform = read_waveform(job.utterance, job.sample_rate)
        frames = job.extractor.get().extract(waveform, job.alignment).check()
        save_frames(job.out, frames)
    except (SynthkitError, ValueError) as error:
        return reason(error)
    return None


def read_waveform(utterance: Utterance, sample_rate: int) -> Waveform:
    """The recording of `utterance` at `sample_rate`.

    Parameters
    ----------
    utterance : Utterance
    sample_rate : int
        Hz.

    Returns
    -------
    Waveform

    Raises
    ------
    AudioError
        It cannot be read.
    """
    return audio.read(utterance.audio, sample_rate, start=utterance.start, end=utterance.end)


def read_segmentation(path: Path) -> Segmentation:
    """A segmentation that `run_segment` wrote, maybe on another machine.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Segmentation
    """
    return Segmentation.from_dict(json.loads(arrived(path).read_text(encoding="utf-8")))


def save_frames(path: Path, frames: Frames) -> None:
    """Streams of `frames` as an npz file (no pickle), with its checksum, atomically.

    Parameters
    ----------
    path : Path
    frames : Frames
    """
    with checked.writing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **frames.data)


def read_frames(path: Path, spec: FeatureSpec) -> Frames:
    """Frames that `save_frames` wrote under `spec`, maybe on another machine.

    Parameters
    ----------
    path : Path
    spec : FeatureSpec

    Returns
    -------
    Frames
    """
    with np.load(arrived(path), allow_pickle=False) as data:
        return Frames({name: data[name] for name in spec.names}, spec)
