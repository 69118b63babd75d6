# SPDX-License-Identifier: Apache-2.0
"""What a long recording holds of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What became of a sentence of a text in a long recording, or a stretch of it that is none.

    Attributes
    ----------
    sentence : int or None
        Which sentence (from 0); None where something else is said.
    start, end : float or None
        Seconds; None where the sentence is not said.
    score : float
        How well the sound fits the sentence where it fits worst, in robust standard deviations from usual.
    doubt : str
        Why it should not be used as it is; "" where nothing is to be said.
    again : int or None
        The sentence that is said again, where `sentence` is None.
    """

    sentence: int | None
    start: float | None
    end: float | None
    score: float = 0.0
    doubt: str = ""
    again: int | None = None
