# SPDX-License-Identifier: Apache-2.0
"""The acoustic models `parametric` (WORLD frames) and `parametric-mel` (mel frames)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np

from synthkit.earlier import check_phone_set
from synthkit.errors import ConfigError, CorpusError, VoiceError
from synthkit.linguistic import SpokenPhone, boundaries, features, spoken
from synthkit.requested import phone_ids, speaker_shares
from synthkit.settings import Field, Settings
from synthkit.stages import (
    HEARD,
    AcousticModel,
    Adapts,
    Bundled,
    Context,
    Demo,
    Learned,
    PredictsTargets,
    Request,
    TrainingData,
)
from synthkit.taught import needs_torch, torch_training
from synthkit.trained import pretrained_digest, pretrained_names
from synthkit.types import (
    Demand,
    FeatureSpec,
    Finding,
    Frames,
    PhoneVectors,
    Segmentation,
    Targets,
    Timing,
)
from synthkit_parametric import fitting, speaking
from synthkit_parametric.shared import SHARED
from synthkit_parametric.sharpening import modulate, sharpen
from synthkit_parametric.timing import steps
from synthkit_parametric.voice import MOST, TrainedVoice, columns

if TYPE_CHECKING:
    from synthkit.types.given import Given

WHAT = "the parametric voice"
LONGEST = 3.0
"""Seconds; no predicted phone or pause is longer."""


class MelOptions(Settings):
    """What a request to `parametric-mel` may say."""

    speed: float = Field(1.0, ge=0.25, le=4, description="how much faster than the speaker")
    sharpness: float = Field(
        0.0,
        ge=0,
        le=2,
        description="0 speaks the mean; 1 gives spectra the spread of natural ones: crisper, less exact",
    )
    modulation: float = Field(
        0.0, ge=0, le=2, description="1 lets spectra change as strongly as natural ones, instead of sharpness"
    )


class ParametricOptions(MelOptions):
    """What a request to `parametric` may say."""

    pitch: float = Field(0.0, ge=-24, le=24, description="semitones above the speaker")
    energy: float = Field(0.0, ge=-40, le=40, description="dB louder than the speaker")


class ParametricSettings(ParametricOptions):
    """Settings of `parametric` and `parametric-mel`: first how it speaks, then its size and its training."""

    pretrained: str = Field(
        "",
        description='take these weights instead of training: "nsh" (bundled, Russian), "several" (bundled, '
        'Russian and English), "five" (bundled, those, French, Spanish and Italian) or the folder of others',
    )
    start_from: str = Field(
        "",
        description="train on from these weights, a bundled name or a folder, instead of from chance (of "
        "other frames all but the last layer); steps are a third then",
    )
    also_from: str | list[str] = Field(
        "",
        description="a second network learns the same from these weights (a list: one from each; "
        '"chance": from none), and the voice speaks the mean of all: nearer to the recordings, in twice '
        "the time and more",
    )
    learn: Literal["everything", "speaker"] = Field(
        "everything",
        description='"speaker" learns the code of the speaker alone, with weights to start from; level, '
        "spectrum, pitch and pace are measured: for a clip",
    )
    channels: int = Field(192, ge=8, le=1024, multiple_of=4)
    encoder_layers: int = Field(3, ge=0, le=12, description="convolutions over phones")
    decoder_layers: int = Field(4, ge=0, le=12, description="convolutions over time")
    lstm: int = Field(96, ge=4, le=1024, description="cells each way")
    reduction: int = Field(2, ge=1, le=8, description="frames for each step of the decoder")
    dropout: float = Field(0.2, ge=0, lt=1)
    steps: int | None = Field(None, ge=1, description="training steps; by the amount of speech if not given")
    batch_frames: int = Field(4000, ge=100, description="frames in a batch, about")
    rate: float = Field(1.5e-3, gt=0, lt=1, description="highest learning rate")
    decay: float = Field(0.01, ge=0, lt=1, description="weight decay")
    seed: int = Field(0, ge=0)
    device: Literal["cpu", "cuda", "auto"] = Field("cpu", description="auto takes a GPU when there is one")
    threads: int = Field(
        1,
        ge=1,
        le=64,
        description="of the CPU; the same number gives the same bytes; more only pay on an idle machine",
    )
    checkpoint_seconds: float = Field(30.0, ge=0, description="between checkpoints")
    stored: Literal["float16", "float32"] = Field("float16", description="precision of the weights on disk")

    @property
    def beside(self) -> tuple[str, ...]:
        """Names of the weights that further networks begin with."""
        named = self.also_from
        return tuple(named) if isinstance(named, list) else (named,) if named else ()


class _Encoded(NamedTuple):
    """Phones of a request, their vectors ``(P, D)`` by each network and seconds ``(P,)``, what the request
    fixes, and what it aims at."""

    phones: list[SpokenPhone]
    vectors: list[np.ndarray]
    seconds: np.ndarray
    given: Given
    aims: Given


class _Lately(NamedTuple):
    """What the encoder gave last, and of what."""

    voice: TrainedVoice
    key: tuple[Segmentation, frozenset[int], bytes]
    encoded: list[np.ndarray]
    timing: np.ndarray


class ParametricModel(AcousticModel, PredictsTargets, Adapts):
    """A small FastSpeech-like network for WORLD frames; see `model.py` and ``docs/parametric.md``."""

    Config = ParametricSettings
    Options: ClassVar[type[Settings]] = ParametricOptions
    takes = frozenset({"durations", "f0", "prosody"})
    consumes = (Demand("world", streams=("mcep", "lf0", "vuv")),)
    version = "7"
    demos: ClassVar[tuple[Demo, ...]] = (
        Demo(settings={"pretrained": "nsh", "modulation": 1.0}, languages=("ru",), utterances=8),
        Demo(settings={"pretrained": "several"}, languages=("en",), utterances=8),
        Demo(settings={"pretrained": "five", "modulation": 1.0}, languages=("es", "fr", "it"), utterances=8),
    )

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self.voice: TrainedVoice | None = None
        self._lately: _Lately | None = None

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """The very frames it was trained on."""
        return features

    def fingerprint(self) -> str:
        """See `Component.fingerprint`: of the weights that are taken or begun with."""
        names = (self.config.pretrained, self.config.start_from)
        names += tuple(name for name in self.config.beside if name != fitting.CHANCE)
        return " ".join(pretrained_digest(name, fitting.BUNDLED) for name in names).strip()

    @classmethod
    def known_weights(cls) -> tuple[str, ...]:
        """See `Adapts`."""
        return pretrained_names(fitting.BUNDLED)

    @classmethod
    def learned(cls, name: str) -> Learned:
        """See `Adapts`."""
        voice = fitting.pretrained(name, fitting.STARTED)
        # Every training measures what modulation needs.
        settings = {"modulation": 1.0, "steps": fitting.ADAPTED_STEPS}
        return Learned(
            voice.spec,
            voice.phone_set,
            voice.languages,
            voice.speakers,
            settings,
            fitting.BESIDE.get(name, {}),
        )

    def check_phone_set(self, phone_set: str) -> None:
        """Raise `SpecMismatch` if the weights that are to be taken or begun with speak another phone set,
        what is wrong with their names, and `ConfigError` if those taken lack what they would speak with."""
        taken = [(self.config.pretrained, fitting.PRETRAINED)] if self.config.pretrained else []
        for name, where in [*taken, *self._beginnings(named=True)]:
            if (weights := fitting.pretrained(name, where).phone_set) != SHARED:
                check_phone_set(name, weights, phone_set, where=where)
        named = self.config.pretrained
        if named and self.config.modulation and fitting.pretrained(named).scales.modulation is None:
            raise ConfigError(
                f"weights {named!r} do not say how natural spectra change: they were learned before it was "
                "measured",
                where="[acoustic_model] modulation",
                hint="set modulation to 0; sharpness can be set instead",
            )

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `Component.check`: torch, where it has to be trained."""
        return needs_torch(WHAT, pretrained=self.voice is not None or bool(self.config.pretrained))

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Train on `data`; a training that was killed goes on from its last checkpoint in ``ctx.work``.

        With the setting ``pretrained`` nothing is trained: the weights named there are taken, if they fit.

        Raises
        ------
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
            voice.save(folder, dtype=self.config.stored)
            (folder / HEARD).write_text("\n".join(voice.made.get("heard", ())), encoding="utf-8")
            fitting.bring_licence([self.config.pretrained], folder)
            return
        with torch_training(WHAT, threads=self.config.threads):
            from synthkit_parametric.examples import prepare

            if not data.items:
                raise CorpusError("there is no utterance to train on")
            starts = [
                None if (name, where) == (fitting.CHANCE, fitting.ALSO) else fitting.begun(name, data, where)
                for name, where in self._beginnings()
            ]
            known = {symbol for start in starts if start for symbol in start.symbols}
            prepared = prepare(data, ctx, known)
            voice = fitting.train(self.config, starts, data, prepared, ctx, self._speaking)
        voice.save(folder, dtype=self.config.stored)
        if self.config.start_from:
            (folder / HEARD).write_text("\n".join(voice.made["heard"]), encoding="utf-8")
            fitting.bring_licence([name for name, _ in self._beginnings(named=True)], folder)

    def _beginnings(self, *, named: bool = False) -> list[tuple[str, str]]:
        """Names of the weights that networks begin with, and the setting that names each; `named`: of those
        that begin with any."""
        first, beside = self.config.start_from, self.config.beside
        if beside and not first:
            raise ConfigError(
                "there is nothing that a second network would speak beside",
                where=fitting.ALSO,
                hint="name the first weights in start_from, or leave also_from empty",
            )
        if not all(beside) or len(beside) >= MOST:
            raise ConfigError(
                f"names {len(beside)} weights, of which one is empty or which are more than {MOST - 1}",
                where=fitting.ALSO,
                hint='a list of bundled names and folders: ["several", "five"]',
            )
        others = [(n, fitting.ALSO) for n in beside if not named or n != fitting.CHANCE]
        return [(first, fitting.STARTED), *others] if first else []

    def _speaking(self, voice: TrainedVoice) -> ParametricModel:
        """Another of its kind that speaks with `voice`, in a training before changes are measured."""
        measured = voice.scales.modulation is not None
        other = type(self)(self.config if measured else self.config.model_copy({"modulation": 0.0}))
        other.voice = voice
        return other

    def open(self, folder: Path) -> None:
        """Read the weights."""
        self.voice = TrainedVoice.load(folder)

    def close(self) -> None:
        """Let the weights go."""
        self.voice = self._lately = None

    def check_said(self, request: Request) -> None:
        """Refuse phones and speakers that the voice never learned."""
        if self.voice is not None:
            voice = self.voice
            symbols = {p.symbol for p in request.segmentation.phones()}
            phone_ids(sorted(symbols), voice.symbols, languages=voice.languages, phone_set=voice.phone_set)
            speaker_shares(request.speaker, voice.speakers)

    def predict(self, request: Request) -> Frames:
        """Frames of `request`.

        Options are `ParametricOptions`, of mel frames `MelOptions`.
        With ``request.durations`` phones and pauses last as long as it says (0 seconds of a pause: not at
        all), and ``speed`` must stay 1; what is NaN is the model's own. With ``request.f0`` the contour is
        moved to go through its points where the model speaks with voice.

        Raises
        ------
        ConfigError
            An unknown option or value, speaker, or durations that do not fit.
        TextError
            A phone the voice never learned.
        VoiceError
            Nothing was opened.
        """
        return self._frames(request, None)[0]

    def known_phones(self) -> tuple[str, ...]:
        """Phones of the recordings it was trained on."""
        if self.voice is None:
            raise VoiceError("the parametric voice was not opened")
        return self.voice.symbols

    def predict_targets(
        self,
        segmentation: Segmentation,
        *,
        pauses: Collection[int] | None = None,
        speaker: str | None = None,
        options: Mapping[str, Any] | Settings | None = None,
    ) -> Targets:
        """What the voice would say, phone by phone (see `PredictsTargets`); raises what `predict` does."""
        request = Request(segmentation, speaker=speaker, options=options or {})
        frames, phones, edges = self._frames(request, pauses)
        hop = frames.spec.frame_period
        starts = np.clip(np.round(edges / hop), 0, len(frames)).astype(np.int64)
        starts[-1] = len(frames)
        f0 = np.zeros(len(phones), np.float32)
        if "lf0" in frames.data:
            f0 = heights(frames["lf0"], frames["vuv"] > 0.5, starts)
        symbols, words = tuple(p.symbol for p in phones), tuple(p.word for p in phones)
        return Targets(symbols, words, np.diff(edges), f0, frames, starts)

    def phone_vectors(
        self, segmentation: Segmentation, *, pauses: Collection[int] | None = None, speaker: str | None = None
    ) -> PhoneVectors:
        """What the encoder of the first network gives of each phone, an eighth of the work of frames (see
        `PredictsTargets`)."""
        request = Request(segmentation, speaker=speaker)
        known = self._encoded(request, pauses, self.asked({}))
        symbols, words = tuple(p.symbol for p in known.phones), tuple(p.word for p in known.phones)
        return PhoneVectors(symbols, words, known.seconds, known.vectors[0])

    @classmethod
    def bundled(cls, name: str) -> Bundled:
        """Weights that come with the plugin (see `PredictsTargets`)."""
        known = cls.known_weights()
        if name not in known:
            raise VoiceError(
                f"no weights {name!r} come with the parametric voice", hint=f"bundled: {', '.join(known)}"
            )
        voice = TrainedVoice.load(fitting.BUNDLED / name)
        heard = tuple(voice.made.get("heard", ()))
        return Bundled(fitting.BUNDLED / name, voice.spec, voice.phone_set, heard)

    def _encoded(self, request: Request, pauses: Collection[int] | None, options: Any) -> _Encoded:
        """What is known of each phone of `request`, and how long it lasts."""
        voice = self.voice
        if voice is None:
            raise VoiceError("the parametric voice was not opened")
        s, segmentation = voice.scales, request.segmentation
        if request.embedding is not None:
            raise ConfigError("the parametric voice cannot clone: it was trained without speaker embeddings")
        if pauses is None:
            own = frozenset[int]() if _all(request.durations) else _pauses(voice, segmentation)
            pauses = request.pauses(own)
        phones = spoken(segmentation, pauses)
        given, aims = (f([p.word for p in phones]) for f in (request.given, request.aims))
        symbols = phone_ids(
            [p.symbol for p in phones], voice.symbols, languages=voice.languages, phone_set=voice.phone_set
        )
        who = voice.who(request.speaker, segmentation.language)
        # A guide is asked for vectors, then for frames of one sentence. Kept as one tuple: threads share it.
        key, lately = (segmentation, frozenset(pauses), who.tobytes()), self._lately
        if lately is None or lately.voice is not voice or lately.key != key:
            described = features(phones, segmentation)
            lately = _Lately(voice, key, *speaking.encode_all(voice.networks, symbols, described, who))
            self._lately = lately
        encoded, timing = lately.encoded, lately.timing
        if "durations" in request.fixes() and options.speed != 1.0:
            raise ConfigError("speed cannot be changed where durations are given")
        seconds = aims.seconds(np.exp(timing.astype(np.float64) * s.duration[1] + s.duration[0]))
        seconds = given.seconds(np.clip(seconds / options.speed, voice.spec.frame_period, LONGEST))
        return _Encoded(phones, encoded, seconds, given, aims)

    def _frames(
        self, request: Request, pauses: Collection[int] | None
    ) -> tuple[Frames, list[SpokenPhone], np.ndarray]:
        options = self.asked(request.options)
        phones, encoded, seconds, given, aims = self._encoded(request, pauses, options)
        assert self.voice is not None, "an open voice encoded them"
        voice = self.voice
        mean, std = voice.scales.of(speaker_shares(request.speaker, voice.speakers))
        edges = np.concatenate([[0.0], np.cumsum(seconds)])
        index, places = steps(edges, voice.spec.frame_period, voice.shape.reduction)
        out = speaking.decode_all(voice.networks, encoded, index, places, voice.shape.outputs) * std + mean
        streams = _streams(out, voice, options)
        if (given or aims) and "lf0" in streams:
            time = np.arange(len(out)) * voice.spec.frame_period
            place = np.interp(time, edges, np.arange(len(edges)))
            streams["lf0"] = given.contour(place, aims.contour(place, streams["lf0"])).astype(np.float32)
        timing = Timing(tuple(p.symbol for p in phones), tuple(p.word for p in phones), edges)
        return Frames(streams, voice.spec, timing), phones, edges


