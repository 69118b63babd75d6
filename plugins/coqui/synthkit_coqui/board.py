# SPDX-License-Identifier: Apache-2.0
"""TensorBoard event files of a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Board:
    """TensorBoard event files."""

    def __init__(self, folder: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(folder))

    def scalars(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def picture(self, step: int, path: Path) -> None:
        from matplotlib.image import imread

        self.writer.add_image("alignment", imread(path)[..., :3], step, dataformats="HWC")

    def audio(self, step: int, waves: dict[str, Any], sample_rate: int) -> None:
        for name, wave in waves.items():
            self.writer.add_audio(name, wave[None], step, sample_rate)

    def close(self) -> None:
        self.writer.close()
