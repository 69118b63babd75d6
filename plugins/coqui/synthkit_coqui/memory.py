"""How much memory a training will take, estimated before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from synthkit_coqui.models import VOCODERS
from synthkit_coqui.settings import TrainSettings

MIB = 2**20
RATE = 16000
"""Hz of the recordings that the table was measured on; a second holds as many more frames as it holds samples."""


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


TABLE: dict[str, dict[str, Need]] = {
    "glowtts": {"default": Need(1000, 0, 15.8), "small": Need(541, 0, 5.7), "tiny": Need(461, 0, 1.7)},
    "tacotron2": {
        "default": Need(1175, 0, 5.8, 0.6),
        "small": Need(1195, 0, 4.0, 0.4),
        "tiny": Need(1175, 0, 1.9, 0.25),
    },
    "vits": {"default": Need(2005, 195, 19), "small": Need(1577, 135, 9), "tiny": Need(849, 15, 6)},
    "coqui-hifigan": {"default": Need(2315, 0, 622), "small": Need(2199, 0, 284), "tiny": Need(2200, 0, 167)},
    "coqui-mb-melgan": {"default": Need(542, 0, 91), "small": Need(554, 0, 59), "tiny": Need(535, 0, 52)},
}
"""Fitted to the peaks of resident memory that ``benchmarks/coqui_memory.py`` measures on a CPU (float32, one process).

Architectures changed by `model` are counted as the preset that they change.
"""


def needed(kind: str, settings: TrainSettings, longest: float, sample_rate: int) -> float:
    """Bytes that training takes at its peak when a batch is of recordings of `longest` seconds."""
    seconds = getattr(settings, "segment", 0) / RATE if kind in VOCODERS else longest * sample_rate / RATE
    return TABLE[kind][settings.preset].bytes(settings.batch_size, seconds)
