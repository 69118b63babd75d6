# SPDX-License-Identifier: Apache-2.0
"""`CoquiModel`: what acoustic models over an `Architecture` share as components.

What training alone needs is imported where one begins: it is a fifth of the time to a voice's first sound.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import ConfigError, VoiceError
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import AcousticModel, Clones, Context, Request, TrainingData, TrainingItem
from synthkit.trained import pretrained_digest
from synthkit.types import FeatureSpec, Finding, Frames, Waveform
from synthkit_coqui import taken, trained
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.settings import AcousticSettings, DrawOptions


class CoquiModel(AcousticModel, Clones):
    """What the models share: check, prepare, train in a process of its own, open, speak.

    Attributes
    ----------
    architecture : Architecture
        The model; its ``kind`` is the name that the component is registered under.
    """

    architecture: ClassVar[Architecture]
    consumes = (MelSpec.demand(),)
    demos = ()  # minutes of training show nothing: a built voice is named, where no weights are bundled
    Config: ClassVar[type[AcousticSettings]] = AcousticSettings
    Options: ClassVar[type[Settings]] = DrawOptions
    lacks: ClassVar[Mapping[str, str]] = {
        "f0": "what it gives is no frames that hold F0",
        "durations": "it has no phone's duration to take another's place",
    }

    @property
    def kind(self) -> str:
        """The component's name."""
        return self.architecture.kind

    @classmethod
    def cloning(cls, folder: Path, where: str) -> tuple[str, list[Finding]]:
        """See `Clones`."""
        from synthkit_coqui.speech import read_config

        description = read_config(folder)
        return description.speaker_encoder, trained.of_cloning(description, where)

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """The mel frames it was trained on."""
        return features

    def fingerprint(self) -> str:
        """See `Component.fingerprint`: of the weights that are taken or begun with."""
        named = (self.config.pretrained, self.config.start_from)
        return " ".join(pretrained_digest(name, taken.bundled(self.kind)) for name in named).strip()

    def check_phone_set(self, phone_set: str) -> None:
        """Raise `SpecMismatch` if the weights that are to be taken speak another phone set."""
        if name := self.config.pretrained:
            taken.check_set(name, self.kind, phone_set)

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `synthkit_coqui.preflight`; weights that are taken need none of it."""
        if self.config.pretrained:
            return []
        from synthkit_coqui import preflight

        if lacking := preflight.of_installed(self.kind):
            return lacking
        found = preflight.of_settings(self.architecture, self.config)
        if data is not None:
            found += preflight.of_data(self.architecture, self.config, data)
            if self.config.start_from and not any(f.severity == "error" for f in found):
                from synthkit_coqui.speech import read_config

                start = read_config(self._start())
                voice = self._describe(data)
                if not data.phone_set:  # nothing is segmented yet
                    voice = dataclasses.replace(voice, symbols=start.symbols)
                found += trained.of_start(start, voice, self.config.start_from)
        return found

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Train to ``config.steps`` in ``ctx.work``, going on from a checkpoint there.

        With the setting ``pretrained`` nothing is trained: the weights named there are taken, if they fit.

        Raises
        ------
        SpecMismatch
            Weights that were to be taken are of other features, or do not know every phone of `data`.
        SynthkitError
            The preflight found an error, the rehearsal failed, or training did.
        VoiceError
            Weights that were to be taken cannot be read.
        """
        if name := self.config.pretrained:
            taken.take(name, self.kind, data, folder, ctx)
            return
        from synthkit_coqui import launch
        from synthkit_coqui.corpus import prepare

        launch.refuse(self.check(data), ctx)

        data = self._usable(data)
        voice = self._describe(data)
        assert voice.symbols is not None
        known = voice.symbols.ids()
        shared = voice.symbols.shared
        tokens = {i.utterance.id: self._tokens(i, shared) for i in (*data.items, *data.held_out)}
        strange = {
            i.utterance.id for i in data.held_out if any(t not in known for t in tokens[i.utterance.id])
        }
        if strange:
            ctx.log(
                f"{len(strange)} held-out utterances hold phones the training ones lack; not used for "
                "validation"
            )
            held = tuple(i for i in data.held_out if i.utterance.id not in strange)
            data = TrainingData(**{**vars(data), "held_out": held})
        run = ctx.work / "run"
        prepare(
            data, run / "data", ctx,
            symbols=voice.symbols, tokens=tokens, with_mel=self.architecture.frames,
            embed=self._encoder().embed if voice.conditioning == "d-vector" else None,
        )  # fmt: skip
        start = str(self._start()) if self.config.start_from else ""
        launch.write_run(run, voice, self.config.model_copy(update={"start_from": start}))
        launch.finish(launch.train(run, self.config, ctx, label=self.kind), run, folder)

    def _start(self) -> Path:
        """The folder of the weights that training begins with."""
        return taken.folder_of(self.config.start_from, self.kind, where="[acoustic_model] start_from")

    def _usable(self, data: TrainingData) -> TrainingData:
        from synthkit_coqui import preflight

        short = tuple(i for i in data.items if preflight._seconds(i) <= self.config.max_seconds)
        return TrainingData(**{**vars(data), "items": short})

    @staticmethod
    def _tokens(item: TrainingItem, shared: bool = False) -> list[str]:
        from synthkit_coqui.symbols import recorded_tokens

        return recorded_tokens(item.segmentation, item.alignment, shared=shared)

    def _encoder(self) -> Any:
        return registry().load("speaker_encoder", self.config.speaker_encoder)()

    def _describe(self, data: TrainingData) -> Any:
        """The `VoiceConfig` of what `data` would train."""
        from synthkit_coqui.description import VoiceConfig
        from synthkit_coqui.symbols import SHARED, SymbolTable, table_set

        s, phones = self.config, table_set(data.phone_set)
        conditioning = s.speakers
        if conditioning == "auto":
            conditioning = "embedding" if len(data.speakers) > 1 else "none"
        languages = s.languages == "embedding" or (s.languages == "auto" and len(data.languages) > 1)
        dimension = 0
        if conditioning == "d-vector":
            dimension = len(self._encoder().embed(data.items[0].waveform()))
        return VoiceConfig(
            kind=self.kind,
            spec=self.architecture.spec(data),
            model=self.architecture.chosen(s),
            symbols=SymbolTable.of(
                (self._tokens(i, phones == SHARED) for i in data.items),
                phones,
                blank=getattr(s, "blank", False),
            ),
            speakers=data.speakers,
            languages=data.languages,
            conditioning=conditioning,
            language_embedding=languages and self.architecture.takes_languages,
            d_vector_dim=dimension,
            speaker_encoder=s.speaker_encoder if conditioning == "d-vector" else "",
            audio=self.architecture.audio(s, data.sample_rate),
        )

    def open(self, folder: Path) -> None:
        """Load the voice; on the device of ``config.device``."""
        from synthkit_coqui.history import tell_how_trained
        from synthkit_coqui.light import open_speech
        from synthkit_coqui.speech import read_vectors

        self.speech = open_speech(folder, self.config.device)
        if self.speech.voice.kind != self.kind:
            raise VoiceError(f"this is a {self.speech.voice.kind}, not a {self.kind}", where=str(folder))
        self.vectors = read_vectors(folder, self.speech.voice)
        tell_how_trained(folder)

    def check_said(self, request: Request) -> None:
        """Refuse phones and languages that the voice was never taught."""
        if hasattr(self, "speech"):
            self._said(request)
            self._language(request)

    def _said(self, request: Request) -> tuple[list[str], list[int]]:
        symbols = self.speech.voice.symbols
        assert symbols is not None
        tokens = [self.config.substitute.get(t, t) for t in symbols.read(request.segmentation)]
        return tokens, symbols.encode(tokens, where=request.segmentation.text[:60])

    def predict(self, request: Request) -> Frames | Waveform:
        """Speak: mel frames, or of VITS the waveform.

        Options are `DrawOptions`, of Glow-TTS and VITS `FlowOptions`.

        Raises
        ------
        ConfigError
            An option that the model does not have, or a value that it cannot have.
        TextError
            A phone the voice was never taught.
        VoiceError
            An unknown speaker, or an embedding for a voice that takes none.
        """
        import dataclasses

        from synthkit_coqui.speaking import Speaking

        if not hasattr(self, "speech"):
            raise VoiceError(f"acoustic model {self.kind!r} was not opened")
        voice = self.speech.voice
        options = self.asked(request.options)
        tokens, ids = self._said(request)
        how = Speaking(
            language=self._language(request),
            durations=self._durations(request, len(tokens), options),
            **options.model_dump(),
        )
        how = dataclasses.replace(how, **self._speaker(request))
        out = self.speech.acoustic(ids, how)
        if voice.spec.kind == "waveform":
            return Waveform(np.clip(out, -1, 1), voice.spec.sample_rate)
        return Frames({"mel": out}, voice.spec).check()

    def _language(self, request: Request) -> int | None:
        voice = self.speech.voice
        if not voice.language_embedding:
            return None
        name = request.language or request.segmentation.language
        if name not in voice.languages:
            raise VoiceError(
                f"the voice does not speak {name!r}",
                where="--language",
                hint=f"it speaks {', '.join(voice.languages)}",
            )
        return voice.languages.index(name)

    def _speaker(self, request: Request) -> dict[str, Any]:
        """Speaker id, mixture or d-vector of a request."""
        from synthkit.requested import speaker_shares

        voice = self.speech.voice
        if request.embedding is not None:
            errors = [f for f in trained.of_cloning(voice, "the voice") if f.severity == "error"]
            if errors:
                raise VoiceError(f"{errors[0].problem}; {errors[0].consequence}", hint=errors[0].mend)
            if len(request.embedding) != voice.d_vector_dim:
                raise VoiceError(
                    f"an embedding of {len(request.embedding)} values; the voice takes {voice.d_vector_dim}",
                    hint=f"use speaker encoder {voice.speaker_encoder!r}",
                )
            return {"vector": request.embedding}
        if voice.conditioning == "none":
            if request.speaker not in (None, *voice.speakers):
                raise VoiceError(
                    f"the voice has one speaker; {request.speaker!r} is not it", where="speaker",
                    hint='train with speakers = "embedding" on a corpus of several',
                )  # fmt: skip
            return {}
        shares = speaker_shares(request.speaker or None, voice.speakers)
        if voice.conditioning == "d-vector":
            mixed = sum(
                share * self.vectors[name]
                for name, share in zip(voice.speakers, shares.tolist(), strict=True)
                if share
            )
            return {"vector": np.float32(mixed / np.linalg.norm(mixed))}
        if np.count_nonzero(shares) == 1:
            return {"speaker": int(shares.argmax())}
        return {"speaker": shares}

    def _durations(self, request: Request, count: int, options: Any) -> np.ndarray | None:
        """Frames per token of `count` phones."""
        from synthkit_coqui.speaking import frames_of_tokens

        self.check_given(request, self.kind)
        if "durations" not in request.fixes():
            return None
        assert request.durations is not None
        if options.speed != 1:
            raise ConfigError("speed cannot be changed where durations are given", where="options")
        voice = self.speech.voice
        assert voice.symbols is not None
        if voice.symbols.mode != "phones" or len(request.durations) != count:
            raise ConfigError(
                "this voice reads letters, which have no durations",
                where="durations",
                hint="one that was trained on phones can be given them",
            )
        return frames_of_tokens(request.durations, voice.period, blank=voice.symbols.blank)

    def close(self) -> None:
        """Give back the model's memory."""
        self.speech = None  # type: ignore[assignment]
