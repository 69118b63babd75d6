# SPDX-License-Identifier: Apache-2.0
"""When each phone of what a model predicted is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Timing:
    """Phones of a prediction in time.

    Attributes
    ----------
    phones : tuple of str
        As they are spoken, pauses included.
    words : tuple of int
        Each phone's word in the segmentation that was asked for, -1 in a pause.
    edges : ndarray, shape (P + 1,), float64
        Seconds; phone p is from ``edges[p]`` to ``edges[p + 1]``.
    """

    phones: tuple[str, ...]
    words: tuple[int, ...]
    edges: np.ndarray
