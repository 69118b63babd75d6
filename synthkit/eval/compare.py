# SPDX-License-Identifier: Apache-2.0
"""A comparison from what a user asks for to the files of the report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthkit.atomic import lock, make_folder
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError, MissingDependency
from synthkit.eval.analysis import analyse
from synthkit.eval.items import Item, corpus_items, held_out_ids, text_items
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening import rows as rating_rows
from synthkit.eval.ratings import Rating, read_ratings, require_metric_names_are_free
from synthkit.eval.report.page import Content, write_report
from synthkit.eval.results import Analysis, to_json, write_parquet, write_results_json
from synthkit.eval.sample import SpeechRecord
from synthkit.eval.statistics import SEED
from synthkit.eval.study import Outcome, Study, environment, find_metrics
from synthkit.eval.systems import Copy, Natural, System, VoiceSystem, voice_system
from synthkit.pipeline.cache import default_root
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.types import Alignment, Utterance


@dataclass(frozen=True)
class Comparison:
    """What is asked for; the fields are the options of ``synthkit compare``."""

    voices: Sequence[str]
    corpus: str | None = None
    texts: Path | None = None
    language: str | None = None
    split_rule: str = "held-out"
    limit: int | None = None
    leave_one_out: bool = False
    copies: Sequence[str] = ()
    no_references: bool = False
    metrics: Sequence[str] = ()
    metric_settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    all_definitions: bool = False
    ratings: Path | None = None
    out: Path = Path("report")
    title: str | None = None
    examples: int = 8
    audio_format: str = "mp3"
    seed: int | None = None
    work: Path | None = None
    executor: str = "process"
    workers: int = 0
    command: str = ""


@dataclass(frozen=True)
class Done:
    """What came of it."""

    out: Path
    analysis: Analysis
    outcome: Outcome
    notes: list[str]

    @property
    def failures(self) -> int:
        """Sentences that some voice could not speak."""
        return len(self.outcome.failures)

    def summary(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "report": str(self.out / "index.html"),
            "results": str(self.out / "results.json"),
            "failures": [vars(f) for f in self.outcome.failures],
            "computed": self.outcome.computed,
            "seconds": round(self.outcome.seconds, 2),
            "figures": {
                f"{s.system} {key}": s.interval.estimate if s.interval else None
                for (key, _), s in self.analysis.summaries.items()
            },
        }

    def text(self) -> str:
        """A table for the terminal; where the voices' names make it too wide, they stand under it."""
        from synthkit.columns import columns
        from synthkit.eval.report.tables import number

        a = self.analysis
        by_key = {d.key: d for d in a.definitions}
        lines = []
        for key in [*a.tested, *(d.key for d in a.definitions if d.metric in ("rtf", "joins"))]:
            cells = []
            for system in a.systems:
                s = a.summary(key, system)
                cells.append(
                    "–"
                    if s is None or s.interval is None
                    else f"{number(s.interval.estimate)} {s.letters}".strip()
                )
            if any(cell != "–" for cell in cells):
                lines.append((by_key[key].label, *cells, ""))
        shown = columns(lines, ("", *a.systems, ""))
        if max(map(len, shown.splitlines())) > shutil.get_terminal_size((100, 24)).columns:
            numbers = [f"[{n}]" for n in range(1, len(a.systems) + 1)]
            names = [f"{n} {name}" for n, name in zip(numbers, a.systems, strict=True)]
            shown = "\n".join([columns(lines, ("", *numbers, "")), *names])
        return f"{shown}\n{self.out / 'index.html'}"


