# SPDX-License-Identifier: Apache-2.0
"""Where somebody speaks in a long recording, by its level alone, read a minute at a time; where to cut it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.types import Waveform

STEP = 0.01
"""Seconds from level to level; each is of twice as long."""
MINUTE = 60.0
FLOOR = -90.0
LONG = 0.6
"""Seconds from which a pause is as good as any to cut at."""


@dataclass(frozen=True, slots=True)
class Island:
    """Speech between two pauses, seconds."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


def minutes(path: Path, rate: int, *, around: float = 0.0) -> Iterator[tuple[float, float, Waveform]]:
    """The recording minute by minute at `rate` (Hz), with `around` seconds more to either side: where the
    minute begins, where its samples begin, and the samples.

    Parameters
    ----------
    path : Path
    rate : int
        Hz.
    around : float
        Seconds.

    Yields
    ------
    start : float
        Seconds at which the minute begins.
    first : float
        Seconds at which the samples begin.
    samples : Waveform
    """
    own, frames, _ = audio.info(path)
    seconds = frames / own
    for start in np.arange(0.0, seconds, MINUTE):
        first = max(0.0, start - around)
        last = min(seconds, start + MINUTE + around)
        if last - first > 0.02:
            yield float(start), first, audio.read(path, rate, first, last)


def levels(path: Path, rate: int = 16000) -> np.ndarray:
    """Level of every 20 ms, one each 10 ms, dB re full scale, ``(T,)``.

    Parameters
    ----------
    path : Path
    rate : int
        Hz at which it is looked at.

    Returns
    -------
    ndarray, shape (T,)
    """
    out = []
    step = round(STEP * rate)
    for _, _, wave in minutes(path, rate):
        squares = np.square(wave.samples[: len(wave.samples) // step * step], dtype=np.float64)
        energy = squares.reshape(-1, step).mean(axis=1)
        out.append(energy)
    energy = np.concatenate(out) if out else np.zeros(0)
    pair = (energy + np.r_[energy[1:], energy[-1:]]) / 2
    return np.asarray(np.maximum(10 * np.log10(pair + 1e-12), FLOOR))


def islands(db: np.ndarray, *, least_pause: float = 0.18, least: float = 0.08) -> list[Island]:
    """Runs of levels above a third of the way from the quietest to the loudest, joined over short pauses.

    Parameters
    ----------
    db : ndarray, shape (T,)
        As `levels` gives them.
    least_pause, least : float
        Seconds of the shortest pause, and of the shortest stretch of speech.

    Returns
    -------
    list of Island
    """
    if not len(db):
        return []
    quiet, loud = float(np.percentile(db, 8)), float(np.percentile(db, 95))
    high = db > max(quiet + max(6.0, (loud - quiet) / 3), loud - 45.0)
    edges = np.flatnonzero(np.diff(np.r_[0, high.astype(np.int8), 0]))
    out: list[Island] = []
    for a, b in zip(edges[::2] * STEP, edges[1::2] * STEP + STEP, strict=True):
        if out and a - out[-1].end < least_pause:
            out[-1] = Island(out[-1].start, float(b))
        else:
            out.append(Island(float(a), float(b)))
    return [i for i in out if i.duration >= least]


def good_place(spoken: Sequence[Island], pause: int) -> float:
    """How good a place to cut a pause is by its length.

    Parameters
    ----------
    spoken : sequence of Island
    pause : int
        Which: it comes after this island.

    Returns
    -------
    float
        0 to 1.
    """
    return min((spoken[pause + 1].start - spoken[pause].end) / LONG, 1.0)


def choose(
    spoken: Sequence[Island], pauses: Sequence[int], good: Sequence[float], shortest: float, longest: float
) -> list[int]:
    """The pauses to cut at: the best of them in all, of those that leave pieces of the lengths wanted.

    Parameters
    ----------
    spoken : sequence of Island
    pauses : sequence of int
        Those that may be cut at: pause ``k`` comes after island ``k``.
    good : sequence of float
        How good each is.
    shortest, longest : float
        Seconds. Where no pauses are to be had, pieces are longer all the same; what is shorter costs as much.

    Returns
    -------
    list of int
        Some of `pauses`.
    """
    begins = [spoken[0].start, *(spoken[k + 1].start for k in pauses)]
    stops = [*(spoken[k].end for k in pauses), spoken[-1].end]
    gains = [*good, 0.0]
    best = np.full(len(stops) + 1, -np.inf)
    best[0], source = 0.0, np.zeros(len(stops) + 1, np.int64)
    for j, stop in enumerate(stops):
        for i in range(j, -1, -1):
            seconds = stop - begins[i]
            cost = 3.0 * max(0.0, shortest - seconds) + 3.0 * max(0.0, seconds - longest)
            value = best[i] + gains[j] - cost
            if value > best[j + 1]:
                best[j + 1], source[j + 1] = value, i
            if seconds > 3 * longest and i < j:
                break
    out, j = [], len(stops)
    while j > 0:
        if j <= len(pauses):
            out.append(pauses[j - 1])
        j = int(source[j])
    return out[::-1]
