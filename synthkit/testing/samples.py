# SPDX-License-Identifier: Apache-2.0
"""Small real input for conformance checks: a few utterances of a bundled corpus, or of the caller's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit import audio
from synthkit.pipeline import jobs
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.scratch import process_folder
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Alignment, Interval, Segmentation, Utterance, Waveform

if TYPE_CHECKING:
    from synthkit.eval.sample import EvalSample


def sample_utterances(corpus: str = "bundled-ru", count: int = 4) -> list[Utterance]:
    """The `count` shortest utterances of a corpus, in a fixed order.

    Parameters
    ----------
    corpus : str
    count : int

    Returns
    -------
    list of Utterance
    """
    import soundfile

    from synthkit.corpora import open_corpus

    utterances = list(open_corpus(corpus).utterances)
    utterances.sort(key=lambda u: (soundfile.info(u.audio).duration, u.id))
    return utterances[:count]


def sample_waveform(sample_rate: int = 16000, seconds: float = 1.0) -> Waveform:
    """A synthetic vowel-like sound: a 120 Hz pulse train through two resonances, with silence at both ends.

    Its F0 is known exactly, so that analyses can be checked against it.

    Parameters
    ----------
    sample_rate : int
        Hz.
    seconds : float

    Returns
    -------
    Waveform
    """
    n = int(sample_rate * seconds)
    pulses = np.zeros(n)
    pulses[:: sample_rate // 120] = 1.0
    t = np.arange(int(0.03 * sample_rate)) / sample_rate
    f, b = np.array([[650.0], [1400.0]]), np.array([[60.0], [90.0]])
    ring = (np.exp(-2 * np.pi * b * t) * np.sin(2 * np.pi * f * t)).sum(0)
    x = np.convolve(pulses, ring)[:n]
    edge = int(0.15 * n)
    x[:edge] = x[-edge:] = 0.0
    noise = np.random.default_rng(0).standard_normal(n) * 1e-4
    return Waveform((0.3 * x / np.abs(x).max() + noise).astype(np.float32), sample_rate)


def sample_pairs(count: int = 4) -> list[tuple[Waveform, Waveform]]:
    """Sentences of a speaker, and the same of one whose throat is a quarter shorter and who speaks faster.

    Parameters
    ----------
    count : int

    Returns
    -------
    list of (Waveform, Waveform)
    """
    said = [audio.read(u.audio) for u in sample_utterances("bundled-ru", count)]
    # Played faster, all frequencies go up: a speaker whom nobody has to have recorded.
    others = (audio.resample(Waveform(w.samples, round(w.sample_rate * 1.25)), w.sample_rate) for w in said)
    return list(zip(said, others, strict=True))


def sample_alignment(duration: float = 1.0) -> Alignment:
    """Pause, one phone, pause: what `sample_waveform` says.

    Parameters
    ----------
    duration : float
        Seconds.

    Returns
    -------
    Alignment
    """
    a, b = 0.15 * duration, 0.85 * duration
    phones = (Interval(0.0, a, "pau"), Interval(a, b, "aa"), Interval(b, duration, "pau"))
    return Alignment("sample", phones, (Interval(a, b, "а"),), duration)


def sample_speech(corpus: str = "bundled-ru") -> EvalSample:
    """Speech that has everything a metric may ask for: a recording as its reference, and the same with a soft
    hiss, a little late, as what a voice of recorded units spoke.

    Parameters
    ----------
    corpus : str

    Returns
    -------
    EvalSample
    """
    from synthkit.eval.sample import Clip, EvalSample, PathRecord, SpeechRecord
    from synthkit.pipeline.copy import recording_path

    first, *others = sample_utterances(corpus, 4)
    recorded = audio.read(first.audio)
    (segmentation, alignment), *_ = _aligned([first, *others], "text", None)
    hiss = 0.002 * np.random.default_rng(0).standard_normal(len(recorded.samples))
    late = np.roll(recorded.samples, recorded.sample_rate // 50) + hiss
    path = recording_path(recorded, alignment)
    record = SpeechRecord(
        segmentation=segmentation,
        phones=path.phones,
        durations=tuple(float(d) for d in path.targets["duration"]),
        path=PathRecord.of(path, first.id),
        stages={"segmentation": 0.01, "acoustic_model": 0.02, "vocoder": 0.03},
        latency=0.05,
        peak_memory=100.0,
    )
    strangers = sample_utterances("bundled-en" if corpus != "bundled-en" else "bundled-ru", 3)
    return EvalSample(
        first.id, first.text, first.language,
        test=Clip(Waveform(late.astype(np.float32), recorded.sample_rate)),
        reference=Clip(recorded), alignment=alignment, record=record,
        enrolment=tuple(Clip(audio.read(u.audio)) for u in others[:3]),
        others=tuple(Clip(audio.read(u.audio)) for u in strangers),
    )  # fmt: skip


def context(work: Path | None = None) -> BuildContext:
    """A silent, serial build context.

    Parameters
    ----------
    work : Path, optional
        Its scratch folder; one of this process if left out.

    Returns
    -------
    BuildContext
    """
    folder = work or process_folder()
    return BuildContext(SerialExecutor(), Progress(enabled=False), folder)


def sample_training_data(
    corpus: str = "bundled-ru",
    *,
    count: int = 4,
    features: Any = "world",
    segmenter: str = "text",
    folder: Path,
) -> TrainingData:
    """Training data of a few utterances with their corpus labels and the features of `features`.

    Parameters
    ----------
    corpus : str
    count : int
        Utterances, the shortest ones.
    segmenter : str
        Name of a segmentation.
    features : str or FeatureExtractor
        A plugin's name, or an extractor.
    folder : Path
        Where frames are kept while the data is in use.

    Returns
    -------
    TrainingData
    """
    plugins = registry()
    extractor = plugins.load("features", features)() if isinstance(features, str) else features
    utterances = sample_utterances(corpus, count)
    aligned = _aligned(utterances, segmenter, folder)
    rate = extractor.spec.sample_rate
    items = []
    for utterance, (segmentation, alignment) in zip(utterances, aligned, strict=True):
        waveform = partial(jobs.read_waveform, utterance, rate)
        path = folder / f"{utterance.id}.npz"
        jobs.save_frames(path, extractor.extract(waveform(), alignment))
        frames = partial(jobs.read_frames, path, extractor.spec)
        items.append(TrainingItem(utterance, segmentation, alignment, waveform, frames))
    languages = tuple(sorted({u.language for u in utterances}))
    speakers = tuple(sorted({u.speaker for u in utterances}))
    phone_set = aligned[0][0].phone_set
    return TrainingData(tuple(items), rate, languages, speakers, phone_set, extractor.spec)


def _aligned(
    utterances: Sequence[Utterance], segmenter: str, work: Path | None
) -> list[tuple[Segmentation, Alignment]]:
    """By the labels that came with the corpus, or else by the bundled aligner."""
    plugins = registry()
    reader = plugins.load("segmentation", segmenter)()
    pairs = [(u, reader.segment(u.text, u.language)) for u in utterances]
    aligner = plugins.load("alignment", "labels" if all(u.labels for u in utterances) else "hmm")()
    found = aligner.align(pairs, context(work))
    out = []
    for utterance, segmentation in pairs:
        alignment = found[utterance.id]
        if not isinstance(alignment, Alignment):
            raise alignment
        out.append((segmentation, alignment))
    return out
