# SPDX-License-Identifier: Apache-2.0
"""`FeatureSpec`, the contract between producers and consumers of frames, and the frames themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from synthkit.types.differences import ABOUT, Row, differences
from synthkit.types.params import NONE, Param, Params
from synthkit.types.shown import Shown

if TYPE_CHECKING:
    from synthkit.types.timing import Timing


@dataclass(frozen=True, slots=True)
class Stream:
    """One array of a frame.

    Attributes
    ----------
    name : str
    dtype : str
        numpy's name of a boolean, integer or floating-point type.
    width : int or None
        Values per frame: shape ``(T, width)``. None is one plain value: shape ``(T,)``.
    """

    name: str
    dtype: str = "float32"
    width: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"a stream's name is a text, not {self.name!r}")
        try:
            kind = np.dtype(self.dtype)
        except TypeError as error:
            raise TypeError(f"stream {self.name!r}: numpy knows no type {self.dtype!r}") from error
        if kind.kind not in "biuf":
            raise TypeError(f"stream {self.name!r} is of {kind}: only numbers can be kept and compared")
        object.__setattr__(self, "dtype", kind.name)
        if self.width is not None:
            object.__setattr__(self, "width", count_of(self.width, f"the width of stream {self.name!r}"))

    def __str__(self) -> str:
        return self.dtype if self.width is None else f"{self.dtype} × {self.width}"


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What a frame means. Two parts of a pipeline fit when every number that says so agrees.

    A plugin may invent a kind: whatever its frames are is stated by streams and named parameters, and
    compared, hashed and refused like any other. For kinds that the core's signal processing knows there are
    typed views (`synthkit.dsp.specs`).

    Attributes
    ----------
    kind : str
        ``"mel"``, ``"world"``, ``"units"`` (a `UnitPath`), ``"waveform"``, or any other name.
    sample_rate : int
        Hz, of the recording that the frames describe.
    hop_length : int or None
        Samples from one frame to the next; None where there are no frames.
    streams : tuple of Stream
        The arrays in `Frames.data`, in a fixed order.
    params : Params
        Everything else that changes what a value means, by name.

    Raises
    ------
    TypeError, ValueError
        Something that cannot be stated: see `Stream` and `Params`.
    """

    kind: str
    sample_rate: int
    hop_length: int | None = None
    streams: tuple[Stream, ...] = ()
    params: Mapping[str, Param] = NONE

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or not self.kind:
            raise TypeError(f"the kind of a spec is a text, not {self.kind!r}")
        put = object.__setattr__
        put(self, "sample_rate", count_of(self.sample_rate, "sample_rate"))
        if self.hop_length is not None:
            put(self, "hop_length", count_of(self.hop_length, "hop_length"))
        streams = tuple(self.streams)
        for stream in streams:
            if not isinstance(stream, Stream):
                raise TypeError(f"streams are of type Stream, and {stream!r} is not")
        if len({s.name for s in streams}) < len(streams):
            raise ValueError(f"two streams of one name: {', '.join(s.name for s in streams)}")
        put(self, "streams", streams)
        if self.params is NONE:
            return
        params = self.params if isinstance(self.params, Params) else Params(self.params)
        clash = sorted({*ABOUT, "streams"} & params.keys())
        if clash:
            raise ValueError(f"{clash[0]!r} is a field of every spec and cannot be a parameter too")
        put(self, "params", params)

    def to_dict(self) -> dict[str, Any]:
        """Everything, JSON-ready.

        Returns
        -------
        dict
        """
        return {
            "kind": self.kind,
            "sample_rate": self.sample_rate,
            "hop_length": self.hop_length,
            "streams": [{"name": s.name, "dtype": s.dtype, "width": s.width} for s in self.streams],
            "params": cast(Params, self.params).to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FeatureSpec:
        """Inverse of `to_dict`; also reads what voices were written with before specs were open.

        Parameters
        ----------
        data : mapping

        Returns
        -------
        FeatureSpec

        Raises
        ------
        ValueError
            It states no spec.
        """
        if not isinstance(data, Mapping):
            raise ValueError(f"is no spec of frames: a {type(data).__name__}")
        if "params" not in data:
            from synthkit.types.closed_specs import opened

            data = opened(data)
        try:
            streams = tuple(Stream(s["name"], s["dtype"], s["width"]) for s in data["streams"])
            return cls(data["kind"], data["sample_rate"], data["hop_length"], streams, data["params"] or NONE)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"is no spec of frames: {type(error).__name__}: {error}") from error

    @property
    def hash(self) -> str:
        """Twelve hex digits that change when anything does."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def names(self) -> tuple[str, ...]:
        """The streams' names."""
        return tuple(s.name for s in self.streams)

    def stream(self, name: str) -> Stream:
        """The stream of that name.

        Parameters
        ----------
        name : str

        Returns
        -------
        Stream

        Raises
        ------
        KeyError
            There is none.
        """
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)

    def fields(self) -> dict[str, Any]:
        """Everything by name, one entry for each stream and parameter, as a table of differences shows it.

        Returns
        -------
        dict
        """
        heads = {name: getattr(self, name) for name in ABOUT}
        return heads | {f"stream {s.name}": s for s in self.streams} | dict(self.params)

    def differences(self, other: FeatureSpec) -> list[Row]:
        """Fields in which this spec and `other` disagree: name, ours, theirs; None where one says nothing.

        Parameters
        ----------
        other : FeatureSpec

        Returns
        -------
        list of (field, ours, theirs)
            Empty when they are equal.
        """
        rows = differences(self.fields(), other.fields(), closed=True)
        if not rows and self.names != other.names:
            rows.append(("streams", self.names, other.names))
        return rows

    @property
    def frame_period(self) -> float:
        """Seconds from one frame to the next.

        Raises
        ------
        ValueError
            What it describes has no frames.
        """
        if self.hop_length is None:
            raise ValueError(f"{self.kind!r} has no frames: its spec states no hop_length")
        return self.hop_length / self.sample_rate


