# SPDX-License-Identifier: Apache-2.0
"""`Demand`: which specs a consumer takes, with everything open that it leaves unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synthkit.types.differences import ABOUT, OPEN, Open, Row, differences
from synthkit.types.features import FeatureSpec, Stream, count_of
from synthkit.types.params import Params


@dataclass(frozen=True, slots=True)
class Demand:
    """What a part of a pipeline takes. ``Demand()`` takes anything, ``Demand("mel")`` any mel frames.

    Attributes
    ----------
    kind : str or OPEN
    sample_rate, hop_length : int or OPEN
        Hz, samples.
    streams : tuple of str or Stream
        Those it reads: a name for one of any dtype and width, a `Stream` for exactly that one. Frames may
        have more streams.
    params : mapping
        Values it takes; OPEN for a parameter that has to be stated, whatever it is.
    closed : bool
        True refuses specs that state parameters beyond `params`: they mean something to which the consumer
        would be deaf.
    """

    kind: str | Open = OPEN
    sample_rate: int | Open = OPEN
    hop_length: int | Open = OPEN
    streams: tuple[str | Stream, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    closed: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str | Open):
            raise TypeError(f"the kind of a demand is a text, not {self.kind!r}")
        for name in ("sample_rate", "hop_length"):  # "16000" would never be met, and nobody see why
            if getattr(self, name) is not OPEN:
                object.__setattr__(self, name, count_of(getattr(self, name), name))
        if self.params:
            stated = Params({k: v for k, v in self.params.items() if v is not OPEN})
            named = {k: stated.get(k, OPEN) for k in self.params if k in stated or self.params[k] is OPEN}
            object.__setattr__(self, "params", named)
        if isinstance(self.streams, str | Stream):  # ("mel"), which is no tuple, would be three streams
            raise TypeError(f"streams of a demand are a tuple, ({self.streams!r},), not {self.streams!r}")
        streams = tuple(self.streams)
        for stream in streams:
            if not isinstance(stream, str | Stream):
                raise TypeError(f"streams of a demand are names or of type Stream, and {stream!r} is not")
        object.__setattr__(self, "streams", streams)

    @classmethod
    def exactly(cls, spec: FeatureSpec) -> Demand:
        """Frames that mean what those of `spec` mean, and nothing else.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        Demand
        """
        hop = OPEN if spec.hop_length is None else spec.hop_length
        return cls(spec.kind, spec.sample_rate, hop, spec.streams, spec.params, closed=True)

    def fields(self) -> dict[str, Any]:
        """What is asked for by name, as a table of differences shows it.

        Returns
        -------
        dict
        """
        heads = {name: getattr(self, name) for name in ABOUT}
        streams = {f"stream {s}" if isinstance(s, str) else f"stream {s.name}": s for s in self.streams}
        return (
            {name: value for name, value in heads.items() if value is not OPEN}
            | {name: OPEN if isinstance(s, str) else s for name, s in streams.items()}
            | dict(self.params)
        )

    def differences(self, spec: FeatureSpec) -> list[Row]:
        """Fields in which `spec`, a producer's, does not meet this.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        list of (field, given, asked)
            Empty when it does. Between two kinds, only what is asked for by value: that the one lacks
            whatever makes the other says nothing.
        """
        rows = differences(spec.fields(), self.fields(), closed=False)
        if self.closed:
            rows += [(k, v, None) for k, v in spec.params.items() if k not in self.params]
        if self.kind not in (OPEN, spec.kind):
            rows = [row for row in rows if row[2] is not OPEN and row[2] is not None]
        return rows

    def accepts(self, spec: FeatureSpec) -> bool:
        """Whether frames under `spec` are taken.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        bool
        """
        return not self.differences(spec)

    def rate(self, otherwise: int) -> int:
        """The sample rate it asks for, or `otherwise` where that is open; Hz.

        Parameters
        ----------
        otherwise : int
            Hz.

        Returns
        -------
        int
        """
        return otherwise if isinstance(self.sample_rate, Open) else self.sample_rate
