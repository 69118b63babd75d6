# SPDX-License-Identifier: Apache-2.0
"""What a trained voice's folder holds: ``deepvoice3.json`` (what the numbers mean) and
``deepvoice3.safetensors``.

Reading checks every name and shape against the sizes the JSON states, so that a file that was cut, swapped or
made by something else is refused with a reason before anything is spoken. numpy only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import write_json
from synthkit.taught import described_by
from synthkit.trained import read_description, read_tensors, write_tensors
from synthkit.types import FeatureSpec

FORMAT = 1
JSON, TENSORS = "deepvoice3.json", "deepvoice3.safetensors"
ENCODER_WIDTH, DECODER_WIDTH, CONVERTER_WIDTH = 5, 3, 5
"""Places that a convolution of each part sees."""
DILATIONS = (1, 2, 4, 8)
"""Of the converter's convolutions, and of the decoder's before attention, one after another."""
STAY = (0.47, 0.77)
"""How likely a phone, and a pause, has to be said still, where no training has measured it."""


@dataclass(frozen=True)
class Shape:
    """Everything that fixes the sizes of the weights.

    Attributes
    ----------
    symbols : int
        Phones, without the mark of the end.
    features : int
        Numbers that say where a phone stands.
    outputs : int
        Values of a frame.
    speakers : int
        With one there are no weights of speakers.
    channels : int
        Of every convolution.
    encoder, before, after, converter : int
        Convolutions: over phones; of the decoder before and after its attention; over frames.
    attention, prenet, speaker : int
        Widths of keys and queries, of what the last frames are squeezed to, of a speaker's vector.
    reduction : int
        Frames for each step of the decoder.
    """

    symbols: int
    features: int
    outputs: int
    speakers: int = 1
    channels: int = 192
    encoder: int = 4
    before: int = 3
    after: int = 2
    converter: int = 5
    attention: int = 96
    prenet: int = 96
    speaker: int = 16
    reduction: int = 2

    def check(self) -> None:
        """Raise `ValueError` for sizes that no voice has; a file may state any."""
        layers = ("encoder", "before", "after", "converter", "reduction")
        for name, size in asdict(self).items():
            least = 0 if name in ("encoder", "before", "after", "converter") else 1
            if type(size) is not int or not least <= size <= (32 if name in layers else 20_000):
                raise ValueError(f"{name} = {size!r}")
        if self.channels % 2:
            raise ValueError(f"channels = {self.channels}, which is odd")

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, as torch names those of `network.DeepVoice3`."""
        c, out = self.channels, {}

        def both(name: str, *sizes: int) -> None:
            out[f"{name}.weight"], out[f"{name}.bias"] = sizes, (sizes[0],)

        def blocks(name: str, count: int, width: int) -> None:
            for k in range(count):
                both(f"{name}.{k}.norm", c)
                both(f"{name}.{k}.conv", 2 * c, c, width)
                if self.speakers > 1:
                    both(f"{name}.{k}.speaker", c, self.speaker)

        if self.speakers > 1:
            out["speaker.weight"] = (self.speakers, self.speaker)
        out["encoder.symbol.weight"] = (self.symbols + 1, c)
        both("encoder.feature", c, self.features)
        blocks("encoder.blocks", self.encoder, ENCODER_WIDTH)
        both("encoder.norm", c)
        both("encoder.out", c, c)
        both("decoder.squeeze", self.prenet, self.outputs * self.reduction)
        both("decoder.enter", c, self.prenet)
        both("decoder.last", c, c)
        blocks("decoder.before", self.before, DECODER_WIDTH)
        both("decoder.norm", c)
        both("decoder.query", self.attention, c)
        both("decoder.key", self.attention, c)
        both("decoder.context", c, c)
        blocks("decoder.after", self.after, DECODER_WIDTH)
        both("decoder.end", c)
        both("decoder.out", self.outputs * self.reduction, c)
        both("converter.frames", c, self.outputs)
        both("converter.context", c * self.reduction, c)
        blocks("converter.blocks", self.converter, CONVERTER_WIDTH)
        both("converter.norm", c)
        both("converter.out", self.outputs, c)
        return out


def positions(count: int, channels: int) -> np.ndarray:
    """Codes of the places 0 … `count` - 1, (count, channels), float32: sines and cosines of Vaswani et al.
    2017, section 3.5, their slowest wave 400 places long."""
    rates = 400.0 ** (-np.arange(channels // 2) / max(channels // 2 - 1, 1))
    phase = np.arange(count)[:, None] * rates
    return np.concatenate([np.sin(phase), np.cos(phase)], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Scales:
    """Mean and standard deviation of each value of a frame (outputs,), float32, over frames of speech."""

    mean: np.ndarray
    std: np.ndarray


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
    stay: tuple[float, float] = STAY
    """How likely a phone, and a pause, has to be said still for attention to stay with it."""
    made: dict[str, Any] = field(default_factory=dict)
    """How it was trained: utterances, minutes, steps, seed, what it heard."""

    def save(self, folder: Path, *, dtype: str) -> None:
        """Write both files, each whole or not at all; `dtype` is ``"float16"`` or ``"float32"``."""
        data = {
            "format": FORMAT,
            "shape": asdict(self.shape),
            "spec": self.spec.to_dict(),
            "phone_set": self.phone_set,
            "symbols": list(self.symbols),
            "languages": list(self.languages),
            "speakers": list(self.speakers),
            "scales": {"mean": self.scales.mean.tolist(), "std": self.scales.std.tolist()},
            "stay": list(self.stay),
            "made": self.made,
        }
        write_tensors(folder / TENSORS, self.weights, dtype=dtype)
        write_json(folder / JSON, data)

    @classmethod
    def load(cls, folder: Path) -> TrainedVoice:
        """Inverse of `save`; weights come as float32.

        Raises
        ------
        VoiceError
            A file is missing, cannot be read, or does not fit the other.
        """
        data = read_description(folder / JSON, form=FORMAT, package="synthkit-deepvoice3")
        with described_by(folder / JSON, "a Deep Voice 3"):
            shape = Shape(**data["shape"])
            shape.check()
            mean, std = (np.asarray(data["scales"][k], np.float32) for k in ("mean", "std"))
            if not (np.isfinite(mean).all() and np.isfinite(std).all()):
                raise ValueError("scales that are not finite")
            spec = FeatureSpec.from_dict(data["spec"])
            width = sum(s.width or 1 for s in spec.streams)
            names = {k: tuple(data[k]) for k in ("symbols", "languages", "speakers")}
            if not all(isinstance(v, str) for each in names.values() for v in each):
                raise ValueError("names that are no texts")
            sizes = (width, len(mean), len(std), len(names["symbols"]), len(names["speakers"]))
            if sizes != (*[shape.outputs] * 3, shape.symbols, shape.speakers) or not spec.frame_period > 0:
                raise ValueError("sizes that do not fit each other")
            phone_set, made = str(data["phone_set"]), dict(data["made"])
            stay = (float(data["stay"][0]), float(data["stay"][1]))
            if not all(0 < s < 1 for s in stay):
                raise ValueError(f"stay = {stay}")
        weights = read_tensors(folder / TENSORS, shape.tensors(), described=JSON)
        return cls(
            shape, spec, names["symbols"], phone_set, names["languages"], names["speakers"],
            Scales(mean, std), weights, stay, made,
        )  # fmt: skip