def run_comparison(asked: Comparison, progress: Progress) -> Done:
    """Speak, measure, analyse and write ``index.html``, ``results.json`` and ``results.parquet``.

    Raises
    ------
    SynthkitError
        A voice, corpus, metric or option cannot be used. A sentence that cannot be spoken or measured is no
        error: it is counted and shown.
    """
    from synthkit.pipeline.executors import make_executor

    if not asked.voices and asked.no_references:
        raise ConfigError("there is nothing to compare: name at least one voice")
    voices = [voice_system(text, leave_one_out=asked.leave_one_out) for text in asked.voices]
    items, facts, warnings = choose_items(asked, voices)
    systems: list[System] = [*references(asked, items), *_distinct(voices)]
    if not systems:
        raise ConfigError("there is nothing to compare", hint="name a voice, or a corpus with recordings")
    metrics, left_out = find_metrics(
        registry(), asked.metrics, asked.metric_settings, compatible=asked.all_definitions
    )
    names = [s.name for s in systems]
    ratings: list[Rating] = []
    if asked.ratings is not None:
        ratings = read_ratings(asked.ratings, names)
        require_metric_names_are_free(ratings, {d.metric for _, m in metrics for d in m.gives}, asked.ratings)
        facts["ratings"] = _about_ratings(ratings, {item.id for item in items}, asked.ratings)
    make_folder(asked.out)
    root = asked.work or default_root() / "eval"

    def executor() -> Any:
        return make_executor(asked.executor, asked.workers)

    with lock(asked.out / ".lock", "a comparison"):
        study = Study(items, systems, metrics, root, executor, progress)
        outcome = study.run()
        seed = SEED if asked.seed is None else asked.seed
        progress.log("analysing")
        heard = analyse_ratings(ratings, names, seed=seed) if ratings else None
        spoken = [s.name for s in systems if s.kind == "voice"]
        analysis = analyse(outcome.rows, study.definitions(), names, voices=spoken, heard=heard, seed=seed)
        rows = [*outcome.rows, *rating_rows(ratings)]
        warnings += power_warnings(analysis)
        described = [(s.name, s.kind, s.describe()) for s in systems]
        about = {
            "facts": facts,
            "warnings": warnings,
            "environment": environment(),
            "command": asked.command,
            "systems": [{"name": n, "kind": k, **d} for n, k, d in described],
            "left_out": [list(pair) for pair in left_out],
            "texts": {item.id: item.text for item in items},
        }
        notes = [
            f"left out: {name}: {reason}" for name, reason in left_out if "--all-definitions" not in reason
        ]
        notes += [f"{f.system}: {f.item}: {f.error}" for f in outcome.failures]
        write_results_json(asked.out / "results.json", to_json(analysis, rows, about))
        try:
            write_parquet(asked.out / "results.parquet", rows)
        except MissingDependency as error:
            (asked.out / "results.parquet").unlink(missing_ok=True)
            notes.append(f"{error.message} → {error.hint}")
        content = Content(
            title=asked.title or _title(systems, facts),
            items=items,
            systems=described,
            rows=[r for r in rows if r.utterance in about["texts"]],
            analysis=analysis,
            sounds=outcome.audio,
            alignments=_alignments(outcome),
            facts=facts,
            warnings=warnings,
            left_out=left_out,
            environment=environment(),
            command=asked.command,
            examples=asked.examples,
            audio_format=asked.audio_format,
        )
        progress.log("writing the report")
        write_report(asked.out / "index.html", content)
    return Done(asked.out, analysis, outcome, notes)


def power_warnings(analysis: Analysis) -> list[str]:
    """A sentence for each primary figure whose tests could find nothing, or only more than is asked for."""
    from synthkit.eval.report.tables import number

    by_key = {d.key: d for d in analysis.definitions}
    out = []
    for s in analysis.strengths.values():
        unit = by_key[s.key].unit
        title = by_key[s.key].title
        if not s.weak:
            continue
        if s.none:
            text = f"no power: at n = {s.sentences} the smallest p is {s.least_p:.2g}"
        else:
            text = f"little power: {s.sentences} sentences show differences from {number(s.detectable)} {unit} on"
        if s.worth is not None:
            needed = "no number of sentences" if s.needed is None else f"{s.needed} sentences"
            text += f"; {needed} would be needed for a difference of {number(s.worth)} {unit}"
        out.append(f"{title}: {text}".rstrip())
    return out


