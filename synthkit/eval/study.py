# SPDX-License-Identifier: Apache-2.0
"""Run a comparison: speak, measure, keep every result by content, and go on where an earlier run stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.errors import SynthkitError, reason
from synthkit.eval.entries import MetricEntry, installed_version
from synthkit.eval.guard import SECONDS
from synthkit.eval.items import Item
from synthkit.eval.measuring import FORMAT, SPEECH, Measuring, Spoke, measure_item
from synthkit.eval.metric import Definition, Metric
from synthkit.eval.quiet import quiet
from synthkit.eval.results import Row
from synthkit.eval.systems import System
from synthkit.pipeline import checked
from synthkit.pipeline.cache import Cache, key
from synthkit.progress import Progress


class Mapper(Protocol):
    """An executor: `synthkit.pipeline.executors.Executor`."""

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """``function(item)`` for each, in order.

        Parameters
        ----------
        function : callable
        items : sequence

        Returns
        -------
        iterator
        """
        ...

    def close(self) -> None:
        """Give back workers."""
        ...


@dataclass(frozen=True)
class _Speech:
    system: System
    item: Item
    root: Path


def _speak(job: _Speech) -> Spoke:
    cache = Cache(job.root)
    try:
        name = key(FORMAT, job.system.identity(job.item))
        sound, note = cache.path(SPEECH, name, ".wav"), cache.path(SPEECH, name, ".json")
        if not (cache.holds(sound) and cache.holds(note)):
            with quiet(errors=False):
                waveform, record = job.system.speak(job.item)
            sound.parent.mkdir(parents=True, exist_ok=True)
            with checked.writing(sound) as temporary:
                audio.write(temporary, waveform)
            checked.write_json(
                note, {"record": record.to_dict() if record else None, "sha256": sha256(sound)}
            )
    except SynthkitError as error:
        return Spoke(job.system.name, job.item.id, "", f"could not be spoken: {reason(error)}")
    except Exception as error:  # a voice's fault is a result: it is counted and shown with its utterance
        first = reason(error).split("\n")[0]
        return Spoke(
            job.system.name, job.item.id, "", f"could not be spoken: {type(error).__name__}: {first}"
        )
    return Spoke(job.system.name, job.item.id, name)


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
    seconds : float
        Time a metric has for a sentence.
    """

    items: Sequence[Item]
    systems: Sequence[System]
    metrics: Sequence[tuple[MetricEntry, Metric]]
    root: Path
    executor: Callable[[], Mapper]
    progress: Progress
    seconds: float = SECONDS

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
            Measuring(
                item,
                tuple(spoken[s.name][k] for s in self.systems),
                natural,
                entries,
                self.root,
                self.seconds,
            )
            for k, item in enumerate(self.items)
        ]
        executor = self.executor()
        rows: list[Row] = []
        computed = 0
        try:
            for some, n in self.progress.track(
                executor.map(measure_item, jobs_m), label="measuring", total=len(jobs_m)
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
