# SPDX-License-Identifier: Apache-2.0
"""What a metric is given: a spoken utterance, its recording if there is one, and what the pipeline
recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np

from synthkit.audio import resample
from synthkit.types import PAUSE, Alignment, Segmentation, UnitPath, Waveform

R = TypeVar("R")


class Clip:
    """A waveform with a memory: each analysis of it is computed once, whoever asks.

    Parameters
    ----------
    waveform : Waveform
    channels : ndarray, shape (N, C), optional
        The file's channels, where it had several; some tools measure the first one only.
    """

    def __init__(self, waveform: Waveform, channels: np.ndarray | None = None) -> None:
        self.waveform = waveform
        self.channels = channels
        self._memory: dict[Any, Any] = {}

    def memo(self, key: Any, compute: Callable[[], R]) -> R:
        """The value of `compute` under `key`, computed the first time.

        Parameters
        ----------
        key : hashable
        compute : callable

        Returns
        -------
        object
            What `compute` gave.
        """
        if key not in self._memory:
            self._memory[key] = compute()
        value: R = self._memory[key]
        return value

    @property
    def rate(self) -> int:
        """Sample rate, Hz."""
        return self.waveform.sample_rate

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.waveform.duration

    def samples(self, rate: int | None = None) -> np.ndarray:
        """Samples as float64 ``(N,)`` in [-1, 1], resampled by `synthkit.audio.resample` where `rate`
        differs.

        Parameters
        ----------
        rate : int, optional
            Hz; the clip's own if left out.

        Returns
        -------
        ndarray, shape (N,), float64
        """
        if rate is None or rate == self.rate:
            return self.memo("float64", lambda: self.waveform.samples.astype(np.float64))
        return self.memo(("float64", rate), lambda: resample(self.waveform, rate).samples.astype(np.float64))

    def first_channel(self) -> np.ndarray:
        """Samples of the first channel, float64.

        Returns
        -------
        ndarray, shape (N,), float64
            In [-1, 1].
        """
        if self.channels is None:
            return self.samples()
        return self.channels[:, 0].astype(np.float64)

    def int16(self) -> np.ndarray:
        """Samples on the scale of 16-bit PCM, float64: exact for 16-bit files, the upper 16 bits of longer
        ones.

        Returns
        -------
        ndarray, shape (N,), float64
            In [-32768, 32767].
        """
        return self.memo("int16", lambda: np.clip(np.floor(self.samples() * 32768.0), -32768, 32767))


class Place(NamedTuple):
    """Where two units meet.

    Attributes
    ----------
    at : float
        Seconds from the start of the speech, as the units last.
    joined : bool
        Whether the two do not come from one stretch of recording.
    boundary : bool
        Whether phones meet there; otherwise it is inside one.
    """

    at: float
    joined: bool
    boundary: bool


def _places(path: UnitPath) -> tuple[Place, ...]:
    rate, at, out = path.audio.sample_rate, 0, []
    for before, unit in pairwise(path.units):
        at += before.end - before.start
        out.append(Place(at / rate, unit.joined, unit.phone != before.phone))
    return tuple(out)


@dataclass(frozen=True)
class PathRecord:
    """What a unit path tells about itself, as plain numbers.

    Attributes
    ----------
    units, joins : int
        Units in the path; places where neighbours do not come from one stretch of recording.
    runs : tuple of int
        Units per unbroken run, in order.
    target_cost, join_cost : float
        Sums over the path, weighted as the voice weighs them.
    own_units : int
        Units cut from the recording of the very utterance that is spoken.
    seconds : float
        Summed length of the units.
    places : tuple of Place
        Where units meet, in order.
    """

    units: int
    joins: int
    runs: tuple[int, ...]
    target_cost: float
    join_cost: float
    own_units: int
    seconds: float
    places: tuple[Place, ...] = ()

    @classmethod
    def of(cls, path: UnitPath, utterance: str | None = None) -> PathRecord:
        """Summary of `path`, spoken for the corpus utterance `utterance`.

        Parameters
        ----------
        path : UnitPath
        utterance : str, optional

        Returns
        -------
        PathRecord
        """
        return cls(
            units=len(path.units),
            joins=path.joins,
            runs=tuple(len(run) for run in path.runs()),
            target_cost=float(sum(sum(u.target.values()) for u in path.units)),
            join_cost=float(sum(sum(u.join.values()) for u in path.units)),
            own_units=sum(u.source == utterance for u in path.units),
            seconds=sum(u.end - u.start for u in path.units) / path.audio.sample_rate,
            places=_places(path),
        )


@dataclass(frozen=True)
class SpeechRecord:
    """What a pipeline wrote down while speaking.

    Attributes
    ----------
    segmentation : Segmentation or None
    phones : tuple of str
        Spoken phone sequence, pauses included.
    durations : tuple of float
        Seconds per phone of `phones`, as the voice planned or cut them; empty where it does not know.
    path : PathRecord or None
    stages : dict of str to float
        CPU-independent wall seconds per stage.
    latency : float or None
        Seconds from the text to the first sample.
    peak_memory : float or None
        Peak resident memory of the speaking process, MB (10⁶ bytes).
    """

    segmentation: Segmentation | None = None
    phones: tuple[str, ...] = ()
    durations: tuple[float, ...] = ()
    path: PathRecord | None = None
    stages: dict[str, float] = field(default_factory=dict)
    latency: float | None = None
    peak_memory: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON.

        Returns
        -------
        dict
        """
        return {
            "segmentation": self.segmentation.to_dict() if self.segmentation else None,
            "phones": list(self.phones),
            "durations": list(self.durations),
            "path": asdict(self.path) if self.path else None,
            "stages": self.stages,
            "latency": self.latency,
            "peak_memory": self.peak_memory,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SpeechRecord:
        """Inverse of `to_dict`.

        Parameters
        ----------
        data : dict

        Returns
        -------
        SpeechRecord
        """
        path = data["path"]
        return cls(
            Segmentation.from_dict(data["segmentation"]) if data["segmentation"] else None,
            tuple(data["phones"]),
            tuple(data["durations"]),
            PathRecord(
                **{
                    **path,
                    "runs": tuple(path["runs"]),
                    "places": tuple(Place(*place) for place in path.get("places", ())),
                }
            )
            if path
            else None,
            dict(data["stages"]),
            data["latency"],
            data["peak_memory"],
        )

    def alignment(self, utterance: str, duration: float) -> Alignment | None:
        """Phone tier of what was spoken, where durations are known.

        Parameters
        ----------
        utterance : str
            Its id.
        duration : float
            Seconds of the whole.

        Returns
        -------
        Alignment or None
            None where durations are not known.
        """
        from synthkit.types import Interval

        if not self.durations or len(self.durations) != len(self.phones):
            return None
        edges = np.concatenate([[0.0], np.cumsum(self.durations)])
        tier = tuple(
            Interval(float(a), float(b), p)
            for a, b, p in zip(edges[:-1], edges[1:], self.phones, strict=True)
        )
        return Alignment(utterance, tier, (), duration)


@dataclass
class EvalSample:
    """One utterance of one voice, ready to be measured.

    Attributes
    ----------
    id : str
        Utterance id.
    text, language : str
    test : Clip
        What was spoken.
    reference : Clip or None
        The recording of the same text, if there is one.
    alignment : Alignment or None
        Phone tier of the recording.
    record : SpeechRecord or None
        What the pipeline recorded; None for natural speech.
    enrolment : tuple of Clip
        Other recordings of the target speaker, for speaker metrics.
    others : tuple of Clip
        Recordings of other speakers, for their calibration.
    natural : bool
        True where the test is a recording, not synthesis.
    """

    id: str
    text: str
    language: str
    test: Clip
    reference: Clip | None = None
    alignment: Alignment | None = None
    record: SpeechRecord | None = None
    enrolment: tuple[Clip, ...] = ()
    others: tuple[Clip, ...] = ()
    natural: bool = False
    _memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    def memo(self, key: Any, compute: Callable[[], R]) -> R:
        """Like `Clip.memo`, for what is computed of the pair.

        Parameters
        ----------
        key : hashable
        compute : callable

        Returns
        -------
        object
            What `compute` gave.
        """
        if key not in self._memory:
            self._memory[key] = compute()
        value: R = self._memory[key]
        return value

    def target_phones(self) -> tuple[str, ...]:
        """Phones that should have been spoken, without pauses; the recording's labels before the
        segmenter's.

        Returns
        -------
        tuple of str
        """
        if self.alignment is not None:
            return tuple(p.label for p in self.alignment.speech())
        if self.record is not None and self.record.phones:
            return tuple(p for p in self.record.phones if p != PAUSE)
        if self.record is not None and self.record.segmentation is not None:
            return tuple(p.symbol for p in self.record.segmentation.phones())
        return ()
