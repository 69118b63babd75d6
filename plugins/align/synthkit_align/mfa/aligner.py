# SPDX-License-Identifier: Apache-2.0
"""The aligner `mfa`."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.errors import AlignmentError, AudioError, ConfigError, SynthkitError, VoiceError
from synthkit.labels import flags
from synthkit.scratch import scratch_folder
from synthkit.settings import Field, Settings
from synthkit.stages import Aligner, Context, TrainingData
from synthkit.types import Alignment, Finding, Segmentation, Utterance
from synthkit_align.mfa import command, grids, lexicon
from synthkit_align.mfa.lexicon import Lexicon
from synthkit_align.mfa.workplace import Workplace

MODEL = "mfa-model.zip"
DICTIONARY = "mfa-dictionary.dict"
LONGEST = 160
"""Bytes of an utterance's or a speaker's id in a file's name."""


class MfaSettings(Settings):
    """Settings of the `mfa` adapter."""

    places: ClassVar[frozenset[str]] = frozenset({"folder", "model", "dictionary"})

    command: str = Field(default="mfa", description="the program, if it is not on the PATH")
    model: Path | None = Field(
        default=None,
        description="acoustic model: a zip, or the name of one that `mfa model download acoustic` fetched; "
        "not given: train on the corpus",
    )
    dictionary: Path | None = Field(
        default=None,
        description="MFA dictionary: a file, or the name of one that was fetched; not given: made from the "
        "segmentation",
    )
    phone_map: Path | None = Field(
        default=None,
        description="file of two columns: the segmentation's phone, and the model's or dictionary's name "
        "for it",
    )
    train_config: Path | None = Field(default=None, description="yaml with MFA's training recipe")
    jobs: int = Field(default=2, ge=1, description="processes of MFA")
    folder: Path | None = Field(
        default=None,
        description="MFA works in a folder of our own below it; not given: the build's work folder",
    )

    @classmethod
    def prepare(cls, values: dict[str, Any]) -> dict[str, Any]:
        """An empty text stands for what is not given."""
        return {name: value for name, value in values.items() if value != ""}


