# SPDX-License-Identifier: Apache-2.0
"""Training: examples in batches of like length, the losses, a schedule; the loop is `synthkit.learning`'s.

What is minimised, over frames of speech (frames of silence count a tenth):

    mel-cepstrum   the Euclidean distance that mel-cepstral distortion averages, c0 apart
    log F0         squared error, where the voice is voiced
    voicing        cross-entropy
    aperiodicity   squared error
    duration       Huber loss on the logarithm

and, at word boundaries, the cross-entropy of pauses. Batches, dropout and starting weights follow from
the seed alone, and a checkpoint holds all that the next step depends on: a training that was killed and
goes on ends with the same weights as one that was not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from synthkit import learning
from synthkit.learning import Learner, batches_of_like_length
from synthkit.stages import Context
from synthkit.types import Waveform
from synthkit_parametric.examples import Example
from synthkit_parametric.model import Parametric
from synthkit_parametric.timing import N_PLACE, steps
from synthkit_parametric.voice import Scales, Shape

SILENCE = 0.1
"""Weight of a frame of silence, where a frame of speech has 1."""
WEIGHTS = {"shape": 1.0, "c0": 0.1, "lf0": 0.3, "vuv": 0.3, "bap": 0.1, "duration": 0.3, "pause": 0.1}
"""How much each loss counts."""


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn."""

    steps: int = 4000
    batch_frames: int = 8000
    rate: float = 2e-3
    warmup: float = 0.05
    decay: float = 0.01
    average: float = 0.998
    seed: int = 0
    checkpoint_seconds: float = 30.0


def batches(examples: Sequence[Example], plan: Plan) -> Iterator[list[int]]:
    """Indices for each step: about ``plan.batch_frames`` frames of like length, epoch after epoch."""
    lengths = [len(e.frames) for e in examples]
    return batches_of_like_length(lengths, plan.batch_frames, plan.steps, plan.seed)


def collate(examples: Sequence[Example], *, hop: float, shape: Shape) -> dict[str, Tensor]:
    """Pad to the longest and stack."""
    size, reduction = len(examples), shape.reduction
    n_phones = max(len(e.symbols) for e in examples)
    n_steps = max(-(-len(e.frames) // reduction) for e in examples)
    n_frames = n_steps * reduction
    first = examples[0]
    out = {
        "symbols": torch.zeros(size, n_phones, dtype=torch.long),
        "features": torch.zeros(size, n_phones, first.features.shape[1]),
        "log_duration": torch.zeros(size, n_phones),
        "phone_mask": torch.zeros(size, n_phones, 1),
        "phone_weight": torch.zeros(size, n_phones),
        "speaker": torch.zeros(size, shape.speakers + shape.languages),
        "index": torch.zeros(size, n_steps, dtype=torch.long),
        "places": torch.zeros(size, n_steps, N_PLACE),
        "step_mask": torch.zeros(size, n_steps, 1),
        "frames": torch.zeros(size, n_frames, first.frames.shape[1]),
        "frame_weight": torch.zeros(size, n_frames),
    }
    for b, e in enumerate(examples):
        p, t = len(e.symbols), len(e.frames)
        index, places = steps(e.edges, hop, reduction, t)
        seconds = np.diff(e.edges)
        loud = np.where(e.silent, SILENCE, 1.0)
        rows = {
            "symbols": e.symbols,
            "features": e.features,
            "log_duration": np.log(np.maximum(seconds, hop)).astype(np.float32),
            "phone_mask": np.ones((p, 1), np.float32),
            "phone_weight": ((seconds > 0) * np.where(e.silent, 0.3, 1.0)).astype(np.float32),
            "index": index,
            "places": places,
            "step_mask": np.ones((len(index), 1), np.float32),
            "frames": np.array(e.frames),
            "frame_weight": loud[index].repeat(reduction)[:t].astype(np.float32),
        }
        for name, row in rows.items():
            out[name][b, : len(row)] = torch.from_numpy(row)
        out["speaker"][b, e.speaker] = 1.0
        if shape.languages:
            out["speaker"][b, shape.speakers + e.language] = 1.0
    out["boundaries"] = torch.from_numpy(np.concatenate([e.boundaries for e in examples]))
    out["pauses"] = torch.from_numpy(np.concatenate([e.pauses for e in examples]))
    return out


def losses(
    model: Parametric, batch: dict[str, Tensor], scales: Scales, columns: dict[str, slice]
) -> dict[str, Tensor]:
    """Every loss, unweighted; one that has nothing to look at in this batch is left out."""
    encoded, duration = model.encode(
        batch["symbols"], batch["features"], batch["speaker"], batch["phone_mask"]
    )
    out = model.decode(encoded, batch["index"], batch["places"], batch["step_mask"])
    target, weight = batch["frames"], batch["frame_weight"]
    total = weight.sum()

    def mean(error: Tensor, weight: Tensor = weight) -> Tensor:
        return (error * weight).sum() / total

    found: dict[str, Tensor] = {}
    name = "mcep" if "mcep" in columns else "mel"
    first = columns[name].start + (name == "mcep")  # c0 apart
    shape = slice(first, columns[name].stop)
    std = torch.from_numpy(scales.std[shape]).to(out.device)
    distance = ((out - target)[..., shape] * std).square().sum(-1) + 1e-3
    found["shape"] = mean(distance.sqrt()) / std.square().sum().sqrt()
    if name == "mcep":
        found["c0"] = mean((out - target)[..., columns[name].start].square())
    if "lf0" in columns:
        vuv = columns["vuv"].start
        error = (out - target)[..., columns["lf0"].start].square()
        found["lf0"] = mean(error, weight * (target[..., vuv] + 0.02))
        error = F.binary_cross_entropy_with_logits(out[..., vuv], target[..., vuv], reduction="none")
        found["vuv"] = mean(error)
    if "bap" in columns:
        found["bap"] = mean((out - target)[..., columns["bap"]].square().mean(-1))
    center, deviation = scales.duration
    wanted = (batch["log_duration"] - center) / deviation
    error = F.smooth_l1_loss(duration, wanted, reduction="none", beta=0.5)
    found["duration"] = (error * batch["phone_weight"]).sum() / batch["phone_weight"].sum()
    if len(batch["pauses"]):
        logits = model.pauses(batch["boundaries"])
        found["pause"] = F.binary_cross_entropy_with_logits(logits, batch["pauses"])
    return found


def rate(plan: Plan, step: int) -> float:
    """The learning rate at `step`: up in a line, down in half a cosine."""
    warm = max(int(plan.warmup * plan.steps), 1)
    if step < warm:
        return plan.rate * (step + 1) / warm
    return plan.rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(plan.steps - warm, 1)))


