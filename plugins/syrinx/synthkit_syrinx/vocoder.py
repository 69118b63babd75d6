# SPDX-License-Identifier: Apache-2.0
"""Vocoder `syrinx`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from synthkit.errors import AudioError, MissingDependency, VoiceError
from synthkit.settings import Field, Settings
from synthkit.stages import Context, TrainingData, Vocoder
from synthkit.trained import pretrained_digest
from synthkit.types import Demand, Finding, Item, Waveform, frames_of
from synthkit.types.finding import MISSING
from synthkit_syrinx import fitting, speaking
from synthkit_syrinx.conditions import demands
from synthkit_syrinx.stored import TrainedVocoder


class SyrinxSettings(Settings):
    """Settings of the `syrinx` vocoder: where its weights come from, its size, its training."""

    pretrained: str = Field(
        "",
        description="take these weights instead of training: a name that is bundled, or the folder of others",
    )
    start_from: str = Field("", description="train from these weights on, instead of from chance")
    state: str = Field(
        "",
        description="folder that keeps the state of the training, so that a later build with more steps goes "
        "on from it; the build's own if not given",
    )
    channels: int = Field(192, ge=8, le=2048)
    hidden: int = Field(512, ge=8, le=8192, description="channels inside a block")
    blocks: int = Field(6, ge=1, le=32)
    steps: int = Field(30000, ge=1, description="training steps in all, those of earlier sittings included")
    adversarial_from: int = Field(8000, ge=0, description="the step at which discriminators join")
    minutes: float | None = Field(
        None, gt=0, description="stop this sitting after so long, whatever the steps"
    )
    batch: int = Field(8, ge=1, le=256, description="pieces of half a second in a step")
    rate: float = Field(1e-3, gt=0, lt=1, description="highest learning rate")
    seed: int = Field(0, ge=0)
    device: Literal["cpu", "cuda", "auto"] = Field("cpu", description="auto takes a GPU when there is one")
    threads: int = Field(
        1, ge=1, le=64, description="of the CPU, when training; the same number gives the same bytes"
    )
    checkpoint_seconds: float = Field(120.0, ge=0, description="between checkpoints")
    stored: Literal["float16", "float32"] = Field("float16", description="precision of the weights on disk")


class Syrinx(Vocoder):
    """Pulses and noise, filtered by a small network; see ``docs/vocoders.md``."""

    Config = SyrinxSettings
    version = "1"
    trainable = True

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self.trained: TrainedVocoder | None = None

    def accepts(self) -> tuple[Demand, ...]:
        """Before it is opened what it can be trained on, then the frames it was trained on."""
        return demands() if self.trained is None else (Demand.exactly(self.trained.spec),)

    def fingerprint(self) -> str:
        """See `Component.fingerprint`: of the weights that are taken or begun with."""
        names = (self.config.pretrained, self.config.start_from)
        return " ".join(pretrained_digest(name, fitting.BUNDLED) for name in names).strip()

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `Component.check`: torch, where it has to be trained."""
        if self.trained is not None or self.config.pretrained or find_spec("torch") is not None:
            return []
        problem = "training vocoder 'syrinx' needs torch (rendering does not)"
        return [Finding("error", MISSING, problem, mend="pip install torch")]

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Train on `data`; a training that was killed goes on from its last state.

        With the setting ``pretrained`` nothing is trained: the weights named there are taken, if they fit.

        Raises
        ------
        CorpusError
            Nothing in `data` can be trained on.
        MissingDependency
            torch is not installed.
        SpecMismatch
            Weights that were to be taken are of other features.
        VoiceError
            Weights that were to be taken cannot be read.
        """
        if self.config.pretrained:
            fitting.taken(self.config.pretrained, data, ctx).save(folder, dtype=self.config.stored)
            return
        try:
            import torch
        except ModuleNotFoundError as error:
            raise MissingDependency(
                "training vocoder 'syrinx' needs torch (rendering does not)", hint="pip install torch"
            ) from error
        before, random = torch.get_num_threads(), torch.get_rng_state()
        torch.set_num_threads(self.config.threads)
        try:
            trained = fitting.train(self.config, data, ctx)
        finally:
            torch.set_num_threads(before)
            torch.set_rng_state(random)
        trained.save(folder, dtype=self.config.stored)

    def open(self, folder: Path) -> None:
        """Read the weights."""
        self.trained = TrainedVocoder.load(folder)

    def close(self) -> None:
        """Let the weights go."""
        self.trained = None

    def render(self, item: Item) -> Waveform:
        """The waveform of `item`, ``len(item) * hop_length`` samples.

        Raises
        ------
        AudioError
            There is no frame, or the frames give samples that are not finite.
        VoiceError
            Nothing was opened.
        """
        trained = self.trained
        if trained is None:
            raise VoiceError(
                "vocoder 'syrinx' was not opened: it is trained with a voice, or takes pretrained weights "
                "when one is built"
            )
        frames = frames_of(item, "vocoder 'syrinx'")
        if not len(frames):
            raise AudioError(
                "vocoder 'syrinx' was given no frame", hint="the acoustic model predicted nothing"
            )
        samples = speaking.render(trained, frames)
        if not np.isfinite(samples).all():
            raise AudioError(
                "the frames give samples that are not finite", hint="the model's output is broken"
            )
        return Waveform(np.clip(samples, -1, 1), trained.spec.sample_rate)
