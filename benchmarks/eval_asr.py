# SPDX-License-Identifier: Apache-2.0
"""What the recognisers make of human speech: the floor below which no voice's error rate means anything.

    python benchmarks/eval_asr.py --whisper FOLDER         a CTranslate2 model, such as Whisper base
    python benchmarks/eval_asr.py --onnx FOLDER            a Whisper in ONNX, such as small q8

30 utterances of each corpus of recordings, spread evenly over those of at least four words. The anchors are
what the same models gave when the harness was planned, on utterances of another choice.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample, measure
from synthkit.eval.statistics import bootstrap_interval
from synthkit.plugins import registry

CORPORA = ("asterisk-en", "asterisk-ru", "msu-ru-nsh")
ANCHORS = {"whisper": (5.9, 15.2, 18.7), "onnx-asr": (3.7, 9.1, 10.2)}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--whisper", type=Path)
    parser.add_argument("--onnx", type=Path)
    parser.add_argument("--utterances", type=int, default=30)
    args = parser.parse_args()
    chosen = {}
    if args.whisper:
        chosen["whisper"] = {"model": str(args.whisper)}
    if args.onnx:
        chosen["onnx-asr"] = {"model": "whisper", "path": args.onnx, "quantization": "quantized"}
    if not chosen:
        parser.error("name a model folder: --whisper FOLDER or --onnx FOLDER")
    for name, settings in chosen.items():
        kind = registry().load("metric", name)
        metric = kind(kind.Config(**settings))
        metric.prepare()
        print(f"{name}, {settings}")
        for corpus, anchor in zip(CORPORA, ANCHORS[name], strict=True):
            found = [u for u in open_corpus(corpus).utterances if len(u.text.split()) >= 4]
            figures: dict[str, list] = {"wer": [], "cer": []}
            seconds, started, cpu = 0.0, time.perf_counter(), time.process_time()
            for k in np.linspace(0, len(found) - 1, args.utterances).round().astype(int):
                wave = audio.read(found[k].audio, start=found[k].start, end=found[k].end)
                seconds += wave.duration
                sample = EvalSample(found[k].id, found[k].text, found[k].language, Clip(wave), natural=True)
                for m in measure(metric, sample):
                    if m.value is None:
                        raise SystemExit(f"{found[k].id}: {m.reason}")
                    figures[m.metric].append((m.value, m.n))
            wall, cpu = time.perf_counter() - started, time.process_time() - cpu
            wer, cer = (bootstrap_interval(*np.array(figures[m]).T) for m in ("wer", "cer"))
            print(
                f"  {corpus:12} WER {wer.estimate:5.1f} % ({wer.low:.1f} … {wer.high:.1f}), CER "
                f"{cer.estimate:4.1f} %; anchor WER {anchor} %; {args.utterances} utterances, {seconds:.0f} "
                f"s, {cpu / seconds:.2f} × real time CPU, {wall / seconds:.2f} × wall"
            )


if __name__ == "__main__":
    main()
