# SPDX-License-Identifier: Apache-2.0
"""What an acoustic model would say, and what it knows, phone by phone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.types.features import Frames


@dataclass(frozen=True)
class Targets:
    """Predicted frames with the time of each phone: guidance for unit selection, or something to look at.

    Attributes
    ----------
    phones : tuple of str
        Spoken phones, pauses included.
    words : tuple of int
        Each phone's word, -1 for pauses.
    durations : ndarray, shape (P,), float64
        Seconds.
    f0 : ndarray, shape (P,), float32
        Median over voiced frames, Hz; 0 where less than half of the phone is voiced.
    frames : Frames
    starts : ndarray, shape (P + 1,), int64
        Phone p is ``frames[starts[p]:starts[p + 1]]``.
    """

    phones: tuple[str, ...]
    words: tuple[int, ...]
    durations: np.ndarray
    f0: np.ndarray
    frames: Frames
    starts: np.ndarray


@dataclass(frozen=True)
class PhoneVectors:
    """What a model knows of each phone before it makes frames of it.

    Attributes
    ----------
    phones : tuple of str
        Spoken phones, pauses included.
    words : tuple of int
        Each phone's word, -1 for pauses.
    durations : ndarray, shape (P,), float64
        Seconds.
    vectors : ndarray, shape (P, D), float32
    """

    phones: tuple[str, ...]
    words: tuple[int, ...]
    durations: np.ndarray
    vectors: np.ndarray