class Trainer(Learner):
    """A model on its way (see `Learner`), and what a step of it is.

    Parameters
    ----------
    model : Parametric
        Freshly made after seeding torch, or about to be overwritten by `restore`.
    identity : str
        What this training is of; a checkpoint of another identity is not restored.
    """

    def __init__(self, model: Parametric, plan: Plan, identity: str, device: str = "cpu") -> None:
        self.model, self.plan, self.device = model.to(device), plan, device
        self.optimizer = torch.optim.AdamW(
            [p for p in model.parameters() if p.requires_grad],
            lr=plan.rate,
            betas=(0.9, 0.98),
            weight_decay=plan.decay,
        )
        super().__init__(
            {"model": self.model}, {"optimizer": self.optimizer},
            speaks="model", average=plan.average, identity=identity,
        )  # fmt: skip

    def learn(self, batch: dict[str, Tensor], scales: Scales, columns: dict[str, slice]) -> dict[str, float]:
        """One step on one batch; gives the losses."""
        self.set_rate(rate(self.plan, self.step))
        self.model.train()
        batch = {k: v.to(self.device) for k, v in batch.items()}
        found = losses(self.model, batch, scales, columns)
        total = sum((WEIGHTS[k] * v for k, v in found.items()), torch.zeros((), device=self.device))
        self.optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.stepped()
        return {k: float(v.detach()) for k, v in found.items()}


def train(
    trainer: Trainer,
    examples: Sequence[Example],
    scales: Scales,
    columns: dict[str, slice],
    *,
    hop: float,
    checkpoint: Path,
    ctx: Context,
    hear: Callable[[], Mapping[str, tuple[str, Waveform]]] | None = None,
) -> None:
    """Learn until the plan's last step, from wherever `checkpoint` stands.

    Losses are told ten times on the way, as means since the last time; `hear` as `synthkit.learning.learn`
    has it.
    """
    plan = trainer.plan
    if trainer.restore(checkpoint):
        ctx.log(f"training goes on from step {trainer.step} of {plan.steps}")
    shape = trainer.model.shape

    def take(ids: list[int]) -> dict[str, float]:
        chosen = [examples[i] for i in ids]
        batch = collate(chosen, hop=hop, shape=shape)
        return trainer.learn(batch, scales, columns)

    learning.learn(
        trainer, [ids for k, ids in enumerate(batches(examples, plan)) if k >= trainer.step], take,
        steps=plan.steps, checkpoint=checkpoint, checkpoint_seconds=plan.checkpoint_seconds,
        tell_every=max(plan.steps // 10, 1), rate=lambda step: rate(plan, step), ctx=ctx,
        hear=hear,
    )  # fmt: skip
