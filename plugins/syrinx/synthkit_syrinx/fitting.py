# SPDX-License-Identifier: Apache-2.0
"""How a vocoder is trained."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.kept_scales import keep_scales, kept_scales
from synthkit.stages import Context, TrainingData
from synthkit.taught import torch_device
from synthkit.types import Waveform
from synthkit_syrinx import speaking
from synthkit_syrinx.conditions import Grid, width
from synthkit_syrinx.stored import Scales, Shape, TrainedVocoder

HEARD = 2
"""Recordings that are copied on the way, for who watches."""
STATE, SCALES = "syrinx-state.safetensors", "syrinx-scales.json"


def train(config: Any, start: TrainedVocoder | None, data: TrainingData, ctx: Context) -> TrainedVocoder:
    """Everything of `fit` that needs torch; from the weights of `start`, where there are any."""
    from synthkit_syrinx import examples, training

    folder = Path(config.state).expanduser() if config.state else ctx.work
    folder.mkdir(parents=True, exist_ok=True)
    scales, heard = kept_scales(folder / SCALES, Scales, data.spec) if config.state else (None, set[str]())
    prepared = examples.prepare(data, ctx, scales)
    shape = Shape(
        inputs=width(data.spec),
        bins=Grid.of(data.spec).n_fft // 2 + 1,
        reads_pitch=data.spec.kind != "world",
        channels=config.channels,
        hidden=config.hidden,
        blocks=config.blocks,
    )
    plan = training.Plan(
        steps=config.steps,
        adversarial_from=config.adversarial_from,
        batch=config.batch,
        rate=config.rate,
        seed=config.seed,
        checkpoint_seconds=config.checkpoint_seconds,
        minutes=config.minutes or math.inf,
    )
    device = torch_device(config.device)
    ids = [i.utterance.id for i in data.items]
    # A state that the user keeps may go on with other recordings; the build's own is of these.
    identity = training.identity_of(shape, plan, data.spec.hash, [] if config.state else ids)
    learning = training.Training(shape, prepared, plan, identity, device)
    size = sum(p.numel() for p in learning.generator.parameters()) / 1e6
    ctx.log(
        f"syrinx: {size:.2f} million weights, {len(ids)} recordings, {prepared.seconds / 60:.1f} min, to "
        f"step {plan.steps} on {device}"
    )
    if start is not None:
        fitting = learning.start_from(start.weights)
        ctx.log(f"syrinx: {fitting} of {len(start.weights)} weights of {config.start_from!r} to start from")
    if config.state:
        keep_scales(folder / SCALES, prepared.scales, heard | set(ids), data.spec)

    def hear() -> dict[str, tuple[str, Waveform]]:
        now = TrainedVocoder(shape, data.spec, prepared.scales, learning.learner.weights(), {})
        return copies(now, data)

    training.train(learning, folder / STATE, ctx, hear)
    made = {
        "recordings": len(ids),
        "minutes": round(prepared.seconds / 60, 2),
        "steps": learning.learner.step,
        "adversarial_from": plan.adversarial_from,
        "seed": plan.seed,
        "heard": sorted(heard | set(ids)),
    }
    return TrainedVocoder(shape, data.spec, prepared.scales, learning.learner.weights(), made)


def copies(vocoder: TrainedVocoder, data: TrainingData) -> dict[str, tuple[str, Waveform]]:
    """The shortest held-out recordings (of those learned from where none is held out), by a vocoder as it is:
    their texts and sounds."""
    chosen = sorted(data.held_out or data.items, key=lambda i: (i.alignment.duration, i.utterance.id))[:HEARD]
    out = {}
    for item in chosen:
        samples = np.nan_to_num(speaking.render(vocoder, item.frames()))
        sound = Waveform(np.clip(samples, -1, 1).astype(np.float32), data.spec.sample_rate)
        out[item.utterance.id] = item.utterance.text, sound
    return out
