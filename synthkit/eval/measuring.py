# SPDX-License-Identifier: Apache-2.0
"""Measure one sentence by every system, keep each figure by content, and measure nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from synthkit import audio
from synthkit.errors import SynthkitError
from synthkit.errors import reason as reason_of
from synthkit.eval.entries import MetricEntry
from synthkit.eval.guard import SECONDS, guard
from synthkit.eval.items import Item
from synthkit.eval.metric import Measurement, Metric
from synthkit.eval.results import Row
from synthkit.eval.sample import Clip, EvalSample, SpeechRecord
from synthkit.eval.systems import recording, recording_identity
from synthkit.pipeline import checked
from synthkit.pipeline.cache import Cache, key
from synthkit.types import Utterance

SPEECH, MEASURED = "eval-speech", "eval-measured"
FORMAT = 1
"""Raised when what is kept changes its meaning."""

R = TypeVar("R")


@dataclass(frozen=True)
class Spoke:
    """Where the speech of one item is, or why there is none."""

    system: str
    item: str
    key: str
    error: str = ""


@dataclass(frozen=True)
class Measuring:
    """One item to be measured: what every system spoke, and by which metrics."""

    item: Item
    spoke: tuple[Spoke, ...]
    natural: frozenset[str]
    entries: tuple[MetricEntry, ...]
    root: Path
    seconds: float = SECONDS


@dataclass
class _Known:
    entry: MetricEntry
    identity: str
    metric: Metric


_KNOWN: dict[str, _Known] = {}


def _known(entry: MetricEntry) -> _Known:
    if entry.tag not in _KNOWN:
        _KNOWN[entry.tag] = _Known(entry, key(entry.identity), entry.make())
    return _KNOWN[entry.tag]


class _Clips:
    """Recordings around an item, read when a metric has to run; what its samples share."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self._made: dict[str, Any] = {}

    def _once(self, name: str, make: Callable[[], R]) -> R:
        if name not in self._made:
            self._made[name] = make()
        made: R = self._made[name]
        return made

    def reference(self) -> Clip | None:
        found = self.item.recording
        return None if found is None else self._once("reference", lambda: Clip(recording(found)))

    def several(self, name: str, utterances: Sequence[Utterance]) -> tuple[Clip, ...]:
        return self._once(name, lambda: tuple(Clip(recording(u)) for u in utterances))

    def sample(self, sound: Path, record: dict[str, Any] | None, natural: bool) -> EvalSample:
        item = self.item
        return EvalSample(
            id=item.id,
            text=item.text,
            language=item.language,
            test=Clip(audio.read(sound)),
            reference=self.reference(),
            alignment=item.alignment,
            record=SpeechRecord.from_dict(record) if record else None,
            enrolment=self.several("enrolment", item.enrolment),
            others=self.several("others", item.others),
            natural=natural,
        )


@dataclass
class _Kept:
    """What is known of one system's speech: figures by name, and those that are wanted."""

    spoke: Spoke
    path: Path
    sound: Path
    record: dict[str, Any] | None
    natural: bool
    figures: dict[str, list[dict[str, Any]]]
    names: list[str]


def measure_item(job: Measuring) -> tuple[list[Row], int]:
    """Rows of one item for every system, and how many metrics had to be computed.

    Parameters
    ----------
    job : Measuring

    Returns
    -------
    rows : list of Row
    computed : int
    """
    item, cache = job.item, Cache(job.root)
    metrics = [_known(entry) for entry in job.entries]
    about = [
        recording_identity(item.recording) if item.recording is not None else None,
        [
            item.text,
            item.language,
            item.alignment.to_dict() if item.alignment else None,
            [recording_identity(u) for u in (*item.enrolment, *item.others)],
        ],
    ]
    files: dict[Path, dict[str, list[dict[str, Any]]]] = {}  # systems that sound the same share theirs
    every = [
        None if s.error else _kept(cache, s, about, metrics, files, natural=s.system in job.natural)
        for s in job.spoke
    ]
    missing = [k for k in every if k is not None and any(name not in k.figures for name in k.names)]
    stopped: dict[tuple[int, int], str] = {}
    computed = 0
    if missing:
        clips = _Clips(item)
        guarded = guard(job.seconds)
        guarded.load([clips.sample(k.sound, k.record, k.natural) for k in missing])
        for index, k in enumerate(missing):
            before = len(k.figures)
            for place, (known, name) in enumerate(zip(metrics, k.names, strict=True)):
                if name in k.figures:
                    continue
                try:
                    k.figures[name] = [m.to_dict() for m in guarded.measure(known.entry, index)]
                    computed += 1
                except SynthkitError as error:  # counted, shown, and tried again by the next run
                    stopped[id(k), place] = reason_of(error)
            if len(k.figures) > before:
                checked.write_json(k.path, k.figures)
    rows: list[Row] = []
    for spoke, kept in zip(job.spoke, every, strict=True):
        for place, known in enumerate(metrics):
            if kept is not None and kept.names[place] in kept.figures:
                found = [Measurement.from_dict(m) for m in kept.figures[kept.names[place]]]
            else:
                reason = spoke.error if kept is None else stopped[id(kept), place]
                found = [known.metric.undefined(d.key, reason) for d in known.metric.gives]
            rows += [Row.of(item.id, spoke.system, m) for m in found]
    return rows, computed


def _kept(
    cache: Cache,
    spoke: Spoke,
    about: Sequence[Any],
    metrics: Sequence[_Known],
    files: dict[Path, Any],
    *,
    natural: bool,
) -> _Kept:
    note = json.loads(cache.path(SPEECH, spoke.key, ".json").read_text(encoding="utf-8"))
    record = note["record"]
    # Times differ from run to run; measurements that do not look at them must not.
    path = cache.path(MEASURED, key(FORMAT, note["sha256"], *about, natural, _without_times(record)), ".json")
    if path not in files:
        files[path] = json.loads(path.read_text(encoding="utf-8")) if cache.holds(path) else {}
    names = [
        key(k.identity, record) if "record" in k.metric.needs and record is not None else k.identity
        for k in metrics
    ]
    sound = cache.path(SPEECH, spoke.key, ".wav")
    return _Kept(spoke, path, sound, record, natural, files[path], names)


def _without_times(record: dict[str, Any] | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {k: v for k, v in record.items() if k not in ("stages", "latency", "peak_memory")}
