# SPDX-License-Identifier: Apache-2.0
"""Copies of held-out utterances: the vocoder that a CPU trains, beside WORLD, Griffin-Lim and the recordings.

    python benchmarks/vocoder_copies.py [--corpus msu-ru-nsh] [--every 10] [--count 20] [--seed 0]
        [--weights nsh] [--weights FOLDER …] [--hifigan] [--keep FOLDER]

Utterances ``items[::every]`` of the corpus, which the bundled weights never heard; `count` of them at even
distances (0: all). Each recording goes through features and vocoder, and what comes out is judged by
DistillMOS, wide-band PESQ, MCD, F0 RMSE and V/UV error (metrics ``distillmos``, ``pesq``, ``world``), with
95 % bootstrap intervals of the means; rendering is timed in CPU seconds per second of sound, beside the
peers in the same run. Metrics that are not installed print a dash and say why.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import SynthkitError
from synthkit.eval import Clip, EvalSample
from synthkit.eval.statistics import bootstrap_interval
from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor, Vocoder
from synthkit.types import Utterance, Waveform

COLUMNS = ("predicted-mos", "pesq", "mcd", "f0-rmse", "vuv-error")


def component(stage: str, name: str, **settings: object) -> object:
    """A component by name."""
    kind = registry().load(stage, name)
    return kind(kind.Config(**settings))


def trained(name: str) -> Vocoder:
    """Vocoder `syrinx`, opened with bundled weights or those of a folder."""
    from synthkit_syrinx.vocoder import Syrinx

    vocoder = registry().load("vocoder", "syrinx")()
    vocoder.open(Syrinx.bundled / name if (Syrinx.bundled / name).is_dir() else Path(name))
    return vocoder


def metrics(without: list[str]) -> list[object]:
    """The metrics of the columns that are installed here and wanted."""
    found = []
    for name in ("distillmos", "pesq", "world"):
        if name in without:
            continue
        try:
            metric = component("metric", name)
            metric.prepare()
            found.append(metric)
        except SynthkitError as error:
            print(f"metric {name} is left out: {error.message}")
    return found


def rows(weights: list[str], hifigan: bool) -> list[tuple[str, FeatureExtractor | None, Vocoder | None]]:
    """Name, features and vocoder of each row; the recordings themselves have neither."""
    world = component("features", "world")
    mel = component("features", "mel", preset="htk-16k")
    out = [
        ("natural", None, None),
        ("world", world, component("vocoder", "world")),
        ("griffin-lim", mel, component("vocoder", "griffin-lim")),
    ]
    for name in weights:
        vocoder = trained(name)
        spec = vocoder.accepts()[0]
        extractor = next(
            e for kind in ("world", "mel") if (e := registry().load("features", kind).matching(spec, 16000))
        )
        out.append((f"syrinx {Path(name).name}", extractor, vocoder))
    if hifigan:
        out.append(("hifigan", component("features", "mel"), component("vocoder", "hifigan")))
    return out


def copy_of(
    original: Waveform,
    extractor: FeatureExtractor | None,
    vocoder: Vocoder | None,
    clock: Callable[[], float],
) -> tuple[Waveform, float]:
    """The copy, at the recording's rate, and the CPU seconds of rendering."""
    if extractor is None or vocoder is None:
        return original, 0.0
    item = extractor.extract(audio.resample(original, extractor.spec.sample_rate))
    start = clock()
    made = vocoder.render(item)
    return audio.resample(made, original.sample_rate), clock() - start


def chosen(corpus: str, every: int, count: int) -> list[Utterance]:
    """The held-out utterances."""
    held = list(open_corpus(corpus).utterances)[::every]
    return held if not count else [held[round(k)] for k in np.linspace(0, len(held) - 1, count)]


def parser(description: str | None) -> argparse.ArgumentParser:
    """Of what every table of copies is asked for."""
    found = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--corpus", default="msu-ru-nsh")
    found.add_argument("--every", type=int, default=10)
    found.add_argument("--count", type=int, default=20)
    found.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    found.add_argument("--hifigan", action="store_true", help="its universal generator too (slow)")
    found.add_argument("--keep", type=Path)
    found.add_argument("--without", action="append", default=[], help="a metric, such as distillmos (slow)")
    return found


def table(
    args: argparse.Namespace, compared: list[tuple[str, FeatureExtractor | None, Vocoder | None]]
) -> None:
    """Make the copies, judge them and print a line for each of `compared`."""
    utterances = chosen(args.corpus, args.every, args.count)
    recordings = [audio.read(u.audio, None, u.start, u.end) for u in utterances]
    judges = metrics(args.without)
    print(f"{len(utterances)} held-out utterances of {Path(args.corpus).name}, mean and 95 % interval")
    print(f"{'':14}{'DistillMOS':>18}{'PESQ':>18}{'MCD dB':>18}{'F0 RMSE Hz':>18}{'V/UV %':>18}{'RTF':>9}")
    for name, extractor, vocoder in compared:
        values: dict[str, list[float]] = {c: [] for c in COLUMNS}
        spent = seconds = 0.0
        if vocoder is not None:
            copy_of(
                recordings[0], extractor, vocoder, time.process_time
            )  # what is loaded once is not counted
        for utterance, original in zip(utterances, recordings, strict=True):
            made, took = copy_of(original, extractor, vocoder, time.process_time)
            spent, seconds = spent + took, seconds + original.duration
            if args.keep:
                folder = args.keep / name.replace(" ", "-")
                folder.mkdir(parents=True, exist_ok=True)
                audio.write(folder / f"{utterance.id}.wav", made)
            sample = EvalSample(utterance.id, utterance.text, utterance.language, Clip(made), Clip(original))
            for judge in judges:
                for m in judge.measure(sample):
                    if m.metric in values and m.value is not None:
                        values[m.metric].append(m.value)
        cells = []
        for column in COLUMNS:
            found = np.array(values[column])
            if len(found) < 2:
                cells.append(f"{'–':>18}")
                continue
            interval = bootstrap_interval(found, seed=args.seed)
            cells.append(f"{found.mean():8.2f} {interval.low:.2f}–{interval.high:.2f}".rjust(18))
        print(f"{name:14}{''.join(cells)}{spent / seconds:9.4f}", flush=True)


def main() -> None:
    """Run and print."""
    asked = parser(__doc__)
    asked.add_argument("--weights", action="append", default=[])
    args = asked.parse_args()
    try:
        found = rows(args.weights or ["nsh"], args.hifigan)
    except SynthkitError as error:
        asked.error(str(error))
    table(args, found)


if __name__ == "__main__":
    main()
