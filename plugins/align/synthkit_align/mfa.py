"""The Montreal Forced Aligner by its command, `mfa`: what it is given, what it gives, what it leaves out.

Its behaviour, seen in 3.4.3: one unreadable recording aborts the whole run; an utterance that cannot be aligned is
left out and the exit status is 0; corpus and output must not lie under the system's temporary folder; without
``MFA_ROOT_DIR`` two runs share, and spoil, one state. So recordings are read and written anew beforehand, what came
is compared with what was asked, and every run has a root of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from synthkit import audio, labels
from synthkit.errors import AlignmentError, AudioError, ConfigError, MissingDependency, VoiceError
from synthkit.settings import Field, Settings
from synthkit.stages import Aligner, Context
from synthkit.types import Alignment, Interval, Segmentation, Utterance, Waveform, Word
from synthkit_align import flags

UNKNOWN = "spn"
"""MFA's phone for a word that its dictionary or model cannot say."""


class MfaSettings(Settings):
    """Settings of the `mfa` adapter."""

    command: str = Field(default="mfa", description="the program, if it is not on the PATH")
    model: str = Field(
        default="", description="acoustic model (zip, or a name MFA knows); empty: train on the corpus"
    )
    dictionary: str = Field(default="", description="MFA dictionary; empty: made from the segmentation")
    train_config: str = Field(default="", description="yaml with MFA's training recipe")
    jobs: int = Field(default=2, ge=1, description="processes of MFA")
    folder: str = Field(default="", description="where MFA works; empty: the build's work folder")


class MfaAligner(Aligner):
    """Trains on the corpus (or aligns with a given model) by the `mfa` command and reads its TextGrids."""

    Config = MfaSettings
    version = "1"

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._trained: Path | None = None

    def open(self, folder: Path) -> None:
        """Use the model that `save` wrote."""
        model = folder / "mfa-model.zip"
        if not model.is_file():
            raise VoiceError("the voice has no MFA model", where=str(model))
        self._trained = model

    def save(self, folder: Path) -> None:
        """Copy the trained model, if one was trained."""
        if self._trained is not None:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._trained, folder / "mfa-model.zip")

    def align(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> dict[str, Alignment | Exception]:
        """See `Aligner.align`.

        Raises
        ------
        MissingDependency
            There is no `mfa` command.
        ConfigError
            The work folder lies where MFA does not work, or a file in the settings is missing.
        AlignmentError
            MFA failed as a whole; the message ends with its own last words.
        """
        program = self._program()
        work = self._folder(ctx)
        found: dict[str, Alignment | Exception] = {}
        durations: dict[str, float] = {}
        corpus = work / "corpus"
        tokens = _tokens(segmentation for _, segmentation in items)
        for utterance, segmentation in ctx.track(items, label="corpus for mfa", total=len(items)):
            try:
                wave = audio.read(utterance.audio, None, utterance.start, utterance.end)
            except AudioError as error:
                found[utterance.id] = AlignmentError(
                    error.message, where=error.where or utterance.id, hint=error.hint
                )
                continue
            durations[utterance.id] = wave.duration
            _write(corpus, utterance, wave, [tokens[w.text] for w in segmentation.words])
        if durations:
            dictionary = Path(self.config.dictionary) if self.config.dictionary else work / "dictionary.dict"
            if not self.config.dictionary:
                dictionary.write_text(_dictionary(items, tokens), encoding="utf-8")
            self._run(program, work, dictionary, len({u.speaker for u, _ in items}) == 1, ctx)
            for utterance, segmentation in items:
                if utterance.id in durations:
                    path = work / "out" / _safe(utterance.speaker) / f"{utterance.id}.TextGrid"
                    try:
                        found[utterance.id] = _read(path, utterance.id, durations[utterance.id], segmentation)
                    except AlignmentError as error:
                        found[utterance.id] = error
        shutil.rmtree(corpus, ignore_errors=True)
        good = [a for a in found.values() if isinstance(a, Alignment)]
        known = flags.usual(a.phones for a in good)
        for a in good:
            found[a.id] = Alignment(a.id, a.phones, a.words, a.duration, flags.flags(a.phones, known))
        missing = len(found) - len(good)
        if missing:
            ctx.log(f"mfa: {missing} of {len(found)} utterances were not aligned")
        return {u.id: found[u.id] for u, _ in items}

    def _program(self) -> str:
        program = shutil.which(self.config.command)
        if program is None:
            raise MissingDependency(
                f"there is no command {self.config.command!r}",
                hint="conda install -c conda-forge montreal-forced-aligner (pip alone cannot install it), "
                "or use the aligner `hmm`, which needs nothing else",
            )
        return program

    def _folder(self, ctx: Context) -> Path:
        for key in ("dictionary", "train_config"):
            value = getattr(self.config, key)
            if value and not Path(value).is_file():
                raise ConfigError(f"there is no file {value!r}", where=f"alignment.{key}")
        work = (Path(self.config.folder) if self.config.folder else ctx.work / "mfa").resolve()
        if work.is_relative_to(Path(tempfile.gettempdir()).resolve()):
            raise ConfigError(
                "mfa does not work under the system's temporary folder",
                where=str(work),
                hint="set alignment.folder to a folder elsewhere",
            )
        for part in ("corpus", "out", "root"):
            shutil.rmtree(work / part, ignore_errors=True)
            (work / part).mkdir(parents=True)
        return work

    def _run(self, program: str, work: Path, dictionary: Path, one_speaker: bool, ctx: Context) -> None:
        model = str(self._trained or self.config.model)
        out, corpus = str(work / "out"), str(work / "corpus")
        options = [
            "--clean",
            "--final_clean",
            "-j",
            str(self.config.jobs),
            "--output_format",
            "long_textgrid",
        ]
        options += ["--single_speaker"] if one_speaker else []
        if model:
            command = [program, "align", *options, corpus, str(dictionary), model, out]
        else:
            if self.config.train_config:
                options += ["-c", self.config.train_config]
            made = work / "model.zip"
            command = [
                program,
                "train",
                *options,
                "--output_directory",
                out,
                corpus,
                str(dictionary),
                str(made),
            ]
        ctx.log(f"mfa: {command[1]} (its log: {work / 'mfa.log'})")
        log = work / "mfa.log"
        with log.open("wb") as file:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "MFA_ROOT_DIR": str(work / "root")},
                check=False,
            )
        if done.returncode:
            said = log.read_text(encoding="utf-8", errors="replace")
            raise AlignmentError(
                f"mfa {command[1]} failed (exit {done.returncode}): {last_words(said)}",
                where=str(log),
                hint="the log has the whole of it",
            )
        if not model:
            if not made.is_file():
                raise AlignmentError("mfa train ended well but wrote no model", where=str(made))
            self._trained = made


