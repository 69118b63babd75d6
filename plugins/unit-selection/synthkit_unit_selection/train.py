# SPDX-License-Identifier: Apache-2.0
"""From aligned, analysed recordings to the arrays of a unit store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from synthkit.audio import to_pcm16
from synthkit.stages import TrainingItem
from synthkit.types import PAUSE, Frames, Interval
from synthkit_unit_selection.context import COLUMN, context
from synthkit_unit_selection.growing import Column, overwrite, places
from synthkit_unit_selection.pauses import describe
from synthkit_unit_selection.phone_row import BREAK_NONE, PhoneRow, from_recording
from synthkit_unit_selection.phrases import phrase_rows
from synthkit_unit_selection.predictor import Predictor
from synthkit_unit_selection.store import unit_dtype
from synthkit_unit_selection.table import Rows


@dataclass(frozen=True)
class Measured:
    """Rows of one recording.

    Attributes
    ----------
    id : str
        The utterance's.
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
    samples : ndarray, shape (N,), int16
    """

    id: str
    context: np.ndarray
    acoustics: np.ndarray
    edges: np.ndarray
    joins: np.ndarray
    words: np.ndarray
    doubt: np.ndarray
    scores: np.ndarray
    samples: np.ndarray

    def labels(self) -> np.ndarray:
        """Number, score and doubt of each phone ``(P, 3)``, float32."""
        return np.column_stack([self.context[:, COLUMN["phone"]], self.scores, self.doubt])

    def records(self) -> np.ndarray:
        """Its records of a unit store ``(2 P + 2,)``, without the hygiene penalty."""
        count = len(self.acoustics)
        shapes = [self.context.shape[1], self.acoustics.shape[1] + 1, self.joins.shape[1]]
        units = np.zeros(count + 2, unit_dtype(*shapes))
        units["word"] = -1
        rows, edges = units[:count], units[: count + 1]
        rows["context"], rows["word"] = self.context.repeat(2, axis=0), self.words.repeat(2)
        rows["acoustics"][:, :-1] = self.acoustics
        edges["edge"], edges["join"] = self.edges, self.joins
        return units


@dataclass(frozen=True)
class Described:
    """What a recording's text says: its phone symbols, its rows of the pause model ``(W - 1, D + 1)``, its
    rows of the table of phrases with the keys of those long enough, and its number of phones."""

    symbols: frozenset[str]
    pauses: np.ndarray
    phrases: np.ndarray
    keys: list[int]
    phones: int


def describe_item(item: TrainingItem) -> Described:
    """Describe one training item."""
    spoken, _, _ = from_recording(item.segmentation, item.alignment.phones)
    made = np.array(pause_after(spoken)[:-1], np.float32)
    pauses = np.column_stack([describe(item.segmentation)[:-1], made]).astype(np.float32)
    rows, keys = phrase_rows(item.segmentation, spoken)
    return Described(frozenset(spoken.symbols), pauses, rows, keys, len(spoken))


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
        joins = join_rows(frames, at)
        doubt = np.array([float(a != b) for a, b in zip(spoken.symbols, labels, strict=True)], np.float32)
        flagged = {item.alignment.phones[i].start for i, _ in item.alignment.flags}
        doubt = np.maximum(doubt, [float(i.start in flagged) for i in intervals])
        scores = [np.nan if i.score is None else i.score for i in intervals]
        return Measured(
            item.utterance.id,
            context(spoken, self.ids, self.phone_set).astype(np.uint8),
            acoustics,
            edges.astype(np.int32),
            joins,
            np.array(spoken.word, np.int16),
            doubt.astype(np.float32),
            np.array(scores, np.float32),
            to_pcm16(item.waveform().samples),
        )


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


def join_rows(frames: Frames, at: np.ndarray) -> np.ndarray:
    """What is heard at edges ``(N,)`` (in frames): F0, voicing, power and spectrum; ``(N, J)`` float32."""
    out = means(streams(frames), at - 1.5, at + 1.5)
    out[:, 1] = out[:, 1] > 0.5
    return out.astype(np.float32)


def means(rows: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean of the frames whose centres lie in each span (at least the nearest one): ``(T, D)`` → ``(N,
    D)``."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    low = np.clip(np.ceil(start), 0, len(rows) - 1).astype(np.int64)
    high = np.clip(np.ceil(end), low + 1, len(rows)).astype(np.int64)
    return (total[high] - total[low]) / (high - low)[:, None]


class Units:
    """The records of a store that is being made: `predictor.Examples`, and passes over all of it."""

    def __init__(self, folder: Path) -> None:
        self._rows = Rows(folder / "units.npy")
        phone = np.load(folder / "phone.npy")
        self._real = places(phone)

    def __len__(self) -> int:
        return len(self._real)

    def records(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Blocks of records, each with its first row and which of its phones are real."""
        at = 0
        for rows in self._rows.blocks():
            yield at, rows, rows["context"][::2, COLUMN["phone"]] > 0
            at += len(rows)

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """See `predictor.Examples`."""
        for _, rows, real in self.records():
            if real.any():
                yield rows["context"][::2][real], _acoustics(rows[real.repeat(2)])

    def joins(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Join vectors in the middle of phones ``(n, J)``, and the phones."""
        for _, rows, real in self.records():
            yield rows["join"][1::2][real].astype(np.float64), rows["context"][::2, COLUMN["phone"]][real]

    def fetch(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `predictor.Examples`."""
        first = 2 * self._real[chosen].astype(np.int64)
        block, at = self._rows.fetch(first)
        rows = block[np.stack([at, at + 1], axis=1).reshape(-1)]
        return rows["context"][::2], _acoustics(rows)

    def put_penalty(self, at: int, rows: np.ndarray, penalty: np.ndarray) -> None:
        """Write records anew that `records` gave, with a hygiene penalty for each."""
        rows = rows.copy()
        rows["acoustics"][:, -1] = penalty
        overwrite(self._rows.path, self._rows.offset + at * rows.itemsize, rows)

    def close(self) -> None:
        """Close the file."""
        self._rows.close()


def _acoustics(rows: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rows["acoustics"][:, :-1])


def penalise(units: Units, predictor: Predictor, labels: Column, n_phones: int, pause: int) -> None:
    """Write the hygiene penalty of every unit: how far out it lies, and how much its label is doubted.

    Duration, F0 and power count by how many standard deviations beyond 2.5 they miss their prediction,
    the aligner's likelihood by how far it falls below the phone's median, in median absolute deviations
    beyond 3; each at most 3. A doubted label adds 1.

    Parameters
    ----------
    labels : Column
        Number, score and doubt of all phones (see `Measured`), ``(P, 3)``.
    """
    middle, spread = _usual_scores(labels, n_phones)
    told = (row for block in labels.blocks() for row in block)
    for at, rows, real in units.records():
        context, both = rows["context"][::2][real], real.repeat(2)
        acoustics, phones = _acoustics(rows[both]), context[:, COLUMN["phone"]]
        label = np.array(list(islice(told, len(phones))), np.float32).reshape(-1, 3)
        low = np.nan_to_num(np.clip((middle[phones] - label[:, 1]) / spread[phones] - 3, 0, 3)) + label[:, 2]
        off = np.abs(acoustics[:, :4] - predictor.predict(context)[:, :4]) / np.sqrt(predictor.residual[:4])
        off[:, 1] *= acoustics[:, 2] > 0.5
        mine = np.clip(off[:, [0, 1, 3]] - 2.5, 0, 3).sum(1) + low.repeat(2)
        mine[(phones == pause).repeat(2)] *= 0.3
        penalty = np.zeros(len(rows), np.float32)
        penalty[both] = mine
        units.put_penalty(at, rows, penalty)


def _usual_scores(labels: Column, n_phones: int) -> tuple[np.ndarray, np.ndarray]:
    """Median and spread of each phone's scores; nan where too few have one."""
    middle, spread = np.full(n_phones, np.nan, np.float32), np.ones(n_phones, np.float32)
    for phone in range(1, n_phones):
        mine = np.concatenate([b[b[:, 0] == phone, 1] for b in labels.blocks(1 << 16)])
        mine = mine[np.isfinite(mine)]
        if len(mine) > 5:
            middle[phone] = np.median(mine)
            spread[phone] = max(1.4826 * float(np.median(np.abs(mine - middle[phone]))), 1e-3)
    return middle, spread


def phone_distances(units: Units, n_phones: int, pause: int) -> np.ndarray:
    """How different phones are as neighbours: distance of mean spectra, 0 to 1; the pause is far from all."""
    count = np.zeros(n_phones)
    sums, squares = np.zeros((n_phones, 0)), np.zeros(0)
    for rows, acoustics in units.blocks():
        phones = rows[:, COLUMN["phone"]]
        both = acoustics.reshape(len(phones), 2, -1).mean(1)[:, 2:].astype(np.float64)
        if not sums.size:
            sums, squares = np.zeros((n_phones, both.shape[1])), np.zeros(both.shape[1])
        count += np.bincount(phones, minlength=n_phones)
        np.add.at(sums, phones, both)
        squares += np.square(both).sum(0)
    mean = sums.sum(0) / count.sum()
    deviation = np.sqrt(np.maximum(squares / count.sum() - mean * mean, 0.0))
    centre = sums / np.maximum(count, 1)[:, None] / np.maximum(deviation, 1e-3)
    distance = np.sqrt(((centre[:, None] - centre[None]) ** 2).sum(-1))
    known = count > 0
    typical = distance[np.ix_(known, known)].max() if known.any() else 1.0
    distance = np.minimum(distance / max(typical, 1e-6), 1)
    distance[~known], distance[:, ~known] = 1, 1
    for quiet in (0, pause):
        distance[quiet], distance[:, quiet] = 1, 1
    distance[0, pause] = distance[pause, 0] = 0.2
    np.fill_diagonal(distance, 0)
    return (0.25 * (distance > 0) + 0.75 * distance).astype(np.float32)


def join_scales(units: Units, n_phones: int) -> np.ndarray:
    """Factors ``(J,)`` that make the expected squared distance of two units of one phone 1 per stream."""
    centre: np.ndarray | None = None
    for _ in range(2):  # the phones' means, then what is left around them
        sums, seen = np.zeros((n_phones, 0)), np.zeros((n_phones, 0))
        for rows, phones in units.joins():
            if not sums.size:
                sums, seen = (np.zeros((n_phones, rows.shape[1])) for _ in range(2))
            good = np.ones(rows.shape, bool)
            good[:, 0] = rows[:, 1] > 0
            values = rows if centre is None else (rows - centre[phones]) ** 2
            np.add.at(sums, phones, np.where(good, values, 0))
            np.add.at(seen, phones, good)
        if centre is None:
            centre = sums / np.maximum(seen, 1)
    variance = np.maximum(sums.sum(0) / np.maximum(seen.sum(0), 1), 1e-6)
    out = 1 / (2 * variance)
    out[3:] = 1 / (2 * variance[3:].sum())
    return out.astype(np.float32)


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
