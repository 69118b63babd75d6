# SPDX-License-Identifier: Apache-2.0
"""What the quality models make of human speech, clean and in noise: do they order what everybody hears?

    python benchmarks/eval_mos.py [--metric distillmos] [--utterances 20]

Recordings spread evenly over each corpus, as they are and with white noise (seed: the utterance's place) 20
dB and 5 dB below the whole signal's power. The anchor is what DistillMOS gave when the harness was planned,
on utterances of another choice; LJSpeech, the other anchor (4.35, 2.94 and 1.89), is on no package index.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample, measure
from synthkit.eval.statistics import bootstrap_interval
from synthkit.plugins import registry
from synthkit.types import Waveform

CORPORA = {"msu-ru-nsh": "human 3.56", "asterisk-en": "none"}
LEVELS = (None, 20.0, 5.0)


def noisy(wave: Waveform, level: float | None, seed: int) -> Waveform:
    """`wave` with white noise `level` dB below its power."""
    if level is None:
        return wave
    x = wave.samples.astype(np.float64)
    noise = np.random.default_rng(seed).standard_normal(len(x))
    x += noise * np.sqrt(np.mean(x**2) / np.mean(noise**2)) * 10.0 ** (-level / 20.0)
    return Waveform(x.astype(np.float32), wave.sample_rate)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--metric", default="distillmos", choices=("distillmos", "nisqa-tts"))
    parser.add_argument("--utterances", type=int, default=20)
    args = parser.parse_args()
    kind = registry().load("metric", args.metric)
    metric = kind(kind.Config())
    metric.prepare()
    for corpus, anchor in CORPORA.items():
        found = [u for u in open_corpus(corpus).utterances if len(u.text.split()) >= 4]
        values: list[list[float]] = []
        seconds, cpu = 0.0, time.process_time()
        for k in np.linspace(0, len(found) - 1, args.utterances).round().astype(int):
            wave = audio.read(found[k].audio, start=found[k].start, end=found[k].end)
            seconds += len(LEVELS) * wave.duration
            row = []
            for level in LEVELS:
                sample = EvalSample(
                    found[k].id, found[k].text, found[k].language, Clip(noisy(wave, level, int(k)))
                )
                (m,) = measure(metric, sample)
                if m.value is None:
                    raise SystemExit(f"{found[k].id}: {m.reason}")
                row.append(m.value)
            values.append(row)
        cpu = time.process_time() - cpu
        print(
            f"{args.metric}, {corpus}: {args.utterances} utterances, CPU {cpu / seconds:.2f} × real time; "
            f"anchor: {anchor}"
        )
        for level, column in zip(LEVELS, np.array(values).T, strict=True):
            i = bootstrap_interval(column)
            what = "as recorded" if level is None else f"noise at {level:.0f} dB"
            print(f"  {what:16} {i.estimate:.2f} ({i.low:.2f} … {i.high:.2f})")
        ordered = sum(a > b > c for a, b, c in values)
        print(f"  {ordered} of {len(values)} utterances in that order one by one")


if __name__ == "__main__":
    main()
