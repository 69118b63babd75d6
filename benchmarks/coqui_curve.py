# SPDX-License-Identifier: Apache-2.0
"""A training of `coqui` at several of its steps: what held-out recordings say of the model as it was then.

    python benchmarks/coqui_curve.py RUN [--steps 500,1000] [--count 12] [--whisper FOLDER] [--losses]

RUN is a training's folder with its checkpoints (``acoustic_model.keep`` says how many stay), in the cache's
work folder. For each step: the losses that were logged and those of held-out recordings; what is spoken
beside the recordings: distance of mel cepstra, length, MCD and F0 by metric `world` and, with a CTranslate2
model of Whisper, word and character errors; of models that speak frames by vocoder `syrinx`.
Recordings are those of the held-out that ``words_spoken.py --count 20`` does not judge, at even distances.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from synthkit_coqui import checkpoints
from synthkit_coqui.run import Run
from synthkit_coqui.speech import Speech
from synthkit_coqui.validation import mel_cepstral_distance

from synthkit.eval import Clip, EvalSample, measure
from synthkit.plugins import registry
from synthkit.types import Frames, Waveform

JUDGED = 20


def errors(metric: Any, spoken: list[tuple[Any, Waveform]]) -> str:
    """Word and character errors of texts and what was spoken."""
    counts = {"wer": np.zeros(2), "cer": np.zeros(2)}
    for example, wave in spoken:
        for m in measure(metric, EvalSample(example.id, example.text, "ru", Clip(wave))):
            if m.metric in counts and m.value is not None and m.n is not None:
                counts[m.metric] += m.value * m.n, m.n
    return ", ".join(f"{name.upper()} {a / n:.1f} %" for name, (a, n) in counts.items())


def apart_by_world(metric: Any, spoken: list[tuple[Any, Waveform]], recorded: list[Waveform]) -> str:
    """Mean MCD, F0 RMSE and error of voicing of what was spoken."""
    rows: dict[str, list[float]] = {}
    for (example, wave), original in zip(spoken, recorded, strict=True):
        sample = EvalSample(example.id, example.text, "ru", Clip(wave), Clip(original))
        for m in measure(metric, sample):
            if m.value is not None:
                rows.setdefault(m.metric, []).append(float(m.value))
    units = {"mcd": "MCD {:.2f} dB", "f0-rmse": "F0 {:.1f} Hz", "vuv-error": "V/UV {:.1f} %"}
    return ", ".join(text.format(np.mean(rows[key])) for key, text in units.items() if key in rows)


def logged(run: Path, step: int) -> str:
    """Losses of that step's batch, or the last that was told before."""
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    row = [r for r in rows if r["step"] <= step][-1]
    return ", ".join(f"{k} {v:.3g}" for k, v in row.items() if k != "step")


def held_out(run: Run, chosen: list[Any]) -> str:
    """Losses of held-out recordings, as a step of training would have them (dropout too), without a step."""
    learner, make = run.learner, run.architecture
    learner.model.train()
    batch = make.batch(run.voice, run.corpus, list(chosen), np.random.default_rng(0))
    make.before_step(learner.model, run.settings, 0)
    batch = make.on_device(learner.model, batch)
    torch.manual_seed(0)
    found: dict[str, Any] = {}
    with torch.no_grad():
        for index in range(len(learner.optimizers)):
            found = make.losses(learner.model, batch, learner.criteria, index)[1]
    return ", ".join(f"{k} {float(v):.3g}" for k, v in found.items() if k in make.told)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", default="500,1000,2000,3000,4500")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--whisper", type=Path)
    parser.add_argument("--losses", action="store_true", help="losses alone: nothing is spoken")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    run = Run(asked.run)
    held = run.corpus.held_out
    judged = np.linspace(0, len(held) - 1, min(JUDGED, len(held))).round().astype(int)
    left = [e for k, e in enumerate(held) if k not in judged] or held
    chosen = left[:: max(1, len(left) // asked.count)][: asked.count]
    kind = registry().load("metric", "whisper")
    metric = kind(kind.Config(model=str(asked.whisper))) if asked.whisper else None
    syrinx = registry().load("vocoder", "syrinx")
    vocoder = syrinx()
    vocoder.open(syrinx.bundled / "nsh-mel")
    world = registry().load("metric", "world")()
    recorded = [Waveform(run.corpus.audio(e), run.corpus.sample_rate) for e in chosen]
    if metric:
        heard = errors(metric, list(zip(chosen, recorded, strict=True)))
        print(f"{len(chosen)} recordings: {heard}", flush=True)
    for step in asked.steps.split(","):
        folder = asked.run / "checkpoints" / f"step-{int(step):09d}"
        checkpoints.restore(folder, run.learner.model, run.learner.optimizers, None)
        print(f"step {step}: {logged(asked.run, int(step))}; held out: {held_out(run, chosen)}", flush=True)
        if asked.losses:
            continue
        speech = Speech(run.voice, run.learner.model, torch.device("cpu"))
        apart, length, spoken = [], [], []
        for example in chosen:
            made = run.architecture.rendition(speech, run.corpus, example)
            apart.append(mel_cepstral_distance(made.spoken, made.recorded))
            length.append(len(made.spoken) / len(made.recorded))
            wave = (
                vocoder.render(Frames({"mel": made.spoken}, run.voice.spec))
                if made.samples is None
                else Waveform(made.samples, run.corpus.sample_rate)
            )
            spoken.append((example, wave))
        heard = f", {errors(metric, spoken)}" if metric else ""
        told = f"{np.mean(apart):.2f} dB, {np.mean(length):.2f} × as long"
        print(f"    {told}, {apart_by_world(world, spoken, recorded)}{heard}", flush=True)


if __name__ == "__main__":
    main()
