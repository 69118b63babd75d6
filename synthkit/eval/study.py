# SPDX-License-Identifier: Apache-2.0
"""Run a comparison: speak, measure, keep every result by content, and go on where an earlier run stopped."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from synthkit import audio
from synthkit.atomic import sha256, write_json
from synthkit.errors import MissingDependency, PluginError, SynthkitError
from synthkit.eval.items import Item
from synthkit.eval.metric import NEEDS, Definition, Measurement, Metric, measure
from synthkit.eval.results import Row
from synthkit.eval.sample import Clip, EvalSample, SpeechRecord
from synthkit.eval.systems import System, recording, recording_identity
from synthkit.pipeline.cache import Cache, key
from synthkit.plugins import Registration, Registry
from synthkit.progress import Progress

SPEECH, MEASURED = "eval-speech", "eval-measured"
FORMAT = 1
"""Raised when what is kept changes its meaning."""


class Mapper(Protocol):
    """An executor: `synthkit.pipeline.executors.Executor`."""

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """``function(item)`` for each, in order."""
        ...

    def close(self) -> None:
        """Give back workers."""
        ...


@dataclass(frozen=True)
class MetricEntry:
    """A metric of a run: its registration and validated settings (picklable)."""

    registration: Registration
    settings: dict[str, Any] = field(default_factory=dict)

    def make(self) -> Metric:
        """The metric, unprepared.

        Raises
        ------
        PluginError
            It needs something that no sample can have.
        """
        from synthkit.tables import validate

        kind = self.registration.load()
        made: Metric = kind(validate(kind.Config, self.settings, where=f"metric {self.registration.name}"))
        unknown = [need for need in made.needs if need not in NEEDS]
        if unknown:
            raise PluginError(
                f"metric {self.registration.name!r} needs {unknown[0]!r}, and a sample has {', '.join(NEEDS)}",
                where=self.registration.where,
            )
        return made

    @property
    def identity(self) -> list[Any]:
        """What its results depend on besides the sample."""
        r, made = self.registration, self.make()
        settings = made.config.model_dump()
        packages = [[name, installed_version(name)] for name in made.packages]
        return [r.name, r.distribution, made.version, settings, made.fingerprint(), packages]


def find_metrics(
    plugins: Registry,
    names: Sequence[str] = (),
    settings: dict[str, dict[str, Any]] | None = None,
    *,
    compatible: bool = True,
) -> tuple[list[tuple[MetricEntry, Metric]], list[tuple[str, str]]]:
    """Metrics that can run here.

    Parameters
    ----------
    plugins : Registry
    names : sequence of str
        Which; all that are installed when empty.
    settings : dict
        Settings by metric name.
    compatible : bool
        Whether metrics that only reproduce another tool's figures run without being named.

    Returns
    -------
    usable : list of (MetricEntry, Metric)
        Prepared in this process.
    left_out : list of (name, reason)
        Those whose package or model is missing.

    Raises
    ------
    SynthkitError
        A metric asked for by name cannot be used.
    """
    settings = settings or {}
    for name in (*names, *settings):
        plugins.find("metric", name)
    usable, left_out = [], []
    for name in names or plugins.names("metric"):
        entry = MetricEntry(plugins.find("metric", name), settings.get(name, {}))
        try:
            metric = entry.make()
            if metric.compatible and not compatible and name not in names:
                left_out.append((name, "reproduces another tool's figures → --all-definitions runs it"))
                continue
            metric.prepare()
        except (MissingDependency, PluginError) as error:
            if names:
                raise
            left_out.append((name, f"{error.message}" + (f" → {error.hint}" if error.hint else "")))
            continue
        usable.append((entry, metric))
    return usable, left_out


@dataclass(frozen=True)
class _Speech:
    system: System
    item: Item
    root: Path


@dataclass(frozen=True)
class Spoke:
    """Where the speech of one item is, or why there is none."""

    system: str
    item: str
    key: str
    error: str = ""


def _speak(job: _Speech) -> Spoke:
    cache = Cache(job.root)
    try:
        name = key(FORMAT, job.system.identity(job.item))
        sound, note = cache.path(SPEECH, name, ".wav"), cache.path(SPEECH, name, ".json")
        if not (sound.exists() and note.exists()):
            waveform, record = job.system.speak(job.item)
            sound.parent.mkdir(parents=True, exist_ok=True)
            audio.write(sound, waveform)
            write_json(note, {"record": record.to_dict() if record else None, "sha256": sha256(sound)})
    except SynthkitError as error:
        return Spoke(job.system.name, job.item.id, "", f"could not be spoken: {error.message}")
    except Exception as error:  # a voice's fault is a result: it is counted and shown with its utterance
        first = str(error).split("\n")[0]
        return Spoke(
            job.system.name, job.item.id, "", f"could not be spoken: {type(error).__name__}: {first}"
        )
    return Spoke(job.system.name, job.item.id, name)


@dataclass(frozen=True)
class _Measuring:
    item: Item
    spoke: tuple[Spoke, ...]
    natural: frozenset[str]
    entries: tuple[MetricEntry, ...]
    root: Path


@dataclass
class _Prepared:
    identity: str
    metric: Metric


_PREPARED: dict[str, _Prepared] = {}


def _prepared(entry: MetricEntry) -> _Prepared:
    name = json.dumps([entry.registration.name, entry.settings], sort_keys=True, default=str)
    if name not in _PREPARED:
        metric = entry.make()
        metric.prepare()
        _PREPARED[name] = _Prepared(key(entry.identity), metric)
    return _PREPARED[name]


def _measure(job: _Measuring) -> tuple[list[Row], int]:
    """Rows of one item for every system, and how many metrics had to be computed."""
    cache = Cache(job.root)
    item = job.item
    rows: list[Row] = []
    computed = 0
    clips: dict[str, Any] = {}

    def shared(name: str, make: Callable[[], Any]) -> Any:
        if name not in clips:
            clips[name] = make()
        return clips[name]

    def reference() -> Clip | None:
        return Clip(recording(item.recording)) if item.recording is not None else None

    reference_key = recording_identity(item.recording) if item.recording is not None else None
    about_item = [
        item.text,
        item.language,
        item.alignment.to_dict() if item.alignment else None,
        [recording_identity(u) for u in (*item.enrolment, *item.others)],
    ]
    for spoke in job.spoke:
        metrics = [_prepared(entry) for entry in job.entries]
        if spoke.error:
            for p in metrics:
                rows += [
                    Row.of(item.id, spoke.system, p.metric.undefined(d.key, spoke.error))
                    for d in p.metric.gives
                ]
            continue
        note = json.loads(cache.path(SPEECH, spoke.key, ".json").read_text(encoding="utf-8"))
        natural = spoke.system in job.natural
        # Times differ from run to run; measurements that do not look at them must not.
        record = note["record"]
        path = cache.path(
            MEASURED,
            key(FORMAT, note["sha256"], reference_key, about_item, natural, _without_times(record)),
            ".json",
        )
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            kept = {}
        before = len(kept)
        sample: EvalSample | None = None
        for p in metrics:
            name = p.identity
            if "record" in p.metric.needs and record is not None:
                name = key(name, record)
            if name not in kept:
                if sample is None:
                    sample = EvalSample(
                        id=item.id,
                        text=item.text,
                        language=item.language,
                        test=Clip(audio.read(cache.path(SPEECH, spoke.key, ".wav"))),
                        reference=shared("reference", reference),
                        alignment=item.alignment,
                        record=SpeechRecord.from_dict(record) if record else None,
                        enrolment=shared(
                            "enrolment", lambda: tuple(Clip(recording(u)) for u in item.enrolment)
                        ),
                        others=shared("others", lambda: tuple(Clip(recording(u)) for u in item.others)),
                        natural=natural,
                    )
                kept[name] = [m.to_dict() for m in measure(p.metric, sample)]
                computed += 1
            rows += [Row.of(item.id, spoke.system, Measurement.from_dict(m)) for m in kept[name]]
        if len(kept) > before:
            write_json(path, kept)
    return rows, computed


def _without_times(record: dict[str, Any] | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {k: v for k, v in record.items() if k not in ("stages", "latency", "peak_memory")}


@dataclass
class Study:
    """A comparison to be run.

    Attributes
    ----------
    items : sequence of Item
    systems : sequence of System
        In the order of the report.
    metrics : sequence of (MetricEntry, Metric)
        From `find_metrics`.
    root : Path
        Where results are kept by content.
    executor : callable
        Makes an executor; called once per system (so that a process speaks for one voice only) and once to
        measure.
    progress : Progress
    """

    items: Sequence[Item]
    systems: Sequence[System]
    metrics: Sequence[tuple[MetricEntry, Metric]]
    root: Path
    executor: Callable[[], Mapper]
    progress: Progress

    def definitions(self) -> list[Definition]:
        """Every definition that is measured, in the order of the metrics' names."""
        return [d for _, metric in self.metrics for d in metric.gives]

    def run(self) -> Outcome:
        """Speak and measure what was not spoken and measured before."""
        started = time.monotonic()
        spoken: dict[str, list[Spoke]] = {}
        for system in self.systems:
            jobs = [_Speech(system, item, self.root) for item in self.items]
            executor = self.executor()
            try:
                spoken[system.name] = list(
                    self.progress.track(
                        executor.map(_speak, jobs), label=f"{system.name} speaks", total=len(jobs)
                    )
                )
            finally:
                executor.close()
        natural = frozenset(s.name for s in self.systems if s.kind == "natural")
        entries = tuple(entry for entry, _ in self.metrics)
        jobs_m = [
            _Measuring(item, tuple(spoken[s.name][k] for s in self.systems), natural, entries, self.root)
            for k, item in enumerate(self.items)
        ]
        executor = self.executor()
        rows: list[Row] = []
        computed = 0
        try:
            for some, n in self.progress.track(
                executor.map(_measure, jobs_m), label="measuring", total=len(jobs_m)
            ):
                rows += some
                computed += n
        finally:
            executor.close()
        audio_files = {
            (s.system, s.item): Cache(self.root).path(SPEECH, s.key, ".wav")
            for some in spoken.values()
            for s in some
            if s.key
        }
        failures = [s for some in spoken.values() for s in some if s.error]
        return Outcome(rows, audio_files, failures, computed, time.monotonic() - started)


