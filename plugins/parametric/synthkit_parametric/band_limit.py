"""Vocoder `world-band-limited`: vocoder `world`, silent where the recordings were.

A recording that went through an anti-alias filter is all but silent in the uppermost kilohertz. WORLD's
synthesis leaks into that band, at about -75 dB under the loudest part of the spectrum: nobody hears it,
but mel-cepstra of the result are several dB off at the edge, and mel-cepstral distortion with them. A
low-pass at the edge of the frames' own spectrum takes the leak out.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from pydantic import Field

from synthkit.dsp.melcepstrum import mc2sp
from synthkit.errors import ConfigError
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import Vocoder
from synthkit.types import FeatureSpec, Frames, Waveform

TAPS = 255
KAISER = 7.0
"""Stop-band about 70 dB down, transition about 280 Hz wide at 16 kHz."""


class BandLimitSettings(Settings):
    """Settings of `world-band-limited`."""

    depth: float = Field(
        80.0, ge=40, le=120, description="dB under its peak at which the mean spectrum counts as silent"
    )
    world: dict[str, float] = Field(default_factory=dict, description="settings of vocoder world")


class BandLimitedWorld(Vocoder):
    """`world` followed by a linear-phase low-pass at the edge of the frames' band, if they have one."""

    Config = BandLimitSettings
    version = "1"

    @cached_property
    def _world(self) -> Any:
        kind = registry().load("vocoder", "world")
        try:
            return kind(kind.Config(**self.config.world))
        except ValueError as error:  # pydantic's ValidationError
            raise ConfigError(f"settings of vocoder world: {error}", where="vocoder.world") from error

    def accepts(self) -> tuple[FeatureSpec, ...]:
        """What `world` accepts."""
        return tuple(self._world.accepts())

    def render(self, item: Frames) -> Waveform:
        """The waveform of `item`, as `world` gives it, band-limited.

        Raises
        ------
        AudioError
            As `world`.
        """
        wave = self._world.render(item)
        edge = band_edge(item, self.config.depth)
        if edge is None:
            return wave
        return Waveform(low_pass(wave.samples, edge, wave.sample_rate), wave.sample_rate)


def band_edge(frames: Frames, depth: float) -> float | None:
    """Where the mean log spectrum of the louder half of `frames` falls `depth` dB under its peak for good, Hz.

    None if that is nowhere, or so near half the sample rate that there is nothing to filter.
    """
    spec: Any = frames.spec
    mcep = frames["mcep"]
    loud = mcep[mcep[:, 0] >= np.median(mcep[:, 0])]
    level = 10 * np.log10(mc2sp(loud.mean(axis=0, dtype=np.float64)[None], spec.alpha, spec.n_fft)[0])
    above = np.flatnonzero(level >= level.max() - depth)
    edge = float(above[-1] + 1) / spec.n_fft * spec.sample_rate
    return edge if edge < 0.48 * spec.sample_rate else None


def low_pass(samples: np.ndarray, edge: float, sample_rate: int) -> np.ndarray:
    """`samples` (N,) through a Kaiser-windowed sinc of `TAPS` taps, without delay; float32 (N,)."""
    n = np.arange(TAPS) - TAPS // 2
    taps = np.sinc(2 * edge / sample_rate * n) * np.kaiser(TAPS, KAISER)
    taps /= taps.sum()
    filtered = np.convolve(samples.astype(np.float64), taps)[TAPS // 2 : TAPS // 2 + len(samples)]
    return np.clip(filtered, -1, 1).astype(np.float32)
