# SPDX-License-Identifier: Apache-2.0
"""A corpus as arrays: one `Example` per utterance, frames normalised and kept in one memory-mapped file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.errors import CorpusError
from synthkit.linguistic import SpokenPhone, features, from_alignment
from synthkit.stages import Context, TrainingData, TrainingItem
from synthkit.types import PAUSE
from synthkit_deepvoice3.stored import Scales

SILENCE_BEFORE, SILENCE_AFTER = 0.1, 0.15
"""Seconds of silence that are kept at the ends: what lies beyond says nothing, and attention would have to
wait through it."""
MAX_EDITS = 0.3
"""An utterance whose recording and text differ in a larger share of phones is left out."""


@dataclass(frozen=True)
class Example:
    """One utterance as the model trains on it.

    Attributes
    ----------
    id : str
    symbols : ndarray, shape (P,), int64
        The last is the mark of the end.
    features : ndarray, shape (P, F), float32
    path : ndarray, shape (S,), int64
        The phone that is said in the middle of each decoder step.
    silent : ndarray, shape (P,), bool
    speaker : int
    frames : ndarray, shape (T, outputs), float32
        Normalised.
    """

    id: str
    symbols: np.ndarray
    features: np.ndarray
    path: np.ndarray
    silent: np.ndarray
    speaker: int
    frames: np.ndarray


@dataclass(frozen=True)
class Prepared:
    """All examples and what they have in common."""

    examples: tuple[Example, ...]
    held_out: tuple[Example, ...]
    scales: Scales
    symbols: tuple[str, ...]
    seconds: float


def tokens(ids: np.ndarray, symbols: int, described: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symbols (P + 1,) and features (P + 1, F) with the mark of the end, which is symbol number `symbols`."""
    blank = np.zeros((1, described.shape[1]), np.float32)
    return np.append(ids, symbols), np.concatenate([described, blank])


def path_of(edges: np.ndarray, steps: int, period: float) -> np.ndarray:
    """The phone said in the middle of each of `steps` steps of `period` seconds, the first at ``edges[0]``;
    int64 (S,)."""
    t = edges[0] + (np.arange(steps) + 0.5) * period
    found = np.searchsorted(edges, t, side="right") - 1
    path: np.ndarray = np.clip(found, 0, len(edges) - 2).astype(np.int64)
    return path


def prepare(
    data: TrainingData, ctx: Context, *, reduction: int, watched: int, scales: Scales | None = None,
    symbols: tuple[str, ...] = (),
) -> Prepared:  # fmt: skip
    """Read every utterance of `data` once; frames go to a file in ``ctx.work``.

    Parameters
    ----------
    reduction : int
        Frames for each step of the decoder.
    watched : int
        Held-out utterances that are read as well, to watch the training by.
    scales : Scales, optional
        Of an earlier sitting; of these frames if not given.
    symbols : tuple of str
        Those of an earlier sitting come first, in their order.

    Raises
    ------
    CorpusError
        No utterance can be used: none is speech, or texts and recordings do not belong together.
    """
    said = [(i, *found) for i in data.items if (found := _said(i, ctx)) is not None]
    if not said:
        raise CorpusError(
            "no utterance can be trained on: recordings and texts do not belong together",
            hint="`synthkit corpora check` and the alignment's report say more",
        )
    heard = {p.symbol for _, phones, _ in said for p in phones} | {PAUSE}
    symbols = (*symbols, *sorted(heard - set(symbols)))
    aside = [(i, *found) for i in data.held_out if (found := _said(i, ctx)) is not None]
    aside = [each for each in aside if {p.symbol for p in each[1]} <= set(symbols)][:watched]
    both = [*said, *aside]
    frames, starts = _gather(both, data, ctx)
    scales = scales or _scales(frames, starts, said, data)
    examples = []
    for k, (item, phones, edges) in enumerate(both):
        part = frames[starts[k] : starts[k + 1]]
        part[:] = (part - scales.mean) / scales.std
        examples.append(_example(item, phones, edges, part, symbols, data, reduction))
    seconds = starts[len(said)] * data.spec.frame_period
    return Prepared(tuple(examples[: len(said)]), tuple(examples[len(said) :]), scales, symbols, seconds)


def _said(item: TrainingItem, ctx: Context) -> tuple[list[SpokenPhone], np.ndarray] | None:
    """What is said in a recording, without the silence at its ends; None where it is not its text."""
    phones, edges, edits = from_alignment(item.segmentation, item.alignment)
    spoken = sum(p.word >= 0 for p in phones)
    if not spoken or edits > MAX_EDITS * spoken:
        ctx.log(
            f"{item.utterance.id} is left out: {edits} of its {spoken} phones are not as its text has them"
        )
        return None
    edges = edges.copy()
    edges[0] = max(edges[0], edges[1] - SILENCE_BEFORE)
    edges[-1] = min(edges[-1], edges[-2] + SILENCE_AFTER)
    return phones, edges


def _example(
    item: TrainingItem,
    phones: Sequence[SpokenPhone],
    edges: np.ndarray,
    frames: np.ndarray,
    symbols: tuple[str, ...],
    data: TrainingData,
    reduction: int,
) -> Example:
    place = {symbol: k for k, symbol in enumerate(symbols)}
    ids = np.array([place[p.symbol] for p in phones], dtype=np.int64)
    ids, described = tokens(ids, len(symbols), features(phones, item.segmentation))
    silent = np.array([p.word < 0 for p in phones] + [True])
    path = path_of(edges, -(-len(frames) // reduction), reduction * data.spec.frame_period)
    speaker = data.speakers.index(item.utterance.speaker)
    return Example(item.utterance.id, ids, described, path, silent, speaker, frames)


def _gather(
    said: Sequence[tuple[TrainingItem, list[SpokenPhone], np.ndarray]], data: TrainingData, ctx: Context
) -> tuple[np.ndarray, list[int]]:
    """All frames, raw, one utterance after another, in a memory-mapped file; and where each begins."""
    ctx.work.mkdir(parents=True, exist_ok=True)
    path: Path = ctx.work / "frames.f32"
    hop, starts, width = data.spec.frame_period, [0], 0
    with path.open("wb") as file:
        for item, _, edges in ctx.track(said, label="reading frames", total=len(said)):
            all_frames = item.frames()["mel"]
            width = all_frames.shape[1]
            first = min(round(edges[0] / hop), len(all_frames) - 1)
            out = all_frames[first : max(round(edges[-1] / hop), first + 1)]
            np.ascontiguousarray(out, np.float32).tofile(file)
            starts.append(starts[-1] + len(out))
    return np.memmap(path, np.float32, "r+", shape=(starts[-1], width)), starts


def _scales(
    frames: np.ndarray,
    starts: Sequence[int],
    said: Sequence[tuple[TrainingItem, list[SpokenPhone], np.ndarray]],
    data: TrainingData,
) -> Scales:
    """Means and deviations over frames of speech."""
    hop = data.spec.frame_period
    total, square, count = np.zeros(frames.shape[1]), np.zeros(frames.shape[1]), 0
    for k, (_, phones, edges) in enumerate(said):
        part = np.asarray(frames[starts[k] : starts[k + 1]], dtype=np.float64)
        phone = path_of(edges, len(part), hop)
        part = part[np.array([p.word >= 0 for p in phones])[phone]]
        total += part.sum(0)
        square += (part * part).sum(0)
        count += len(part)
    if not count:
        raise CorpusError("there is no speech in the recordings, only pauses")
    mean = total / count
    std = np.sqrt(np.maximum(square / count - mean * mean, 1e-6))
    return Scales(mean.astype(np.float32), std.astype(np.float32))
