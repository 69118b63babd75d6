# SPDX-License-Identifier: Apache-2.0
"""A mono waveform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthkit.types.features import FeatureSpec
from synthkit.types.shown import Shown

if TYPE_CHECKING:
    from synthkit.types.timing import Timing


@dataclass(frozen=True, slots=True)
class Waveform(Shown):
    """Mono audio.

    Attributes
    ----------
    samples : ndarray, shape (N,), float32
        Amplitude in [-1, 1].
    sample_rate : int
        Hz.
    timing : Timing or None
        When each phone is said, of an acoustic model that gives waveforms and knows.
    """

    samples: np.ndarray
    sample_rate: int
    timing: Timing | None = None

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def spec(self) -> FeatureSpec:
        """Of kind ``"waveform"``."""
        return FeatureSpec("waveform", self.sample_rate)
