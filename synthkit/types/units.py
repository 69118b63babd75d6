# SPDX-License-Identifier: Apache-2.0
"""A path through recorded units: what a concatenative acoustic model gives, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from synthkit.types.features import FeatureSpec
from synthkit.types.shown import Shown

if TYPE_CHECKING:
    from synthkit.types.given import Given
    from synthkit.types.timing import Timing


class AudioSource(Protocol):
    """Where a unit path's natural waveforms are read from."""

    sample_rate: int

    def read(self, source: str, start: int, end: int) -> np.ndarray:
        """Samples ``[start, end)`` of recording `source`, float32 ``(end - start,)``.

        Samples before the beginning or after the end of the recording are zeros.

        Parameters
        ----------
        source : str
            Utterance id.
        start, end : int
            Samples.

        Returns
        -------
        ndarray, shape (end - start,), float32
        """
        ...

    def pitch_marks(self, source: str, start: int, end: int) -> np.ndarray:
        """Glottal closure instants in ``[start, end)``, as int64 samples of the recording; may be empty.

        Parameters
        ----------
        source : str
            Utterance id.
        start, end : int
            Samples.

        Returns
        -------
        ndarray, int64
        """
        ...


@dataclass(frozen=True, slots=True)
class Unit:
    """One recorded unit in a path.

    Attributes
    ----------
    index : int
        Position in the voice's unit store.
    source : str
        Utterance id of the recording.
    start, end : int
        Samples in the recording.
    label : str
        What it is, such as ``"aa.1"`` (first half) or ``"aa.2"``.
    phone : int
        Index of the target phone in the spoken phone sequence (pauses included).
    target : dict of str to float
        Weighted target cost by term.
    join : dict of str to float
        Weighted cost, by term, of the join to the unit before; empty for the first unit, and all zero
        (or empty) where the two are neighbours in one recording.
    joined : bool
        True where the unit before is not its neighbour in the recording: an audible join.
    """

    index: int
    source: str
    start: int
    end: int
    label: str
    phone: int
    target: dict[str, float] = field(default_factory=dict)
    join: dict[str, float] = field(default_factory=dict)
    joined: bool = False

    @property
    def cost(self) -> float:
        """Target plus join cost."""
        return sum(self.target.values()) + sum(self.join.values())


@dataclass(frozen=True, slots=True)
class UnitPath(Shown):
    """The units chosen for an utterance, in order.

    Attributes
    ----------
    units : tuple of Unit
    audio : AudioSource
    spec : FeatureSpec
        Of kind ``"units"``.
    phones : tuple of str
        The target phone sequence, pauses included.
    targets : dict of str to ndarray
        What was asked for per target phone, where the model predicts it: ``"duration"`` (P,) seconds,
        ``"f0"`` (P,) Hz with 0 for unvoiced.
    words : tuple of int
        Each phone's word in the segmentation that was asked for, -1 in a pause; empty where that is not
        known.
    given : Given or None
        Durations and F0 that the request fixed, for vocoders that can make them exact.
    """

    units: tuple[Unit, ...]
    audio: AudioSource
    spec: FeatureSpec
    phones: tuple[str, ...] = ()
    targets: dict[str, np.ndarray] = field(default_factory=dict)
    words: tuple[int, ...] = ()
    given: Given | None = None

    @property
    def timing(self) -> Timing | None:
        """When each phone is said as the units last, None where words are not known."""
        if not self.words:
            return None
        from synthkit.types.timing import Timing

        seconds = np.zeros(len(self.phones))
        for unit in self.units:
            seconds[unit.phone] += (unit.end - unit.start) / self.audio.sample_rate
        return Timing(self.phones, self.words, np.concatenate([[0.0], np.cumsum(seconds)]))

    @property
    def cost(self) -> float:
        """Total cost of the path: the sum of its units' costs."""
        return sum(unit.cost for unit in self.units)

    @property
    def joins(self) -> int:
        """Number of places where neighbouring units do not come from one stretch of recording."""
        return sum(unit.joined for unit in self.units)

    def runs(self) -> list[tuple[Unit, ...]]:
        """Maximal stretches of units that are neighbours in one recording.

        Returns
        -------
        list of tuple of Unit
        """
        out: list[list[Unit]] = []
        for unit in self.units:
            if unit.joined or not out:
                out.append([])
            out[-1].append(unit)
        return [tuple(run) for run in out]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready table of the path, without audio.

        Returns
        -------
        dict
        """
        return {
            "cost": self.cost,
            "joins": self.joins,
            "phones": list(self.phones),
            "targets": {k: v.tolist() for k, v in self.targets.items()},
            "units": [
                {
                    "index": u.index,
                    "source": u.source,
                    "start_s": u.start / self.audio.sample_rate,
                    "end_s": u.end / self.audio.sample_rate,
                    "label": u.label,
                    "phone": u.phone,
                    "joined": u.joined,
                    "target": u.target,
                    "join": u.join,
                }
                for u in self.units
            ],
        }
