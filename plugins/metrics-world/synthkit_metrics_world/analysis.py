# SPDX-License-Identifier: Apache-2.0
"""WORLD analyses, each computed once per clip."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.dsp.harvest import harvest as track
from synthkit.dsp.world import load_pyworld
from synthkit.eval import Clip, Metric, Undefined


class WorldMetric(Metric):
    """A metric that needs pyworld."""

    needs = ("reference", "synthesis")
    packages: ClassVar[tuple[str, ...]] = ("pyworld",)

    def prepare(self) -> None:
        """Import pyworld, or say how to get it."""
        load_pyworld()


def harvest(
    clip: Clip, key: object, samples: np.ndarray, rate: int, period: float, n_fft: int
) -> tuple[np.ndarray, np.ndarray]:
    """F0 ``(T,)`` by Harvest, 40-800 Hz, and CheapTrick's power spectra ``(T, n_fft // 2 + 1)``.

    Parameters
    ----------
    clip : Clip
        Where the result is kept.
    key : hashable
        Names `samples` among what is derived from the clip.
    samples : ndarray, shape (N,)
    rate : int
        Hz.
    period : float
        Frame period, ms.
    n_fft : int
    """

    def compute() -> tuple[np.ndarray, np.ndarray]:
        pw = load_pyworld()
        x = analysable(samples)
        f0, times = track(x, rate, f0_floor=40, f0_ceil=800, frame_period=period)
        return f0, pw.cheaptrick(x, f0, times, rate, fft_size=n_fft)

    return clip.memo(("harvest", key, rate, period, n_fft), compute)


def dio(
    samples: np.ndarray, rate: int, floor: float = 71.0, ceiling: float = 800.0, period: float = 5.0
) -> tuple[np.ndarray, np.ndarray]:
    """F0 by DIO refined by StoneMask, and the frames' times."""
    pw = load_pyworld()
    x = analysable(samples)
    f0, times = pw.dio(x, rate, f0_floor=floor, f0_ceil=ceiling, frame_period=period)
    return pw.stonemask(x, f0, times, rate), times


def analysable(samples: np.ndarray) -> np.ndarray:
    """`samples` as a contiguous float64 array; `Undefined` where WORLD could not analyse them."""
    if len(samples) < 64:
        raise Undefined(f"too short to analyse: {len(samples)} samples")
    if not np.any(samples):
        raise Undefined("the signal is digital silence")
    return np.ascontiguousarray(samples, np.float64)
