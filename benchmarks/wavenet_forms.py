# SPDX-License-Identifier: Apache-2.0
"""What a small WaveNet learns soonest: held-out likelihood of each form after the same few steps.

    python benchmarks/wavenet_forms.py [--steps 100] [--recordings 20] [--rate 0.004]

Every form has the same size (20 layers of 32 channels), the same pieces of bundled Russian recordings and the
same learning rate; two recordings are held out. Nats for each sample, as the probability of a value of 16
bits: lower is better, and the forms are on one scale. The peer is ``waveform``, as the first WaveNet was.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from synthkit_wavenet import examples, training
from synthkit_wavenet.fitting import CURVE, shape_of
from synthkit_wavenet.vocoder import WaveNetSettings

from synthkit.scratch import scratch_folder
from synthkit.testing import sample_training_data
from synthkit.testing.samples import context

FORMS: dict[str, dict[str, object]] = {
    "waveform, softmax": {"form": "waveform", "output": "softmax"},
    "waveform, logistics": {"form": "waveform"},
    "residual, softmax": {"output": "softmax", "pitch_taps": 0, "pulses": False},
    "residual": {"pitch_taps": 0, "pulses": False},
    "residual, a period ago": {"pulses": False},
    "residual, a period ago, pulses": {},
}


def learned(settings: dict[str, object], args: argparse.Namespace, folder: Path) -> tuple[list[float], float]:
    """Held-out likelihoods on the way, and the CPU seconds of a step."""
    data = sample_training_data(count=args.recordings, folder=folder)
    shape = shape_of(WaveNetSettings(**settings), data.spec)
    ctx = context(folder)
    prepared = examples.prepare(data.items[2:], data.spec, shape, ctx, "train")
    held_out = examples.prepare(data.items[:2], data.spec, shape, ctx, "judged", prepared.scales)
    plan = training.Plan(
        steps=args.steps, batch=2, rate=args.rate, warmup=30, judge_every=max(args.steps // 4, 1)
    )
    coarse = shape.form == "residual" and training.multiplies_bfloat16("cpu")
    each = training.Training(prepared, held_out, plan, "", "cpu", folder / CURVE, coarse)
    found, spent = [], 0.0
    for step in range(args.steps):
        pieces = examples.batch(prepared, plan.batch, plan.count, 0, step)
        start = time.process_time()
        losses = each.take(pieces)
        if "held-out nll" in losses:
            found.append(losses["held-out nll"])
        else:
            spent += time.process_time() - start
    return found, spent / max(args.steps - len(found), 1)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--rate", type=float, default=0.004)
    args = parser.parse_args()
    torch.set_num_threads(1)
    at = [args.steps * k // 4 for k in range(1, 5)]
    print(f"held-out nats a sample after so many steps of 8,000 samples, {args.recordings - 2} recordings")
    print(f"{'':32}{''.join(f'{n:>8}' for n in at)}{'CPU s/step':>12}")
    for name, settings in FORMS.items():
        with scratch_folder() as folder:
            found, spent = learned(settings, args, folder)
        print(f"{name:32}{''.join(f'{v:8.3f}' for v in found)}{spent:12.3f}", flush=True)


if __name__ == "__main__":
    main()
