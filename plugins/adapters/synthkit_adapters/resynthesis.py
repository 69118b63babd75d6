# SPDX-License-Identifier: Apache-2.0
"""Adapters `world-to-mel` and `mel-to-world`: one kind of frames made audible and analysed as the other.

A mel band at low frequencies is narrower than the distance of two harmonics, so mel values cannot be read off
the spectral envelope alone: they depend on F0. Speaking the frames and listening again gets this right.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from synthkit import audio
from synthkit.errors import AudioError
from synthkit.pipeline.contract import extractor_for
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import Adapter, Vocoder
from synthkit.types import OPEN, Demand, FeatureSpec, Frames, Item, frames_of


class _Resynthesis(Adapter):
    """Frames rendered by one vocoder, resampled if need be, and analysed again."""

    Config = Settings
    version = "1"
    source: ClassVar[str]
    target: ClassVar[str]
    vocoder: ClassVar[str]
    loss: ClassVar[str]

    def bridge(self, produced: FeatureSpec, accepted: Demand) -> FeatureSpec | None:
        """The spec of the extractor that fits; open fields become that extractor's defaults."""
        if produced.kind != self.source or accepted.kind not in (self.target, OPEN):
            return None
        if self.vocoder not in registry().names("vocoder"):
            return None
        if not any(a.accepts(produced) for a in self._vocoder().accepts()):
            return None
        found = extractor_for(replace(accepted, kind=self.target), produced.sample_rate, registry())
        return found[1].spec if found else None

    def describe(self, produced: FeatureSpec, spec: FeatureSpec) -> str:
        """What is done and lost, the change of rate included."""
        text = (
            f"speaks the {self.source} frames by vocoder {self.vocoder!r} and analyses that as "
            f"{self.target}; {self.loss}"
        )
        old, new = produced.sample_rate, spec.sample_rate
        if old != new:
            text += f"; resamples {old} to {new} Hz"
            if old < new:
                text += f", empty above {old // 2} Hz"
        return text

    def adapt(self, item: Item, spec: FeatureSpec) -> Frames:
        """Frames under `spec` that sound like `item`."""
        frames = frames_of(item, f"an adapter from {self.source!r} frames")
        found = extractor_for(Demand.exactly(spec), spec.sample_rate, registry())
        if found is None:
            raise AudioError(
                f"no installed extractor gives this {spec.kind} spec", hint="see `synthkit plugins`"
            )
        waveform = self._vocoder().render(frames)
        return found[1].extract(audio.resample(waveform, spec.sample_rate))

    def _vocoder(self) -> Vocoder:
        vocoder: Vocoder = registry().load("vocoder", self.vocoder)()
        return vocoder


class WorldToMel(_Resynthesis):
    """WORLD frames to mel frames under any mel spec."""

    source, target, vocoder = "world", "mel", "world"
    loss = "the mel spectrum is that of WORLD's pulses and noise, not of natural phases"


class MelToWorld(_Resynthesis):
    """Mel frames to WORLD frames under any WORLD spec."""

    source, target, vocoder = "mel", "world", "griffin-lim"
    loss = (
        "F0 and aperiodicity are found in Griffin-Lim's phases, so voicing is less sure than in a recording"
    )
