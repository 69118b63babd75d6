# SPDX-License-Identifier: Apache-2.0
"""The vocoder `hibari`: pulses through the harmonics' filter, shaped noise, and a branch of free phases."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.errors import MissingDependency, SynthkitError
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import Demand, Waveform
from synthkit.types.item import Item, frames_of
from synthkit_hibari.frames import SPEC, STREAMS


class HibariVocoderSettings(Settings):
    """Settings of the vocoder."""

    seed: int = Field(default=0, ge=0, description="of the noise")
    pitch: float = Field(default=1.0, gt=0.25, lt=4, description="factor on F0")


class HibariVocoder(Vocoder):
    """Renders the frames of a hibari voice by that package's own signal processing; F0 may have been
    changed."""

    Config = HibariVocoderSettings
    version = "1"
    adjusts: ClassVar[frozenset[str]] = frozenset({"pitch"})

    def accepts(self) -> tuple[Demand, ...]:
        """Frames of its own kind alone."""
        return (Demand.exactly(SPEC),)

    def render(self, item: Item) -> Waveform:
        """Samples at 24 kHz, 300 a frame; the same ones each time."""
        try:
            from hibari import dsp
        except ImportError as error:
            raise MissingDependency(
                "hibari needs hibari-tts", hint="pip install hibari-tts==0.2.1"
            ) from error
        frames = frames_of(item, "vocoder 'hibari'")
        if not len(frames):
            raise SynthkitError("there are no frames to render", where="vocoder 'hibari'")
        spectra = [np.ascontiguousarray(frames[name].T) for name in STREAMS]
        f0 = frames["f0"] * np.float32(self.config.pitch)
        samples = dsp.synth(*spectra, f0, np.random.default_rng(self.config.seed))
        return Waveform(np.clip(samples, -1.0, 1.0).astype(np.float32), SPEC.sample_rate)
