# SPDX-License-Identifier: Apache-2.0
"""What a trained vocoder's folder holds: ``syrinx.json`` (what the numbers mean) and ``syrinx.safetensors``.

Reading checks every name and shape against the sizes the JSON states, so that a file that was cut, swapped or
made by something else is refused with a reason before anything is rendered. numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synthkit import neural_vocoder
from synthkit.types import FeatureSpec
from synthkit_syrinx.conditions import Grid, width
from synthkit_syrinx.trunk import Trunk

JSON, TENSORS = "syrinx.json", "syrinx.safetensors"
PITCH_CHANNELS, PITCH_BLOCKS = 64, 3
"""Of the part that reads F0 and voicing from mel frames."""
WIDTH = 7
"""Frames that a convolution sees."""


@dataclass(frozen=True)
class Shape:
    """Everything that fixes the sizes of the weights.

    Attributes
    ----------
    inputs : int
        Values of a frame that the voice's streams give.
    bins : int
        Of a short-time spectrum.
    reads_pitch : bool
        Whether F0 and voicing are read from the frames by a part of the network.
    """

    inputs: int
    bins: int
    reads_pitch: bool
    channels: int = 192
    hidden: int = 512
    blocks: int = 6

    def check(self) -> None:
        """Raise `ValueError` for sizes that no vocoder has; a file may state any."""
        for name, size in asdict(self).items():
            if name == "reads_pitch":
                if not isinstance(size, bool):
                    raise ValueError(f"{name} = {size!r}")
            elif not isinstance(size, int) or not 1 <= size <= (64 if name == "blocks" else 20_000):
                raise ValueError(f"{name} = {size!r}")

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, as torch names those of `network.Generator`."""
        out: dict[str, tuple[int, ...]] = {}

        def both(name: str, *sizes: int) -> None:
            out[f"{name}.weight"], out[f"{name}.bias"] = sizes, (sizes[0],)

        def trunk(name: str, inputs: int, channels: int, hidden: int, blocks: int, outputs: int) -> None:
            both(f"{name}.enter", channels, inputs, WIDTH)
            both(f"{name}.first", channels)
            for k in range(blocks):
                part = f"{name}.blocks.{k}"
                both(f"{part}.depthwise", channels, 1, WIDTH)
                both(f"{part}.norm", channels)
                both(f"{part}.widen", hidden, channels)
                both(f"{part}.narrow", channels, hidden)
                out[f"{part}.scale"] = (channels,)
            both(f"{name}.last", channels)
            both(f"{name}.out", outputs, channels)

        trunk("filter", self.inputs + 2, self.channels, self.hidden, self.blocks, 3 * self.bins)
        if self.reads_pitch:
            trunk("pitch", self.inputs, PITCH_CHANNELS, 3 * PITCH_CHANNELS, PITCH_BLOCKS, 2)
        return out


@dataclass(frozen=True)
class Scales:
    """How the network's inputs are normalised.

    Attributes
    ----------
    mean, std : ndarray, shape (inputs,), float32
        Of the voice's streams.
    log_f0 : tuple of float
        Mean and standard deviation where it is voiced.
    """

    mean: np.ndarray
    std: np.ndarray
    log_f0: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist(), "log_f0": list(self.log_f0)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scales:
        """Inverse of `to_dict`; raises `ValueError` for numbers that are not finite."""
        found = cls(
            np.asarray(data["mean"], np.float32),
            np.asarray(data["std"], np.float32),
            (float(data["log_f0"][0]), float(data["log_f0"][1])),
        )
        if not all(np.isfinite(v).all() for v in (found.mean, found.std, found.log_f0)):
            raise ValueError("scales that are not finite")
        return found


class TrainedVocoder(neural_vocoder.TrainedVocoder[Shape, Scales]):
    """Weights of a `syrinx` and all that is needed to render with them."""

    name = "syrinx"
    sizes, normalised = Shape, Scales

    @cached_property
    def trunks(self) -> dict[str, Trunk]:
        """The parts of the network by name, to render with."""
        return {
            name: Trunk.of(self.weights, name) for name in ("filter", *["pitch"] * self.shape.reads_pitch)
        }

    def to_speak(self) -> None:
        """Let the weights go, of which `trunks` has all that speaks: as much again is held no longer."""
        assert self.trunks, "made of the weights while they are there"
        self.weights.clear()

    @classmethod
    def check_spec(cls, shape: Shape, scales: Scales, spec: FeatureSpec) -> None:
        """See `synthkit.neural_vocoder.TrainedVocoder`."""
        sizes = (width(spec), width(spec), width(spec), Grid.of(spec).n_fft // 2 + 1)
        if sizes != (shape.inputs, len(scales.mean), len(scales.std), shape.bins):
            raise ValueError("sizes that do not fit its spec")
