# SPDX-License-Identifier: Apache-2.0
"""What is to be heard: voices that speak, a comparison's report, or folders of sounds that somebody else
made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.errors import ConfigError
from synthkit.eval.compare import REPORT_SOUNDS
from synthkit.eval.items import Item
from synthkit.eval.results_files import read_results_json
from synthkit.eval.sample import SpeechRecord
from synthkit.eval.sentences import choose_sentences
from synthkit.eval.study import Study
from synthkit.eval.systems import Kind, Natural, System
from synthkit.eval.voice_systems import VoiceSystem, voice_system
from synthkit.paths import read_json
from synthkit.pipeline.executors import SerialExecutor
from synthkit.progress import Progress
from synthkit.types import Waveform

NATURAL = "natural"
SUFFIXES = (".wav", ".flac", ".mp3", ".ogg")


@dataclass(frozen=True)
class Sources:
    """Sentences and their sounds.

    Attributes
    ----------
    items : dict of str to str
        Text by id; empty where it is not known.
    sounds : dict of (voice, item) to Path
    voices : list of str
        In the order given; `NATURAL` first where there are recordings.
    notes : list of str
    """

    items: dict[str, str]
    sounds: dict[tuple[str, str], Path]
    voices: list[str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SoundFolder:
    """A voice of which there are only sounds: files named by the sentence's id."""

    name: str
    folder: Path
    kind: ClassVar[Kind] = "voice"

    def path(self, item: str) -> Path | None:
        """The sound of that sentence."""
        return next((p for s in SUFFIXES if (p := self.folder / f"{item}{s}").is_file()), None)

    def ids(self) -> list[str]:
        """Sentences there are sounds of."""
        return sorted({p.stem for p in self.folder.iterdir() if p.suffix.lower() in SUFFIXES})

    def identity(self, item: Item) -> Any:
        """See `System.identity`."""
        return ["sounds", sha256(self._found(item.id))]

    def speak(self, item: Item) -> tuple[Waveform, SpeechRecord | None]:
        """See `System.speak`."""
        return audio.read(self._found(item.id)), None

    def describe(self) -> dict[str, Any]:
        """See `System.describe`."""
        return {"what": "sounds made elsewhere"}

    def _found(self, item: str) -> Path:
        path = self.path(item)
        if path is None:
            raise ConfigError(
                f"there is no sound of {item!r}",
                where=str(self.folder),
                hint=f"files are named by the sentence's id, as {item}.wav",
            )
        return path


@dataclass(frozen=True)
class Which:
    """Which sentences; the fields are the options of ``synthkit listen plan``."""

    corpus: str | None = None
    texts: Path | None = None
    rule: str = "held-out"
    limit: int | None = None
    language: str | None = None
    leave_one_out: bool = False


def gather(what: Sequence[str], asked: Which, work: Path, progress: Progress) -> Sources:
    """Speak or find every sentence by every voice.

    Parameters
    ----------
    what : sequence of str
        A report's folder alone; or voices: ``FOLDER``, ``FOLDER:VOCODER``, or ``NAME=FOLDER`` of sounds.
    asked : Which
    work : Path
        Where speech is kept.
    progress : Progress

    Raises
    ------
    ConfigError
        There is nothing to hear, or a sentence is missing.
    """
    if len(what) == 1 and (Path(what[0]) / "results.json").is_file():
        return _report(Path(what[0]), asked.limit)
    systems: list[System] = [_system(text, asked.leave_one_out) for text in what]
    names = [s.name for s in systems]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise ConfigError(f"two voices are called {twice!r}", hint="NAME=FOLDER names a folder of sounds")
    voices = [s for s in systems if isinstance(s, VoiceSystem)]
    folders = [s for s in systems if isinstance(s, SoundFolder)]
    notes: list[str] = []
    if voices or asked.corpus or asked.texts:
        chosen = choose_sentences(
            voices, corpus=asked.corpus, texts=asked.texts, language=asked.language, rule=asked.rule,
            limit=asked.limit, leave_one_out=asked.leave_one_out,
        )  # fmt: skip
        items, notes = chosen.items, chosen.warnings
        if any(item.recording for item in items) and NATURAL not in names:
            systems.insert(0, Natural())
    else:
        items = _common(folders, asked.limit)
    if not systems:
        raise ConfigError("there is nothing to hear", hint="name voices, a report or NAME=FOLDER of sounds")
    for folder in folders:
        for item in items:
            folder._found(item.id)
    outcome = Study(items, systems, [], work, SerialExecutor, progress).run()
    if outcome.failures:
        f = outcome.failures[0]
        raise ConfigError(
            f"{len(outcome.failures)} sentences cannot be heard, as {f.item} by {f.system}: {f.error}",
            hint="a listening test needs each sentence by each voice: leave these sentences out with "
            "--split FILE",
        )
    notes = [*notes, *fewer(len(items), asked.limit)]
    return Sources({i.id: i.text for i in items}, dict(outcome.audio), [s.name for s in systems], notes)


