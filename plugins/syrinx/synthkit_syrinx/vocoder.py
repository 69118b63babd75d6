# SPDX-License-Identifier: Apache-2.0
"""Vocoder `syrinx`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from synthkit.neural_vocoder import TaughtVocoder
from synthkit.settings import Field, Settings
from synthkit.stages import Context, TrainingData
from synthkit.types import Demand, Frames
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


class Syrinx(TaughtVocoder[TrainedVocoder]):
    """Pulses and noise, filtered by a small network; see ``docs/vocoders.md``."""

    Config = SyrinxSettings
    version = "1"
    name = "syrinx"
    bundled = Path(__file__).parent / "data"  # what lies there is in the gallery by itself
    holds = TrainedVocoder

    def demands(self) -> tuple[Demand, ...]:
        """See `TaughtVocoder`."""
        return demands()

    def train(self, data: TrainingData, ctx: Context) -> TrainedVocoder:
        """See `TaughtVocoder`."""
        name = self.config.start_from
        start = self.pretrained(name, "start_from", data.spec) if name else None
        return fitting.train(self.config, start, data, ctx)

    def open(self, folder: Path) -> None:
        """Read the weights, and keep of them what speaks."""
        super().open(folder)
        assert self.trained is not None, "it was opened"
        self.trained.to_speak()

    def samples(self, trained: TrainedVocoder, frames: Frames) -> np.ndarray:
        """See `TaughtVocoder`."""
        return np.clip(speaking.render(trained, frames), -1, 1)
