# SPDX-License-Identifier: Apache-2.0
"""A comparison from what a user asks for to the files of the report."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from synthkit.atomic import lock, make_folder, sweep, write_json, write_text
from synthkit.errors import ConfigError, MissingDependency
from synthkit.eval.analysis import analyse, primary
from synthkit.eval.entries import MetricEntry, find_metrics, unprepared
from synthkit.eval.export import latex, write_csv, write_summary_parquet
from synthkit.eval.figures import Chosen, choose
from synthkit.eval.guard import SECONDS, close_guard, guard
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening import rows as rating_rows
from synthkit.eval.listening.joining import correlations, join_ratings
from synthkit.eval.listening.screening import Rules
from synthkit.eval.metric import Metric
from synthkit.eval.plan import Plan, make_plan, read_pilot
from synthkit.eval.ratings import Rating, require_metric_names_are_free
from synthkit.eval.references import references
from synthkit.eval.remarks import about_ratings, power_warnings, stopped, unmeasured, untested
from synthkit.eval.report.listening import Listening
from synthkit.eval.report.page import Content, track_job, write_report
from synthkit.eval.report.terminal import shown
from synthkit.eval.report.tracks import track_sentence
from synthkit.eval.results import Analysis
from synthkit.eval.results_files import pairs_json, to_json, write_parquet, write_results_json
from synthkit.eval.sample import SpeechRecord
from synthkit.eval.sentences import Sentences, choose_sentences, spread
from synthkit.eval.statistics import SEED
from synthkit.eval.study import Outcome, Study, environment
from synthkit.eval.systems import System
from synthkit.eval.verdict import verdict
from synthkit.eval.voice_systems import VoiceSystem, voice_system
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.lazily import Made
from synthkit.places import default_root
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.types import Alignment

REPORT_SOUNDS = ".sounds.json"
"""In a report's folder: where on this machine the speech is kept, for a listening test of the same."""


@dataclass(frozen=True)
class Comparison:
    """What is asked for; the fields are the options of ``synthkit compare``.

    ``where_they_can`` are further metrics by their registered names: one that cannot run is named and left
    out.
    """

    voices: Sequence[str]
    corpus: str | None = None
    texts: Path | None = None
    language: str | None = None
    split_rule: str = "held-out"
    limit: int | None = None
    leave_one_out: bool = False
    fair: bool = False
    copies: Sequence[str] = ()
    no_references: bool = False
    metric_set: str | None = None
    metrics: Sequence[str] = ()
    where_they_can: Sequence[str] = ()
    primary: Sequence[str] = ()
    metric_settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    metric_timeout: float = SECONDS
    all_definitions: bool = False
    ratings: Path | None = None
    out: Path = Path("report")
    csv: Path | None = None
    latex: Path | None = None
    parquet: Path | None = None
    title: str | None = None
    examples: int = 8
    audio_format: str = "flac"
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
    warnings: list[str]
    verdict: str
    voices: list[str]

    @property
    def failures(self) -> int:
        """Sentences that some voice could not speak."""
        return len(self.outcome.failures)

    def summary(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "warnings": self.warnings,
            "verdict": self.verdict,
            "report": str(self.out / "index.html"),
            "results": str(self.out / "results.json"),
            "failures": [vars(f) for f in self.outcome.failures],
            "computed": self.outcome.computed,
            "seconds": round(self.outcome.seconds, 2),
            "primary": self.analysis.tested,
            "pairs": pairs_json(self.analysis),
            "figures": {
                f"{s.system} {key}": s.interval.estimate if s.interval else None
                for (key, _), s in self.analysis.summaries.items()
            },
        }

    def text(self) -> str:
        """The answer and the table, for the terminal."""
        return f"{self.verdict}\n\n{shown(self.analysis, self.voices)}\n{self.out / 'index.html'}"