def choose_items(
    asked: Comparison, voices: Sequence[VoiceSystem]
) -> tuple[list[Item], dict[str, str], list[str]]:
    """The sentences, facts about where they come from, and warnings about what is unfair."""
    if asked.texts is not None:
        if asked.corpus is not None:
            raise ConfigError("--texts and --corpus exclude each other")
        language = asked.language or (voices[0].describe()["languages"][0] if voices else "en")
        items = text_items(asked.texts, language)
        facts = {"sentences": f"{len(items)} of {asked.texts.name}, without recordings"}
        return _limited(items, asked.limit), facts, []
    name = asked.corpus or (voices[0].describe()["corpus"]["name"] if voices else None)
    if name is None:
        raise ConfigError("name a corpus with --corpus, or texts with --texts")
    corpus = open_corpus(name, asked.language)
    used = {v.folder: (v.name, *v.utterances(corpus.name)) for v in voices}
    built_here = [u for u in used.values() if u[1] or u[2]]
    ids, how = held_out_ids(corpus, asked.split_rule, built_here)
    alignments: dict[str, Alignment] = {}
    for voice in voices:
        if voice.utterances(corpus.name)[0]:
            alignments = {**_voice_alignments(voice.folder), **alignments}
    items, notes = corpus_items(corpus, ids, alignments, _other_speakers(corpus.name))
    if not items:
        raise ConfigError(f"--split {asked.split_rule} leaves no sentence of {corpus.name}")
    items = _limited(items, asked.limit)
    chosen = {i.id for i in items}
    warnings = list(notes)
    for built, trained, _ in built_here:
        seen = len(chosen & trained)
        if seen and not asked.leave_one_out:
            warnings.append(
                f"{built} learned from {seen} of these {len(items)} sentences: its figures are better than they "
                "would be on new text. Hold sentences out when building, or compare with --leave-one-out."
            )
        elif seen:
            warnings.append(
                f"{built} learned from {seen} of these sentences; the units of each sentence's own recording were "
                "kept out when it was spoken (--leave-one-out), which trained parts of a voice cannot forget."
            )
    facts = {
        "corpus": f"{corpus.name}, {len(corpus)} utterances",
        "licence": corpus.licence or "not stated",
        "attribution": corpus.attribution,
        "sentences": f"{len(items)}: {how}",
    }
    return items, {k: v for k, v in facts.items() if v}, warnings


def references(asked: Comparison, items: Sequence[Item]) -> list[System]:
    """Natural speech and copy synthesis, where there are recordings."""
    if asked.no_references or not any(item.recording for item in items):
        return []
    plugins = registry()
    copies = list(asked.copies)
    for name in copies:
        plugins.find("vocoder", name)
    if not copies and "world" in plugins.names("vocoder") and "world" in plugins.names("features"):
        copies = ["world"]
    return [Natural(), *(Copy(f"copy:{name}", name) for name in copies)]


def _about_ratings(ratings: Sequence[Rating], ids: set[str], path: Path) -> str:
    others = {r.utterance for r in ratings} - ids
    text = f"{len(ratings)} by {len({r.listener for r in ratings})} listeners ({path.name})"
    return f"{text}; {len(others)} of the utterances rated are not among these sentences" if others else text


def _distinct(voices: Sequence[VoiceSystem]) -> list[VoiceSystem]:
    """Voices with names that differ: folders of one name get a number."""
    out: list[VoiceSystem] = []
    for v in voices:
        name, n = v.name, 2
        while any(name == other.name for other in out):
            name, n = f"{v.name}#{n}", n + 1
        out.append(VoiceSystem(name, v.folder, v.overrides, v.leave_one_out))
    return out


def _limited(items: list[Item], limit: int | None) -> list[Item]:
    if limit is None or limit >= len(items):
        return items
    return [items[round(k * (len(items) - 1) / max(limit - 1, 1))] for k in range(limit)]


def _voice_alignments(folder: Path) -> dict[str, Alignment]:
    from synthkit.pipeline.voice_folder import read_alignments

    if not (folder / "alignment" / "alignments.json").exists():
        return {}
    return read_alignments(folder / "alignment")[0]


def _other_speakers(corpus: str) -> list[Utterance]:
    """Six recordings of other speakers, from the bundled corpora."""
    plugins = registry()
    out: list[Utterance] = []
    for name in ("bundled-en", "bundled-ru"):
        if name in plugins.names("corpus") and not _same_speaker(name, corpus):
            out += open_corpus(name).utterances[:6]
    return out[:6]


def _same_speaker(bundled: str, corpus: str) -> bool:
    """The bundled corpora are excerpts of these."""
    return (
        corpus
        in {"bundled-en": ("bundled-en", "asterisk-en"), "bundled-ru": ("bundled-ru", "msu-ru-nsh")}[bundled]
    )


def _alignments(outcome: Outcome) -> dict[tuple[str, str], Alignment]:
    out = {}
    for name, path in outcome.audio.items():
        note = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if note["record"] is not None:
            found = SpeechRecord.from_dict(note["record"]).alignment(name[1], 0.0)
            if found is not None:
                out[name] = found
    return out


def _title(systems: Sequence[System], facts: dict[str, str]) -> str:
    voices = [s.name for s in systems if s.kind == "voice"]
    what = " · ".join(voices) if voices else " · ".join(s.name for s in systems)
    return f"{what} on {facts['corpus'].split(',')[0]}" if "corpus" in facts else what
