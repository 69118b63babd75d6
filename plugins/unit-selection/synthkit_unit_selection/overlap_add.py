# SPDX-License-Identifier: Apache-2.0
"""Join natural waveforms where they correlate best, with a short cross-fade, and change nothing else
unasked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from synthkit.errors import AudioError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import AudioSource, Demand, Item, Unit, UnitPath, Waveform, path_of

CONTEXT = 0.06
"""Seconds of a recording beyond what is smoothed, for F0 to be found in."""


Short = Annotated[float, Field(ge=0, le=100)]
"""A time in ms that a join may take."""


class OverlapAddSettings(Settings):
    """Settings of `OverlapAdd`."""

    fade_ms: Short = 6.0
    """Length of the cross-fade."""
    search_ms: Short = 6.0
    """The second unit begins up to this much earlier or later, where its waveform fits best: a little
    over half the longest pitch period, so that pulses of voiced speech meet pulses."""
    speed: float = Field(1.0, ge=0.3, le=3)
    """2 is twice as fast, at the same pitch."""
    pitch: float = Field(1.0, ge=0.4, le=2.5)
    """Factor on F0; 2 is an octave up."""
    exact: bool = True
    """Durations and F0 that a request gives are made exact; false: units are only looked for by them."""
    smooth_joins_above: float | None = Field(None, ge=0)
    """Voiced joins whose cost, the constant of any join left out, is above this are smoothed; none are if not
    given."""
    smoothing_ms: float = Field(40.0, gt=0, le=200)
    """How far to each side of a join smoothing may reach; never beyond the half-phones that meet there."""


@dataclass(frozen=True)
class Join:
    """A join as it was made: sample `at` of the output is `left_at` of one recording and `right_at` of the
    other."""

    at: int
    left: Unit
    left_at: int
    right: Unit
    right_at: int


class OverlapAdd(Vocoder):
    """Renders unit paths.

    At every join the end of one run of units is held against the beginning of the next; the second is
    moved by the lag of greatest normalised correlation (pitch-synchronous in voiced speech, since that is
    where pulses coincide) and the two are cross-faded by a raised cosine. Where nothing else is asked for,
    all other samples are those of the recordings.
    """

    Config = OverlapAddSettings
    version = "1"
    adjusts = frozenset({"speed", "pitch"})

    def accepts(self) -> tuple[Demand, ...]:
        """Unit paths of any sample rate."""
        return (Demand("units"),)

    def render(self, item: Item) -> Waveform:
        """The waveform of a unit path, float32 in [-1, 1].

        Raises
        ------
        AudioError
            The path has no units.
        """
        path = path_of(item, "vocoder 'overlap-add'")
        c, rate = self.config, path.audio.sample_rate
        if not path.units:
            raise AudioError(
                "vocoder 'overlap-add' was given no units", hint="the acoustic model found nothing"
            )
        samples, joins = self.joined(path)
        if c.smooth_joins_above is not None:
            self._smooth(samples, joins, path.audio)
        given = path.given if c.exact else None
        if c.speed != 1 or c.pitch != 1 or given:
            from synthkit_unit_selection.given import phone_edges
            from synthkit_unit_selection.modify import Phones, modify

            phones = None
            if given:
                starts = [(0, path.units[0].start), *((j.at, j.right_at) for j in joins)]
                phones = Phones(given, phone_edges(path, starts, len(samples)))
            samples = modify(samples, rate, speed=c.speed, pitch=c.pitch, phones=phones)
            samples = np.clip(samples, -1, 1)
        return Waveform(samples, rate)

    def joined(self, item: UnitPath) -> tuple[np.ndarray, list[Join]]:
        """The natural units joined and nothing else done to them, and where each join is."""
        audio = item.audio
        rate = audio.sample_rate
        half = max(int(self.config.fade_ms * rate / 2000), 1)
        search = int(self.config.search_ms * rate / 1000)
        pieces: list[np.ndarray] = []
        joins: list[Join] = []
        held = np.zeros(0, np.float32)
        last: Unit | None = None
        done = 0
        for run in item.runs():
            source, start, end = run[0].source, run[0].start, run[-1].end
            room = half + search
            samples = audio.read(source, start - room, end + half)
            if last is None:
                body = samples[room:]
            else:
                lag = best_lag(held, samples[: 2 * room])
                head = samples[search + lag :]
                fade = _FADES.get(half)
                if fade is None:
                    ramp = np.arange(2 * half, dtype=np.float32) + 0.5
                    fade = _FADES[half] = (0.5 - 0.5 * np.cos(np.pi * ramp / (2 * half))).astype(np.float32)
                body = head.copy()
                body[: 2 * half] = held + fade * (head[: 2 * half] - held)
                joins.append(Join(done + half, last, last.end, run[0], start + lag))
            if len(body) <= 2 * half:
                body = np.concatenate([body, np.zeros(2 * half + 1 - len(body), np.float32)])
            pieces.append(body[: len(body) - 2 * half])
            done += len(pieces[-1])
            held = body[len(body) - 2 * half :]
            last = run[-1]
        pieces.append(held[:half])
        return np.concatenate(pieces), joins

    def _smooth(self, samples: np.ndarray, joins: list[Join], audio: AudioSource) -> None:
        """Replace, in `samples`, what is around the joins that cost too much."""
        from synthkit_unit_selection.modify import morph

        c, rate = self.config, audio.sample_rate
        half = max(int(c.fade_ms * rate / 2000), 1)
        most, context = int(c.smoothing_ms * rate / 1000), int(CONTEXT * rate)
        ends = [0, *(j.at for j in joins), len(samples)]
        for k, join in enumerate(joins):
            if sum(cost for term, cost in join.right.join.items() if term != "join") <= c.smooth_joins_above:
                continue
            # Half of each run at most, so that the speech between two smoothed joins stays natural.
            before = min(most, join.left.end - join.left.start, (join.at - ends[k]) // 2 - half)
            after = min(most, join.right.end - join.right.start, (ends[k + 2] - join.at) // 2 - half)
            size = most + context
            left = audio.read(join.left.source, join.left_at - size, join.left_at + size)
            right = audio.read(join.right.source, join.right_at - size, join.right_at + size)
            found = morph(left, right, rate, size, half, before, after)
            if found is not None:
                start, new = found
                first = join.at - size + start
                samples[first : first + len(new)] = new


_FADES: dict[int, np.ndarray] = {}


def best_lag(held: np.ndarray, samples: np.ndarray) -> int:
    """Where `held` fits best into `samples`, relative to the middle; 0 where nothing correlates.

    Normalised cross-correlation at every lag; both are float32, `samples` the longer.
    """
    search = (len(samples) - len(held)) // 2
    products = np.correlate(samples, held, "valid")
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    energy = power[len(held) :] - power[: len(power) - len(held)]
    own = float(held @ held)
    if own < 1e-7 * len(held):
        return 0
    score = products / np.sqrt(np.maximum(energy, 1e-3 * own + 1e-12))
    best = int(score.argmax())
    return best - search if score[best] > 0 else 0