def _system(text: str, leave_one_out: bool) -> System:
    name, equals, folder = text.partition("=")
    if equals and not Path(text).is_dir():
        place = Path(folder)
        if not place.is_dir():
            raise ConfigError("there is no such folder of sounds", where=text)
        found = SoundFolder(name, place)
        if not found.ids():
            raise ConfigError("holds no sounds", where=folder, hint=f"they end in {', '.join(SUFFIXES)}")
        return found
    return voice_system(text, leave_one_out=leave_one_out)


def _common(folders: Sequence[SoundFolder], limit: int | None) -> list[Item]:
    if not folders:
        raise ConfigError("there is nothing to hear", hint="name voices, a report or NAME=FOLDER of sounds")
    common = set.intersection(*(set(f.ids()) for f in folders))
    ids = [i for i in folders[0].ids() if i in common]
    if not ids:
        raise ConfigError(
            "the folders have no file name in common",
            where=", ".join(str(f.folder) for f in folders),
            hint="a sentence has the same file name in each",
        )
    return [Item(i, "", "en") for i in spread(ids, limit)]


def _report(folder: Path, limit: int | None) -> Sources:
    path = folder / REPORT_SOUNDS
    again = "run the comparison again: what was spoken is kept, it takes a moment"
    about = read_results_json(folder).get("about")
    if not path.is_file():
        raise ConfigError("the report does not say where its sounds are", where=str(path), hint=again)
    sounds = read_json(path, ConfigError, hint=again)
    if not _tells(about, sounds):
        raise ConfigError("is not what a comparison writes beside its report", where=str(path), hint=again)
    heard = [s for s in about["systems"] if s["name"] in sounds]
    copies = [s["name"] for s in heard if s["kind"] == "copy"]
    voices = [s["name"] for s in heard if s["kind"] != "copy"]
    if not set(voices) - {NATURAL}:  # copies are what it compares
        copies, voices = [], [s["name"] for s in heard]
    ids = [i for i in about["texts"] if all(i in sounds[v] for v in voices)]
    chosen = spread(ids, limit)
    paths = {(v, i): Path(sounds[v][i]) for v in voices for i in chosen}
    gone = next((p for p in paths.values() if not p.is_file()), None)
    if gone is not None or not chosen:
        raise ConfigError(
            f"the report's sounds are no longer kept, as {gone}"
            if gone
            else "the report has no sentence with all voices",
            where=str(folder),
            hint="run the comparison again",
        )  # fmt: skip
    notes = [f"left out of the test: {', '.join(copies)}, which are no voices"] if copies else []
    notes += fewer(len(chosen), limit)
    return Sources({i: about["texts"][i] for i in chosen}, paths, voices, notes)


def _tells(about: Any, sounds: Any) -> bool:
    """Are these a report's account of itself, and its sounds: files by voice and sentence?"""
    try:
        named = [about["texts"], *({"name": s["name"], "kind": s["kind"]} for s in about["systems"])]
        named += sounds.values()
        return all(isinstance(text, str) for told in named for text in told.values())
    except (KeyError, TypeError, AttributeError):
        return False


def fewer(found: int, limit: int | None) -> list[str]:
    """What is said where there are not so many sentences as were asked for."""
    if limit is None or found >= limit:
        return []
    return [f"{limit} sentences were asked for, and there are {found}"]


def spread(ids: Sequence[str], limit: int | None) -> list[str]:
    """At most `limit` of `ids`, evenly spread."""
    if limit is None or limit >= len(ids):
        return list(ids)
    return [ids[round(k * (len(ids) - 1) / max(limit - 1, 1))] for k in range(limit)]
