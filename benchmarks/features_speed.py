# SPDX-License-Identifier: Apache-2.0
"""WORLD features of a corpus with 1 and 2 worker processes, and what each step costs.

    python benchmarks/features_speed.py [CORPUS] [--limit N]

Prints the real-time factors of WORLD's steps beside those measured of bare pyworld elsewhere, then the wall
and CPU time of the whole corpus (read, analysed, coded) with one worker and with two, whether the bytes are
the same, and the ratio. On a machine that does other work too the wall time says little: ``CPU ratio`` is the
speed-up that two free cores would give, twice the CPU time of one worker over that of two.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import time
from functools import partial

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.dsp.harvest import harvest
from synthkit.dsp.melcepstrum import sp2mc
from synthkit.dsp.world import load_pyworld
from synthkit.pipeline.executors import ProcessExecutor, ProcessSettings
from synthkit.plugins import registry
from synthkit.types import Utterance

TARGET = 1.8
ELSEWHERE = {"DIO+StoneMask": 0.0065, "CheapTrick": 0.009, "D4C": 0.024, "Harvest": 0.16}
"""CPU seconds per second of audio, pyworld at 16 kHz."""


def digest(rate: int, utterance: Utterance) -> tuple[str, float]:
    """Hash of the utterance's frames, and its seconds."""
    extractor = _extractor(rate)
    waveform = audio.read(utterance.audio, None, utterance.start, utterance.end)
    frames = extractor.extract(waveform)
    return hashlib.sha256(b"".join(a.tobytes() for a in frames.data.values())).hexdigest(), waveform.duration


def _extractor(rate: int):  # type: ignore[no-untyped-def]
    kind = registry().load("features", "world")
    return kind(kind.Config(sample_rate=rate))


def steps(utterances: list[Utterance], rate: int) -> None:
    """Print CPU time of each step over a few utterances."""
    pw, extractor = load_pyworld(), _extractor(rate)
    spent: dict[str, float] = {}
    seconds = 0.0

    def clock(name, function):  # type: ignore[no-untyped-def]
        start = time.process_time()
        out = function()
        spent[name] = spent.get(name, 0.0) + time.process_time() - start
        return out

    for utterance in utterances:
        x = audio.read(utterance.audio, None, utterance.start, utterance.end).samples.astype(np.float64)
        seconds += len(x) / rate
        f0, t = clock("DIO+StoneMask", lambda x=x: extractor.pitch(x))
        power = clock("CheapTrick", lambda x=x, f0=f0, t=t: pw.cheaptrick(x, f0, t, rate))
        clock("D4C", lambda x=x, f0=f0, t=t: pw.d4c(x, f0, t, rate))
        clock("mel-cepstrum", lambda p=power: sp2mc(p, extractor.view.order, extractor.view.alpha))
        clock("Harvest", lambda x=x: harvest(x, rate, f0_floor=60, f0_ceil=400))
        clock("pyworld's", lambda x=x: pw.harvest(x, rate, f0_floor=60, f0_ceil=400, frame_period=5))
    print(f"step             here   elsewhere   (CPU x real time, {seconds:.0f} s of audio)")
    for name, value in spent.items():
        other = ELSEWHERE.get(name)
        print(f"{name:15}  {value / seconds:.4f}  {other if other is not None else '–'}")


def whole(utterances: list[Utterance], rate: int, workers: int) -> tuple[list[str], float, float, float]:
    """Hashes, seconds of audio, wall and CPU seconds with `workers` processes, once they are warm."""
    pool = ProcessExecutor(ProcessSettings(workers=workers))
    try:
        list(pool.map(partial(digest, rate), utterances[: 4 * workers]))
        start, cpu = time.perf_counter(), _cpu(pool)
        found = list(pool.map(partial(digest, rate), utterances))
        return [h for h, _ in found], sum(s for _, s in found), time.perf_counter() - start, _cpu(pool) - cpu
    finally:
        pool.close()


def _cpu(pool: ProcessExecutor) -> float:
    """CPU seconds of this process and the pool's workers so far."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    tick = os.sysconf("SC_CLK_TCK")
    for pid in pool._pool._processes if pool._pool else ():
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / tick
    return total


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", default="msu-ru-nsh")
    parser.add_argument("--limit", type=int, default=None)
    args = parser.parse_args()
    utterances = list(open_corpus(args.corpus).utterances)[: args.limit]
    rate = audio.info(utterances[0].audio)[0]
    steps(utterances[:6], rate)
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    results = {}
    for workers in (1, 2):
        _, seconds, wall, cpu = results[workers] = whole(utterances, rate, workers)
        print(
            f"{workers} worker{'s' if workers > 1 else ' '}: {seconds / 60:.1f} min of audio, wall "
            f"{wall:.1f} s, CPU {cpu:.1f} s, {cpu / seconds:.4f} x real time"
        )
    same = results[1][0] == results[2][0]
    print(
        f"same bytes: {'yes' if same else 'NO'}  "
        f"({hashlib.sha256(''.join(results[1][0]).encode()).hexdigest()[:12]})"
    )
    ratio = results[1][2] / results[2][2]
    print(f"wall ratio {ratio:.2f}, CPU ratio {2 * results[1][3] / results[2][3]:.2f}, to reach {TARGET}")


if __name__ == "__main__":
    main()
