# SPDX-License-Identifier: Apache-2.0
"""Vocoder `wavenet`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from synthkit.neural_vocoder import TaughtVocoder
from synthkit.settings import Field, Settings
from synthkit.stages import Context, TrainingData
from synthkit.types import Demand, Frames
from synthkit_wavenet import fitting
from synthkit_wavenet.conditions import demands
from synthkit_wavenet.stored import TrainedVocoder


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


class WaveNetVocoder(TaughtVocoder[TrainedVocoder]):
    """One sample after the other, drawn anew from the same seed; see ``docs/vocoders.md``."""

    Config = WaveNetSettings
    version = "1"
    name = "wavenet"
    bundled = Path(__file__).parent / "data"
    holds = TrainedVocoder

    def demands(self) -> tuple[Demand, ...]:
        """See `TaughtVocoder`."""
        return demands()

    def train(self, data: TrainingData, ctx: Context) -> TrainedVocoder:
        """See `TaughtVocoder`."""
        name = self.config.start_from
        start = self.pretrained(name, "start_from", data.spec) if name else None
        return fitting.train(self.config, start, data, ctx)

    def samples(self, trained: TrainedVocoder, frames: Frames) -> np.ndarray:
        """See `TaughtVocoder`."""
        from synthkit_wavenet import generation

        seed, temperature = self.config.seed, self.config.temperature
        return generation.render(trained, frames, seed=seed, temperature=temperature)[0]
