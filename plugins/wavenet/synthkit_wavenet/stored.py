# SPDX-License-Identifier: Apache-2.0
"""What a trained vocoder's folder holds: ``wavenet.json``, what numbers mean, and ``wavenet.safetensors``.

Reading checks every name and shape against the sizes the JSON states, so that a file that was cut, swapped or
made by something else is refused with a reason before anything is rendered. numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from synthkit import neural_vocoder
from synthkit.types import FeatureSpec
from synthkit_wavenet.conditions import states_pitch, width
from synthkit_wavenet.shape import Shape

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


class TrainedVocoder(neural_vocoder.TrainedVocoder[Shape, Scales]):
    """Weights of a `wavenet` and all that is needed to render with them; `made` has the curve as well."""

    name = "wavenet"
    sizes, normalised = Shape, Scales

    @classmethod
    def check_spec(cls, shape: Shape, scales: Scales, spec: FeatureSpec) -> None:
        """See `synthkit.neural_vocoder.TrainedVocoder`."""
        if {width(spec), len(scales.mean), len(scales.std)} != {shape.inputs}:
            raise ValueError("sizes that do not fit its spec")
        if (shape.taps or shape.pulses) and not states_pitch(spec):
            raise ValueError("a period, and frames that state none")
