# SPDX-License-Identifier: Apache-2.0
"""What a trained vocoder's folder holds: ``wavenet.json``, what numbers mean, and ``wavenet.safetensors``.

Reading checks every name and shape against the sizes the JSON states, so that a file that was cut, swapped or
made by something else is refused with a reason before anything is rendered. numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from synthkit.atomic import write_json
from synthkit.errors import VoiceError
from synthkit.trained import AGAIN, read_description, read_tensors, write_tensors
from synthkit.types import FeatureSpec
from synthkit_wavenet.conditions import states_pitch, width
from synthkit_wavenet.shape import Shape

FORMAT = 1
JSON, TENSORS = "wavenet.json", "wavenet.safetensors"


@dataclass(frozen=True)
class Scales:
    """How what the network reads is normalised.

    Attributes
    ----------
    mean, std : ndarray, shape (inputs,), float32
        Of the frames' values.
    level : float
        Root mean square of what prediction leaves, in units of what the envelope states.
    """

    mean: np.ndarray
    std: np.ndarray
    level: float

    @classmethod
    def unit(cls, inputs: int) -> Self:
        """Values as they come."""
        return cls(np.zeros(inputs, np.float32), np.ones(inputs, np.float32), 1.0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist(), "level": self.level}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`; raises `ValueError` for numbers that no training gives."""
        found = cls(
            np.asarray(data["mean"], np.float32), np.asarray(data["std"], np.float32), float(data["level"])
        )
        if not all(np.isfinite(v).all() for v in (found.mean, found.std, found.level)) or found.level <= 0:
            raise ValueError("scales that are not finite or not above 0")
        return found


@dataclass(frozen=True)
class TrainedVocoder:
    """Weights and all that is needed to render with them."""

    shape: Shape
    spec: FeatureSpec
    scales: Scales
    weights: dict[str, np.ndarray]
    made: dict[str, Any] = field(default_factory=dict)
    """How it was trained: minutes of speech, steps, seed, what it heard, the curve."""

    def save(self, folder: Path, *, dtype: str) -> None:
        """Write both files, each whole or not at all; `dtype` is ``"float16"`` or ``"float32"``."""
        data = {
            "format": FORMAT,
            "shape": asdict(self.shape),
            "spec": self.spec.to_dict(),
            "scales": self.scales.to_dict(),
            "made": self.made,
        }
        write_tensors(folder / TENSORS, self.weights, dtype=dtype)
        write_json(folder / JSON, data)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Inverse of `save`; weights come as float32.

        Raises
        ------
        VoiceError
            A file is missing, cannot be read, or does not fit the other.
        """
        data = read_description(folder / JSON, form=FORMAT, package="synthkit-wavenet")
        try:
            shape = Shape(**data["shape"])
            shape.check()
            scales = Scales.from_dict(data["scales"])
            spec = FeatureSpec.from_dict(data["spec"])
            if {width(spec), len(scales.mean), len(scales.std)} != {shape.inputs}:
                raise ValueError("sizes that do not fit its spec")
            if (shape.taps or shape.pulses) and not states_pitch(spec):
                raise ValueError("a period, and frames that state none")
            made = dict(data["made"])
        except Exception as error:
            raise VoiceError(
                f"is not what a trained vocoder holds ({type(error).__name__}: {error})",
                where=str(folder / JSON),
                hint=AGAIN,
            ) from error
        return cls(shape, spec, scales, read_tensors(folder / TENSORS, shape.tensors(), described=JSON), made)
