# SPDX-License-Identifier: Apache-2.0
"""What a trained voice's folder holds: ``parametric.json`` (what the numbers mean) and
``parametric.safetensors``, with a ``parametric-2.safetensors`` where two networks speak together.

Reading checks every name and shape against the sizes the JSON states, so that a file that was cut, swapped
or made by something else is refused with a reason before anything is spoken. numpy only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import write_json
from synthkit.errors import ConfigError
from synthkit.requested import speaker_shares
from synthkit.taught import described_by
from synthkit.trained import read_description, read_tensors, write_tensors
from synthkit.types import FeatureSpec
from synthkit_parametric.speaking import Network
from synthkit_parametric.timing import N_PLACE

FORMAT = 1
JSON, TENSORS = "parametric.json", "parametric.safetensors"
MOST = 16
"""Networks of a voice."""


@dataclass(frozen=True)
class Shape:
    """Everything that fixes the sizes of the weights."""

    symbols: int
    features: int
    boundary: int
    outputs: int
    speakers: int = 1
    channels: int = 192
    encoder_layers: int = 3
    decoder_layers: int = 4
    lstm: int = 96
    reduction: int = 2
    languages: int = 0
    """0 where the voice speaks one, which needs no code of its own."""

    def check(self) -> None:
        """Raise `ValueError` for sizes that no voice has; a file may state any."""
        for name, size in asdict(self).items():
            if not isinstance(size, int) or not 0 <= size <= (64 if name.endswith("layers") else 100_000):
                raise ValueError(f"{name} = {size!r}")

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, as torch names those of `model.Parametric`."""
        c = self.channels
        out: dict[str, tuple[int, ...]] = {}

        def linear(name: str, rows: int, columns: int) -> None:
            out[f"{name}.weight"], out[f"{name}.bias"] = (rows, columns), (rows,)

        def norm(name: str) -> None:
            out[f"{name}.weight"], out[f"{name}.bias"] = (c,), (c,)

        def block(name: str, width: int) -> None:
            norm(f"{name}.norm")
            out[f"{name}.conv.weight"], out[f"{name}.conv.bias"] = (c, c, width), (c,)

        def recurrent(name: str) -> None:
            norm(f"{name}.norm")
            for way in ("ahead", "back"):
                out[f"{name}.{way}.weight_ih_l0"] = (4 * self.lstm, c)
                out[f"{name}.{way}.weight_hh_l0"] = (4 * self.lstm, self.lstm)
                out[f"{name}.{way}.bias_ih_l0"] = out[f"{name}.{way}.bias_hh_l0"] = (4 * self.lstm,)
            linear(f"{name}.out", c, 2 * self.lstm)

        out["encoder.symbol.weight"] = (self.symbols, c)
        out["encoder.speaker.weight"] = (self.speakers, c)
        if self.languages:
            out["encoder.language.weight"] = (self.languages, c)
        linear("encoder.feature", c, self.features)
        for k in range(self.encoder_layers):
            block(f"encoder.blocks.{k}", 5)
        recurrent("encoder.recurrent")
        block("timing", 3)
        linear("duration", 1, c)
        linear("decoder.place", c, N_PLACE)
        linear("decoder.enter", c, c)
        for k in range(self.decoder_layers):
            block(f"decoder.blocks.{k}", 5)
        recurrent("decoder.recurrent")
        norm("decoder.norm")
        linear("decoder.out", self.outputs * self.reduction, c)
        linear("pause_in", 32, self.boundary)
        linear("pause_out", 1, 32)
        return out


def _tensors(number: int) -> str:
    """The file of the weights of network `number`: the first is as it is in voices that have one."""
    return f"parametric-{number + 1}.safetensors" if number else TENSORS


def columns(spec: FeatureSpec) -> dict[str, slice]:
    """Where each stream of `spec` stands in the model's outputs, in the order of the spec."""
    out, start = {}, 0
    for stream in spec.streams:
        end = start + (stream.width or 1)
        out[stream.name] = slice(start, end)
        start = end
    return out


