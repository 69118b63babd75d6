# SPDX-License-Identifier: Apache-2.0
"""`Prosody`: pauses, durations and F0 that an acoustic model is asked to aim at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synthkit.types.given import Given
    from synthkit.types.segmentation import Segmentation


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a segmentation should be said: aims, where durations and F0 of a request are orders.

    Attributes
    ----------
    pauses : frozenset of int or None
        Words that a pause follows; None leaves pauses to the acoustic model.
    durations : ndarray or None
        Seconds per phone of ``segmentation.symbols()``; NaN leaves one to the model.
    f0 : ndarray, shape (N, 2)
        Points of the contour as in `synthkit.stages.Request`: place among ``segmentation.symbols()`` and Hz.
    share : float
        How far the model's own contour is to move to these points, in ln Hz, from 0 to 1: two that learned
        differently do not err alike, and their mean errs less.
    """

    pauses: frozenset[int] | None = None
    durations: np.ndarray | None = None
    f0: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    share: float = 1.0

    def on(self, segmentation: Segmentation, words: Sequence[int]) -> Given:
        """What is aimed at, on the phones as they are spoken.

        Parameters
        ----------
        segmentation : Segmentation
        words : sequence of int
            The word of each phone that is spoken, -1 in a pause.

        Returns
        -------
        Given
        """
        from synthkit.types.given import given

        return replace(given(segmentation, words, self.durations, self.f0), share=self.share)