class MfaAligner(Aligner):
    """Trains on the corpus (or aligns with a given model) by the `mfa` command and reads its TextGrids."""

    Config = MfaSettings
    version = "2"

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._model: Path | None = None  # trained, opened, or found under the name that the settings give
        self._dictionary: Path | None = None
        self._place: Workplace | None = None

    def fingerprint(self) -> str:
        """Of the models and tables that are given, by name or as a file."""
        digest = hashlib.sha256()
        for path in (
            self._given("model"),
            self._given("dictionary"),
            self.config.phone_map,
            self.config.train_config,
        ):
            digest.update((sha256(path) if path and path.is_file() else "-").encode())
        return digest.hexdigest()[:16]

    def open(self, folder: Path) -> None:
        """Use the model, and the dictionary if one was given, that `save` wrote."""
        model = folder / MODEL
        if not model.is_file():
            raise VoiceError("the voice has no MFA model", where=str(model))
        self._model = model
        dictionary = folder / DICTIONARY
        self._dictionary = dictionary if dictionary.is_file() else None

    def save(self, folder: Path) -> None:
        """Copy the model that was trained or given, and a given dictionary: the voice aligns without them
        elsewhere."""
        folder.mkdir(parents=True, exist_ok=True)
        for source, name in ((self._model, MODEL), (self._dictionary, DICTIONARY)):
            if source is not None:
                shutil.copyfile(source, folder / name)

    def check(self, data: TrainingData | None = None) -> list[Finding]:
        """See `Component.check`: the program, its version, and the files that the settings name."""
        try:
            with scratch_folder() as root:
                command.version(command.find(self.config.command), root)
            self._files()
        except SynthkitError as error:
            return [
                Finding(
                    "error",
                    "mfa",
                    error.message,
                    "nothing could be aligned",
                    error.hint,
                    error.where or "alignment",
                )
            ]
        return []

    def align(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> dict[str, Alignment | Exception]:
        """See `Aligner.align`.

        Raises
        ------
        MissingDependency
            There is no `mfa` command, or it is too old.
        ConfigError
            A file in the settings is missing or no such file, what is in the work folder is not ours, or the
            model or dictionary has another phone set.
        AlignmentError
            MFA failed as a whole; the message ends with its own last words.
        """
        program = command.find(self.config.command)
        model, dictionary, phone_map = self._files()
        words = self._lexicon([s for _, s in items], model, dictionary, phone_map, ctx)
        place = self._place = Workplace(self.config.folder or ctx.work)
        try:
            command.version(program, place.folder / "root")
            found, durations = _written(items, words, place, ctx)
            if durations:
                self._run(program, place, words, model, len({u.speaker for u, _ in items}) == 1, ctx)
            names = _names([u for u, _ in items])
            for utterance, segmentation in items:
                if utterance.id in durations:
                    path = place.folder / "out" / f"{names[utterance.id]}.TextGrid"
                    try:
                        found[utterance.id] = grids.read(
                            path, utterance.id, durations[utterance.id], segmentation, words
                        )
                    except AlignmentError as error:
                        found[utterance.id] = error
        finally:
            place.clear()
        good = [a for a in found.values() if isinstance(a, Alignment)]
        known = flags.usual(a.phones for a in good)
        for a in good:
            found[a.id] = Alignment(a.id, a.phones, a.words, a.duration, flags.flags(a.phones, known))
        missing = len(found) - len(good)
        if missing:
            ctx.log(f"mfa: {missing} of {len(found)} utterances were not aligned")
        return {u.id: found[u.id] for u, _ in items}

    def _given(self, kind: str) -> Path | None:
        """The file of a setting that may be a file or a name that MFA knows; None where nothing is given."""
        value: Path | None = getattr(self.config, kind)
        if value is None or value.is_file():
            return value
        return _by_name(kind, value.name) if not value.suffix else None

    def _files(self) -> tuple[Path | None, Path | None, dict[str, str]]:
        """Model, dictionary and phone map; those of an opened voice come first."""
        chosen: dict[str, Path | None] = {"model": self._model, "dictionary": self._dictionary}
        for kind, opened in chosen.items():
            value = getattr(self.config, kind)
            if opened is not None or value is None or (kind == "dictionary" and self._model is not None):
                continue
            chosen[kind] = self._given(kind)
            if chosen[kind] is None:
                raise ConfigError(
                    f"there is no file {str(value)!r}, and MFA has no {kind} of the name {value.name!r}",
                    where=f"alignment.{kind}",
                    hint=_fetched(kind),
                )
        for key in ("train_config", "phone_map"):
            value = getattr(self.config, key)
            if value is not None and not value.is_file():
                raise ConfigError(f"there is no file {str(value)!r}", where=f"alignment.{key}")
        if chosen["model"] is not None:
            lexicon.model_phones(chosen["model"])
        if chosen["dictionary"] is not None:
            lexicon.read_dictionary(chosen["dictionary"])
        table = lexicon.read_phone_map(self.config.phone_map) if self.config.phone_map else {}
        return chosen["model"], chosen["dictionary"], table

    def _lexicon(
        self,
        segmentations: Sequence[Segmentation],
        model: Path | None,
        dictionary: Path | None,
        phone_map: dict[str, str],
        ctx: Context,
    ) -> Lexicon:
        self._model, self._dictionary = model, dictionary
        own = lexicon.of_segmentations(segmentations, phone_map)
        words = lexicon.of_dictionary(segmentations, dictionary, phone_map) if dictionary else own
        notes = []
        if dictionary:
            known = frozenset(own.theirs()) | frozenset(phone_map.values())
            notes.append(lexicon.check_phones(words, known, str(dictionary), "the segmentation's"))
        phones = lexicon.model_phones(model) if model else None
        if phones is not None:
            what = str(dictionary) if dictionary else "the segmentation"
            notes.append(lexicon.check_phones(words, phones, what, f"known to the model {model}"))
        for note in filter(None, notes):
            ctx.log(f"mfa: {note}")
        return words

    def _run(
        self, program: str, place: Workplace, words: Lexicon, model: Path | None, alone: bool, ctx: Context
    ) -> None:
        dictionary = place.folder / "dictionary.dict"
        dictionary.write_text(words.text(), encoding="utf-8")
        out, corpus = str(place.folder / "out"), str(place.folder / "corpus")
        options = [
            "--clean",
            "--final_clean",
            "-j",
            str(self.config.jobs),
            "--output_format",
            "long_textgrid",
        ]
        if model:
            # --single_speaker would leave out the pass that adapts to the speaker, of which there is then
            # one.
            arguments = ["align", *options, corpus, str(dictionary), str(model), out]
        else:
            # One speaker's recordings are one job unless MFA is told that they may be divided.
            options += ["--single_speaker"] if alone else []
            options += ["-c", str(self.config.train_config)] if self.config.train_config else []
            arguments = [
                "train",
                *options,
                "--output_directory",
                out,
                corpus,
                str(dictionary),
                str(place.model),
            ]
        ctx.log(f"mfa: {arguments[0]} (what it prints: {place.log})")
        status, said = command.run([program, *arguments], place.log, place.folder / "root", ctx.log)
        if status and command.NOTHING_ALIGNED not in said:
            raise AlignmentError(
                f"mfa {arguments[0]} failed (exit {status}): {command.last_words(said)}",
                where=str(place.log),
                hint="the log has the whole of it",
            )
        if not model and not status:
            if not place.model.is_file():
                raise AlignmentError("mfa train ended well but wrote no model", where=str(place.model))
            self._model = place.model


def _written(
    items: Sequence[tuple[Utterance, Segmentation]], words: Lexicon, place: Workplace, ctx: Context
) -> tuple[dict[str, Alignment | Exception], dict[str, float]]:
    """Write what MFA can read; what it could not is in the first dict with the reason, durations are in the
    second."""
    found: dict[str, Alignment | Exception] = {}
    durations: dict[str, float] = {}
    names = _names([u for u, _ in items])
    for utterance, segmentation in ctx.track(items, label="corpus for mfa", total=len(items)):
        lacking = [w.text for w in segmentation.words if w.text in words.missing]
        if lacking:
            found[utterance.id] = AlignmentError(
                f"the dictionary has no {', '.join(map(repr, dict.fromkeys(lacking)))}",
                where=utterance.id,
                hint="add the words to it, or leave alignment.dictionary out",
            )
            continue
        try:
            wave = audio.read(utterance.audio, None, utterance.start, utterance.end)
        except AudioError as error:
            found[utterance.id] = AlignmentError(
                error.message, where=error.where or utterance.id, hint=error.hint
            )
            continue
        durations[utterance.id] = wave.duration
        path = place.folder / "corpus" / names[utterance.id]
        path.parent.mkdir(exist_ok=True)
        audio.write(path.with_name(path.name + ".wav"), wave)
        said = " ".join(words.tokens[w.text] for w in segmentation.words)
        path.with_name(path.name + ".lab").write_text(said + "\n", encoding="utf-8")
    return found, durations


def _names(utterances: Sequence[Utterance]) -> dict[str, str]:
    """``speaker/utterance`` for each id: plain names that stay in their folder, no two alike."""

    def plain(name: str, number: int) -> str:
        # By bytes: a letter of some scripts has four of the 255 that a file's name may have.
        kept = re.sub(r"[^\w-]", "_", name).encode()[:LONGEST].decode("utf-8", "ignore")
        numbered = re.match(r"\d{6,}_", name)  # as the others are called: two could be alike
        return kept if kept and kept == name and not numbered else f"{number:06d}_{kept}"

    speakers = {name: plain(name, i) for i, name in enumerate(dict.fromkeys(u.speaker for u in utterances))}
    return {u.id: f"{speakers[u.speaker]}/{plain(u.id, i)}" for i, u in enumerate(utterances)}


def _by_name(kind: str, name: str) -> Path | None:
    """A model or dictionary that MFA's own command fetched."""
    folder, suffix = ("acoustic", ".zip") if kind == "model" else ("dictionary", ".dict")
    path = _own_root() / "pretrained_models" / folder / f"{name}{suffix}"
    return path if path.is_file() else None


def _fetched(kind: str) -> str:
    folder, suffix = ("acoustic", ".zip") if kind == "model" else ("dictionary", ".dict")
    there = sorted(p.stem for p in (_own_root() / "pretrained_models" / folder).glob(f"*{suffix}"))
    names = f"it has {', '.join(there)}; " if there else f"it has none under {_own_root()}; "
    return f"{names}`mfa model download {folder} NAME` fetches one"


def _own_root() -> Path:
    """Where the user's MFA keeps its models."""
    return Path(os.environ.get("MFA_ROOT_DIR") or "~/Documents/MFA").expanduser()
