# SPDX-License-Identifier: Apache-2.0
"""How a voice comes by its weights: by training, or by taking what was trained before."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.atomic import write_json
from synthkit.earlier import check_features, check_phone_set, check_phones, kept_beside, tell_taken
from synthkit.errors import ConfigError
from synthkit.learning import learn
from synthkit.linguistic import N_FEATURES
from synthkit.stages import Context, TrainingData
from synthkit.taught import torch_device
from synthkit.trained import pretrained_folder
from synthkit_deepvoice3 import speaking
from synthkit_deepvoice3.speaking import LONGEST
from synthkit_deepvoice3.stored import Scales, Shape, TrainedVoice

if TYPE_CHECKING:
    from synthkit_deepvoice3.examples import Example, Prepared
    from synthkit_deepvoice3.training import Plan, Trainer
    from synthkit_deepvoice3.watching import Watch

BUNDLED = Path(__file__).parent / "data"
"""Weights that come with the plugin, a folder each."""
PRETRAINED = "[acoustic_model] pretrained"
STATE, KEPT = "deepvoice3-state.safetensors", "deepvoice3-kept.json"
CALIBRATED, HALVINGS = 8, 6
"""Utterances that are spoken to measure how long phones last, and how often."""
MEASURED, SPARE, FEWEST = 12, 0.9, 20
"""Steps whose time is taken; the part of the time that is planned for steps; steps that teach nothing."""


def default_steps(seconds: float) -> int:
    """Training steps for an amount of speech: many rounds through little, fewer through much."""
    return int(np.clip(round(55 * math.sqrt(seconds)), 300, 20000))


def train(config: Any, data: TrainingData, ctx: Context) -> tuple[TrainedVoice, Path]:
    """Everything of `fit` that needs torch; gives the voice, and where the curve of its training is."""
    import torch

    from synthkit_deepvoice3 import examples, training, watching
    from synthkit_deepvoice3.network import DeepVoice3

    folder = Path(config.state).expanduser() if config.state else ctx.work
    folder.mkdir(parents=True, exist_ok=True)
    kept = _kept(folder, data) if config.state else None
    prepared = examples.prepare(
        data, ctx, reduction=config.reduction, watched=config.watched,
        scales=kept[0] if kept else None, symbols=kept[1] if kept else (),
    )  # fmt: skip
    shape = Shape(
        symbols=len(prepared.symbols),
        features=N_FEATURES,
        outputs=len(prepared.scales.mean),
        speakers=len(data.speakers),
        channels=config.channels,
        encoder=config.encoder,
        before=config.before,
        after=config.after,
        converter=config.converter,
        reduction=config.reduction,
    )
    plan = training.Plan(
        steps=config.steps or default_steps(prepared.seconds),
        batch_frames=config.batch_frames,
        rate=config.rate,
        own=config.own,
        seed=config.seed,
        checkpoint_seconds=config.checkpoint_seconds,
    )
    device = torch_device(config.device)
    torch.manual_seed(config.seed)
    model = DeepVoice3(shape, config.dropout, config.forgetting)
    ids = [i.utterance.id for i in data.items]
    # A state that the user keeps may go on with other recordings; the build's own is of these.
    identity = training.identity_of(shape, plan, data.spec.hash, [] if config.state else ids)
    trainer = training.Trainer(model, plan, identity, device, half=config.precision == "bfloat16")
    ctx.log(
        f"deepvoice3: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million weights, "
        f"{len(prepared.examples)} utterances, {prepared.seconds / 60:.1f} min, to step {plan.steps} on "
        f"{device}"
    )
    heard = sorted((kept[2] if kept else set()) | set(ids))
    if trainer.restore(folder / STATE):
        ctx.log(f"training goes on from step {trainer.step}")
    elif config.state and (folder / STATE).exists():
        raise ConfigError(
            f"the state in {folder} is of another training: of other sizes, features, phones or seed, or it "
            "cannot be read",
            where="[acoustic_model] state",
            hint="name another folder, or take that one away to begin anew",
        )
    if config.state:
        scales = {"mean": prepared.scales.mean.tolist(), "std": prepared.scales.std.tolist()}
        about = {"spec": data.spec.hash, "phone_set": data.phone_set, "symbols": list(prepared.symbols)}
        write_json(folder / KEPT, {**about, "heard": heard, "scales": scales})
    period = config.reduction * data.spec.frame_period
    watch = watching.Watch(trainer, prepared.held_out, folder / watching.CURVE, period)
    _learn(trainer, prepared, watch, config, folder / STATE, ctx)
    made: dict[str, Any] = {
        "utterances": len(prepared.examples),
        "minutes": round(prepared.seconds / 60, 2),
        "steps": trainer.step,
        "seed": plan.seed,
        "heard": heard,
    }
    stay = calibrated(speaking.Weights(trainer.weights(), shape), prepared.examples, period)
    ctx.log(
        f"a phone is left when it is less likely than {stay[0]:.2f} to be said still, a pause {stay[1]:.2f}"
    )
    voice = TrainedVoice(
        shape, data.spec, prepared.symbols, data.phone_set, data.languages, data.speakers, prepared.scales,
        trainer.weights(), stay, made,
    )  # fmt: skip
    return voice, folder / watching.CURVE


def _learn(
    trainer: Trainer, prepared: Prepared, watch: Watch, config: Any, state: Path, ctx: Context
) -> None:
    """Learn until the plan's last step, or as many as fit the minutes that there are."""
    from synthkit_deepvoice3 import training

    examples, began = prepared.examples, time.monotonic()

    def take(ids: Sequence[int]) -> dict[str, float]:
        chosen: list[Example] = [examples[i] for i in ids]
        found = trainer.take(chosen)
        watch.see(found)
        if trainer.step % config.watch_every == 0 or trainer.step == trainer.plan.steps:
            seen = watch.look(training.rate(trainer.plan, trainer.step - 1))
            if seen is not None:
                ctx.log(
                    f"step {seen.step}: held-out frames {seen.held_out_frames:.3f} (the mean frame "
                    f"{seen.untrained:.3f}), attention finds {seen.found:.0%} of the phones, speaks "
                    f"{seen.length:.2f} times as long"
                )
            for sentence in watch.judge():
                ctx.log(f"warning: {sentence}")
        return found

    def go(plan: Plan, until: int) -> None:
        trainer.plan = plan
        todo = (ids for k, ids in enumerate(training.batches(examples, plan)) if trainer.step <= k < until)
        learn(
            trainer, todo, take, steps=until, checkpoint=state,
            checkpoint_seconds=plan.checkpoint_seconds, tell_every=max(min(plan.steps // 10, 200), 1),
            minutes=plan.minutes, ctx=ctx, rate=lambda step: training.rate(plan, step),
        )  # fmt: skip

    plan, start = trainer.plan, trainer.step
    if plan.steps > start + MEASURED:
        go(plan, start + MEASURED)
        took = time.monotonic() - began
        plan = planned(plan, start, trainer.step, took, config.minutes or math.inf, ctx)
    go(plan, plan.steps)


def calibrated(w: speaking.Weights, examples: Sequence[Example], period: float) -> tuple[float, float]:
    """How likely a phone and a pause have to be said still, for both to last as long as in the recordings.

    A model that hears itself is less sure of when a phone ends than one that hears a recording, above all in
    pauses, where a speaker is heard to breathe in. Halving finds both on up to eight utterances.
    """
    chosen = examples[:: max(len(examples) // CALIBRATED, 1)][:CALIBRATED]
    low, high = np.full(2, 0.05), np.full(2, 0.95)
    for _ in range(HALVINGS):
        stay = (low + high) / 2
        spoken, recorded = np.zeros(2), np.zeros(2)
        for e in chosen:
            voice = speaking.voice_of(w, np.eye(w.shape.speakers, dtype=np.float32)[e.speaker])
            keys, values = speaking.encode(w, e.symbols, e.features, voice)
            said = speaking.decode(
                w, keys, values, voice, longest=round(LONGEST / period), most=4 * len(e.path),
                stay=np.where(e.silent, stay[1], stay[0]),
            )  # fmt: skip
            for k in (0, 1):
                spoken[k] += (e.silent[said.path] == k).sum()
                recorded[k] += (e.silent[e.path] == k).sum()
        low, high = np.where(spoken > recorded, stay, low), np.where(spoken > recorded, high, stay)
    phone, pause = (low + high) / 2
    return float(phone), float(pause)


def planned(plan: Plan, start: int, now: int, seconds: float, minutes: float, ctx: Context) -> Plan:
    """The plan with as many steps as `minutes` hold, when those from `start` to `now` took `seconds`.

    The learning rate falls towards the last step, so the last step has to be one that is reached.

    Raises
    ------
    ConfigError
        There are too few to learn anything.
    """
    each = seconds / max(now - start, 1)
    left = replace(plan, minutes=max(minutes - seconds / 60, 0.1))
    fit = plan.steps if math.isinf(minutes) else start + int(SPARE * 60 * minutes / each)
    if fit >= plan.steps:
        wait = (plan.steps - now) * each / 60
        lasting = f"{wait:.0f} minutes" if wait < 90 else f"{wait / 60:.1f} hours"
        ctx.log(
            f"plan: {plan.steps - now} more steps at {1 / each:.2f} steps/s on this machine take {lasting}"
        )
        return left
    if fit - start < FEWEST:
        raise ConfigError(
            f"in {minutes:g} minutes this machine takes {fit - start} steps of this model ({each:.1f} s "
            "each): nothing is learned in so few",
            where="[acoustic_model] minutes",
            hint=f"minutes = {math.ceil(500 * each / 60 / SPARE)} for 500 steps, or fewer channels",
        )
    ctx.log(
        f"plan: {minutes:g} minutes hold {fit - start} steps at {1 / each:.2f} steps/s on this machine; the "
        f"learning rate is planned for step {fit} as the last"
    )
    return replace(left, steps=fit)


def _kept(folder: Path, data: TrainingData) -> tuple[Scales, tuple[str, ...], set[str]] | None:
    """How the state in `folder` normalised its frames, if there is one, its phones and what it has heard."""

    def read(kept: dict[str, Any]) -> tuple[Scales, tuple[str, ...], set[str]] | None:
        if kept["phone_set"] != data.phone_set:
            return None
        mean, std = (np.asarray(kept["scales"][k], np.float32) for k in ("mean", "std"))
        if not (np.isfinite(mean).all() and np.isfinite(std).all() and len(mean) == len(std)):
            raise ValueError("scales that are not finite")
        return Scales(mean, std), tuple(map(str, kept["symbols"])), set(kept["heard"])

    return kept_beside(folder / KEPT, data.spec, read)


def pretrained(name: str) -> TrainedVoice:
    """The trained weights of that name, or in that folder.

    Raises
    ------
    VoiceError
        There are none, or they cannot be read.
    """
    folder = pretrained_folder(
        name, BUNDLED, where=PRETRAINED, otherwise="acoustic_model of a built Deep Voice 3"
    )
    return TrainedVoice.load(folder)


def taken(name: str, data: TrainingData, ctx: Context) -> TrainedVoice:
    """Trained weights, when they are of the features of `data` and know its phones."""
    voice = pretrained(name)
    check_features(name, voice.spec, data.spec, where=PRETRAINED)
    check_phone_set(name, voice.phone_set, data.phone_set, where=PRETRAINED)
    check_phones(name, voice.symbols, data, where=PRETRAINED)
    tell_taken("deepvoice3", name, voice.made, data, ctx)
    return voice
