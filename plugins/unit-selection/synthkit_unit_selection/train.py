# SPDX-License-Identifier: Apache-2.0
"""From aligned, analysed recordings to the arrays of a unit store."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.stages import TrainingItem
from synthkit.types import PAUSE, Frames, Interval
from synthkit_unit_selection.context import COLUMN, context
from synthkit_unit_selection.phone_row import BREAK_NONE, PhoneRow, from_recording
from synthkit_unit_selection.store import unit_dtype


@dataclass(frozen=True)
class Measured:
    """Rows of one recording.

    Attributes
    ----------
    context : ndarray, shape (P, F), uint8
    acoustics : ndarray, shape (2 P, A), float32
        Columns as `predictor.STREAMS`, then the spectrum.
    edges : ndarray, shape (2 P + 1,), int32
        Samples.
    joins : ndarray, shape (2 P + 1, J), float32
    words : ndarray, shape (P,), int16
        Word of each phone, -1 for pauses.
    trust : ndarray, shape (P,), float32
        Doubt about each phone's label: 1 where the aligner flagged it or heard another phone.
    scores : ndarray, shape (P,), float32
        The aligner's log-likelihood per frame; nan where unknown.
    """

    context: np.ndarray
    acoustics: np.ndarray
    edges: np.ndarray
    joins: np.ndarray
    words: np.ndarray
    doubt: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Measure:
    """Picklable: measures one training item."""

    ids: dict[str, int]
    phone_set: str
    sample_rate: int

    def __call__(self, item: TrainingItem) -> Measured:
        spoken, intervals, labels = from_recording(item.segmentation, item.alignment.phones)
        frames = item.frames()
        period = frames.spec.frame_period
        edges = half_edges(intervals, self.sample_rate)
        at = edges / self.sample_rate / period
        acoustics = acoustic_rows(np.diff(edges) / self.sample_rate, at, frames)
        joins = means(streams(frames), at - 1.5, at + 1.5)
        joins[:, 1] = joins[:, 1] > 0.5
        doubt = np.array([float(a != b) for a, b in zip(spoken.symbols, labels, strict=True)], np.float32)
        flagged = {item.alignment.phones[i].start for i, _ in item.alignment.flags}
        doubt = np.maximum(doubt, [float(i.start in flagged) for i in intervals])
        scores = [np.nan if i.score is None else i.score for i in intervals]
        return Measured(
            context(spoken, self.ids, self.phone_set).astype(np.uint8),
            acoustics,
            edges.astype(np.int32),
            joins.astype(np.float32),
            np.array(spoken.word, np.int16),
            doubt.astype(np.float32),
            np.array(scores, np.float32),
        )


def pack(measured: list[Measured], penalty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Records of a unit store, and the first unit of each recording: ``(U,)``, ``(R + 1,)``.

    `penalty` is the hygiene penalty ``(sum of 2 P,)``.
    """
    counts = np.array([len(m.acoustics) for m in measured])
    first = np.concatenate([[0], np.cumsum(counts + 2)])
    shapes = [measured[0].context.shape[1], measured[0].acoustics.shape[1] + 1, measured[0].joins.shape[1]]
    units = np.zeros(first[-1], unit_dtype(*shapes))
    units["word"] = -1
    for m, start, count, end in zip(
        measured, first.tolist(), counts.tolist(), np.cumsum(counts).tolist(), strict=False
    ):
        rows = units[start : start + count]
        rows["context"], rows["word"] = m.context.repeat(2, axis=0), m.words.repeat(2)
        rows["acoustics"][:, :-1], rows["acoustics"][:, -1] = m.acoustics, penalty[end - count : end]
        edges = units[start : start + count + 1]
        edges["edge"], edges["join"] = m.edges, m.joins
    return units, first


def half_edges(intervals: list[Interval], sample_rate: int) -> np.ndarray:
    """Samples at which half-phones begin, and the end of the last: ``(2 P + 1,)``."""
    times = []
    for interval in intervals:
        times += [interval.start, (interval.start + interval.end) / 2]
    times.append(intervals[-1].end)
    edges = np.rint(np.array(times) * sample_rate).astype(np.int64)
    return np.maximum.accumulate(np.maximum(edges, edges[0] + np.arange(len(edges))))


def streams(frames: Frames) -> np.ndarray:
    """Log F0, voicing and mel-cepstrum side by side: ``(T, 2 + D)`` float64."""
    return np.column_stack([frames["lf0"], frames["vuv"], frames["mcep"]]).astype(np.float64)


def acoustic_rows(seconds: np.ndarray, at: np.ndarray, frames: Frames) -> np.ndarray:
    """What each half-phone sounds like: log seconds, then its mean frame; ``(N, A)`` float32.

    Parameters
    ----------
    seconds : ndarray, shape (N,)
    at : ndarray, shape (N + 1,)
        Where half-phones begin and the last ends, in frames.
    """
    return np.column_stack([np.log(seconds), means(streams(frames), at[:-1], at[1:])]).astype(np.float32)