def run_comparison(asked: Comparison, progress: Progress) -> Done:
    """Speak, measure, analyse and write ``index.html``, ``results.json`` and ``results.parquet``.

    Parameters
    ----------
    asked : Comparison
    progress : Progress

    Returns
    -------
    Done

    Raises
    ------
    SynthkitError
        A voice, corpus, metric or option cannot be used. A sentence that cannot be spoken or measured is no
        error: it is counted and shown.
    """
    from synthkit.pipeline.executors import make_executor

    if not asked.voices and asked.no_references:
        raise ConfigError("there is nothing to compare: name at least one voice")
    voices = _distinct([voice_system(text, leave_one_out=asked.leave_one_out) for text in asked.voices])
    sentences = _sentences(asked, voices)
    if asked.fair:
        sentences.require_fair()
    items, facts, warnings = sentences.items, dict(sentences.facts), list(sentences.warnings)
    systems: list[System] = [*([] if asked.no_references else references(asked.copies, items)), *voices]
    if not systems:
        raise ConfigError("there is nothing to compare", hint="name a voice, or a corpus with recordings")
    chosen = choose(registry(), asked.metric_set, asked.metrics, asked.primary)
    if asked.where_they_can:
        chosen = replace(chosen, metrics=tuple(dict.fromkeys((*chosen.metrics, *asked.where_they_can))))
    metrics, left_out = _usable(asked, chosen)
    names = [s.name for s in systems]
    ratings: list[Rating] = []
    joined = None if asked.ratings is None else join_ratings(asked.ratings, names)
    if joined is not None and asked.ratings is not None:
        ratings = joined.ratings
        warnings += joined.warnings()
        require_metric_names_are_free(ratings, {d.metric for _, m in metrics for d in m.gives}, asked.ratings)
        strange = {r.utterance for r in ratings} - {item.id for item in items}
        if strange:
            warnings.append(
                f"ratings: {len(strange)} of the utterances rated are not among these sentences, as "
                f"{min(strange)!r}: what listeners said is of them as well"
            )
        facts["ratings"] = about_ratings(ratings, {item.id for item in items}, asked.ratings)
    make_folder(asked.out)
    root = asked.work or default_root() / "eval"

    def executor() -> Any:
        return make_executor(asked.executor, asked.workers)

    with lock(asked.out / ".lock", "a comparison"), contextlib.ExitStack() as ending:
        ending.enter_context(Cache(root).used())
        sweep(asked.out, below=True)
        ending.callback(close_guard)
        study = Study(items, systems, metrics, root, executor, progress, asked.metric_timeout)
        outcome = study.run()
        seed = SEED if asked.seed is None else asked.seed
        progress.log("analysing")
        spoken = [v.name for v in voices]
        # Recordings and copies are described; where there is nothing else they are what was asked for.
        described_only = [n for n in names if n not in spoken] if len(spoken) > 1 else []
        heard = analyse_ratings(ratings, names, references=described_only, seed=seed) if ratings else None
        analysis = analyse(
            outcome.rows,
            study.definitions(),
            names,
            voices=spoken,
            wanted=chosen.primary,
            heard=heard,
            seed=seed,
        )
        said = rating_rows(ratings)
        rows = [*outcome.rows, *said]
        costs = {d.key for d in study.definitions() if d.group == "cost"}  # nobody hears them
        audible = [r for r in outcome.rows if r.key not in costs]
        agreeing = correlations(said, audible, first=analysis.tested, seed=seed)
        if asked.metric_set == "full":
            warnings += unmeasured(study.definitions(), left_out)
        warnings += [*untested(analysis, chosen.primary), *power_warnings(analysis), *stopped(outcome)]
        answer = verdict(analysis, spoken)
        described = [(s.name, s.kind, s.describe()) for s in systems]
        about = {
            "verdict": answer,
            "ratings": {
                "correlations": [asdict(c) for c in agreeing],
                "left_out": [asdict(f) for f in joined.left_out] if joined else [],
            },
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
        write_json(asked.out / REPORT_SOUNDS, _where(outcome))
        try:
            write_parquet(asked.out / "results.parquet", rows)
        except MissingDependency as error:
            (asked.out / "results.parquet").unlink(missing_ok=True)
            notes.append(f"{error.message} → {error.hint}")
        _export(asked, analysis, spoken, len(items))
        alignments = _Alignments(outcome)
        shown_closely = {items[k].id for k in spread(len(items), asked.examples)}
        jobs = Made(
            items, lambda i: track_job(described, outcome.audio, alignments, i, i.id in shown_closely)
        )
        tracker = executor()
        try:
            tracks = list(
                progress.track(tracker.map(track_sentence, jobs), label="spectrograms", total=len(jobs))
            )
        finally:
            tracker.close()
        listening = None
        if joined is not None:
            rules = Rules().text()
            listening = Listening(facts["ratings"], rules, joined.left_out, joined.notes, agreeing)
        content = Content(
            title=asked.title or _title(systems, facts),
            items=items,
            systems=described,
            rows=[r for r in rows if r.utterance in about["texts"]],
            analysis=analysis,
            sounds=outcome.audio,
            alignments=alignments,
            facts=facts,
            warnings=warnings,
            left_out=left_out,
            environment=environment(),
            command=asked.command,
            audio_format=asked.audio_format,
            tracks={i.id: t for i, t in zip(items, tracks, strict=True)},
            verdict=answer,
            listening=listening,
        )
        progress.log("writing the report")
        write_report(asked.out / "index.html", content)
    return Done(asked.out, analysis, outcome, notes, warnings, answer, spoken)


def plan_comparison(asked: Comparison, pilot: Path | None, worth: dict[str, float]) -> Plan:
    """What the sentences at hand could show, before anything is spoken.

    Parameters
    ----------
    asked : Comparison
    pilot : Path, optional
        An earlier report, for how much its figures varied.
    worth : dict of str to float
        Differences asked for, by metric.

    Returns
    -------
    Plan
    """
    voices = _distinct([voice_system(text, leave_one_out=asked.leave_one_out) for text in asked.voices])
    chosen = choose(registry(), asked.metric_set, asked.metrics, asked.primary)
    usable, _ = find_metrics(
        registry(), chosen.metrics, asked.metric_settings, compatible=False, required=(), prepare=unprepared
    )
    definitions = [d for _, m in usable for d in m.gives]
    by_key = {d.key: d for d in definitions}
    tested = [by_key[k] for k in primary(definitions, dict.fromkeys(by_key, 1), chosen.primary)]
    known = read_pilot(pilot) if pilot is not None else {}
    return make_plan(
        len(voices),
        len(_sentences(asked, voices).items),
        [(d.metric, d.unit) for d in tested],
        pilot=known,
        worth=worth,
        source=str(pilot),
    )


def _sentences(asked: Comparison, voices: Sequence[VoiceSystem]) -> Sentences:
    return choose_sentences(
        voices,
        corpus=asked.corpus,
        texts=asked.texts,
        language=asked.language,
        rule=asked.split_rule,
        limit=asked.limit,
        leave_one_out=asked.leave_one_out,
    )


def _usable(
    asked: Comparison, chosen: Chosen
) -> tuple[list[tuple[MetricEntry, Metric]], list[tuple[str, str]]]:
    """Metrics that can be made ready, tried where they cannot bring us down."""
    probe = guard(asked.metric_timeout)
    try:
        return find_metrics(
            registry(),
            chosen.metrics,
            asked.metric_settings,
            compatible=asked.all_definitions,
            required=chosen.required,
            prepare=lambda entry, _: probe.prepare(entry),
        )
    finally:
        if asked.executor == "process" and asked.workers != 1:  # the workers have their own
            close_guard()


def _export(asked: Comparison, analysis: Analysis, voices: Sequence[str], sentences: int) -> None:
    if asked.csv is not None:
        write_csv(asked.csv, analysis, voices)
    if asked.latex is not None:
        write_text(asked.latex, latex(analysis, voices, sentences))
    if asked.parquet is not None:
        write_summary_parquet(asked.parquet, analysis, voices)


def _distinct(voices: Sequence[VoiceSystem]) -> list[VoiceSystem]:
    """Voices with names that differ: folders of one name get a number."""
    out: list[VoiceSystem] = []
    for v in voices:
        name, n = v.name, 2
        while any(name == other.name for other in out):
            name, n = f"{v.name}#{n}", n + 1
        out.append(VoiceSystem(name, v.folder, v.overrides, v.leave_one_out))
    return out


def _where(outcome: Outcome) -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    for (system, item), path in outcome.audio.items():
        out.setdefault(system, {})[item] = str(path.resolve())
    return out


class _Alignments(Mapping[tuple[str, str], Alignment]):
    """When the phones of what was spoken are said, by system and item, where that is known; each is read from
    its note when it is asked for."""

    def __init__(self, outcome: Outcome) -> None:
        self._sounds = outcome.audio

    def __getitem__(self, name: tuple[str, str]) -> Alignment:
        note = json.loads(self._sounds[name].with_suffix(".json").read_text(encoding="utf-8"))
        record = note["record"]
        found = SpeechRecord.from_dict(record).alignment(name[1], 0.0) if record is not None else None
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return (name for name in self._sounds if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _title(systems: Sequence[System], facts: dict[str, str]) -> str:
    voices = [s.name for s in systems if s.kind == "voice"]
    what = " · ".join(voices) if voices else " · ".join(s.name for s in systems)
    return f"{what} on {facts['corpus'].split(',')[0]}" if "corpus" in facts else what
