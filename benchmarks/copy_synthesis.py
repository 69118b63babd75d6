# SPDX-License-Identifier: Apache-2.0
"""Copy synthesis by every installed vocoder: what each loses of a recording, with no model between.

    python benchmarks/copy_synthesis.py [--corpus bundled-ru] [--count 6] [--joined] [--keep FOLDER]

MCD, F0 RMSE and V/UV error by the metric ``world`` (the definition of the acceptance scorer, which gives
WORLD copy synthesis 3.70 dB, as `world` with ``band_limit = "off"``), wide-band PESQ where the package
``pesq`` is installed, and CPU seconds per second of audio for analysis and for rendering. Vocoders of units
render the recording cut at its labels; ``--joined`` makes them join at every unit.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import SynthkitError
from synthkit.eval import Clip, EvalSample
from synthkit.labels import read_alignment
from synthkit.pipeline.copy import recording_path
from synthkit.plugins import registry
from synthkit.types import Utterance, Waveform

PEER = {"world": "3.70 dB by score.py, whose band is not limited", "hifigan": "PESQ 2.85 on asterisk-en"}
WAYS = [
    # vocoder, its settings, features, their settings
    ("world", {}, "world", {}),
    ("world", {"band_limit": "off"}, "world", {}),
    ("world", {}, "world", {"f0": "harvest"}),
    ("griffin-lim", {}, "mel", {}),
    ("griffin-lim", {}, "mel", {"preset": "coqui"}),
    ("griffin-lim", {}, "mel", {"preset": "htk-16k"}),
    ("hifigan", {}, "mel", {}),
    ("hifigan", {"checkpoint": "ljspeech"}, "mel", {}),
    ("hifigan", {"precision": "bfloat16"}, "mel", {}),
    ("overlap-add", {}, None, {}),
    ("psola", {}, None, {}),
]


def make(stage: str, name: str, settings: dict) -> object:
    """A component by name."""
    kind = registry().load(stage, name)
    return kind(kind.Config(**settings))


def pesq_of(reference: Waveform, test: Waveform) -> float:
    """Wide-band PESQ at 16 kHz, NaN without the package."""
    try:
        from pesq import pesq
    except ImportError:
        return float("nan")
    a, b = (audio.resample(w, 16000).samples for w in (reference, test))
    n = min(len(a), len(b))
    return float(pesq(16000, a[:n], b[:n], "wb"))


def row(way: tuple, utterances: list[Utterance], joined: bool, keep: Path | None) -> str:
    """One line of the table."""
    name, vocoder_settings, features, feature_settings = way
    vocoder = make("vocoder", name, vocoder_settings)
    metric = registry().load("metric", "world")()
    figures: dict[str, list[float]] = {"mcd": [], "f0-rmse": [], "vuv-error": []}
    quality, analysis, rendering, seconds = [], 0.0, 0.0, 0.0
    for number, utterance in enumerate(utterances):
        original = audio.read(utterance.audio, None, utterance.start, utterance.end)
        if features is None:
            alignment = read_alignment(utterance.labels) if utterance.labels else None
            item = recording_path(original, alignment, joined=joined)
        else:
            settings = dict(feature_settings)
            if features == "world":
                settings.setdefault("sample_rate", original.sample_rate)
            extractor = make("features", features, settings)
            start = time.process_time()
            item = extractor.extract(audio.resample(original, extractor.spec.sample_rate))
            analysis += time.process_time() - start
        if number == 0:
            vocoder.render(item)  # imports and weights are not counted
        start = time.process_time()
        copy = vocoder.render(item)
        rendering += time.process_time() - start
        seconds += original.duration
        if keep:
            label = "-".join([name, *map(str, {**vocoder_settings, **feature_settings}.values())])
            (keep / label).mkdir(parents=True, exist_ok=True)
            audio.write(keep / label / f"{utterance.id}.wav", audio.resample(copy, original.sample_rate))
        sample = EvalSample(utterance.id, utterance.text, utterance.language, Clip(copy), Clip(original))
        for m in metric.measure(sample):
            if m.metric in figures and m.value is not None:
                figures[m.metric].append(m.value)
        quality.append(pesq_of(original, copy))
    changed = {**vocoder_settings, **feature_settings}
    label = f"{name}{' ' if changed else ''}{' '.join(f'{k}={v}' for k, v in changed.items())}"
    mcd, f0, vuv = (np.mean(figures[k]) if figures[k] else np.nan for k in figures)
    return (
        f"{label:28} {mcd:6.2f} {f0:8.1f} {vuv:8.1f} {np.mean(quality):6.2f} {analysis / seconds:10.4f} "
        f"{rendering / seconds:10.4f}   {PEER.get(name, '')}"
    )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="bundled-ru")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--joined", action="store_true")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    everything = list(open_corpus(args.corpus).utterances)
    utterances = everything[5 :: max(1, len(everything) // args.count)][: args.count]
    print(f"{len(utterances)} utterances of {args.corpus}: {', '.join(u.id for u in utterances)}")
    print(
        f"{'vocoder':28} {'MCD dB':>6} {'F0 RMSE':>8} {'V/UV %':>8} {'PESQ':>6} {'analysis':>10} "
        f"{'rendering':>10}   measured elsewhere   (times: CPU x real time)"
    )
    for way in WAYS:
        try:
            print(row(way, utterances, args.joined, args.keep), flush=True)
        except SynthkitError as error:
            print(f"{way[0]:28} not measured: {error.message}")


if __name__ == "__main__":
    main()
