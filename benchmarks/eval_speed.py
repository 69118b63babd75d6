# SPDX-License-Identifier: Apache-2.0
"""How fast are the spectral and prosody metrics, against the plain composition VERSA's are made of?

Both compute the same figures of the same file pairs, and the figures are compared too. Of each metric set the
CPU time (user + system) in one process is printed; for the whole set the wall time too, the plain composition
in one process, as VERSA is, ours on two by the process executor, pools started before the clock. The wall
time needs an idle machine.

    python benchmarks/eval_speed.py [--pairs 6]

Needs pysptk, fastdtw, librosa, pesq and pystoi beside synthkit's metric plugins. The recordings are bundled;
the tests are their WORLD copy synthesis, slowed by 3 % so that there is something to align.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins" / "metrics-world" / "tests"))

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.dsp.world import load_pyworld
from synthkit.eval import Clip, EvalSample, measure
from synthkit.eval.entries import find_metrics
from synthkit.pipeline.executors import ProcessExecutor, ProcessSettings
from synthkit.plugins import registry
from synthkit.types import Waveform


def pairs(count: int) -> list[tuple[Waveform, Waveform]]:
    """Recordings and slowed copies of them."""
    pw = load_pyworld()
    out = []
    for utterance in open_corpus("bundled-ru").utterances[::7][:count]:
        w = audio.read(utterance.audio)
        x = w.samples.astype(np.float64)
        f0, spectrum, aperiodicity = pw.wav2world(x, w.sample_rate)
        y = pw.synthesize(f0, spectrum, aperiodicity, w.sample_rate, 5.0 * 1.03)
        out.append((w, Waveform((0.9 * y).astype(np.float32), w.sample_rate)))
    return out


def ours(data, names):
    """Figures by synthkit and the CPU seconds."""
    usable, _ = find_metrics(registry(), names)
    figures = []
    started = time.process_time()
    for reference, test in data:
        sample = EvalSample("x", "", "ru", Clip(test), Clip(reference))
        figures.append({m.key: m.value for _, metric in usable for m in measure(metric, sample)})
    return figures, time.process_time() - started


WHOLE = ("mcd-versa", "mcd-versa-dtw", "pesq", "stoi")


def one_pair(pair: tuple[Waveform, Waveform]) -> int:
    """Every figure of a pair, in a worker."""
    return len(ours([pair], WHOLE)[0][0])


def wall_on_two(data) -> float:
    """Wall seconds of the whole set on two processes that have imported what they need."""
    executor = ProcessExecutor(ProcessSettings(workers=2))
    try:
        short = [
            (Waveform(r.samples[:16000], r.sample_rate), Waveform(t.samples[:16000], t.sample_rate))
            for r, t in data[:2]
        ]
        list(executor.map(one_pair, short * 2))
        started = time.perf_counter()
        list(executor.map(one_pair, data))
        return time.perf_counter() - started
    finally:
        executor.close()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=6)
    args = parser.parse_args()
    import other_tools

    data = pairs(args.pairs)
    seconds = sum(r.duration for r, _ in data)
    print(f"{len(data)} pairs, {seconds:.0f} s of speech at {data[0][0].sample_rate} Hz; CPU seconds")

    began = started = time.process_time()
    wall = time.perf_counter()
    plain = [
        other_tools.mcd_f0(r.samples.astype(float), t.samples.astype(float), r.sample_rate) for r, t in data
    ]
    no_dtw = time.process_time() - started
    started = time.process_time()
    dtw = [
        other_tools.mcd_f0_dtw(r.samples.astype(float), t.samples.astype(float), r.sample_rate)
        for r, t in data
    ]
    with_dtw = time.process_time() - started
    started = time.process_time()
    other = [
        other_tools.quality(r.samples.astype(float), t.samples.astype(float), r.sample_rate) for r, t in data
    ]
    quality = time.process_time() - started
    wall, whole = time.perf_counter() - wall, time.process_time() - began

    _, one = ours(data, ("mcd-versa",))
    figures, same = ours(data, ("mcd-versa", "mcd-versa-dtw"))
    worst = 0.0
    for a, b, f in zip(plain, dtw, figures, strict=True):
        for theirs, name in zip(
            (*a, *b),
            (f"{m}/{v}" for v in ("versa", "versa-dtw") for m in ("mcd", "f0-rmse", "f0-correlation")),
            strict=True,
        ):
            if f[name] is None or math.isnan(theirs):
                continue
            worst = max(worst, abs(f[name] - theirs) / max(abs(theirs), 1e-12))
    _, own = ours(data, ("world", "spectral", "pauses"))
    intrusive, step = ours(data, ("pesq", "stoi"))
    for a, f in zip(other, intrusive, strict=True):
        worst = max(worst, abs(f["pesq/wb"] - a[0]) / a[0], abs(f["stoi/pystoi"] - a[1]) / a[1])

    peer = no_dtw + with_dtw
    _, all_ours = ours(data, WHOLE)
    two = wall_on_two(data)

    def line(what: str, theirs: float, mine: float) -> None:
        print(f"  {what:62} {theirs:7.2f} {mine:7.2f}   × {theirs / mine:4.1f}   × {2 * theirs / mine:4.1f}")

    print(f"  {'':62} {'plain':>7} {'ours':>7}   1 core   2 cores")
    line("VERSA's three figures: MCD, F0 RMSE, F0 correlation", no_dtw, one)
    line("VERSA's three figures, without and with DTW (analysis shared)", peer, same)
    line("our set for its three: MCD, 5 F0, BAP, LSD, MR-STFT, pauses", no_dtw, own)
    line("PESQ and STOI, the same packages (ours: extended STOI too)", quality, step)
    line("all of these", whole, all_ours)
    print(
        f"wall, all of these: plain in one process {wall:.1f} s, ours in two {two:.1f} s: × {wall / two:.1f}"
    )
    print(f"largest relative difference of a figure: {worst:.1e} (target 1e-4)")
    print(
        f"target ≥ 3 × on two cores, all of these, wall: {wall / two:.1f} × "
        f"{'reached' if wall / two >= 3 else 'MISSED'}"
    )
    for what, ratio in (
        ("VERSA's definitions", 2 * no_dtw / one),
        ("both alignments", 2 * peer / same),
        ("our set", 2 * no_dtw / own),
    ):
        print(f"target ≥ 3 × on two cores, {what}: {ratio:.1f} × {'reached' if ratio >= 3 else 'MISSED'}")


if __name__ == "__main__":
    main()
