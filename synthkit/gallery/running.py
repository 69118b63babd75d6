# SPDX-License-Identifier: Apache-2.0
"""A gallery, from what is asked for to its files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import lock, make_folder, write_json, write_text
from synthkit.corpora import Corpus, open_corpus
from synthkit.errors import ConfigError, SynthkitError
from synthkit.eval.compare import Comparison, Done, run_comparison
from synthkit.eval.study import environment
from synthkit.eval.voice_systems import VoiceSystem
from synthkit.gallery.making import Made, Maker
from synthkit.gallery.page import docs, page
from synthkit.gallery.picture import picture
from synthkit.gallery.table import Room, alone, chosen, lines_of, verdict
from synthkit.gallery.wanted import Missing, programme
from synthkit.plugins import Registry, registry
from synthkit.progress import Progress

CORPORA = {"ru": ("msu-ru-nsh", "bundled-ru"), "en": ("bundled-en",)}
"""Recordings of each language, the first that is here."""
SENTENCES = {"ru": 20, "en": 12}
METRICS = ("whisper", "distillmos", "speaker")
"""What runs where it can, beside the cost."""
EVERY = 10


@dataclass(frozen=True)
class Gallery:
    """What is asked for; the fields are the options of ``synthkit gallery``."""

    out: Path = Path("gallery")
    languages: Sequence[str] = ("ru", "en")
    corpora: dict[str, str] = field(default_factory=dict)
    sentences: int | None = None
    voices: Sequence[Path] = ()
    only: Sequence[str] = ()
    fetch: bool = False
    build_minutes: float = 10.0
    metrics: Sequence[str] = METRICS
    metric_settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    workers: int = 0
    docs: Path | None = None
    command: str = ""


@dataclass(frozen=True)
class Shown:
    """What came of it."""

    out: Path
    rooms: list[Room]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"page": str(self.out / "index.html"), "rooms": [room.to_dict() for room in self.rooms]}


def run_gallery(asked: Gallery, progress: Progress) -> Shown:
    """Make voices, speak, measure, write ``index.html``, ``gallery.json`` and a report for each language.

    Parameters
    ----------
    asked : Gallery
    progress : Progress

    Returns
    -------
    Shown

    Raises
    ------
    ConfigError
        A language has no recordings here, or nothing is left to show.
    """
    started = time.monotonic()
    plugins = registry()
    make_folder(asked.out)
    rooms = []
    with lock(asked.out / ".lock", "a gallery"):
        for language in asked.languages:
            rooms.append(_room(asked, language, plugins, progress))
            _write(asked, rooms, time.monotonic() - started)
    return Shown(asked.out, rooms, time.monotonic() - started)


def _room(asked: Gallery, language: str, plugins: Registry, progress: Progress) -> Room:
    folder = asked.out / language
    corpus, missing = _corpus(asked, language, plugins, progress.log)
    held_out = list(getattr(_recipe(corpus.name, plugins), "held_out", ())) or [
        u.id for u in corpus.utterances[::EVERY]
    ]
    rate = audio.info(corpus.utterances[0].audio)[0]
    own, strange = _of_language(asked.voices, language)
    wanted = programme(plugins, language, corpus, rate, fetch=asked.fetch, given=own, only=asked.only)
    missing += wanted.missing + strange
    maker = Maker(
        plugins,
        str(corpus.root) if _recipe(corpus.name, plugins) is None else corpus.name,
        held_out,
        rate,
        all(u.labels is not None for u in corpus.utterances),
        folder / "voices",
        asked.build_minutes,
        asked.workers,
        progress.log,
    )
    made, failed = maker.make_all(wanted.voices)
    missing += failed
    if not made and not wanted.copies:
        raise ConfigError(
            f"there is nothing to show in {language!r}", hint=str(missing[0].why) if missing else ""
        )
    ids = folder / "held_out.txt"
    write_text(ids, "\n".join(held_out) + "\n")
    trained = {str(m.wanted.tables["vocoder"]): m.folder for m in made if m.wanted.trained_vocoder}
    comparison = Comparison(
        voices=[str(v) for m in made for v in (m.folder, *(f"{m.folder}:{name}" for name in m.others))],
        corpus=maker.corpus,
        language=language,
        split_rule=str(ids),
        limit=asked.sentences or SENTENCES.get(language, 12),
        copies=[*wanted.copies, *(str(f) for f in trained.values())],
        metrics=("cost",),
        where_they_can=[m for m in asked.metrics if m in plugins.names("metric")],
        metric_settings={k: v for k, v in asked.metric_settings.items() if k in plugins.names("metric")},
        out=folder / "report",
        title=f"synthkit gallery, {language}",
        examples=2,
        workers=asked.workers,
        command=asked.command,
    )
    done = run_comparison(comparison, progress)
    return _described(done, corpus, language, made, missing, plugins)


def _described(
    done: Done, corpus: Corpus, language: str, made: Sequence[Made], missing: list[Missing], plugins: Registry
) -> Room:
    kinds = {
        name: "natural" if name == "natural" else "copy" if name.startswith("copy:") else "voice"
        for name in done.analysis.systems
    }
    spoken = {row.utterance for row in done.outcome.rows}
    heard = {
        m.folder.resolve().name
        for m in made
        if VoiceSystem(m.wanted.name, m.folder).utterances(corpus.name)[0] & spoken
    }
    lines = lines_of(done, kinds, made, plugins, heard)
    unmeasured = [n.removeprefix("left out: ") for n in done.notes if n.startswith("left out: ")]
    gaps = [{"name": m.name, "why": m.why, "mend": m.mend} for m in missing]
    gaps += [{"name": n.partition(": ")[0], "why": n.partition(": ")[2], "mend": ""} for n in unmeasured]
    gaps += [
        {"name": line.name, "why": f"{line.failed} sentences could not be spoken", "mend": "see the report"}
        for line in lines
        if line.failed
    ]
    return Room(
        language,
        corpus.name,
        f"{language}/report/index.html",
        len(spoken),
        lines,
        verdict(lines, alone(done.analysis)),
        gaps,
        done.warnings,
        {m: f"{d.title}. {d.text}" for m, d in chosen(done.analysis.definitions).items()},
    )


def _recipe(name: str, plugins: Registry) -> Any:
    return plugins.load("corpus", name) if name in plugins.names("corpus") else None


def _corpus(
    asked: Gallery, language: str, plugins: Registry, log: Callable[[str], None]
) -> tuple[Corpus, list[Missing]]:
    """The recordings, and those that would have been better and are not here."""
    if named := asked.corpora.get(language):
        return open_corpus(named, language), []
    missing = []
    for name in CORPORA.get(language, ()):
        recipe = plugins.load("corpus", name)()
        if not recipe.available() and asked.fetch:
            log(f"$ synthkit corpora get {name}")
            try:
                recipe.get(log=log)
            except SynthkitError as error:
                missing.append(Missing.of(name, error))
                continue
        if recipe.available():
            return open_corpus(name), missing
        missing.append(Missing(name, "is not on this machine", f"synthkit corpora get {name}, or --fetch"))
    raise ConfigError(
        f"there are no recordings in {language!r} here",
        where="--language",
        hint="; ".join(m.mend for m in missing) or f"name some: --corpus {language}=NAME|FOLDER",
    )


def _of_language(voices: Sequence[Path], language: str) -> tuple[list[Path], list[Missing]]:
    """Those of `voices` that speak it, and those that cannot be opened."""
    from synthkit.pipeline.voice_folder import read_manifest

    own, strange = [], []
    for folder in voices:
        try:
            if language in {x.partition("-")[0] for x in read_manifest(folder)["languages"]}:
                own.append(folder)
        except SynthkitError as error:
            strange.append(Missing.of(str(folder), error))
    return own, strange


def _write(asked: Gallery, rooms: Sequence[Room], seconds: float) -> None:
    about = environment()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    facts = [
        f"this run took {seconds / 60:.1f} minutes; what an earlier one had made was taken up",
        f"{', '.join(about['machine'].split(', ')[:2])}; load at the end {busy:.1f}",
        ", ".join(f"{k} {v}" for k, v in about.items() if k in ("synthkit", "python", "numpy", "torch")),
    ]
    write_text(asked.out / "index.html", page(rooms, facts))
    write_json(asked.out / "gallery.json", {"facts": facts, "rooms": [r.to_dict() for r in rooms]})
    if asked.docs is None:
        return
    images = {}
    for room in rooms:
        drawn = picture(room)
        if drawn:
            path = asked.docs.parent / "img" / f"{asked.docs.stem}-{room.language}.svg"
            make_folder(path.parent)
            write_text(path, drawn)
            images[room.language] = f"img/{path.name}"
    write_text(asked.docs, docs(rooms, facts, images))
