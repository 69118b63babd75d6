# SPDX-License-Identifier: Apache-2.0
"""Measure what bundled weights lack in changes over time, and write it beside them.

    synthkit corpora get msu-ru-nsh
    python benchmarks/parametric_modulation.py OUT [--weights nsh] [--limit 100]

A training measures it at its end; this is for weights that were learned before that was so. Up to forty of
the first `limit` recordings that the weights have heard are predicted in their own time, and the ratio of
both modulation spectra is written into a copy of the weights, OUT/WEIGHTS. Prints it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from synthkit_parametric import examples, fitting
from synthkit_parametric.voice import TrainedVoice, columns

from synthkit.pipeline import config
from synthkit.pipeline.build import build
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.pipeline.state import Build
from synthkit.progress import Progress
from synthkit.stages import TrainingData


def heard(weights: str, limit: int, out: Path, ctx: BuildContext) -> TrainingData:
    """What a build that takes the weights gives its model to learn from."""
    sections = {
        "voice": {"name": "heard", "corpus": "msu-ru-nsh", "held_out": 10, "limit": limit},
        "segmentation": {"plugin": "text"},
        "alignment": {"plugin": "labels"},
        "features": {"plugin": "world"},
        "acoustic_model": {"plugin": "parametric", "pretrained": weights},
        "vocoder": {"plugin": "world"},
    }
    found: list[TrainingData] = []

    def keep(state: Build, data: TrainingData) -> None:
        found.append(replace(data, items=tuple(data.items), held_out=()))

    build(config.resolve(sections, base=out), out / "build", ctx, report=keep)
    return found[0]


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--weights", default="nsh")
    parser.add_argument("--limit", type=int, default=100)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    ctx = BuildContext(SerialExecutor(), Progress(), asked.out / "work")
    voice = TrainedVoice.load(fitting.BUNDLED / asked.weights)
    data = heard(asked.weights, asked.limit, asked.out, ctx)
    prepared = examples.prepare(data, ctx, voice.symbols)
    assert prepared.symbols == voice.symbols, "phones that the weights never heard"
    own, theirs = prepared.scales, voice.scales
    again = tuple(
        replace(e, frames=(e.frames * own.std + own.mean - theirs.mean) / theirs.std)
        for e in prepared.examples
    )
    found = fitting.with_spread(
        voice.weights, replace(prepared, examples=again, scales=theirs), voice.shape, voice.spec
    )
    made = replace(voice, scales=replace(theirs, modulation=found.modulation))
    shutil.copytree(fitting.BUNDLED / asked.weights, asked.out / asked.weights, dirs_exist_ok=True)
    made.save(asked.out / asked.weights, dtype="float16")
    assert found.modulation is not None
    mcep = found.modulation[:, columns(voice.spec)["mcep"]]
    print(f"{len(again)} recordings; factors of mel-cepstral coefficients 0, 5, 10 … at changes a second of")
    for row in (0, 1, 2, 4, 8, 16, 32):
        frequency = row / (len(mcep) - 1) / voice.spec.frame_period / 2
        print(f"{frequency:6.1f}  " + "  ".join(f"{v:4.2f}" for v in mcep[row, ::5]))
    print("spread as it was, and measured again:")
    for spread in (theirs.spread, found.spread):
        print(np.round(spread[columns(voice.spec)["mcep"]][::5], 2))


if __name__ == "__main__":
    main()
