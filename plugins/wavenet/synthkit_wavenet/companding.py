# SPDX-License-Identifier: Apache-2.0
"""The µ-law scale of the softmax: 256 classes, fine near zero, coarse where it is loud (ITU-T G.711's law).

``y = sign(z) ln(1 + µ|z|/limit) / ln(1 + µ)`` with µ = 255, cut into steps of 1/128 from -1 on; class 128 is
exactly zero.
"""

from __future__ import annotations

import numpy as np

from synthkit_wavenet.shape import CLASSES

MU = np.float32(255)
LIMITS = {"waveform": 1.0, "residual": 16.0}
"""The largest value of the scale: full scale of samples, or so many times the level of what is left."""


def compressed(z: np.ndarray, limit: float) -> np.ndarray:
    """Values on the scale, -1 to 1, float32."""
    z = np.clip(np.asarray(z, np.float32) / np.float32(limit), -1, 1)
    out: np.ndarray = np.sign(z) * np.log1p(MU * np.abs(z)) / np.log1p(MU)
    return out


def classes(z: np.ndarray, limit: float) -> np.ndarray:
    """Class of each value, int64."""
    half = CLASSES // 2
    return np.clip(np.round(compressed(z, limit) * half) + half, 0, CLASSES - 1).astype(np.int64)


def values(limit: float) -> np.ndarray:
    """Value of each class (256,), float32."""
    y = (np.arange(CLASSES) - CLASSES // 2) / (CLASSES // 2)
    found = np.sign(y) * np.expm1(np.abs(y) * np.log1p(np.float64(MU))) / np.float64(MU)
    return (limit * found).astype(np.float32)


def widths(limit: float) -> np.ndarray:
    """Width of each class (256,), float32: of the values that fall into it."""
    edges = (np.arange(CLASSES + 1) - CLASSES // 2 - 0.5) / (CLASSES // 2)
    found = np.sign(edges) * np.expm1(np.abs(edges) * np.log1p(np.float64(MU))) / np.float64(MU)
    return (limit * np.diff(found)).astype(np.float32)
