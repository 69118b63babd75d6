# SPDX-License-Identifier: Apache-2.0
"""How much memory a training will take, estimated before it begins."""

from __future__ import annotations

from dataclasses import dataclass

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
