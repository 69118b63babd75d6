# SPDX-License-Identifier: Apache-2.0
"""`VoiceConfig`: everything a model is made of.

It is written beside the weights as JSON, with relative names only, so that a voice can be moved and can be
rebuilt without asking anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from synthkit.dsp.specs import MelSpec
from synthkit.errors import SynthkitError, VoiceError
from synthkit.types import FeatureSpec
from synthkit_coqui.symbols import SymbolTable

LARGEST, LARGEST_NUMBER = 20_000, 200_000
"""Entries of a table, and the size of anything else, that a file may ask for."""


@dataclass(frozen=True)
class VoiceConfig:
    """What a model is made of.

    Attributes
    ----------
    kind : str
        Name of the component that speaks it, such as ``"glowtts"``.
    spec : FeatureSpec
        Of the mel frames it predicts or renders; of kind ``"waveform"`` for models that give samples.
    model : dict
        Arguments of the model that differ from its defaults.
    symbols : SymbolTable or None
        None for vocoders.
    speakers, languages : tuple of str
        In the order of their ids; never sorted anew.
    conditioning : str
        ``"none"``, ``"embedding"`` or ``"d-vector"``.
    language_embedding : bool
    d_vector_dim : int
    speaker_encoder : str
        Name of the encoder whose embeddings it was trained with.
    audio : dict
        STFT settings of VITS: sample_rate, n_fft, hop_length, n_mels, fmin, fmax.
    segment : int
        Training segment of a vocoder, samples.
    reduction : int
        Frames per decoder step an imported Tacotron 2 ended its training with; 0 is ``model["r"]``.
    """

    kind: str
    spec: FeatureSpec
    model: dict[str, Any] = field(default_factory=dict)
    symbols: SymbolTable | None = None
    speakers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    conditioning: str = "none"
    language_embedding: bool = False
    d_vector_dim: int = 0
    speaker_encoder: str = ""
    audio: dict[str, Any] = field(default_factory=dict)
    segment: int = 8192
    reduction: int = 0

    @property
    def mel(self) -> MelSpec:
        """The mel frames it speaks or renders (all but models that give samples of text)."""
        return MelSpec.of(self.spec)

    @property
    def period(self) -> float:
        """Seconds of a frame; of VITS, of what a token lasts a whole number of."""
        return float((self.audio.get("hop_length") or self.spec.hop_length) / self.spec.sample_rate)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        out = {k: v for k, v in asdict(self).items() if k not in ("spec", "symbols")}
        out["spec"] = self.spec.to_dict()
        out["symbols"] = self.symbols.to_dict() if self.symbols else None
        ready: dict[str, Any] = json.loads(json.dumps(out))
        return ready

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> VoiceConfig:
        """Inverse of `to_dict`."""
        values = dict(data)
        values["spec"] = FeatureSpec.from_dict(values["spec"])
        values["symbols"] = SymbolTable.from_dict(values["symbols"]) if values["symbols"] else None
        values["speakers"] = tuple(values["speakers"])
        values["languages"] = tuple(values["languages"])
        return cls(**values)

    def check(self) -> VoiceConfig:
        """Itself, when its tables and sizes can be any model's: for descriptions that come from a file.

        What only the model can know, `Architecture.check` asks.

        Raises
        ------
        ValueError
            A table that does not fit, a size that no model has.
        """
        if self.conditioning not in ("none", "embedding", "d-vector"):
            raise ValueError(f"conditioning {self.conditioning!r}")
        tables = {
            "speakers": self.speakers,
            "languages": self.languages,
            "tokens": self.symbols.tokens if self.symbols else (),
        }
        for name, table in tables.items():
            if not all(isinstance(entry, str) for entry in table) or len(set(table)) < len(table):
                raise ValueError(f"{name} that are not names, each once")
            if len(table) > LARGEST:
                raise ValueError(f"{len(table)} {name}; at most {LARGEST}")
        sizes = [self.audio, self.d_vector_dim, self.segment, self.reduction, self.spec.to_dict()]
        for size in (*_numbers(sizes), *map(abs, _numbers(self.model))):
            if not 0 <= size <= LARGEST_NUMBER:
                raise ValueError(f"the number {size}")
        return self


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, (int, float)):
        yield value


@contextmanager
def described(
    where: str, what: str = "describes no model that can be made", *, hint: str = ""
) -> Iterator[None]:
    """Around work on a description that comes from a file, whose values anything may stumble over in any way.

    Raises
    ------
    VoiceError
        It did.
    """
    try:
        yield
    except SynthkitError:
        raise
    except _STUMBLES as error:
        raise VoiceError(
            f"{what} ({type(error).__name__}: {str(error)[:160]})", where=where, hint=hint
        ) from error


_STUMBLES = (
    RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError,
    ArithmeticError, MemoryError, OSError,
)  # fmt: skip