@dataclass(frozen=True)
class Scales:
    """How outputs were normalised, to be undone.

    Attributes
    ----------
    mean, std : ndarray, shape (outputs,), float32
        Over frames of speech (voiced ones for ``lf0``); ``vuv`` keeps 0 and 1.
    duration : tuple of float
        Mean and standard deviation of the natural logarithm of phones' seconds.
    spread : ndarray, shape (outputs,), float32
        How many times further natural frames stray from an utterance's mean than predicted ones do.
    modulation : ndarray, shape (M, outputs), float32, optional
        How many times as strongly they change at each frequency, from none to one change in two frames, in
        equal steps; of mel spectra their cepstral coefficients (`sharpening.apart`). None in weights that
        were learned before it was measured.
    speakers : ndarray, shape (S, 2, outputs), float32, optional
        Mean and deviation of each speaker's frames, in weights of several languages: what the network gives
        is in terms of them. None in other voices, whose speakers share `mean` and `std`.
    """

    mean: np.ndarray
    std: np.ndarray
    duration: tuple[float, float]
    spread: np.ndarray
    speakers: np.ndarray | None = None
    modulation: np.ndarray | None = None

    def of(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation (outputs,) each, of a speaker or a mixture of speakers.

        Parameters
        ----------
        shares : ndarray, shape (S,)
            Summing to 1.

        Returns
        -------
        mean, std : ndarray, shape (outputs,)
        """
        if self.speakers is None:
            return self.mean, self.std
        mean, std = np.tensordot(shares.astype(np.float32), self.speakers, 1)
        return mean, std


@dataclass(frozen=True)
class TrainedVoice:
    """Weights and all that is needed to speak with them."""

    shape: Shape
    spec: FeatureSpec
    symbols: tuple[str, ...]
    phone_set: str
    languages: tuple[str, ...]
    speakers: tuple[str, ...]
    scales: Scales
    weights: dict[str, np.ndarray]
    made: dict[str, Any] = field(default_factory=dict)
    """How it was trained: utterances, minutes, steps, seed."""
    beside: tuple[dict[str, np.ndarray], ...] = ()
    """Weights of other networks of the same sizes, learned of the same recordings from other beginnings; what
    is spoken is the mean of what all of them say."""

    @property
    def networks(self) -> tuple[dict[str, np.ndarray], ...]:
        """`weights`, and those beside them."""
        return (self.weights, *self.beside)

    def who(self, speaker: str | None, language: str) -> np.ndarray:
        """Shares of speakers, and of languages where the voice has codes of several.

        Parameters
        ----------
        speaker : str or None
            A name, or a mixture (see `synthkit.requested.speaker_shares`).
        language : str

        Returns
        -------
        ndarray, shape (speakers + shape.languages,), float32

        Raises
        ------
        ConfigError
            A speaker, or a language, that is not of the voice.
        """
        shares = speaker_shares(speaker, self.speakers)
        if not self.shape.languages:
            return shares
        if language not in self.languages:
            raise ConfigError(f"the voice speaks {', '.join(self.languages)}, not {language!r}")
        return np.concatenate([shares, np.array([language == k for k in self.languages], np.float32)])

    def save(self, folder: Path, *, dtype: str) -> None:
        """Write both files, each whole or not at all; `dtype` is ``"float16"`` or ``"float32"``."""
        s = self.scales
        data = {
            "format": FORMAT,
            "shape": asdict(self.shape),
            "spec": self.spec.to_dict(),
            "phone_set": self.phone_set,
            "symbols": list(self.symbols),
            "languages": list(self.languages),
            "speakers": list(self.speakers),
            "scales": {
                "mean": s.mean.tolist(),
                "std": s.std.tolist(),
                "duration": list(s.duration),
                "spread": s.spread.tolist(),
                **({} if s.speakers is None else {"speakers": s.speakers.tolist()}),
                **({} if s.modulation is None else {"modulation": np.round(s.modulation, 3).tolist()}),
            },
            "made": self.made,
            **({"networks": len(self.networks)} if self.beside else {}),
        }
        for number, weights in enumerate(self.networks):
            write_tensors(folder / _tensors(number), weights, dtype=dtype)
        write_json(folder / JSON, data)

    @classmethod
    def load(cls, folder: Path) -> TrainedVoice:
        """Inverse of `save`; weights come as float32.

        Raises
        ------
        VoiceError
            A file is missing, cannot be read, or does not fit the other.
        """
        data = read_description(folder / JSON, form=FORMAT, package="synthkit-parametric")
        with described_by(folder / JSON, "a parametric voice"):
            shape = Shape(**data["shape"])
            shape.check()
            s = data["scales"]
            vectors = [np.asarray(s[k], dtype=np.float32) for k in ("mean", "std", "spread")]
            own, modulation = (
                np.asarray(s[k], dtype=np.float32) if k in s else None for k in ("speakers", "modulation")
            )
            given = [v for v in (own, modulation) if v is not None]
            if not all(np.isfinite(v).all() for v in (*vectors, s["duration"], *given)):
                raise ValueError("scales that are not finite")
            if modulation is not None and (
                modulation.ndim != 2 or len(modulation) < 2 or modulation.shape[1] != shape.outputs
            ):
                raise ValueError("modulations of other frames")
            if own is not None and own.shape != (shape.speakers, 2, shape.outputs):
                raise ValueError("scales of other speakers")
            pace = (float(s["duration"][0]), float(s["duration"][1]))
            scales = Scales(vectors[0], vectors[1], pace, vectors[2], own, modulation)
            spec = FeatureSpec.from_dict(data["spec"])
            count = data.get("networks", 1)
            if not isinstance(count, int) or not 1 <= count <= MOST:
                raise ValueError(f"{count!r} networks")
            first, *beside = (
                Network(read_tensors(folder / _tensors(k), shape.tensors(), described=JSON))
                for k in range(count)
            )
            voice = cls(
                shape,
                spec,
                tuple(data["symbols"]),
                data["phone_set"],
                tuple(data["languages"]),
                tuple(data["speakers"]),
                scales,
                first,
                dict(data["made"]),
                tuple(beside),
            )
            if (
                max(part.stop for part in columns(spec).values()) != shape.outputs
                or not spec.frame_period > 0
            ):
                raise ValueError(f"{shape.outputs} outputs, which are not the streams of its spec")
            sizes = (len(voice.symbols), len(voice.speakers), *(len(v) for v in vectors))
            if sizes != (shape.symbols, shape.speakers, *[shape.outputs] * 3):
                raise ValueError("sizes that do not fit each other")
            if shape.languages not in (0, len(voice.languages)):
                raise ValueError(f"{shape.languages} codes of {len(voice.languages)} languages")
        return voice