def last_words(log: str) -> str:
    """What a failed run of `mfa` ended with: its last error line, without the traceback above it or boxes."""
    lines = [re.sub(r"[│╭╮╰╯─]+", " ", line).strip() for line in log.splitlines()]
    lines = [" ".join(line.split()) for line in lines if line.strip()]
    telling = [
        line for line in lines if re.match(r"(\w+\.)*\w*(Error|Exception)\b|Error:|Invalid value|ERROR", line)
    ]
    return (telling or lines or ["it said nothing"])[-1][:300]


def _tokens(segmentations: Iterable[Segmentation]) -> dict[str, str]:
    """A spelling for each word that MFA's tokenizer leaves alone: letters only, lower case."""
    texts = sorted({w.text for s in segmentations for w in s.words})
    plain = {text: text.lower() for text in texts if text.isalpha()}
    taken = set(plain.values())
    number = 0
    for text in texts:
        while text not in plain:
            token = "xq" + "".join("abcdefghij"[int(digit)] for digit in str(number))
            number += 1
            if token not in taken:
                plain[text] = token
    return plain


def _dictionary(items: Sequence[tuple[Utterance, Segmentation]], tokens: dict[str, str]) -> str:
    """MFA's lexicon: ``word TAB phones``, one line per pronunciation."""

    def ways(word: Word) -> Iterable[str]:
        return (" ".join(p.symbol for p in way) for way in (word.phones, *word.variants) if way)

    rows = {f"{tokens[w.text]}\t{way}" for _, s in items for w in s.words for way in ways(w)}
    return "".join(f"{row}\n" for row in sorted(rows))


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name) or "speaker"


def _write(corpus: Path, utterance: Utterance, wave: Waveform, words: list[str]) -> None:
    folder = corpus / _safe(utterance.speaker)
    folder.mkdir(exist_ok=True)
    audio.write(folder / f"{utterance.id}.wav", wave)
    (folder / f"{utterance.id}.lab").write_text(" ".join(words) + "\n", encoding="utf-8")


def _read(path: Path, id_: str, duration: float, segmentation: Segmentation) -> Alignment:
    if not path.is_file():
        raise AlignmentError(
            "mfa gave nothing for it (it leaves out what it cannot align)",
            where=id_,
            hint="is it too short, silent, or its text another's?",
        )
    found = labels.read_alignment(path, id=id_, duration=duration)
    if len(found.words) != len(segmentation.words):
        raise AlignmentError(
            f"mfa found {len(found.words)} words, the text has {len(segmentation.words)}", where=id_
        )
    unknown = [
        w.label
        for w in found.words
        if any(p.label == UNKNOWN and w.start <= p.start < w.end for p in found.phones)
    ]
    if unknown:
        raise AlignmentError(
            f"mfa could not say {', '.join(repr(w) for w in unknown)}",
            where=id_,
            hint="its dictionary or its model lacks them or their phones",
        )
    words = tuple(
        Interval(w.start, w.end, own.text) for w, own in zip(found.words, segmentation.words, strict=True)
    )
    last = found.phones[-1]
    phones = (
        *found.phones[:-1],
        Interval(last.start, max(duration, last.start + 1e-3), last.label, last.score),
    )
    if words[-1].end == last.end:
        words = (*words[:-1], Interval(words[-1].start, phones[-1].end, words[-1].label))
    return Alignment(id_, phones, words, phones[-1].end)
