# SPDX-License-Identifier: Apache-2.0
"""Vocoder `psola`: natural units through Praat's pitch-synchronous overlap-add.

E. Moulines, F. Charpentier, "Pitch-synchronous waveform processing techniques for text-to-speech synthesis
using diphones", Speech Communication 9, 1990, as Praat's Manipulation has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthkit.errors import AudioError, SynthkitError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import Demand, Item, UnitPath, Waveform, path_of
from synthkit_praat.joining import Joined, join_runs

STEP = 1e-6
"""Seconds between the two points of a step in a duration tier."""
SHORTEST = 0.01
"""Of its natural duration; Praat makes no phone shorter than a little, not even one of 0 seconds."""


class PsolaSettings(Settings):
    """Settings of the `psola` vocoder."""

    speed: float = Field(default=1.0, ge=0.3, le=3, description="2 is twice as fast, at the same pitch")
    pitch: float = Field(default=1.0, ge=0.4, le=2.5, description="factor on F0; 2 is an octave up")
    follow_durations: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="0 keeps the units' durations, 1 gives each phone its target duration",
    )
    follow_f0: float = Field(
        default=0.0, ge=0, le=1, description="0 keeps the units' F0, 1 moves each phone's mean to its target"
    )
    exact: bool = Field(
        default=True, description="durations and F0 that a request gives are made exact, whatever is followed"
    )
    smoothing_ms: float = Field(
        default=50.0, ge=0, le=300, description="the step in F0 at a join is spread over so much to each side"
    )
    f0_floor: float = Field(default=60.0, ge=30, description="lowest F0 of the recordings, Hz")
    f0_ceil: float = Field(default=400.0, le=1200, description="highest F0 of the recordings, Hz")

    def check(self) -> None:
        """See `Settings.check`."""
        if self.f0_floor >= self.f0_ceil:
            raise ValueError(f"f0_floor ({self.f0_floor}) must be below f0_ceil ({self.f0_ceil})")


class Psola(Vocoder):
    """A unit path's recordings, joined, with F0 and durations changed by overlap-add."""

    Config = PsolaSettings
    version = "1"
    adjusts = frozenset({"speed", "pitch"})

    def accepts(self) -> tuple[Demand, ...]:
        """Unit paths at any rate."""
        return (Demand("units"),)

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`.

        Raises
        ------
        AudioError
            The path has no units.
        SynthkitError
            Targets are to be followed and the acoustic model predicts none.
        """
        import parselmouth
        import parselmouth.praat
        from parselmouth.praat import call

        path = path_of(item, "vocoder 'psola'")
        c, rate = self.config, path.audio.sample_rate
        if not path.units:
            raise AudioError("vocoder 'psola' was given no units", hint="the acoustic model found nothing")
        joined = join_runs(path)
        count = len(joined.samples)
        given = path.given if c.exact else None
        # Praat needs three periods of the lowest F0 to look for F0 at all; the rest is padding, cut off
        # again.
        least = int(4 * rate / c.f0_floor)
        sound = parselmouth.Sound(np.pad(joined.samples, (0, max(0, least - count))), rate)
        # Overlap-add draws random numbers for unvoiced stretches; the same path has to give the same bytes.
        parselmouth.praat.run("random_initializeWithSeedUnsafelyButPredictably (1)")
        manipulation = call(sound, "To Manipulation", 0.01, c.f0_floor, c.f0_ceil)
        times, f0 = _points(call, call(manipulation, "Extract pitch tier"))
        if len(times):
            f0 = spread_steps(times, f0, [j / rate for j in joined.joins], c.smoothing_ms / 1000)
            if c.follow_f0:
                shift = follow(times, f0, _targets(path, "f0"), joined, rate)
                f0 = f0 * np.exp(c.follow_f0 * shift)
            if given and len(given.f0):
                edges = _starts(joined, count)
                place = np.interp(times, np.array(edges) / rate, np.arange(len(edges)))
                f0 = np.exp(given.contour(place, np.log(f0)))
            tier = call("Create PitchTier", "f0", 0, sound.xmax)
            for t, value in zip(times, f0 * c.pitch, strict=True):
                call(tier, "Add point", float(t), float(value))
            call([manipulation, tier], "Replace pitch tier")
        ratios = self._ratios(path, joined)
        tier = call("Create DurationTier", "durations", 0, sound.xmax)
        for (start, end), ratio in ratios:
            call(tier, "Add point", start / rate + STEP, ratio)
            call(tier, "Add point", end / rate - STEP, ratio)
        call([manipulation, tier], "Replace duration tier")
        samples = call(manipulation, "Get resynthesis (overlap-add)").values[0]
        length = max(1, round(sum((end - start) * ratio for (start, end), ratio in ratios)))
        samples = np.pad(samples[:length], (0, max(0, length - len(samples))))
        return Waveform(np.clip(samples, -1, 1).astype(np.float32), rate)

    def _ratios(self, path: UnitPath, joined: Joined) -> list[tuple[tuple[int, int], float]]:
        """Stretches (samples) that together cover all of `joined`, each with its factor of duration."""
        c, rate, count = self.config, path.audio.sample_rate, len(joined.samples)
        fixed = np.full(len(path.phones), np.nan)
        if c.exact and path.given is not None:
            fixed = path.given.durations
        if not c.follow_durations and np.isnan(fixed).all():
            return [((0, count), 1 / c.speed)]
        wanted = _targets(path, "duration") if c.follow_durations else fixed
        starts = _starts(joined, count)
        out = []
        for phone, (start, end) in enumerate(zip(starts, starts[1:], strict=False)):
            if end <= start:
                continue
            ratio = 1.0
            if not np.isnan(fixed[phone]):
                ratio = max(float(fixed[phone]) * rate / (end - start), SHORTEST)
            elif c.follow_durations:
                natural = wanted[phone] * rate / (end - start)
                ratio = float(np.clip(natural, 1 / 3, 3) ** c.follow_durations)
            out.append(((start, end), ratio / c.speed))
        return out


def _starts(joined: Joined, count: int) -> list[int]:
    """Samples at which each phone begins, and the last ends; a phone without a unit has no length."""
    starts, here = [0], 0
    for phone in range(1, max(joined.phones) + 1):
        here = max(joined.phones[phone][0], here) if phone in joined.phones else here
        starts.append(here)
    return [*starts, count]


def _targets(path: UnitPath, name: str) -> np.ndarray:
    if name not in path.targets:
        raise SynthkitError(
            f"vocoder 'psola' is to follow {name}, and the acoustic model predicts none",
            hint=f"set vocoder.follow_{'durations' if name == 'duration' else name} = 0",
        )
    return np.asarray(path.targets[name], dtype=np.float64)


def _points(call: Any, tier: Any) -> tuple[np.ndarray, np.ndarray]:
    count = int(call(tier, "Get number of points"))
    times = [call(tier, "Get time from index", i + 1) for i in range(count)]
    values = [call(tier, "Get value at index", i + 1) for i in range(count)]
    return np.array(times), np.array(values)


def spread_steps(times: np.ndarray, f0: np.ndarray, joins: list[float], width: float) -> np.ndarray:
    """`f0` (N,) Hz at `times` (N,) s, with the step at each of `joins` spread over `width` s to each side.

    Half of the step, in the logarithm, is added before the join and half taken after it, fading out under
    half a cosine. A join with no voice within `width` on one side is left as it is.
    """
    log = np.log(f0)
    out = log.copy()
    for join in joins:
        before = (times < join) & (times >= join - width)
        after = (times >= join) & (times < join + width)
        if not before.any() or not after.any():
            continue
        step = log[after][0] - log[before][-1]
        fade = 0.5 + 0.5 * np.cos(np.pi * np.abs(times - join) / width)
        out[before] += step / 2 * fade[before]
        out[after] -= step / 2 * fade[after]
    return np.exp(out)


def follow(times: np.ndarray, f0: np.ndarray, targets: np.ndarray, joined: Joined, rate: int) -> np.ndarray:
    """How far, in ln Hz (N,), each point of the contour has to move for its phone's mean to be the target's.

    `targets` (P,) Hz per phone, 0 where it has none. Between the middles of phones the move is interpolated,
    so that the contour keeps its detail within each phone.
    """
    middles, moves = [], []
    for phone, (start, end) in sorted(joined.phones.items()):
        inside = (times >= start / rate) & (times < end / rate)
        if targets[phone] > 0 and inside.any():
            middles.append((start + end) / 2 / rate)
            moves.append(np.log(targets[phone]) - np.log(f0[inside]).mean())
    return np.interp(times, middles, moves) if middles else np.zeros(len(times))
