# SPDX-License-Identifier: Apache-2.0
"""Acoustic model `deepvoice3`."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from synthkit.earlier import check_phone_set
from synthkit.errors import ConfigError, CorpusError, SpeechWarning, VoiceError
from synthkit.linguistic import features, spoken
from synthkit.requested import phone_ids, speaker_shares
from synthkit.settings import Field, Settings
from synthkit.stages import HEARD, AcousticModel, Context, Demo, Request, TrainingData
from synthkit.taught import needs_torch, torch_training
from synthkit.trained import pretrained_digest
from synthkit.types import Demand, FeatureSpec, Finding, Frames, Timing
from synthkit_deepvoice3 import fitting, speaking
from synthkit_deepvoice3.examples import path_of, tokens
from synthkit_deepvoice3.speaking import LONGEST
from synthkit_deepvoice3.stored import TrainedVoice

WHAT = "acoustic model 'deepvoice3'"


class DeepVoiceOptions(Settings):
    """What a request may say."""

    speed: float = Field(1.0, ge=0.25, le=4, description="how much faster than the speaker")


class DeepVoiceSettings(DeepVoiceOptions):
    """Settings of `deepvoice3`: first how it speaks, then its size and its training."""

    pretrained: str = Field(
        "",
        description="take these weights instead of training: a name that is bundled, or the folder of others",
    )
    state: str = Field(
        "",
        description="folder that keeps the state of the training, so that a later build with more steps goes "
        "on from it; the build's own if not given",
    )
    channels: int = Field(192, ge=8, le=1024, multiple_of=2)
    encoder: int = Field(4, ge=0, le=16, description="convolutions over phones")
    before: int = Field(3, ge=0, le=16, description="causal convolutions of the decoder before attention")
    after: int = Field(2, ge=0, le=16, description="causal convolutions of the decoder after attention")
    converter: int = Field(5, ge=0, le=16, description="convolutions over frames")
    reduction: int = Field(2, ge=1, le=8, description="frames for each step of the decoder")
    dropout: float = Field(0.1, ge=0, lt=1)
    forgetting: float = Field(
        0.5, ge=0, lt=1, description="dropout of the frames that the decoder hears of itself"
    )
    own: float = Field(
        0.5, ge=0, le=1, description="share of steps that hear the model itself, in the end, when training"
    )
    steps: int | None = Field(
        None, ge=1, description="training steps in all; by the amount of speech if not given"
    )
    minutes: float | None = Field(
        None, gt=0, description="plan this sitting for as many steps as so long holds on this machine"
    )
    batch_frames: int = Field(2400, ge=100, description="frames in a batch, about")
    rate: float = Field(1.5e-3, gt=0, lt=1, description="highest learning rate")
    seed: int = Field(0, ge=0)
    device: Literal["cpu", "cuda", "auto"] = Field("cpu", description="auto takes a GPU when there is one")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="of products, when training")
    threads: int = Field(
        1, ge=1, le=64, description="of the CPU, when training; the same number gives the same bytes"
    )
    checkpoint_seconds: float = Field(60.0, ge=0, description="between checkpoints")
    watch_every: int = Field(200, ge=1, description="steps between two looks at held-out recordings")
    watched: int = Field(8, ge=0, le=1000, description="held-out recordings that are looked at")
    stored: Literal["float16", "float32"] = Field("float16", description="precision of the weights on disk")


class DeepVoice(AcousticModel):
    """Deep Voice 3 for mel frames; see `network.py` and ``docs/deepvoice3.md``."""

    Config = DeepVoiceSettings
    Options: ClassVar[type[Settings]] = DeepVoiceOptions
    takes = frozenset({"durations"})
    lacks: ClassVar[Mapping[str, str]] = {"f0": "its mel frames hold none; frames of WORLD would"}
    consumes = (Demand("mel", streams=("mel",)),)
    version = "1"
    demos = (
        Demo(
            settings={"pretrained": "nsh"}, languages=("ru",), utterances=8,
            features={"plugin": "mel", "preset": "htk-16k"},
        ),
    )  # fmt: skip

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self.voice: TrainedVoice | None = None
        self.weights: speaking.Weights | None = None

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """The very frames it was trained on."""
        return features

    def fingerprint(self) -> str:
        """See `Component.fingerprint`: of the weights that are taken."""
        return pretrained_digest(self.config.pretrained, fitting.BUNDLED)

    def check_phone_set(self, phone_set: str) -> None:
        """Raise `SpecMismatch` if the weights that are to be taken speak another phone set."""
        if name := self.config.pretrained:
            known = fitting.pretrained(name).phone_set
            check_phone_set(name, known, phone_set, where=fitting.PRETRAINED)

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `Component.check`: torch, where it has to be trained."""
        return needs_torch(WHAT, pretrained=self.voice is not None or bool(self.config.pretrained))

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Train on `data`; a training that was killed goes on from its last checkpoint.

        With the setting ``pretrained`` nothing is trained: the weights named there are taken, if they fit.

        Raises
        ------
        ConfigError
            The minutes that it is given are too few for anything, or the state that it is to go on from is of
            another training.
        CorpusError
            Nothing in `data` can be trained on.
        MissingDependency
            torch is not installed.
        SpecMismatch
            Weights that were to be taken are of other features, or do not know every phone of `data`.
        VoiceError
            Weights that were to be taken cannot be read.
        """
        if self.config.pretrained:
            voice = fitting.taken(self.config.pretrained, data, ctx)
        else:
            voice = self._trained(data, folder, ctx)
        voice.save(folder, dtype=self.config.stored)
        heard = set(voice.made.get("heard", ())) - {i.utterance.id for i in data.items}
        if heard:
            (folder / HEARD).write_text("\n".join(sorted(heard)), encoding="utf-8")

    def _trained(self, data: TrainingData, folder: Path, ctx: Context) -> TrainedVoice:
        with torch_training(WHAT, threads=self.config.threads):
            if not data.items:
                raise CorpusError("there is no utterance to train on")
            voice, curve = fitting.train(self.config, data, ctx)
        if curve.is_file():
            shutil.copyfile(curve, folder / curve.name)
        return voice

    def open(self, folder: Path) -> None:
        """Read the weights."""
        self.voice = TrainedVoice.load(folder)
        self.weights = speaking.Weights(self.voice.weights, self.voice.shape)

    def close(self) -> None:
        """Let the weights go."""
        self.voice = self.weights = None

    def check_said(self, request: Request) -> None:
        """Refuse phones and speakers that the voice never learned."""
        if self.voice is not None:
            voice = self.voice
            symbols = {p.symbol for p in request.segmentation.phones()}
            phone_ids(sorted(symbols), voice.symbols, languages=voice.languages, phone_set=voice.phone_set)
            speaker_shares(request.speaker, voice.speakers)

    def predict(self, request: Request) -> Frames:
        """Frames of `request`; options are `DeepVoiceOptions`.

        With ``request.durations`` attention goes where they say: pauses are made where
        ``segmentation.symbols()`` has them, for as long as it says, and ``speed`` must stay 1. With another
        ``speed``, or where only some durations are given, it is spoken twice, the second time with those of
        the first, shorter or longer.

        Raises
        ------
        ConfigError
            An unknown option or value, speaker, or durations that do not fit.
        TextError
            A phone the voice never learned.
        VoiceError
            Nothing was opened.
        """
        voice, w = self.voice, self.weights
        if voice is None or w is None:
            raise VoiceError("acoustic model 'deepvoice3' was not opened")
        options = self.asked(request.options)
        if request.embedding is not None:
            raise ConfigError("this Deep Voice 3 cannot clone: it knows the speakers it was trained on")
        shape, segmentation = voice.shape, request.segmentation
        pauses = {k for k, word in enumerate(segmentation.words) if word.break_after >= 2}
        phones = spoken(segmentation, pauses)
        symbols = [p.symbol for p in phones]
        ids = phone_ids(symbols, voice.symbols, languages=voice.languages, phone_set=voice.phone_set)
        speaker = speaking.voice_of(w, speaker_shares(request.speaker, voice.speakers))
        ids, described = tokens(ids, shape.symbols, features(phones, segmentation))
        keys, values = speaking.encode(w, ids, described, speaker)
        period = shape.reduction * voice.spec.frame_period
        path = None
        fixed = request.durations if "durations" in request.fixes() else None
        if fixed is not None and options.speed != 1.0:
            raise ConfigError("speed cannot be changed where durations are given")
        if fixed is not None and not np.isnan(fixed).any():
            path = _steps(np.concatenate([[0.0], np.cumsum(fixed)]), period)
        stay = np.array([voice.stay[p.word < 0] for p in phones] + [0.5])
        said = speaking.decode(
            w, keys, values, speaker, longest=round(LONGEST / period), stay=stay, path=path
        )
        if said.forced:
            warnings.warn(
                f"attention stayed with {said.forced} of {len(phones)} phones for {LONGEST:g} s and was sent "
                "on: the voice was trained too little, or never heard the like",
                SpeechWarning,
                stacklevel=2,
            )
        if path is None and (fixed is not None or options.speed != 1.0):
            own = np.diff(_edges(said.path, len(phones), period)) / options.speed
            seconds = request.given([p.word for p in phones]).seconds(own)
            path = _steps(np.concatenate([[0.0], np.cumsum(seconds)]), period)
            said = speaking.decode(w, keys, values, speaker, longest=0, path=path)
        frames = speaking.convert(w, said.coarse, values[said.path], speaker)
        mel = frames * voice.scales.std + voice.scales.mean
        timing = Timing(tuple(symbols), tuple(p.word for p in phones), _edges(said.path, len(phones), period))
        return Frames({"mel": np.ascontiguousarray(mel, np.float32)}, voice.spec, timing)


def _steps(edges: np.ndarray, period: float) -> np.ndarray:
    """The phone of each decoder step of `period` seconds, for phones between `edges`; at least one step."""
    return path_of(edges, max(round(float(edges[-1]) / period), 1), period)


def _edges(path: np.ndarray, phones: int, period: float) -> np.ndarray:
    """Seconds (P + 1,) at which each phone begins and the last one ends; one that was passed over has no
    length."""
    edges: np.ndarray = np.searchsorted(path, np.arange(phones + 1)).astype(np.float64) * period
    return edges
