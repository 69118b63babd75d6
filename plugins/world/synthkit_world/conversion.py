# SPDX-License-Identifier: Apache-2.0
"""Converter `world-mixture`: spectrum and F0 of a voice moved to those of another speaker, frame by frame.

What the voice says and the target's recordings of the same texts are brought into step by dynamic time
warping; a mixture of Gaussians learns what mel-cepstrum the target has where the voice has a certain one. Of
it, only the difference is laid over the voice's spectrum, whose detail stays. Log F0 is moved to the target's
middle and spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.dsp.melcepstrum import default_alpha, mc2sp, sp2mc
from synthkit.dsp.world import load_pyworld
from synthkit.errors import AudioError, VoiceError
from synthkit.eval.dtw import dtw_path
from synthkit.settings import Field, Settings
from synthkit.stages import Context, Converter
from synthkit.types import Waveform
from synthkit_world.features import FLOOR, default_order, fft_size
from synthkit_world.mixture import Mixture, fit
from synthkit_world.vocoder import smooth

FILE = "conversion.npz"
F0_FLOOR, F0_CEIL = 60.0, 500.0
PERIOD = 5.0
"""Milliseconds from frame to frame."""
QUIET = 5.0
"""How far, in nepers of power, below the loudest frames speech ends: 22 dB."""
LEAST = 400
"""Frames in step; two seconds of speech, of which nothing is learned."""
FRAMES_EACH = 500
"""Frames in step for each component of the mixture."""
COMPONENTS = 16


class ConversionSettings(Settings):
    """Settings of the converter `world-mixture`."""

    strength: float = Field(
        default=1.0, ge=0, le=1, description="how far towards the target: 0 the voice as it is, 1 all the way"
    )
    sharpness: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="0: the mean of all that the target does there, a little muffled; 1: as much spread as "
        "the target's speech has",
    )


@dataclass(frozen=True)
class Analysed:
    """A waveform as WORLD sees it.

    Attributes
    ----------
    f0 : ndarray, shape (T,)
        Hz, 0 where unvoiced.
    times : ndarray, shape (T,)
    power : ndarray, shape (T, F)
    mcep : ndarray, shape (T, D)
    """

    f0: np.ndarray
    times: np.ndarray
    power: np.ndarray
    mcep: np.ndarray

    @property
    def spoken(self) -> np.ndarray:
        """Places of the frames in which somebody speaks."""
        level = self.mcep[:, 0]
        return np.flatnonzero(level > np.quantile(level, 0.95) - QUIET / 2)


class WorldMixture(Converter):
    """See the module."""

    Config = ConversionSettings
    version = "1"

    def learn(self, pairs: Sequence[tuple[Waveform, Waveform]], folder: Path, ctx: Context) -> None:
        """See `Converter.learn`."""
        rate = pairs[0][0].sample_rate if pairs else 0
        both = [(analysed(ours), analysed(theirs)) for ours, theirs in ctx.track(pairs, label="listening")]
        both = [(a, b) for a, b in both if len(a.spoken) and len(b.spoken)]
        if sum(len(a.spoken) for a, _ in both) < LEAST:
            raise AudioError(
                "there is too little speech to learn a conversion of", hint="half a minute of clips is enough"
            )
        x, y = in_step(both, lambda mcep: mcep)
        mixture = level = None
        for _ in range(2):  # what is converted finds its place in the target better
            level = float((y[:, 0] - x[:, 0]).mean())
            mixture = fit(x[:, 1:], y[:, 1:], int(np.clip(len(x) // FRAMES_EACH, 1, COMPONENTS)))
            x, y = in_step(both, _moved(mixture, level))
        made = mixture.expected(x[:, 1:])
        pitch = [np.log(np.concatenate([s.f0[s.f0 > 0] for s in side])) for side in zip(*both, strict=True)]
        kept = mixture.arrays() | {
            "sample_rate": np.array(rate),
            "level": np.array(level),
            "mean": made.mean(0),
            "spread": y[:, 1:].std(0) / np.maximum(made.std(0), 1e-6),
            "pitch": np.array([_place(p) for p in pitch]),
        }
        with open(folder / FILE, "wb") as file:
            np.savez(file, allow_pickle=False, **kept)
        ctx.log(
            f"conversion: {len(both)} sentences, {len(x)} frames in step, {len(mixture.weights)} components"
        )

    def open(self, folder: Path) -> None:
        """See `Converter.open`."""
        with np.load(folder / FILE, allow_pickle=False) as data:
            kept = {name: data[name] for name in data.files}
        self._rate, self._level = int(kept.pop("sample_rate")), float(kept.pop("level"))
        self._mean, self._spread, self._pitch = kept.pop("mean"), kept.pop("spread"), kept.pop("pitch")
        self._mixture = Mixture(**kept)

    def convert(self, waveform: Waveform) -> Waveform:
        """See `Converter.convert`."""
        if not hasattr(self, "_mixture"):
            raise VoiceError("converter 'world-mixture' has learned nothing yet", hint="open a voice with it")
        if waveform.sample_rate != self._rate:
            raise AudioError(
                f"converter 'world-mixture' learned at {self._rate} Hz, and was given "
                f"{waveform.sample_rate} Hz"
            )
        strength, count = self.config.strength, len(waveform.samples)
        if strength == 0 or count < self._rate * PERIOD / 1000 or not waveform.samples.any():
            return waveform
        pw, seen = load_pyworld(), analysed(waveform)
        own = seen.mcep[:, 1:]
        new = self._mixture.expected(own)
        sharp = 1 + self.config.sharpness * (self._spread - 1)
        new = smooth(self._mean + (new - self._mean) * sharp, 5)
        change = np.concatenate([np.full((len(own), 1), self._level), new - own], axis=1) * strength
        power = np.maximum(seen.power * mc2sp(change, default_alpha(self._rate), _n_fft(self._rate)), FLOOR)
        samples = np.ascontiguousarray(waveform.samples, dtype=np.float64)
        noise = pw.d4c(samples, seen.f0, seen.times, self._rate, fft_size=_n_fft(self._rate))
        spoken = pw.synthesize(self._moved_pitch(seen.f0), power, noise, self._rate, PERIOD)
        out = np.zeros(count, np.float32)
        out[: len(spoken)] = np.clip(spoken, -1, 1)[:count]
        return Waveform(out, self._rate)

    def _moved_pitch(self, f0: np.ndarray) -> np.ndarray:
        """F0 with the target's middle and spread, as far as it is asked for."""
        (middle, spread), (wanted, wide) = self._pitch
        if not spread or not wide:
            return f0
        log = np.log(np.where(f0 > 0, f0, 1.0))
        moved = wanted + (log - middle) * np.clip(wide / spread, 0.5, 2.0)
        turned = np.exp(log + self.config.strength * (moved - log))
        return np.where(f0 > 0, np.clip(turned, F0_FLOOR / 2, 2 * F0_CEIL), 0.0)


