# SPDX-License-Identifier: Apache-2.0
"""Train the bundled weights of several languages and speakers: what `synthkit adapt several` begins with.

    synthkit corpora get NAME        # each of CORPORA below
    python benchmarks/parametric_several.py OUT [--limit msu-ru-nsh=110 ...] [--steps 900] [--seconds 540]

Each corpus is segmented, aligned and analysed by a build of its own (cached); then one network learns from
all of them, its phones those of the shared inventory, with a code of each language and of each speaker, and
begins with the weights of ``nsh``. Every tenth utterance of each corpus (``items[::10]``) is kept out, and of
``asterisk-ru`` nothing is heard: its speaker is there to be adapted to. Stopped after so many seconds it goes
on when it is given again.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from synthkit_parametric.parametric import ParametricModel, ParametricSettings
from synthkit_parametric.shared import SHARED, shared_item

from synthkit.pipeline import config
from synthkit.pipeline.build import build
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.pipeline.state import Build
from synthkit.progress import Progress
from synthkit.stages import TrainingData

CORPORA = ("msu-ru-nsh", "asterisk-en", "asterisk-es", "asterisk-fr", "asterisk-it")
LABELLED = ("msu-ru-nsh",)


def heard(corpus: str, limit: int, out: Path, ctx: BuildContext) -> TrainingData:
    """What a build of `corpus` learns from, in the terms of the shared inventory.

    Utterances of the Asterisk corpora have the same ids in every language, so their corpus goes before them.
    """
    voice: dict[str, Any] = {"name": corpus, "corpus": corpus, "sample_rate": 16000, "held_out": 10}
    sections = {
        "voice": {**voice, "limit": limit} if limit else voice,
        "segmentation": {"plugin": "text"},
        "alignment": {"plugin": "labels" if corpus in LABELLED else "hmm"},
        "features": {"plugin": "world"},
        "acoustic_model": {"plugin": "parametric", "steps": 1},
        "vocoder": {"plugin": "world"},
    }
    found: list[TrainingData] = []

    def keep(state: Build, data: TrainingData) -> None:
        items = [shared_item(item) for item in data.items]
        if corpus not in LABELLED:
            items = [
                replace(i, utterance=replace(i.utterance, id=f"{corpus}:{i.utterance.id}")) for i in items
            ]
        found.append(replace(data, items=tuple(items), held_out=()))

    build(config.resolve(sections, base=out), out / corpus, ctx, report=keep)
    return found[0]


def main() -> None:
    """Prepare, join, train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpora", nargs="+", default=CORPORA)
    parser.add_argument("--limit", nargs="+", default=[], help="CORPUS=UTTERANCES; all if not given")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--start-from", default="nsh")
    parser.add_argument("--seconds", type=int, default=0, help="stop, to go on later; 0: never")
    asked = parser.parse_args()
    limits = {name: int(count) for name, _, count in (text.partition("=") for text in asked.limit)}
    asked.out.mkdir(parents=True, exist_ok=True)
    ctx = BuildContext(SerialExecutor(), Progress(), asked.out / "work")
    parts = [heard(name, limits.get(name, 0), asked.out, ctx) for name in asked.corpora]
    data = TrainingData(
        tuple(item for part in parts for item in part.items),
        parts[0].sample_rate,
        tuple(sorted({name for part in parts for name in part.languages})),
        tuple(sorted({name for part in parts for name in part.speakers})),
        SHARED,
        parts[0].spec,
    )
    if asked.seconds:
        signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
        signal.alarm(asked.seconds)
    settings = ParametricSettings(steps=asked.steps, start_from=asked.start_from)
    (asked.out / "several").mkdir(exist_ok=True)
    ParametricModel(settings).fit(data, asked.out / "several", ctx)
    for name, part in zip(asked.corpora, parts, strict=True):
        print(f"heard of {name}: {sum(i.alignment.duration for i in part.items) / 60:.1f} min")


if __name__ == "__main__":
    main()
