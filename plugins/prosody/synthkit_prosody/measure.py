# SPDX-License-Identifier: Apache-2.0
"""From a recording to what is learned of it: rows of its phones, and their F0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.linguistic import SpokenPhone, from_alignment
from synthkit.stages import TrainingItem
from synthkit_prosody.describe import breaks_described, phones_described

SHORTEST = 0.03
"""Seconds; a shorter silence between words is no pause but a stop's closure or an aligner's doubt."""


@dataclass(frozen=True)
class Measured:
    """One recording.

    Attributes
    ----------
    id : str
    phones : list of SpokenPhone
        As they are spoken, P of them.
    rows : ndarray, shape (P, D), float32
    f0 : ndarray, shape (P, 2)
        Mean ln Hz of the voiced frames of each phone's first and second half; NaN where there is none.
    voiced : ndarray, shape (P, 2)
        Share of frames that are voiced.
    breaks : ndarray, shape (W - 1, B), float32
        Rows of the places between words.
    paused : ndarray, shape (W - 1,)
        1 where the speaker paused.
    """

    id: str
    phones: list[SpokenPhone]
    rows: np.ndarray
    f0: np.ndarray
    voiced: np.ndarray
    breaks: np.ndarray
    paused: np.ndarray


@dataclass(frozen=True)
class Measure:
    """Picklable: measures one training item."""

    symbols: dict[str, int]

    def __call__(self, item: TrainingItem) -> Measured:
        phones, edges, _ = from_alignment(item.segmentation, item.alignment)
        frames = item.frames()
        halves = np.concatenate([edges[:-1, None], ((edges[:-1] + edges[1:]) / 2)[:, None]], axis=1).reshape(
            -1
        )
        at = np.append(halves, edges[-1]) / frames.spec.frame_period
        f0, voiced = half_means(np.asarray(frames["lf0"]), np.asarray(frames["vuv"]) > 0.5, at)
        return Measured(
            item.utterance.id, phones, phones_described(phones, item.segmentation, self.symbols),
            f0.reshape(-1, 2), voiced.reshape(-1, 2), breaks_described(item.segmentation),
            pauses_made(phones, edges, len(item.segmentation.words)),
        )  # fmt: skip


def pauses_made(phones: list[SpokenPhone], edges: np.ndarray, words: int) -> np.ndarray:
    """Whether the speaker paused after each of `words` words but the last: 0 or 1, ``(words - 1,)``."""
    made = np.zeros(words)
    for k in range(1, len(phones)):
        if phones[k].word < 0 and edges[k + 1] - edges[k] >= SHORTEST:
            made[phones[k - 1].word] = 1
    return made[:-1]


def half_means(log: np.ndarray, voiced: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean ln Hz of the voiced frames of each span, NaN where there is none, and their share.

    Parameters
    ----------
    log, voiced : ndarray, shape (T,)
    at : ndarray, shape (N + 1,)
        Where spans begin and the last ends, in frames.
    """
    sums, count = (np.concatenate([[0.0], np.cumsum(v)]) for v in (np.where(voiced, log, 0.0), voiced))
    low = np.clip(np.ceil(at[:-1]), 0, len(log) - 1).astype(np.int64)
    high = np.clip(np.ceil(at[1:]), low + 1, len(log)).astype(np.int64)
    some = count[high] - count[low]
    mean = np.where(some > 0, (sums[high] - sums[low]) / np.maximum(some, 1), np.nan)
    return mean, some / (high - low)