@dataclass
class Outcome:
    """What a run gave.

    Attributes
    ----------
    rows : list of Row
    audio : dict of (system, item) to Path
    failures : list of Spoke
        Sentences that could not be spoken.
    computed : int
        Metrics that were computed in this run (the others were kept from before).
    seconds : float
        Wall time.
    """

    rows: list[Row]
    audio: dict[tuple[str, str], Path]
    failures: list[Spoke]
    computed: int
    seconds: float


def environment() -> dict[str, str]:
    """Versions and machine, for the report."""
    import platform

    from synthkit import __version__

    out = {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "synthkit": __version__,
    }
    for name in (
        "numpy",
        "scipy",
        "soundfile",
        "pyworld",
        "soxr",
        "pesq",
        "pystoi",
        "torch",
        "pyarrow",
    ):
        out[name] = installed_version(name)
    return out


def installed_version(distribution: str) -> str:
    """Release of an installed distribution, or of one that brings the same module, or ``"not installed"``."""
    from importlib.metadata import PackageNotFoundError, version

    for name in (distribution, *SAME_MODULE.get(distribution, ())):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"


SAME_MODULE = {"pyworld": ("pyworld-prebuilt",)}
"""Distributions that bring the module another one is known for."""


def text_hash(text: str) -> str:
    """Twelve hex digits of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
