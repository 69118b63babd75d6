# SPDX-License-Identifier: Apache-2.0
"""A plugin as a stranger would write it, typed to the last argument: a vocoder and a metric."""

from __future__ import annotations

import numpy as np

from synthkit import hookimpl
from synthkit.dsp.specs import WorldSpec
from synthkit.errors import AudioError
from synthkit.eval import Definition, EvalSample, Measurement, Metric
from synthkit.hookspecs import Register
from synthkit.settings import Field, Settings
from synthkit.stages import Vocoder
from synthkit.types import Demand, Item, Waveform, frames_of


class HumSettings(Settings):
    """Settings of the vocoder `hum`."""

    loudness: float = Field(default=0.1, gt=0, le=1)


class Hum(Vocoder):
    """A sine at the fundamental frequency."""

    Config = HumSettings

    def accepts(self) -> tuple[Demand, ...]:
        """WORLD frames that have a pitch."""
        return (WorldSpec.demand("lf0", "vuv"),)

    def render(self, item: Item) -> Waveform:
        """The sine, float32."""
        frames = frames_of(item, "vocoder 'hum'")
        if not len(frames):
            raise AudioError("there are no frames to render")
        spec = WorldSpec.of(frames.spec)
        f0 = np.repeat(np.exp(frames["lf0"]) * (frames["vuv"] > 0.5), spec.hop_length)
        sine = np.sin(2 * np.pi * np.cumsum(f0 / spec.sample_rate))
        return Waveform((self.config.loudness * sine).astype(np.float32), spec.sample_rate)


class Peak(Metric):
    """The greatest sample."""

    gives = (Definition("peak", "hum", "", "none", "Peak", "Greatest absolute sample of the signal."),)

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definition."""
        samples = sample.test.samples()
        return [self.value("peak", float(np.abs(samples).max()), n=len(samples))]


@hookimpl
def register_vocoders(register: Register) -> None:
    """One vocoder."""
    register("hum", "synthkit_hum:Hum", summary="a sine at the fundamental frequency")


@hookimpl
def register_metrics(register: Register) -> None:
    """One metric."""
    register("peak", "synthkit_hum:Peak", summary="the greatest sample")


FIRST = Hum(HumSettings(loudness=0.5)).render
