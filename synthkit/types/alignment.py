# SPDX-License-Identifier: Apache-2.0
"""Time-aligned words and phones of a recording."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from synthkit.types.segmentation import PAUSE
from synthkit.types.shown import Shown


@dataclass(frozen=True, slots=True)
class Interval:
    """A labelled stretch of time.

    Attributes
    ----------
    start, end : float
        Seconds.
    label : str
        A word or a phone.
    score : float or None
        An aligner's mean log-likelihood per frame, if known.
    """

    start: float
    end: float
    label: str
    score: float | None = None

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Alignment(Shown):
    """Word and phone tiers of one utterance, contiguous from 0 to `duration`.

    Attributes
    ----------
    id : str
        The utterance's id.
    phones : tuple of Interval
        Contiguous; silence is labelled `PAUSE`.
    words : tuple of Interval
        Spoken words only (no silence); edges coincide with phone edges. May be empty when the source
        of the labels knows no words.
    duration : float
        Seconds.
    flags : tuple of (int, str)
        Phone indices whose boundaries are implausible, each with the reason.
    """

    id: str
    phones: tuple[Interval, ...]
    words: tuple[Interval, ...] = ()
    duration: float = 0.0
    flags: tuple[tuple[int, str], ...] = field(default=())

    def symbols(self) -> list[str]:
        """Phone labels in order.

        Returns
        -------
        list of str
        """
        return [p.label for p in self.phones]

    def speech(self) -> list[Interval]:
        """Phones that are not pauses.

        Returns
        -------
        list of Interval
        """
        return [p for p in self.phones if p.label != PAUSE]

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and strings, for JSON.

        Returns
        -------
        dict
        """

        def tier(intervals: tuple[Interval, ...]) -> list[list[Any]]:
            return [[i.start, i.end, i.label, i.score] for i in intervals]

        return {
            "id": self.id,
            "duration": self.duration,
            "phones": tier(self.phones),
            "words": tier(self.words),
            "flags": [list(f) for f in self.flags],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Alignment:
        """Inverse of `to_dict`.

        Parameters
        ----------
        data : dict

        Returns
        -------
        Alignment
        """
        return cls(
            data["id"],
            tuple(Interval(*i) for i in data["phones"]),
            tuple(Interval(*i) for i in data["words"]),
            data["duration"],
            tuple((int(i), str(reason)) for i, reason in data["flags"]),
        )
