# SPDX-License-Identifier: Apache-2.0
"""Vocoder `wavenet`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from synthkit.errors import AudioError, MissingDependency, VoiceError
from synthkit.settings import Field, Settings
from synthkit.stages import Context, TrainingData, Vocoder
from synthkit.types import Demand, Finding, Item, Waveform, frames_of
from synthkit.types.finding import MISSING
from synthkit_wavenet import fitting
from synthkit_wavenet.conditions import demands
from synthkit_wavenet.stored import TrainedVocoder

NEEDS_TORCH = "training vocoder 'wavenet' needs torch (rendering does not)"


class WaveNetSettings(Settings):
    """Settings of the `wavenet` vocoder: where its weights come from, its size, its training, its voice."""

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
    form: Literal["residual", "waveform"] = Field(
        "residual", description="what is modelled: what linear prediction leaves of a sample, or the sample"
    )
    output: Literal["logistics", "softmax"] = Field(
        "logistics", description="a mixture of logistic distributions, or 256 classes on the µ-law scale"
    )
    layers: int = Field(20, ge=1, le=200)
    cycle: int = Field(10, ge=1, le=14, description="layers until dilations begin with 1 again")
    channels: int = Field(32, ge=4, le=1024)
    skip: int = Field(64, ge=4, le=1024, description="channels of what all layers give to the output")
    condition: int = Field(32, ge=1, le=1024, description="channels of what is read of the frames")
    hidden: int = Field(128, ge=1, le=4096, description="channels of the network that reads them")
    mixtures: int = Field(5, ge=1, le=64)
    order: int = Field(24, ge=1, le=64, description="of the linear prediction")
    pitch_taps: Literal[0, 1, 3, 5, 7, 9] = Field(
        5, description="samples read around the one a period ago, where frames state F0"
    )
    pulses: bool = Field(
        True, description="tell the network when the voice's pulses come, where frames state F0"
    )
    steps: int = Field(30000, ge=1, description="training steps in all, those of earlier sittings included")
    minutes: float | None = Field(
        None, gt=0, description="stop this sitting after so long, whatever the steps"
    )
    batch: int = Field(4, ge=1, le=256, description="pieces in a step")
    piece: int = Field(4000, ge=64, le=1_000_000, description="samples of a piece that are learned")
    rate: float = Field(2e-3, gt=0, lt=1, description="highest learning rate")
    seed: int = Field(0, ge=0, description="of the training, and of what is drawn when it speaks")
    device: Literal["cpu", "cuda", "auto"] = Field("cpu", description="auto takes a GPU when there is one")
    threads: int = Field(
        1, ge=1, le=64, description="of the CPU, when training; the same number gives the same bytes"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of the products when training; auto takes bfloat16 for residuals where the device "
        "has arithmetic in it",
    )
    judge_every: int = Field(250, ge=1, description="steps between two judgements of the held-out recordings")
    checkpoint_seconds: float = Field(120.0, ge=0, description="between checkpoints")
    stored: Literal["float16", "float32"] = Field("float16", description="precision of the weights on disk")
    temperature: float = Field(
        1.0, gt=0, le=2, description="breadth of what is drawn from when it speaks; 1 as it was learned"
    )


class WaveNetVocoder(Vocoder):
    """One sample after the other; see ``docs/vocoders.md``."""

    Config = WaveNetSettings
    version = "1"
    trainable = True

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self.trained: TrainedVocoder | None = None

    def accepts(self) -> tuple[Demand, ...]:
        """Before it is opened what it can be trained on, then the frames it was trained on."""
        return demands() if self.trained is None else (Demand.exactly(self.trained.spec),)

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `Component.check`: torch, where it has to be trained."""
        if self.trained is not None or self.config.pretrained or find_spec("torch") is not None:
            return []
        return [Finding("error", MISSING, NEEDS_TORCH, mend="pip install torch")]

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
            raise MissingDependency(NEEDS_TORCH, hint="pip install torch") from error
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
        """The waveform of `item`, ``len(item) * hop_length`` samples; drawn anew from the same seed.

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
                "vocoder 'wavenet' was not opened: it is trained with a voice, or takes pretrained weights "
                "when one is built"
            )
        frames = frames_of(item, "vocoder 'wavenet'")
        if not len(frames):
            raise AudioError(
                "vocoder 'wavenet' was given no frame", hint="the acoustic model predicted nothing"
            )
        from synthkit_wavenet import generation

        samples, _ = generation.render(
            trained, frames, seed=self.config.seed, temperature=self.config.temperature
        )
        if not np.isfinite(samples).all():
            raise AudioError(
                "the frames give samples that are not finite", hint="the model's output is broken"
            )
        return Waveform(samples, trained.spec.sample_rate)
