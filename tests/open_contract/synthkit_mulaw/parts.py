# SPDX-License-Identifier: Apache-2.0
"""Samples as bytes on a logarithmic scale, 80 to a frame, and a model that speaks with such frames."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from synthkit.dsp.checks import usable
from synthkit.errors import AudioError, TextError, VoiceError
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, FeatureExtractor, Request, TrainingData, Vocoder
from synthkit.types import Alignment, Demand, FeatureSpec, Frames, Item, Stream, Waveform, frames_of

MU = 255


class MuLawSettings(Settings):
    """Settings of the `mulaw` features."""

    sample_rate: int = Field(default=16000, ge=8000)
    hop_length: int = Field(default=80, ge=1, le=1000)


class MuLawFeatures(FeatureExtractor):
    """Streams ``codes`` (T, hop), uint8, and ``level`` (T,), int16: mean distance of the codes from
    silence."""

    Config = MuLawSettings

    @property
    def spec(self) -> FeatureSpec:
        c = self.config
        streams = (Stream("codes", "uint8", c.hop_length), Stream("level", "int16"))
        return FeatureSpec("mulaw", c.sample_rate, c.hop_length, streams, {"mu": MU})

    def extract(self, waveform: Waveform, alignment: Alignment | None = None) -> Frames:
        c = self.config
        x = usable(waveform, sample_rate=c.sample_rate, minimum=c.hop_length, what="features 'mulaw'")
        x = x[: len(x) // c.hop_length * c.hop_length]
        compressed = np.sign(x) * np.log1p(MU * np.abs(x)) / np.log1p(MU)
        codes = np.rint((compressed + 1) / 2 * MU).astype(np.uint8).reshape(-1, c.hop_length)
        level = np.abs(codes.astype(np.int16) - 128).mean(1).astype(np.int16)
        return Frames({"codes": codes, "level": level}, self.spec).check()


class MuLawVocoder(Vocoder):
    """Codes to samples."""

    def accepts(self) -> tuple[Demand, ...]:
        return (Demand("mulaw", streams=("codes",), params={"mu": MU}, closed=True),)

    def render(self, item: Item) -> Waveform:
        frames = frames_of(item, "vocoder 'mulaw'")
        if not len(frames):
            raise AudioError("there are no frames to render")
        y = frames["codes"].reshape(-1) / MU * 2 - 1
        samples = np.sign(y) * np.expm1(np.abs(y) * np.log1p(MU)) / MU
        return Waveform(samples.astype(np.float32), frames.spec.sample_rate)


class Sampler(AcousticModel):
    """Speaks each phone with the frames of its loudest recording that has codes."""

    consumes = (Demand("mulaw", streams=("codes", "level")),)

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        return features

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        best: dict[str, tuple[int, dict[str, np.ndarray]]] = {}
        for item in ctx.track(data.items, label="sampler"):
            frames = item.frames()
            for phone in item.alignment.phones:
                a, b = (round(t / frames.spec.frame_period) for t in (phone.start, phone.end))
                level = int(frames["level"][a:b].sum())
                if b > a and level > best.get(phone.label, (-1,))[0]:
                    best[phone.label] = level, {name: array[a:b] for name, array in frames.data.items()}
        arrays = {f"{phone}/{s}": a for phone, (_, streams) in best.items() for s, a in streams.items()}
        np.savez(folder / "phones.npz", allow_pickle=False, **arrays)
        (folder / "spec.json").write_text(json.dumps(data.spec.to_dict()))

    def open(self, folder: Path) -> None:
        if not (folder / "spec.json").exists():
            raise VoiceError("holds no phones", where=str(folder), hint="build the voice again")
        self.spec = FeatureSpec.from_dict(json.loads((folder / "spec.json").read_text()))
        with np.load(folder / "phones.npz", allow_pickle=False) as data:
            self.phones = dict(data)

    def predict(self, request: Request) -> Frames:
        if not hasattr(self, "phones"):
            raise VoiceError("the sampler was not opened")
        self.asked(request.options)  # it has none
        symbols = request.segmentation.symbols()
        unknown = [s for s in symbols if f"{s}/codes" not in self.phones]
        if unknown:
            raise TextError(f"sampler has never heard {unknown[0]!r}")
        parts = {name: [self.phones[f"{s}/{name}"] for s in symbols] for name in self.spec.names}
        return Frames({name: np.concatenate(arrays) for name, arrays in parts.items()}, self.spec).check()
