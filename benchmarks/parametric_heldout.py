# SPDX-License-Identifier: Apache-2.0
"""A parametric voice against recordings it never saw, beside Festival and WORLD copy synthesis.

    synthkit corpora get msu-ru-nsh
    synthkit build plugins/parametric/recipes/nsh-parametric.toml -o voices/nsh-parametric
    python benchmarks/parametric_heldout.py voices/nsh-parametric [--count 62] [--vocoder world]
        [--no-copy] [--keep FOLDER]

Text in, waveform out, for the utterances that the voice's manifest lists as held out; the metric is
``world`` (the definition of the acceptance scorer). Copy synthesis of the same recordings by the same
vocoders is the least that a model before it could reach. Also prints CPU seconds per second of speech.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval import Clip, EvalSample
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.types import Frames, Utterance, Waveform

FESTIVAL = "Festival 2.5 clunits, leave-one-out"
TARGETS = ("mcd", 5.3), ("f0-rmse", 27.0)


def figures(metric: object, utterance: Utterance, original: Waveform, test: Waveform) -> dict[str, float]:
    """Metrics of one utterance, by key."""
    sample = EvalSample(utterance.id, utterance.text, utterance.language, Clip(test), Clip(original))
    return {m.metric: float(m.value) for m in metric.measure(sample) if m.value is not None}


def show(name: str, rows: list[dict[str, float]]) -> dict[str, float]:
    """One line of the table; gives the means."""
    means = {k: float(np.mean([r[k] for r in rows if k in r])) for k in rows[0]}
    print(f"{name:44} {means['mcd']:6.2f} {means['f0-rmse']:8.1f} {means['vuv-error']:7.1f}", flush=True)
    return means


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("voice", type=Path)
    parser.add_argument("--count", type=int, default=0, help="only the first n held-out utterances")
    parser.add_argument("--vocoder", default="", help="instead of the voice's own")
    parser.add_argument("--sharpness", type=float, default=0.0)
    parser.add_argument("--modulation", type=float, default=0.0)
    parser.add_argument("--no-copy", action="store_true", help="leave out copy synthesis")
    parser.add_argument("--keep", type=Path, help="write what was spoken here")
    asked = parser.parse_args()
    manifest = json.loads((asked.voice / "manifest.json").read_text(encoding="utf-8"))
    import tomllib

    corpus = tomllib.loads((asked.voice / "voice.toml").read_text(encoding="utf-8"))["voice"]["corpus"]
    known = {u.id: u for u in open_corpus(corpus).utterances}
    chosen = [known[i] for i in manifest["held_out"]][: asked.count or None]
    voice = Voice.open(asked.voice)
    plugins = registry()
    metric, features = plugins.load("metric", "world")(), plugins.load("features", "world")()
    world = plugins.load("vocoder", "world")
    limited, plain = (world(world.Config(band_limit=how)) for how in ("auto", "off"))
    vocoder = plugins.load("vocoder", asked.vocoder)() if asked.vocoder else None
    rows: dict[str, list[dict[str, float]]] = {"voice": [], "copy": [], "limited": []}
    spent = {"predict": 0.0, "render": 0.0}
    seconds = 0.0
    for number, u in enumerate(chosen):
        original = audio.read(u.audio, 16000, start=u.start, end=u.end)
        segmentation = voice.segment(u.text)
        asked_for = {"sharpness": asked.sharpness, "modulation": asked.modulation}
        options = {k: v for k, v in asked_for.items() if v}
        if number == 0:
            voice.predict(segmentation, options=options)  # what is loaded once is not counted
        start = time.process_time()
        frames = voice.predict(segmentation, options=options)
        assert isinstance(frames, Frames), "a voice of frames"
        spent["predict"] += time.process_time() - start
        start = time.process_time()
        spoken = vocoder.render(frames) if vocoder else voice.render(frames)
        spent["render"] += time.process_time() - start
        seconds += spoken.duration
        if asked.keep:
            audio.write(asked.keep / f"{u.id}.wav", spoken)
        rows["voice"].append(figures(metric, u, original, spoken))
        if asked.no_copy:
            continue
        natural = features.extract(original)
        rows["copy"].append(figures(metric, u, original, plain.render(natural)))
        rows["limited"].append(figures(metric, u, original, limited.render(natural)))
    print(f"{len(chosen)} held-out utterances of {corpus:20}  MCD dB  F0 RMSE Hz  V/UV %")
    means = show(f"{asked.voice.name} (text in)", rows["voice"])
    if not asked.no_copy:
        show("copy synthesis, vocoder world", rows["limited"])
        show("copy synthesis, world, band_limit = off", rows["copy"])
    print(f"{FESTIVAL:44} {5.97:6.2f} {34.7:8.1f}       -   (measured with the same definition)")
    print(f"{'copy synthesis, plain WORLD, as given':44} {3.70:6.2f}")
    for key, bound in TARGETS:
        print(
            f"to reach: {key} <= {bound}: {'reached' if means[key] <= bound else 'MISSED'} ({means[key]:.2f})"
        )
    for what, cpu in spent.items():
        print(f"{what}: {cpu / seconds:.4f} CPU seconds per second of speech")


if __name__ == "__main__":
    main()
