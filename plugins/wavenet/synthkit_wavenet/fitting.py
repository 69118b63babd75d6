# SPDX-License-Identifier: Apache-2.0
"""How a vocoder is trained."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from synthkit.kept_scales import keep_scales, kept_scales
from synthkit.stages import Context, TrainingData
from synthkit.taught import torch_device
from synthkit.types import FeatureSpec
from synthkit_wavenet.conditions import states_pitch, width
from synthkit_wavenet.shape import Shape
from synthkit_wavenet.stored import Scales, TrainedVocoder

STATE, SCALES, CURVE = "wavenet-state.safetensors", "wavenet-scales.json", "wavenet-curve.csv"
JUDGED = 40
"""Held-out recordings that the curve is of, at most."""


def shape_of(config: Any, spec: FeatureSpec) -> Shape:
    """The network that the settings ask for, on frames under `spec`."""
    residual = config.form == "residual"
    return Shape(
        inputs=width(spec),
        form=config.form,
        output=config.output,
        layers=config.layers,
        cycle=config.cycle,
        channels=config.channels,
        skip=config.skip,
        condition=config.condition,
        hidden=config.hidden,
        mixtures=config.mixtures,
        order=config.order if residual else 0,
        taps=config.pitch_taps if residual and states_pitch(spec) else 0,
        pulses=config.pulses and residual and states_pitch(spec),
    )


def train(config: Any, start: TrainedVocoder | None, data: TrainingData, ctx: Context) -> TrainedVocoder:
    """Everything of `fit` that needs torch; from the weights of `start`, where there are any."""
    from synthkit_wavenet import examples, training

    folder = Path(config.state).expanduser() if config.state else ctx.work
    folder.mkdir(parents=True, exist_ok=True)
    scales, heard = kept_scales(folder / SCALES, Scales, data.spec) if config.state else (None, set[str]())
    shape = shape_of(config, data.spec)
    prepared = examples.prepare(data.items, data.spec, shape, ctx, "train", scales)
    judged = data.held_out[:: max(len(data.held_out) // JUDGED, 1)][:JUDGED]
    held_out = examples.prepare(judged, data.spec, shape, ctx, "judged", prepared.scales) if judged else None
    plan = training.Plan(
        steps=config.steps,
        batch=config.batch,
        count=config.piece,
        rate=config.rate,
        seed=config.seed,
        judge_every=config.judge_every,
        checkpoint_seconds=config.checkpoint_seconds,
        minutes=config.minutes or math.inf,
    )
    device = torch_device(config.device)
    coarse = config.precision == "bfloat16" or (
        config.precision == "auto" and shape.form == "residual" and training.multiplies_bfloat16(device)
    )
    ids = [i.utterance.id for i in data.items]
    # A state that the user keeps may go on with other recordings; the build's own is of these.
    identity = training.identity_of(shape, plan, data.spec.hash, [] if config.state else ids)
    learning = training.Training(prepared, held_out, plan, identity, device, folder / CURVE, coarse)
    size = sum(p.numel() for p in learning.network.parameters()) / 1e6
    ctx.log(
        f"wavenet: {shape.layers} layers of {shape.channels} channels, {size:.2f} million weights, "
        f"{len(ids)} recordings, {prepared.seconds / 60:.1f} min, to step {plan.steps} on {device} in "
        f"{'bfloat16' if coarse else 'float32'}"
    )
    if start is not None:
        fitting = learning.start_from(start.weights)
        ctx.log(f"wavenet: {fitting} of {len(start.weights)} weights of {config.start_from!r} to start from")
    if config.state:
        keep_scales(folder / SCALES, prepared.scales, heard | set(ids), data.spec)
    training.train(learning, folder / STATE, ctx)
    made = {
        "recordings": len(ids),
        "minutes": round(prepared.seconds / 60, 2),
        "steps": learning.learner.step,
        "seed": plan.seed,
        "heard": sorted(heard | set(ids)),
        "curve": [dict(zip(training.COLUMNS, row, strict=True)) for row in learning.curve.rows],
    }
    return TrainedVocoder(shape, data.spec, prepared.scales, learning.learner.weights(), made)
