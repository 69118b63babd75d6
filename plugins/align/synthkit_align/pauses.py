# SPDX-License-Identifier: Apache-2.0
"""Where somebody speaks in a long recording, by its level alone; read a minute at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.types import Waveform

STEP = 0.01
"""Seconds from level to level; each is of twice as long."""
MINUTE = 60.0
FLOOR = -90.0


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
    minute begins, where its samples begin, and the samples."""
    own, frames, _ = audio.info(path)
    seconds = frames / own
    for start in np.arange(0.0, seconds, MINUTE):
        first = max(0.0, start - around)
        last = min(seconds, start + MINUTE + around)
        if last - first > 0.02:
            yield float(start), first, audio.read(path, rate, first, last)


def levels(path: Path, rate: int = 16000) -> np.ndarray:
    """Level of every 20 ms, one each 10 ms, dB re full scale, ``(T,)``."""
    out = []
    step = round(STEP * rate)
    for _, _, wave in minutes(path, rate):
        squares = np.square(wave.samples[: len(wave.samples) // step * step], dtype=np.float64)
        energy = squares.reshape(-1, step).mean(axis=1)
        out.append(energy)
    energy = np.concatenate(out) if out else np.zeros(0)
    pair = (energy + np.r_[energy[1:], energy[-1:]]) / 2
    return np.maximum(10 * np.log10(pair + 1e-12), FLOOR)


def islands(db: np.ndarray, *, least_pause: float = 0.18, least: float = 0.08) -> list[Island]:
    """Runs of levels above a third of the way from the quietest to the loudest, joined over short pauses."""
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
