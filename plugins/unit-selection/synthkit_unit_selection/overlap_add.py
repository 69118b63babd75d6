"""Join natural waveforms where they correlate best, with a short cross-fade, and change nothing else."""

from __future__ import annotations

import numpy as np

from synthkit.settings import Settings
from synthkit.stages import Vocoder
from synthkit.types import FeatureSpec, UnitPath, Waveform


class OverlapAddSettings(Settings):
    """Settings of `OverlapAdd`."""

    fade_ms: float = 6.0
    """Length of the cross-fade."""
    search_ms: float = 6.0
    """The second unit begins up to this much earlier or later, where its waveform fits best: a little
    over half the longest pitch period, so that pulses of voiced speech meet pulses."""


class OverlapAdd(Vocoder):
    """Renders unit paths.

    At every join the end of one run of units is held against the beginning of the next; the second is
    moved by the lag of greatest normalised correlation (pitch-synchronous in voiced speech, since that is
    where pulses coincide) and the two are cross-faded by a raised cosine.
    """

    Config = OverlapAddSettings
    version = "1"

    def accepts(self) -> tuple[FeatureSpec, ...]:
        """Unit paths of any sample rate."""
        return (FeatureSpec.accepting("units"),)

    def render(self, item: UnitPath) -> Waveform:
        """The waveform of a unit path, float32 in [-1, 1]."""
        audio = item.audio
        rate = audio.sample_rate
        half = max(int(self.config.fade_ms * rate / 2000), 1)
        search = int(self.config.search_ms * rate / 1000)
        pieces: list[np.ndarray] = []
        held = np.zeros(0, np.float32)
        for run in item.runs():
            source, start, end = run[0].source, run[0].start, run[-1].end
            room = half + search
            samples = audio.read(source, start - room, end + half)
            if not pieces and not len(held):
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
            if len(body) <= 2 * half:
                body = np.concatenate([body, np.zeros(2 * half + 1 - len(body), np.float32)])
            pieces.append(body[: len(body) - 2 * half])
            held = body[len(body) - 2 * half :]
        pieces.append(held[:half])
        return Waveform(np.concatenate(pieces), rate)


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
