# SPDX-License-Identifier: Apache-2.0
"""The smallest component of each stage that keeps its contract, to be broken in one place at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from synthkit import audio
from synthkit.corpora import Corpus, CorpusRecipe
from synthkit.errors import AudioError, TextError, VoiceError
from synthkit.eval import Definition, Metric, Undefined
from synthkit.pipeline.executors import SerialExecutor
from synthkit.settings import Field, Settings
from synthkit.stages import (
    AcousticModel,
    Adapter,
    Aligner,
    Converter,
    FeatureExtractor,
    Segmenter,
    SpeakerEncoder,
    TrainingData,
    TrainingItem,
    Vocoder,
)
from synthkit.testing import sample_alignment, sample_waveform
from synthkit.types import (
    Alignment,
    Demand,
    FeatureSpec,
    Frames,
    Interval,
    Phone,
    Segmentation,
    Stream,
    Utterance,
    Waveform,
    Word,
    frames_of,
)

HOP = 160


class Letters(Segmenter):
    """Every letter is a phone."""

    def languages(self):
        return ("en",)

    def phones(self, language):
        return tuple("abcdefghijklmnopqrstuvwxyz")

    def segment(self, text, language):
        words = tuple(Word(w, tuple(Phone(c, 0) for c in w), 0) for w in text.lower().split() if w.isalpha())
        if not words:
            raise TextError("nothing to say")
        return Segmentation(text, language, "letters", words)


class Evenly(Aligner):
    """All phones as long as each other."""

    def align(self, items, ctx):
        return {u.id: self.one(u, s) for u, s in items}

    def one(self, utterance, segmentation):
        symbols = segmentation.symbols()
        edges = [i * 0.1 for i in range(len(symbols) + 1)]
        phones = tuple(Interval(a, b, p) for a, b, p in zip(edges, edges[1:], symbols, strict=False))
        return Alignment(utterance.id, phones, (), edges[-1])


class Loudness(FeatureExtractor):
    """Mean magnitude of every hop."""

    kind = "loudness"

    @property
    def spec(self):
        return FeatureSpec(self.kind, 16000, HOP, (Stream("level"),))

    def extract(self, waveform, alignment=None):
        if (
            waveform.sample_rate != 16000
            or not len(waveform.samples)
            or not np.isfinite(waveform.samples).all()
        ):
            raise AudioError("a recording that cannot be used")
        count = len(waveform.samples) // HOP
        level = np.abs(waveform.samples[: count * HOP]).reshape(count, HOP).mean(1)
        return Frames({"level": level.astype(np.float32)}, self.spec).check()


def toy_data() -> TrainingData:
    """One utterance: a pause, one phone, a pause."""
    wave, features = sample_waveform(), Loudness()
    said = Segmentation("a", "xx", "toy", (Word("a", (Phone("aa", 1),), 3),))
    item = TrainingItem(
        Utterance("u", "a", Path("u.wav"), "xx"), said, sample_alignment(), lambda: wave,
        lambda: features.extract(wave),
    )  # fmt: skip
    return TrainingData((item,), 16000, ("xx",), ("s",), "toy", features.spec)


class RepeatsOptions(Settings):
    """How it is said."""

    louder: float = Field(1.0, gt=0, le=4)


class Repeats(AcousticModel):
    """Says the first recording again."""

    Options = RepeatsOptions

    consumes = (Demand("loudness", streams=("level",)),)
    frames = None

    def produces(self, features):
        return features

    def fit(self, data, folder, ctx):
        np.save(folder / "level.npy", data.items[0].frames()["level"])
        (folder / "spec.json").write_text(json.dumps(data.spec.to_dict()))

    def open(self, folder):
        if not (folder / "level.npy").exists():
            raise VoiceError("level.npy is missing", where=str(folder))
        spec = FeatureSpec.from_dict(json.loads((folder / "spec.json").read_text()))
        self.frames = Frames({"level": np.load(folder / "level.npy")}, spec)

    def predict(self, request):
        if self.frames is None:
            raise VoiceError("was not opened")
        louder = self.asked(request.options).louder
        return Frames({"level": self.frames["level"] * np.float32(louder)}, self.frames.spec)


class Hum(Vocoder):
    """A square wave as loud as the frames are."""

    def accepts(self):
        return (Demand("loudness", streams=("level",)),)

    def render(self, item):
        frames = frames_of(item, "vocoder 'hum'")
        if not len(frames):
            raise AudioError("there are no frames to render")
        level = np.repeat(frames["level"], HOP)
        sign = np.where(np.arange(len(level)) // 40 % 2, 1, -1)
        return Waveform((level * sign).astype(np.float32), frames.spec.sample_rate)


class LearnedHum(Hum):
    """The same, and as loud as what it was trained on."""

    trainable = True
    learned: tuple[FeatureSpec, float] | None = None

    def accepts(self):
        return super().accepts() if self.learned is None else (Demand.exactly(self.learned[0]),)

    def fit(self, data, folder, ctx):
        peak = max(float(i.frames()["level"].max()) for i in data.items)
        (folder / "hum.json").write_text(json.dumps({"spec": data.spec.to_dict(), "peak": peak}))

    def open(self, folder):
        if not (folder / "hum.json").exists():
            raise VoiceError("hum.json is missing", where=str(folder))
        data = json.loads((folder / "hum.json").read_text())
        self.learned = FeatureSpec.from_dict(data["spec"]), data["peak"]

    def render(self, item):
        if self.learned is None:
            raise VoiceError("this vocoder was not opened: it has to be trained with the voice")
        return super().render(item)


class Halves(Adapter):
    """Loudness to half of it, which is a kind of its own."""

    def bridge(self, produced, accepted):
        if produced.kind != "loudness" or accepted.kind != "softness":
            return None
        return FeatureSpec("softness", produced.sample_rate, produced.hop_length, produced.streams)

    def adapt(self, item, spec):
        return Frames({"level": frames_of(item, "halves")["level"] / 2}, spec)


class Level(Metric):
    """How loud it is."""

    gives = (
        Definition(
            "level", "rms", "", "none", "Level", "Root mean square of all samples of the test.", range=(0, 1)
        ),
        Definition(
            "difference", "rms", "", "none", "Difference", "Level of the test less that of the reference."
        ),
    )
    needs = ("reference",)

    def measure(self, sample):
        test, reference = (float(np.sqrt(np.mean(c.samples() ** 2))) for c in (sample.test, sample.reference))
        if test == 0:
            raise Undefined("it is silent")
        return [self.value("level", test, n=1), self.value("difference", test - reference, n=1)]


class Tilt(Converter):
    """A filter with the target's long-term spectrum over the voice's."""

    def learn(self, pairs, folder, ctx):
        if not pairs:
            raise AudioError("there is nothing to learn of")
        mean = [np.mean([_bands(w) for w in side], axis=0) for side in zip(*pairs, strict=True)]
        np.save(folder / "tilt.npy", mean[1] - mean[0])
        (folder / "rate.json").write_text(json.dumps(pairs[0][0].sample_rate))

    def open(self, folder):
        if not (folder / "tilt.npy").exists():
            raise VoiceError("tilt.npy is missing", where=str(folder))
        self.tilt = np.load(folder / "tilt.npy")
        self.rate = json.loads((folder / "rate.json").read_text())

    def convert(self, waveform):
        if not hasattr(self, "tilt"):
            raise VoiceError("it was not opened")
        if waveform.sample_rate != self.rate:
            raise AudioError("it learned at another rate")
        n = len(waveform.samples)
        if not n:
            return waveform
        spectrum = np.fft.rfft(waveform.samples)
        at = np.linspace(0, len(self.tilt) - 1, len(spectrum))
        made = np.fft.irfft(spectrum * np.exp(np.interp(at, np.arange(len(self.tilt)), self.tilt)), n)
        top = np.abs(made).max()
        return Waveform((made / max(top, 1.0)).astype(np.float32), waveform.sample_rate)


def _bands(waveform):
    frames = waveform.samples[: len(waveform.samples) // 512 * 512].reshape(-1, 512)
    power = (np.abs(np.fft.rfft(frames * np.hanning(512))) ** 2).mean(0)
    return 0.5 * np.log(power[:256].reshape(64, 4).mean(1) + 1e-9)


class Spectrum(SpeakerEncoder):
    """Mean log spectrum in a hundred bands, less the mean of all speakers heard here."""

    def embed(self, waveform):
        samples = audio.resample(waveform, 16000).samples
        if not samples.any():
            raise AudioError("there is no speech")
        frames = samples[: len(samples) // 400 * 400].reshape(-1, 400)
        bands = np.log(np.abs(np.fft.rfft(frames))[:, 1:101].mean(0) + 1e-6)
        centred = bands - bands.mean()
        return (centred / np.linalg.norm(centred)).astype(np.float32)


class Tones(CorpusRecipe):
    """Two recordings, made when they are asked for."""

    name = "tones"
    title = "Two tones"
    languages = ("en",)
    licence = "CC0-1.0"
    attribution = "nobody"

    texts: Sequence[str] = ("one", "two")

    def make(self, folder, source, log, progress):
        utterances = []
        for text in self.texts:
            audio.write(folder / f"{text}.wav", sample_waveform())
            utterances.append(Utterance(text, text, folder / f"{text}.wav", "en"))
        return Corpus(self.name, ("en",), self.licence, self.attribution, folder, utterances, [])


class Serial(SerialExecutor):
    """As it comes."""


@click.command(help="Say hello.")
@click.option("--name", help="To whom.")
def hello(name):
    click.echo(f"hello {name}")


class Typed(Settings):
    """Settings that hold."""

    mode: str = Field("a", pattern="^[ab]$")
    speed: float = Field(1.0, gt=0, le=4)
    count: int | None = Field(None, ge=1)


def fails(action, said):
    with pytest.raises(AssertionError, match=said):
        action()


def broken(kind: type, **parts: Any) -> Any:
    """An instance of `kind` with other parts."""
    return type(kind.__name__, (kind,), parts)()
