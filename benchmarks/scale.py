# SPDX-License-Identifier: Apache-2.0
"""Peak memory of every process and seconds of every stage, against the hours of the corpus.

    python benchmarks/scale.py [--hours 0.5 1 2] [--executor process --executor dask] [--aligner labels]
                               [--source bundled-ru] [--distinct H] [--workers 2] [--scratch FOLDER]
                               [--json FILE]

Corpora are made by ``synthkit corpora vary``: the recordings of `--source`, no two alike, as they are read.
Each is built from nothing (a cache of its own) by the executors named, one after another; the bytes of the
voices are compared. Memory is what the kernel says of each process, looked at five times a second: the most
anonymous pages, and the most pages of all, those of files that it maps (numpy's and scipy's own among them)
included.

With ``--distinct H`` the corpus is H hours of different recordings, written as wav files, each of them
several times under other ids: what is computed of a recording alone is then found in the cache, and memory
can be measured at sizes that there is no time to compute. Seconds of such runs are no build's.

An executor may be named again: with ``--executor process --executor dask`` twice they take turns, so that
other work on the machine meets both alike, and means are compared.

To reach: from 1 to 10 hours at most 1.2 times the memory, in every process; a LocalCluster of two workers at
least 0.9 times as fast as the process pool; the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import fmean

import tomli_w
from faults_common import digest

SYNTHKIT = (sys.executable, "-m", "synthkit")
STAGE = re.compile(r"^(?P<label>[^:]+): (?P<count>\d+) in (?P<clock>[\d:]+)$")
REACH_MEMORY, REACH_SPEED = 1.2, 0.9


@dataclass
class Peak:
    """Most MB that a process had: anonymous pages, and all of them, pages of files it read through maps
    included."""

    role: str
    anonymous: float = 0.0
    resident: float = 0.0
    cpu: float = 0.0
    """Seconds of processor time, as last seen."""


@dataclass
class Run:
    """One build."""

    hours: float
    executor: str
    seconds: float = 0.0
    cpu: float = 0.0
    peaks: dict[int, Peak] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    digest: str = ""

    def peak(self, role: str) -> Peak:
        """The largest of the processes of a role."""
        mine = [p for p in self.peaks.values() if p.role == role]
        return max(mine, key=lambda p: p.anonymous, default=Peak(role))


def watch(process: subprocess.Popen[str], run: Run) -> None:
    """Look at a process and all below it until it ends."""
    while process.poll() is None:
        for pid, role in family(process.pid):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:  # it has just ended
                continue
            peak = run.peaks.setdefault(pid, Peak(role))
            peak.role = role
            peak.anonymous = max(peak.anonymous, _megabytes(status, "RssAnon"))
            peak.resident = max(peak.resident, _megabytes(status, "VmHWM"))
            peak.cpu = max(peak.cpu, _cpu(pid))
        time.sleep(0.2)


def anonymous(pid: int) -> float:
    """MB of anonymous pages that a process has now; 0 for one that has ended."""
    try:
        return _megabytes(Path(f"/proc/{pid}/status").read_text(), "RssAnon")
    except OSError:
        return 0.0


def family(root: int) -> list[tuple[int, str]]:
    """Processes of a build: the main one, its workers, and what only starts those."""
    parents: dict[int, int] = {}
    words: dict[int, str] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
                words[int(entry)] = Path(f"/proc/{entry}/cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            parents[int(entry)] = int(stat.rpartition(")")[2].split()[1])
    out = [(root, "main")]
    for pid in sorted(parents):
        above, steps = pid, 0
        while above in parents and above != root and steps < 50:
            above, steps = parents[above], steps + 1
        if above == root and pid != root:
            helper = "resource_tracker" in words[pid] or pid in parents.values()
            out.append((pid, "helper" if helper else "worker"))
    return out


def _megabytes(status: str, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.M)
    return int(found[1]) / 1024 if found else 0.0


def build(corpus: Path, hours: float, executor: str, options: argparse.Namespace, place: Path) -> Run:
    """Build a voice of `corpus` from nothing."""
    recipe = place / "voice.toml"
    recipe.write_text(
        tomli_w.dumps(
            {
                "voice": {"name": "v", "corpus": str(corpus), "held_out": 100},
                "alignment": {"plugin": options.aligner},
                "features": {"plugin": "world", "aperiodicity": False},
                "acoustic_model": {"plugin": "unit-selection"},
                "vocoder": {"plugin": "overlap-add"},
            }
        ),
        encoding="utf-8",
    )
    run = Run(hours, executor)
    out = place / "made"
    command = [*SYNTHKIT, "build", str(recipe), "-o", str(out), "--executor", executor, "-j", options.workers]
    environment = {
        **os.environ, "SYNTHKIT_CACHE": str(place / "cache"), "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    watcher = threading.Thread(target=watch, args=(process, run))
    watcher.start()
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        found = STAGE.match(line.strip())
        if found:
            name = re.sub(r", pass \d+ of \d+", "", found["label"])
            run.stages[name] = run.stages.get(name, 0.0) + _seconds(found["clock"])
    process.wait()
    watcher.join()
    if process.returncode:
        raise SystemExit("the build failed:\n" + "".join(said[-20:]))
    run.seconds = time.monotonic() - began
    run.cpu = sum(p.cpu for p in run.peaks.values())
    run.digest = json.dumps(digest(out), sort_keys=True)
    return run


def repeated(source: str, distinct: float, hours: float, out: Path) -> None:
    """A corpus of `hours` whose utterances are `distinct` hours of recordings again and again."""
    from synthkit import audio
    from synthkit.corpora import open_corpus
    from synthkit.corpora.layouts import stored
    from synthkit.corpora.varying import vary
    from synthkit.labels import read_alignment, write_alignment

    base = vary([open_corpus(source)], out.with_name("base"), hours=distinct)
    out.mkdir()
    for u in base.utterances:
        audio.write(out / f"{u.id}.wav", audio.read(u.audio))
        if u.labels:
            write_alignment(out / f"{u.id}.TextGrid", read_alignment(u.labels, id=u.id))
    every = [
        replace(
            u,
            id=f"{u.id}-{n}",
            audio=out / f"{u.id}.wav",
            labels=out / f"{u.id}.TextGrid" if u.labels else None,
        )
        for n in range(round(hours / distinct))
        for u in base.utterances
    ]
    stored.save(replace(base, root=out, utterances=every), out)
    shutil.rmtree(out.with_name("base"))


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _seconds(clock: str) -> float:
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total


def show(runs: list[Run]) -> None:
    """Print the tables."""
    stages = list(dict.fromkeys(name for run in runs for name in run.stages))
    print("MB, anonymous pages (all pages) at most, and seconds")
    print(
        f"{'hours':>6} {'executor':>9} {'main':>13} {'worker':>13} {'seconds':>8} {'CPU':>6}  "
        + "  ".join(stages)
    )
    for run in runs:
        cells = [f"{run.stages.get(name, 0.0):{len(name)}.0f}" for name in stages]
        main, worker = run.peak("main"), run.peak("worker")
        print(
            f"{run.hours:6.2f} {run.executor:>9} {main.anonymous:5.0f} ({main.resident:5.0f}) "
            f"{worker.anonymous:5.0f} ({worker.resident:5.0f}) {run.seconds:8.0f} {run.cpu:6.0f}  "
            + "  ".join(cells)
        )
    for executor in dict.fromkeys(run.executor for run in runs):
        mine = [run for run in runs if run.executor == executor]
        first, last = mine[0], mine[-1]
        if first.hours != last.hours:
            ratios = [
                f"{role} {last.peak(role).anonymous / max(first.peak(role).anonymous, 1):.2f} x"
                for role in ("main", "worker")
            ]
            print(
                f"{executor}: from {first.hours:g} to {last.hours:g} h {', '.join(ratios)}   "
                f"(to reach from 1 to 10 h: {REACH_MEMORY} x)"
            )
    for hours in dict.fromkeys(run.hours for run in runs):
        pool = [run for run in runs if run.hours == hours and run.executor == "process"]
        cluster = [run for run in runs if run.hours == hours and run.executor == "dask"]
        if pool and cluster:
            same = "the same bytes" if len({r.digest for r in pool + cluster}) == 1 else "OTHER BYTES"
            speed = fmean(r.seconds for r in pool) / fmean(r.seconds for r in cluster)
            cpu = fmean(r.cpu for r in pool) / fmean(r.cpu for r in cluster)
            print(
                f"{hours:g} h: LocalCluster at {speed:.2f} x the pool's speed, "
                f"{cpu:.2f} x by processor time (that counts on a busy machine), {same}   "
                f"(to reach: {REACH_SPEED} x, the same bytes)"
            )


def main() -> None:
    """Build each size by each executor and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, nargs="+", default=[0.5, 1, 2])
    parser.add_argument("--executor", action="append", choices=["serial", "process", "dask"])
    parser.add_argument("--aligner", default="labels", help="labels or hmm")
    parser.add_argument("--source", default="bundled-ru")
    parser.add_argument("--distinct", type=float, help="hours of different recordings, repeated")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    runs: list[Run] = []
    if options.scratch:
        options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        for hours in options.hours:
            corpus = Path(scratch) / f"corpus-{hours:g}"
            if options.distinct:
                repeated(options.source, options.distinct, hours, corpus)
            else:
                vary = [*SYNTHKIT, "corpora", "vary", options.source, "--hours", f"{hours:g}"]
                subprocess.run([*vary, "-o", str(corpus)], check=True, capture_output=True)
            for executor in options.executor or ["process", "dask"]:
                with tempfile.TemporaryDirectory(dir=scratch) as place:
                    runs.append(build(corpus, hours, executor, options, Path(place)))
                print(
                    f"# {hours:g} h, {executor}: {runs[-1].seconds:.0f} s, load {os.getloadavg()[0]:.0f}",
                    flush=True,
                )
                if options.json:
                    rows = [{**asdict(run), "peaks": [asdict(p) for p in run.peaks.values()]} for run in runs]
                    options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    show(runs)


if __name__ == "__main__":
    main()
