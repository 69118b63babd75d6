# SPDX-License-Identifier: Apache-2.0
"""How much memory a training will take, estimated before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from synthkit_coqui.architectures import find
from synthkit_coqui.settings import TrainSettings

MIB = 2**20
RATE = 16000
"""Hz of the recordings that the table was measured on; a second holds as many more frames as it holds
samples."""


@dataclass(frozen=True)
class Need:
    """Peak memory of one model's training in MiB: fixed, and what each example of the batch adds.

    Attributes
    ----------
    fixed : float
        The process, and weights with their gradients and optimizer.
    each, second, square : float
        Per example, per second of it, and per second squared (attention of every frame to every phone).
        A vocoder's examples are segments: a second is one of segment.
    """

    fixed: float
    each: float
    second: float
    square: float = 0.0

    def bytes(self, batch: int, seconds: float) -> float:
        """Of a batch of examples of `seconds`."""
        return MIB * (self.fixed + batch * (self.each + self.second * seconds + self.square * seconds**2))


Needs = dict[str, Need]
"""By preset."""


def needed(kind: str, settings: TrainSettings, longest: float, sample_rate: int) -> float:
    """Bytes that training takes at its peak when a batch is of recordings of `longest` seconds.

    Each architecture holds a `Need` per preset, fitted to the peaks of resident memory that
    ``benchmarks/coqui_memory.py`` measures on a CPU (float32, one process). Single arguments in `model` are
    counted as the preset that they change; of an architecture that states nothing, nothing is known: 0.
    """
    architecture = find(kind)
    seconds = architecture.example_seconds(settings, longest, sample_rate)
    need = architecture.memory.get(settings.preset)
    return need.bytes(settings.batch_size, seconds) if need else 0.0