@dataclass(frozen=True, slots=True)
class Frames(Shown):
    """Feature streams of one utterance under a spec.

    Attributes
    ----------
    data : dict of str to ndarray
        One array per stream of the spec, of its dtype and width. All share T.
    spec : FeatureSpec
        What they mean.
    timing : Timing or None
        When each phone is said, where the model that predicted them knows.
    """

    data: dict[str, np.ndarray]
    spec: FeatureSpec
    timing: Timing | None = None

    def __len__(self) -> int:
        return len(next(iter(self.data.values())))

    def __getitem__(self, stream: str) -> np.ndarray:
        return self.data[stream]

    def check(self) -> Frames:
        """Raise ValueError unless streams, lengths, types, widths and finiteness keep the spec; return
        self.

        Returns
        -------
        Frames
        """
        if tuple(self.data) != self.spec.names:
            raise ValueError(f"streams are {tuple(self.data)}, the spec says {self.spec.names}")
        if not self.data:
            raise ValueError(f"{self.spec.kind!r} has no streams, so there are no frames of it")
        for stream in self.spec.streams:
            array, name = self.data[stream.name], stream.name
            if array.dtype != np.dtype(stream.dtype):
                raise ValueError(f"stream {name!r} is {array.dtype}, not {stream.dtype}")
            wanted = () if stream.width is None else (stream.width,)
            if array.ndim == 0 or array.shape[1:] != wanted:
                shape = ", ".join(["T", *map(str, wanted)]) + ("" if wanted else ",")
                raise ValueError(f"stream {name!r} has shape {array.shape}, not ({shape})")
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"stream {name!r} has values that are not finite")
        lengths = {name: len(a) for name, a in self.data.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"streams differ in length: {lengths}")
        return self


def count_of(value: Any, what: str) -> int:
    """`value` as a positive whole number.

    Parameters
    ----------
    value : int or float
        ``16000.0`` is one too.
    what : str
        Named in messages.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        It is no number.
    ValueError
        It is not positive, or not whole.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        raise TypeError(f"{what} is a whole number, not {value!r}")
    if not value > 0 or int(value) != value:
        raise ValueError(f"{what} is a whole number above 0, not {value!r}")
    return int(value)