def analysed(waveform: Waveform) -> Analysed:
    """F0 by DIO and StoneMask, CheapTrick's spectrum and its mel-cepstrum."""
    pw, rate = load_pyworld(), waveform.sample_rate
    x = np.ascontiguousarray(waveform.samples, dtype=np.float64)
    f0, times = pw.dio(x, rate, f0_floor=F0_FLOOR, f0_ceil=F0_CEIL, frame_period=PERIOD)
    f0 = pw.stonemask(x, f0, times, rate)
    power = np.maximum(pw.cheaptrick(x, f0, times, rate, f0_floor=F0_FLOOR, fft_size=_n_fft(rate)), FLOOR)
    return Analysed(f0, times, power, sp2mc(power, default_order(rate), default_alpha(rate)))


def in_step(
    both: Sequence[tuple[Analysed, Analysed]], moved: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Mel-cepstra of what is spoken in both, row by row the same sound; `moved` brings the first near."""
    ours, theirs = [], []
    for a, b in both:
        x, y = (
            a.mcep[a.spoken][::2],
            b.mcep[b.spoken][::2],
        )  # 10 ms are near enough, and a quarter of the work
        near = moved(x)
        scale = y.std(0) + 1e-6
        i, j = dtw_path((near - near.mean(0)) / np.sqrt(scale), (y - y.mean(0)) / np.sqrt(scale))
        ours.append(x[i])
        theirs.append(y[j])
    return np.concatenate(ours), np.concatenate(theirs)


def _place(pitch: np.ndarray) -> tuple[float, float]:
    """Median of log F0 and half of what two thirds of it lie within: trackers are an octave off at times."""
    if not len(pitch):
        return 0.0, 0.0
    low, middle, high = np.quantile(pitch, [1 / 6, 0.5, 5 / 6])
    return float(middle), float(high - low) / 2


def _moved(mixture: Mixture, level: float) -> Callable[[np.ndarray], np.ndarray]:
    def moved(mcep: np.ndarray) -> np.ndarray:
        return np.concatenate([mcep[:, :1] + level, mixture.expected(mcep[:, 1:])], axis=1)

    return moved


def _n_fft(rate: int) -> int:
    return fft_size(rate, F0_FLOOR)