class ParametricMel(ParametricModel):
    """The same network for log mel spectra; ``pitch`` is not in its power."""

    consumes = (Demand("mel", streams=("mel",)),)
    demos = (Demo(settings={"steps": 400}, languages=("en",)),)
    Options = MelOptions
    takes = frozenset({"durations"})
    lacks: ClassVar[Mapping[str, str]] = {"f0": "its mel frames hold none; frames of WORLD would"}

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        if self.config.pitch or self.config.energy:
            raise ConfigError(
                "a mel voice cannot change pitch or energy",
                where="[acoustic_model]",
                hint="leave them at 0, or use acoustic model 'parametric', whose WORLD frames can",
            )


def heights(log_f0: np.ndarray, voiced: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Hz of each phone ``(P,)``, float32: the median of its voiced frames; 0 where fewer than half are.

    Phone p is frames ``starts[p]`` to ``starts[p + 1]``, from 0 to all of them.
    """
    frames = np.diff(starts)
    phone = np.repeat(np.arange(len(frames)), frames)[voiced]
    values = log_f0[voiced]
    values = values[np.lexsort([values, phone])]
    count = np.bincount(phone, minlength=len(frames))
    there = (count > 0) & (2 * count >= frames)
    first = (np.cumsum(count) - count)[there]
    low, high = first + (count[there] - 1) // 2, first + count[there] // 2
    out = np.zeros(len(frames), np.float32)
    out[there] = np.exp((values[low] + values[high]) / 2)
    return out


def _pauses(voice: TrainedVoice, segmentation: Segmentation) -> set[int]:
    """After which words the speaker would pause."""
    logits = speaking.pauses_all(voice.networks, boundaries(segmentation))
    return {int(k) for k in np.flatnonzero(logits > 0)}


def _all(durations: np.ndarray | None) -> bool:
    """Whether every duration is given, so that the model need not say where it would pause."""
    return durations is not None and not bool(np.isnan(durations).any())


def _streams(out: np.ndarray, voice: TrainedVoice, options: Any) -> dict[str, np.ndarray]:
    """Outputs, in natural units, to the streams of the spec."""
    spec, where = voice.spec, columns(voice.spec)
    if options.sharpness:
        sharpen(out, where, voice.scales.spread, options.sharpness)
    if options.modulation:
        modulate(out, where, voice.scales.modulation, options.modulation)
    streams = {}
    for name in spec.names:
        values = out[:, where[name]]
        if name == "mcep":
            values = values.copy()
            values[:, 0] += options.energy * np.log(10) / 20
        elif name == "lf0":
            values = values[:, 0] + options.pitch * np.log(2) / 12
        elif name == "vuv":
            values = (values[:, 0] > 0).astype(np.float32)
        elif name == "bap":
            values = np.minimum(values, 0)
        streams[name] = np.ascontiguousarray(values, dtype=np.float32)
    return streams
