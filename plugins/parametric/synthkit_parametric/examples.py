# SPDX-License-Identifier: Apache-2.0
"""A corpus as arrays: one `Example` per utterance, frames normalised and kept in one memory-mapped file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.errors import CorpusError
from synthkit.linguistic import SpokenPhone, boundaries, features, from_alignment
from synthkit.stages import Context, TrainingData, TrainingItem
from synthkit.types import PAUSE
from synthkit_parametric.voice import Scales, columns

MIN_PAUSE = 0.03
"""Seconds; a shorter silence between words is no pause but a stop's closure or an aligner's doubt."""
FEW = 200
"""Frames of all speakers that count beside those of each, for who says little."""
MAX_EDITS = 0.3
"""An utterance whose recording and text differ in a larger share of phones is left out."""


@dataclass(frozen=True)
class Example:
    """One utterance as the model trains on it.

    Attributes
    ----------
    symbols : ndarray, shape (P,), int64
    features : ndarray, shape (P, F), float32
    edges : ndarray, shape (P + 1,), float64
        Seconds.
    silent : ndarray, shape (P,), bool
        True for pauses.
    speaker : int
    frames : ndarray, shape (T, outputs), float32
        Normalised.
    boundaries : ndarray, shape (W - 1, boundary), float32
    pauses : ndarray, shape (W - 1,), float32
        1 where the speaker paused.
    language : int
    """

    symbols: np.ndarray
    features: np.ndarray
    edges: np.ndarray
    silent: np.ndarray
    speaker: int
    frames: np.ndarray
    boundaries: np.ndarray
    pauses: np.ndarray
    language: int = 0


@dataclass(frozen=True)
class Prepared:
    """All examples and what they have in common."""

    examples: tuple[Example, ...]
    scales: Scales
    symbols: tuple[str, ...]
    seconds: float


def prepare(data: TrainingData, ctx: Context, known: Iterable[str] = ()) -> Prepared:
    """Read every utterance of `data` once; frames go to a file in ``ctx.work``.

    Parameters
    ----------
    data : TrainingData
    ctx : Context
    known : iterable of str
        Phones that the voice will know beside those of `data`: what it begins with has learned them.

    Returns
    -------
    Prepared

    Raises
    ------
    CorpusError
        No utterance can be used: none is speech, or texts and recordings do not belong together.
    """
    said = []
    for item in data.items:
        phones, edges, edits = from_alignment(item.segmentation, item.alignment)
        spoken = sum(p.word >= 0 for p in phones)
        if not spoken or edits > MAX_EDITS * spoken:
            ctx.log(
                f"{item.utterance.id} is left out: {edits} of its {spoken} phones are not as its text has "
                "them"
            )
        else:
            said.append((item, phones, edges))
    if not said:
        raise CorpusError(
            "no utterance can be trained on: recordings and texts do not belong together",
            hint="`synthkit corpora check` and the alignment's report say more",
        )
    symbols = tuple(sorted({p.symbol for _, phones, _ in said for p in phones} | {PAUSE, *known}))
    frames, starts = _gather([(item, edges) for item, _, edges in said], data, ctx)
    silent = [np.array([p.word < 0 for p in phones]) for _, phones, _ in said]
    who = [data.speakers.index(item.utterance.speaker) for item, *_ in said]
    scales = _scales(frames, starts, [edges for *_, edges in said], silent, who, data)
    shares = np.eye(len(data.speakers), dtype=np.float32)
    for start, end, speaker in zip(starts, starts[1:], who, strict=False):
        mean, std = scales.of(shares[speaker])
        frames[start:end] = (frames[start:end] - mean) / std
    examples = []
    for k, (item, phones, edges) in enumerate(said):
        part = frames[starts[k] : starts[k + 1]]
        examples.append(_example(item, phones, edges, part, symbols, data))
    return Prepared(tuple(examples), scales, symbols, float(sum(e[-1] - e[0] for *_, e in said)))


def _example(
    item: TrainingItem,
    phones: Sequence[SpokenPhone],
    edges: np.ndarray,
    frames: np.ndarray,
    symbols: tuple[str, ...],
    data: TrainingData,
) -> Example:
    segmentation = item.segmentation
    place = {symbol: k for k, symbol in enumerate(symbols)}
    paused = np.zeros(len(segmentation.words) - 1, np.float32)
    for k, phone in enumerate(phones[1:-1], 1):
        if phone.word < 0 and edges[k + 1] - edges[k] >= MIN_PAUSE and phones[k - 1].word < len(paused):
            paused[phones[k - 1].word] = 1.0
    return Example(
        np.array([place[p.symbol] for p in phones], dtype=np.int64),
        features(phones, segmentation),
        edges,
        np.array([p.word < 0 for p in phones]),
        data.speakers.index(item.utterance.speaker),
        frames,
        boundaries(segmentation),
        paused,
        data.languages.index(item.utterance.language),
    )


def _gather(
    said: Sequence[tuple[TrainingItem, np.ndarray]], data: TrainingData, ctx: Context
) -> tuple[np.ndarray, list[int]]:
    """All frames, raw, one utterance after another, in a memory-mapped file; and where each begins."""
    where = columns(data.spec)
    width = max(s.stop for s in where.values())
    ctx.work.mkdir(parents=True, exist_ok=True)
    path: Path = ctx.work / "frames.f32"
    starts = [0]
    with path.open("wb") as file:
        for item, edges in ctx.track(said, label="reading frames", total=len(said)):
            streams = item.frames()
            n = min(len(streams), round(edges[-1] / data.spec.frame_period) + 1)
            out = np.empty((n, width), np.float32)
            for name, part in where.items():
                out[:, part] = streams[name][:n].reshape(n, -1)
            out.tofile(file)
            starts.append(starts[-1] + n)
    return np.memmap(path, np.float32, "r+", shape=(starts[-1], width)), starts


def _scales(
    frames: np.ndarray,
    starts: Sequence[int],
    edges: Sequence[np.ndarray],
    silent: Sequence[np.ndarray],
    who: Sequence[int],
    data: TrainingData,
) -> Scales:
    """Means and deviations over frames of speech: of all, and of each speaker where there are several
    languages."""
    where, hop = columns(data.spec), data.spec.frame_period
    width = frames.shape[1]
    sums = np.zeros((len(data.speakers), 3, width))  # frames, their values, and squares
    logs = []
    for k in range(len(edges)):
        part = np.asarray(frames[starts[k] : starts[k + 1]], dtype=np.float64)
        phone = np.searchsorted(edges[k], np.arange(len(part)) * hop, side="right") - 1
        speech = ~silent[k][np.clip(phone, 0, len(silent[k]) - 1)]
        weight = np.repeat(speech[:, None].astype(np.float64), width, axis=1)
        if "lf0" in where:
            weight[:, where["lf0"]] *= part[:, where["vuv"]]
        sums[who[k]] += np.stack([weight, part * weight, part * part * weight]).sum(1)
        seconds = np.diff(edges[k])[~silent[k]]
        logs.append(np.log(np.maximum(seconds, hop)))
    if not sums[:, 0].sum(0).all():
        raise CorpusError(
            "there is no voiced speech in the recordings",
            hint="check the features' F0 range, and that the corpus is speech",
        )
    mean, std = _moments(sums.sum(0), where)
    own = None
    if len(data.languages) > 1:  # to be begun with by speakers who are none of these
        some = FEW * sums.sum(0) / sums[:, 0].sum(0)
        own = np.stack([_moments(s + some, where) for s in sums])
    durations = np.concatenate(logs)
    timing = (float(durations.mean()), float(max(durations.std(), 0.1)))
    return Scales(mean, std, timing, np.ones(width, np.float32), own)


def _moments(sums: np.ndarray, where: Mapping[str, slice]) -> np.ndarray:
    """Mean and deviation (2, outputs), float32, of a count, a sum and a sum of squares; voicing keeps 0 and
    1."""
    mean = sums[1] / sums[0]
    std = np.sqrt(np.maximum(sums[2] / sums[0] - mean * mean, 1e-6))
    if "vuv" in where:
        mean[where["vuv"]], std[where["vuv"]] = 0.0, 1.0
    return np.stack([mean, std]).astype(np.float32)
