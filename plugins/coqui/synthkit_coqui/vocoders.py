# SPDX-License-Identifier: Apache-2.0
"""`CoquiVocoder`: what vocoders over an `Architecture` share as components; trained on the voice's own mel
frames."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import AudioError, VoiceError
from synthkit.stages import Context, TrainingData, Vocoder
from synthkit.types import Demand, Finding, Item, Waveform, frames_of
from synthkit_coqui import trained
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.settings import VocoderSettings


class CoquiVocoder(Vocoder):
    """What vocoders share. Until it is trained it accepts any mel frames; then exactly those it was trained
    on."""

    architecture: ClassVar[Architecture]
    trainable: ClassVar[bool] = True
    demos = ()
    Config: ClassVar[type[VocoderSettings]] = VocoderSettings

    @property
    def kind(self) -> str:
        """The component's name."""
        return self.architecture.kind

    def accepts(self) -> tuple[Demand, ...]:
        """The spec it was trained on, or any mel spec before."""
        if hasattr(self, "speech"):
            return (Demand.exactly(self.speech.voice.spec),)
        return (MelSpec.demand(),)

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `synthkit_coqui.preflight`."""
        from synthkit_coqui import preflight

        if lacking := preflight.of_installed(self.kind):
            return lacking
        found = preflight.of_settings(self.architecture, self.config)
        if data is not None:
            found += preflight.of_data(self.architecture, self.config, data)
            if self.config.start_from and not any(f.severity == "error" for f in found):
                from synthkit_coqui.speech import read_config

                start = read_config(Path(self.config.start_from))
                found += trained.of_start(start, self._describe(data), self.config.start_from)
        return found

    def _describe(self, data: TrainingData):  # type: ignore[no-untyped-def]
        from synthkit_coqui.description import VoiceConfig

        model = self.architecture.chosen(self.config)
        return VoiceConfig(kind=self.kind, spec=data.spec, model=model, segment=self.config.segment)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Train to ``config.steps`` in ``ctx.work``, going on from a checkpoint there.

        Raises
        ------
        SynthkitError
            The preflight found an error, the rehearsal failed, or training did.
        """
        from synthkit_coqui import launch
        from synthkit_coqui.corpus import prepare

        if data.spec.kind != "mel":
            raise VoiceError(
                f"{self.kind} trains on mel features, these are {data.spec.kind!r}", where="vocoder",
                hint='set features.plugin = "mel"',
            )  # fmt: skip
        launch.refuse(self.check(data), ctx)
        run = ctx.work / "run"
        prepare(data, run / "data", ctx, symbols=None, tokens={}, with_mel=True)
        launch.write_run(run, self._describe(data), self.config)
        launch.finish(launch.train(run, self.config, ctx, label=self.kind), run, folder)

    def open(self, folder: Path) -> None:
        """Load what `fit` wrote."""
        from synthkit_coqui.history import tell_how_trained
        from synthkit_coqui.speech import Speech

        self.speech = Speech.open(folder, self.config.device)
        if self.speech.voice.kind != self.kind:
            raise VoiceError(f"this is a {self.speech.voice.kind}, not a {self.kind}", where=str(folder))
        tell_how_trained(folder)

    def render(self, item: Item) -> Waveform:
        """The waveform of mel frames, exactly ``len(item)`` hops long."""
        if not hasattr(self, "speech"):
            raise VoiceError(f"vocoder {self.kind!r} was not opened: it has to be trained with the voice")
        frames = frames_of(item, f"vocoder {self.kind!r}")
        if not len(frames):
            raise AudioError(
                f"vocoder {self.kind!r} was given no frame", hint="the acoustic model predicted nothing"
            )
        wave = self.speech.render(frames["mel"])
        return Waveform(np.clip(wave, -1, 1).astype(np.float32), self.speech.voice.spec.sample_rate)