def means(rows: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean of the frames whose centres lie in each span (at least the nearest one): ``(T, D)`` → ``(N,
    D)``."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    low = np.clip(np.ceil(start), 0, len(rows) - 1).astype(np.int64)
    high = np.clip(np.ceil(end), low + 1, len(rows)).astype(np.int64)
    return (total[high] - total[low]) / (high - low)[:, None]


def outliers(measured: list[Measured], predicted: np.ndarray, residual: np.ndarray, pause: int) -> np.ndarray:
    """Hygiene penalty per unit ``(2 P,)``: how far out a unit lies, and how much its label is doubted.

    Duration, F0 and power count by how many standard deviations beyond 2.5 they miss their prediction,
    the aligner's likelihood by how far it falls below the phone's median, in median absolute deviations
    beyond 3; each at most 3. A doubted label adds 1.
    """
    acoustics = np.concatenate([m.acoustics for m in measured])
    phones = np.concatenate([m.context[:, COLUMN["phone"]] for m in measured])
    scores = np.concatenate([m.scores for m in measured])
    doubt = np.concatenate([m.doubt for m in measured])
    off = np.abs(acoustics[:, :4] - predicted[:, :4]) / np.sqrt(residual[:4])
    off[:, 1] *= acoustics[:, 2] > 0.5
    penalty = np.clip(off[:, [0, 1, 3]] - 2.5, 0, 3).sum(1)
    low = np.zeros(len(phones))
    for phone in np.unique(phones):
        mine = np.flatnonzero((phones == phone) & np.isfinite(scores))
        if len(mine) > 5:
            middle = np.median(scores[mine])
            spread = max(1.4826 * float(np.median(np.abs(scores[mine] - middle))), 1e-3)
            low[mine] = np.clip((middle - scores[mine]) / spread - 3, 0, 3)
    penalty += (low + doubt).repeat(2)
    penalty[(phones == pause).repeat(2)] *= 0.3
    return penalty.astype(np.float32)


def phone_distances(context_rows: np.ndarray, acoustics: np.ndarray, n_phones: int, pause: int) -> np.ndarray:
    """How different phones are as neighbours: distance of mean spectra, 0 to 1; the pause is far from all."""
    phones = context_rows[:, COLUMN["phone"]].astype(np.int64)
    both = acoustics.reshape(len(phones), 2, -1).mean(1)
    both = both[:, 2:] / np.maximum(both[:, 2:].std(0), 1e-3)
    count = np.maximum(np.bincount(phones, minlength=n_phones), 1)
    centre = np.stack([np.bincount(phones, c, minlength=n_phones) for c in both.T], axis=1) / count[:, None]
    distance = np.sqrt(((centre[:, None] - centre[None]) ** 2).sum(-1))
    known = np.bincount(phones, minlength=n_phones) > 0
    typical = distance[np.ix_(known, known)].max() if known.any() else 1.0
    distance = np.minimum(distance / max(typical, 1e-6), 1)
    distance[~known], distance[:, ~known] = 1, 1
    for quiet in (0, pause):
        distance[quiet], distance[:, quiet] = 1, 1
    distance[0, pause] = distance[pause, 0] = 0.2
    np.fill_diagonal(distance, 0)
    return (0.25 * (distance > 0) + 0.75 * distance).astype(np.float32)


def join_scales(joins: np.ndarray, phones: np.ndarray) -> np.ndarray:
    """Factors ``(J,)`` that make the expected squared distance of two units of one phone 1 per stream.

    `joins` ``(P, J)`` are those in the middle of each of `phones` ``(P,)``.
    """
    rows = joins.astype(np.float64)
    rows[:, 0] = np.where(rows[:, 1] > 0, rows[:, 0], np.nan)
    within = np.zeros(rows.shape[1])
    seen = np.zeros(rows.shape[1])
    for phone in np.unique(phones):
        mine = rows[phones == phone]
        good = np.isfinite(mine)
        count = good.sum(0)
        centre = np.where(good, mine, 0).sum(0) / np.maximum(count, 1)
        within += np.where(good, (mine - centre) ** 2, 0).sum(0)
        seen += count
    variance = np.maximum(within / np.maximum(seen, 1), 1e-6)
    out = 1 / (2 * variance)
    out[3:] = 1 / (2 * variance[3:].sum())
    return out.astype(np.float32)


def known_symbols(spoken: list[PhoneRow]) -> list[str]:
    """Every phone symbol used, sorted, with the pause."""
    return sorted({symbol for s in spoken for symbol in s.symbols} | {PAUSE})


def pause_after(spoken: PhoneRow) -> list[bool]:
    """Per word: whether a pause follows it in the recording (the last word always)."""
    made = [False] * len(spoken.word_breaks)
    word = -1
    for index, symbol in enumerate(spoken.symbols):
        if symbol == PAUSE:
            if word >= 0 and spoken.breaks[index] >= BREAK_NONE:
                made[word] = True
        else:
            word = spoken.word[index]
    made[-1] = True
    return made
