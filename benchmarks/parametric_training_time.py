# SPDX-License-Identifier: Apache-2.0
"""How long the parametric voice takes to train on a CPU, against 15 and 60 minutes on two cores.

    python benchmarks/parametric_training_time.py [--corpus bundled-ru] [--steps 60] [--threads 1]

Times `--steps` steps of the real training on the real corpus (features are computed first and not counted:
a build caches them) and multiplies by the steps a build takes. CPU time does not depend on what else the
machine does; wall time does. With `--whole` it trains to the end and prints what was really spent.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path

from synthkit_parametric.fitting import default_steps

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.pipeline import jobs
from synthkit.plugins import registry
from synthkit.stages import TrainingData, TrainingItem
from synthkit.testing.samples import context
from synthkit.types import Alignment

TARGETS = {"bundled-ru": 15, "msu-ru-nsh": 60}


def corpus_data(name: str, folder: Path) -> TrainingData:
    """All of corpus `name` with its labels and WORLD features."""
    plugins = registry()
    extractor = plugins.load("features", "world")()
    reader = plugins.load("segmentation", "text")()
    utterances = list(open_corpus(name).utterances)
    pairs = [(u, reader.segment(u.text, u.language)) for u in utterances]
    aligner = plugins.load("alignment", "labels" if all(u.labels for u in utterances) else "hmm")()
    found = aligner.align(pairs, context(folder))
    items = []
    for u, segmentation in pairs:
        alignment = found[u.id]
        if not isinstance(alignment, Alignment):
            continue
        path = folder / f"{u.id}.npz"
        wave = audio.read(u.audio, extractor.spec.sample_rate, start=u.start, end=u.end)
        jobs.save_frames(path, extractor.extract(wave, alignment))
        read = partial(jobs.read_frames, path, extractor.spec)
        items.append(
            TrainingItem(u, segmentation, alignment, partial(jobs.read_waveform, u, wave.sample_rate), read)
        )
    speakers = tuple(sorted({u.speaker for u in utterances}))
    rate = int(extractor.spec.sample_rate)
    return TrainingData(tuple(items), rate, ("ru",), speakers, pairs[0][1].phone_set, extractor.spec)


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", default="bundled-ru")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    kind = registry().load("acoustic_model", "parametric")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = corpus_data(asked.corpus, folder)
        minutes = sum(i.alignment.duration for i in data.items) / 60
        planned = default_steps(minutes * 60)
        spent = {}
        for steps in (1, planned if asked.whole else asked.steps):
            model = kind(kind.Config(steps=steps, threads=asked.threads))
            (folder / f"voice{steps}").mkdir()
            wall, cpu = time.monotonic(), time.process_time()
            model.fit(data, folder / f"voice{steps}", context(folder / f"work{steps}"))
            spent[steps] = (time.monotonic() - wall, time.process_time() - cpu)
    (fixed_wall, fixed_cpu), (wall, cpu) = spent.values()
    share = (planned - 1) / (max(spent) - 1)
    wall, cpu = fixed_wall + (wall - fixed_wall) * share, fixed_cpu + (cpu - fixed_cpu) * share
    print(
        f"{asked.corpus}: {len(data.items)} utterances, {minutes:.1f} min, {planned} steps, {asked.threads} "
        "threads"
    )
    how = "measured" if asked.whole else f"from {asked.steps} steps"
    print(
        f"training ({how}): {cpu / 60:.1f} CPU min, {wall / 60:.1f} min by the clock on this machine as "
        "loaded"
    )
    if asked.corpus in TARGETS:
        bound = TARGETS[asked.corpus]
        print(f"to reach: {bound} min on two cores; with one thread on an idle core: {cpu / 60:.1f} min")


if __name__ == "__main__":
    main()
