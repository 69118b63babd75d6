# SPDX-License-Identifier: Apache-2.0
"""A training of `coqui` at several of its steps: what held-out recordings say of the model as it was then.

    python benchmarks/coqui_curve.py RUN [--steps 500,1000] [--count 12] [--whisper FOLDER]

RUN is a training's folder with its checkpoints (``acoustic_model.keep`` says how many stay), in the cache's
work folder. For each step: the distance of mel cepstra to the recordings, how long what is spoken lasts
beside them and, with a CTranslate2 model of Whisper, word and character errors by vocoder `syrinx`.
Recordings are those of the held-out that ``words_spoken.py --count 20`` does not judge, at even distances.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from synthkit_coqui import checkpoints
from synthkit_coqui.run import Run
from synthkit_coqui.speaking import Speaking
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


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", default="500,1000,2000,3000,4500")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--whisper", type=Path)
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
    if metric:
        recorded = [(e, Waveform(run.corpus.audio(e), run.corpus.sample_rate)) for e in chosen]
        print(f"{len(chosen)} recordings: {errors(metric, recorded)}", flush=True)
    for step in asked.steps.split(","):
        folder = asked.run / "checkpoints" / f"step-{int(step):09d}"
        checkpoints.restore(folder, run.learner.model, run.learner.optimizers, None)
        speech = Speech(run.voice, run.learner.model, torch.device("cpu"))
        apart, length, spoken = [], [], []
        for example in chosen:
            mel, said = run.corpus.mel(example), speech.acoustic(example.ids, Speaking())
            apart.append(mel_cepstral_distance(said, mel))
            length.append(len(said) / len(mel))
            if metric:
                spoken.append((example, vocoder.render(Frames({"mel": said}, run.voice.spec))))
        heard = f", {errors(metric, spoken)}" if metric else ""
        print(f"step {step}: {np.mean(apart):.2f} dB, {np.mean(length):.2f} × as long{heard}", flush=True)


if __name__ == "__main__":
    main()
