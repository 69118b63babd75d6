# SPDX-License-Identifier: Apache-2.0
"""Small real input for conformance checks: a few utterances of a bundled corpus, or of the caller's own."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.pipeline import jobs
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Alignment, Interval, Utterance, Waveform


def sample_utterances(corpus: str = "bundled-ru", count: int = 4) -> list[Utterance]:
    """The `count` shortest utterances of a corpus, in a fixed order."""
    import soundfile

    from synthkit.corpora import open_corpus

    utterances = list(open_corpus(corpus).utterances)
    utterances.sort(key=lambda u: (soundfile.info(u.audio).duration, u.id))
    return utterances[:count]


def sample_waveform(sample_rate: int = 16000, seconds: float = 1.0) -> Waveform:
    """A synthetic vowel-like sound: a 120 Hz pulse train through two resonances, with silence at both ends.

    Its F0 is known exactly, so that analyses can be checked against it.
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


def sample_alignment(duration: float = 1.0) -> Alignment:
    """Pause, one phone, pause: what `sample_waveform` says."""
    a, b = 0.15 * duration, 0.85 * duration
    phones = (Interval(0.0, a, "pau"), Interval(a, b, "aa"), Interval(b, duration, "pau"))
    return Alignment("sample", phones, (Interval(a, b, "а"),), duration)


def context(work: Path | None = None) -> BuildContext:
    """A silent, serial build context."""
    folder = work or Path(tempfile.mkdtemp(prefix="synthkit-"))
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
    features : str or FeatureExtractor
        A plugin's name, or an extractor.
    folder : Path
        Where frames are kept while the data is in use.
    """
    plugins = registry()
    extractor = plugins.load("features", features)() if isinstance(features, str) else features
    reader = plugins.load("segmentation", segmenter)()
    utterances = sample_utterances(corpus, count)
    pairs = [(u, reader.segment(u.text, u.language)) for u in utterances]
    aligner = plugins.load("alignment", "labels" if all(u.labels for u in utterances) else "hmm")()
    found = aligner.align(pairs, context(folder))
    rate = extractor.spec.sample_rate
    items = []
    for utterance, segmentation in pairs:
        alignment = found[utterance.id]
        if not isinstance(alignment, Alignment):
            raise alignment
        waveform = partial(jobs.read_waveform, utterance, rate)
        path = folder / f"{utterance.id}.npz"
        jobs.save_frames(path, extractor.extract(waveform(), alignment))
        frames = partial(jobs.read_frames, path, extractor.spec)
        items.append(TrainingItem(utterance, segmentation, alignment, waveform, frames))
    languages = tuple(sorted({u.language for u in utterances}))
    speakers = tuple(sorted({u.speaker for u in utterances}))
    phone_set = pairs[0][1].phone_set
    return TrainingData(tuple(items), rate, languages, speakers, phone_set, extractor.spec)
