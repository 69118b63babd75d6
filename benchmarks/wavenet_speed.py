# SPDX-License-Identifier: Apache-2.0
"""WaveNet's generation on one core: CPU seconds per second of 16 kHz sound, sampling and frames included.

    python benchmarks/wavenet_speed.py [--seconds 3] [--repeats 3]

Networks of random weights on WORLD frames of a bundled recording (speed does not depend on what was learned);
the best of `--repeats` runs, after one that compiles. Anchor: a fused toy without sampling and conditioning,
28,400 samples/s with 20 layers of 32 channels, 14,260 with 64 and 9,750 with 30 layers of 64.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np
from synthkit_wavenet import generation
from synthkit_wavenet.fitting import shape_of
from synthkit_wavenet.stored import Scales, TrainedVocoder
from synthkit_wavenet.vocoder import WaveNetSettings

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.plugins import registry

RATE = 16000
ROWS = (
    (20, 32, "logistics", 28_400, 0.8),
    (20, 32, "softmax", 28_400, 0.8),
    (20, 64, "logistics", 14_260, 1.5),
    (30, 64, "logistics", 9_750, None),
)
"""Layers, channels, output; samples/s of the anchor; the RTF to reach."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    utterance = open_corpus("bundled-ru").utterances[0]
    recording = audio.read(utterance.audio, None, utterance.start, utterance.end)
    whole = registry().load("features", "world")().extract(recording)
    count = min(int(args.seconds * RATE / whole.spec.hop_length), len(whole))
    frames = replace(whole, data={k: v[:count] for k, v in whole.data.items()})
    seconds = count * whole.spec.hop_length / RATE
    print(
        f"{seconds:.1f} s of sound, CPU seconds per second of it; the anchor neither samples nor conditions"
    )
    print(
        f"{'layers':>6}{'channels':>10}{'output':>11}{'samples/s':>11}{'RTF':>7}{'anchor':>8}{'to reach':>10}"
    )
    for layers, channels, output, anchor, wanted in ROWS:
        shape = shape_of(WaveNetSettings(layers=layers, channels=channels, output=output), frames.spec)
        random = np.random.default_rng(0)
        weights = {
            k: random.normal(0, 0.3 / np.sqrt(np.prod(v[1:]) if len(v) > 1 else 30), v).astype(np.float32)
            for k, v in shape.tensors().items()
        }
        vocoder = TrainedVocoder(shape, frames.spec, Scales.unit(shape.inputs), weights)
        generation.render(vocoder, frames, seed=0)
        took = []
        for _ in range(args.repeats):
            start = time.process_time()
            generation.render(vocoder, frames, seed=0)
            took.append(time.process_time() - start)
        rtf = min(took) / seconds
        print(
            f"{layers:6}{channels:10}{output:>11}{RATE / rtf:11,.0f}{rtf:7.3f}{RATE / anchor:8.2f}"
            f"{'–' if wanted is None else f'≤ {wanted}':>10}",
            flush=True,
        )


if __name__ == "__main__":
    main()
