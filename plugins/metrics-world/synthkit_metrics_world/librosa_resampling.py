"""Resampling as librosa does by default, for tools whose figures depend on it."""

from __future__ import annotations

import math

import numpy as np


def at_rate(samples: np.ndarray, source: int, target: int) -> np.ndarray:
    """`samples` at `target` Hz: soxr HQ, cut or zero-padded to ``ceil(N·target/source)``; the same type."""
    if source == target:
        return samples
    import soxr

    out = soxr.resample(samples, source, target, quality="HQ")
    length = math.ceil(len(samples) * target / source)
    return np.pad(out, (0, max(0, length - len(out))))[:length]
