"""`FeatureSpec`, the contract between producers and consumers of frames, and the frames themselves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What a frame means. Two parts of a pipeline fit when their specs are equal in every field.

    A field that has no meaning for a `kind` stays None. A consumer's spec may leave a field at the
    string ``"any"`` to accept whatever the producer has.

    Attributes
    ----------
    kind : str
        ``"world"``, ``"mel"``, ``"prosody"``, ``"units"`` (a `UnitPath`) or ``"waveform"``.
    sample_rate : int
        Hz.
    n_fft, win_length, hop_length : int or None
        Samples.
    window : str or None
        Window name as scipy has it.
    n_mels : int or None
        Mel bands.
    fmin, fmax : float or None
        Band edges, Hz (F0 search range for ``"world"``).
    mel_scale : str or None
        ``"htk"`` or ``"slaney"``.
    mel_norm : str or None
        ``"slaney"`` (area) or ``"none"``.
    power : float or None
        1 magnitude, 2 power.
    log_base : str or None
        ``"e"``, ``"10"``, ``"db"`` or ``"none"``.
    floor : float or None
        Smallest value before the logarithm.
    normalisation : str or None
        ``"none"`` or a named, fully stated rule such as ``"symmetric-4"``.
    padding : str or None
        ``"reflect"``, ``"constant"`` (``(n_fft - hop_length) / 2`` samples at each end, as HiFi-GAN
        has it), ``"none"``, or ``"center-reflect"``, ``"center-constant"`` (``n_fft / 2`` samples, so that
        frame t is centred on sample ``t * hop_length``, as librosa has it).
    order : int or None
        Mel-cepstrum order (order + 1 coefficients) for ``"world"``.
    alpha : float or None
        All-pass constant of the mel-cepstrum.
    n_bap : int or None
        Coded aperiodicity bands.
    f0_method : str or None
        ``"dio+stonemask"`` or ``"harvest"``.
    streams : tuple of str
        Names of the arrays in `Frames.data`, in a fixed order.
    """

    kind: str
    sample_rate: int | str
    n_fft: int | str | None = None
    win_length: int | str | None = None
    hop_length: int | str | None = None
    window: str | None = None
    n_mels: int | str | None = None
    fmin: float | str | None = None
    fmax: float | str | None = None
    mel_scale: str | None = None
    mel_norm: str | None = None
    power: float | str | None = None
    log_base: str | None = None
    floor: float | str | None = None
    normalisation: str | None = None
    padding: str | None = None
    order: int | str | None = None
    alpha: float | str | None = None
    n_bap: int | str | None = None
    f0_method: str | None = None
    streams: tuple[str, ...] | str = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Every field, JSON-ready."""
        out: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        if isinstance(self.streams, tuple):
            out["streams"] = list(self.streams)
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FeatureSpec:
        """Inverse of `to_dict`."""
        values = dict(data)
        if isinstance(values.get("streams"), list):
            values["streams"] = tuple(values["streams"])
        return cls(**values)

    @classmethod
    def accepting(cls, kind: str, **fixed: Any) -> FeatureSpec:
        """A consumer's spec of `kind` that leaves every field open but those in `fixed`."""
        values: dict[str, Any] = {f.name: "any" for f in fields(cls)}
        return cls(**{**values, "kind": kind, **fixed})

    @property
    def hash(self) -> str:
        """Twelve hex digits that change when any field does."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def differences(self, consumer: FeatureSpec) -> list[tuple[str, Any, Any]]:
        """Fields in which this (a producer's) spec does not satisfy `consumer`.

        Returns
        -------
        list of (field, ours, theirs)
            Empty when the specs fit.
        """
        rows = []
        for f in fields(self):
            ours, theirs = getattr(self, f.name), getattr(consumer, f.name)
            if theirs != "any" and ours != theirs:
                rows.append((f.name, ours, theirs))
        return rows

    @property
    def frame_period(self) -> float:
        """Seconds from one frame to the next."""
        assert isinstance(self.hop_length, int) and isinstance(self.sample_rate, int)
        return self.hop_length / self.sample_rate


@dataclass(frozen=True, slots=True)
class Frames:
    """Feature streams of one utterance under a spec.

    Attributes
    ----------
    data : dict of str to ndarray, float32
        One array per name in ``spec.streams``: shape ``(T, D)``, or ``(T,)`` for scalar streams.
        All share T.
    spec : FeatureSpec
        What they mean.
    """

    data: dict[str, np.ndarray]
    spec: FeatureSpec

    def __len__(self) -> int:
        return len(next(iter(self.data.values())))

    def __getitem__(self, stream: str) -> np.ndarray:
        return self.data[stream]

    def check(self) -> Frames:
        """Raise ValueError unless streams, lengths, types and finiteness keep the spec; return self."""
        if tuple(self.data) != tuple(self.spec.streams):
            raise ValueError(f"streams are {tuple(self.data)}, the spec says {self.spec.streams}")
        lengths = {name: len(a) for name, a in self.data.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"streams differ in length: {lengths}")
        for name, array in self.data.items():
            if array.dtype != np.float32:
                raise ValueError(f"stream {name!r} is {array.dtype}, not float32")
            if not np.isfinite(array).all():
                raise ValueError(f"stream {name!r} has values that are not finite")
        return self
