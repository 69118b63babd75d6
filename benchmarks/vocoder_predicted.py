# SPDX-License-Identifier: Apache-2.0
"""What a model predicted, spoken by its own vocoder and by WORLD: DistillMOS from text in.

    python benchmarks/vocoder_predicted.py --voice FOLDER [--corpus msu-ru-nsh] [--every 10] [--count 6]
        [--sharpness 0 1]

The voice is `plugins/syrinx/recipes/demo-ru-syrinx.toml`, built (a parametric voice with vocoder `syrinx`).
The texts of ``items[::every]``, `count` of them at even distances, are predicted once for each `sharpness`;
both vocoders render the same frames. Mean and 95 % bootstrap interval, and of the paired difference.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample
from synthkit.eval.statistics import bootstrap_interval
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry


def told(values: np.ndarray) -> str:
    """Mean and interval."""
    interval = bootstrap_interval(values)
    return f"{interval.estimate:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", type=Path, required=True)
    parser.add_argument("--corpus", default="msu-ru-nsh")
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--sharpness", type=float, nargs="+", default=[0.0, 1.0])
    args = parser.parse_args()
    voice = Voice.open(args.voice)
    if "sharpness" not in voice.acoustic_model.Options.model_fields:
        parser.error(f"--voice: acoustic model {voice.stages['acoustic_model'].plugin!r} has no sharpness")
    metric = registry().load("metric", "distillmos")()
    metric.prepare()
    vocoders = {"world": registry().load("vocoder", "world")(), "its own": voice.vocoder}
    held = list(open_corpus(args.corpus).utterances)[:: args.every]
    chosen = [held[round(k)] for k in np.linspace(0, len(held) - 1, args.count)]
    print(f"{len(chosen)} texts, DistillMOS")
    print("| sharpness | world | its own vocoder | difference |\n|---|---|---|---|")
    for sharpness in args.sharpness:
        found: dict[str, list[float]] = {name: [] for name in vocoders}
        for u in chosen:
            frames = voice.predict(voice.segment(u.text), options={"sharpness": sharpness})
            for name, vocoder in vocoders.items():
                sample = EvalSample(u.id, u.text, u.language, Clip(vocoder.render(frames)))
                found[name].append(metric.measure(sample)[0].value)
        theirs, ours = (np.array(found[name]) for name in vocoders)
        print(f"| {sharpness:g} | {told(theirs)} | {told(ours)} | {told(ours - theirs)} |", flush=True)


if __name__ == "__main__":
    main()
