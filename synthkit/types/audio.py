# SPDX-License-Identifier: Apache-2.0
"""A mono waveform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.types.features import FeatureSpec
from synthkit.types.shown import Shown


@dataclass(frozen=True, slots=True)
class Waveform(Shown):
    """Mono audio.

    Attributes
    ----------
    samples : ndarray, shape (N,), float32
        Amplitude in [-1, 1].
    sample_rate : int
        Hz.
    """

    samples: np.ndarray
    sample_rate: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def spec(self) -> FeatureSpec:
        """Of kind ``"waveform"``."""
        return FeatureSpec("waveform", self.sample_rate)
