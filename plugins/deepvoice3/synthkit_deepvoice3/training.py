# SPDX-License-Identifier: Apache-2.0
"""Training: examples in batches of like length, the losses, a schedule; the loop is `synthkit.learning`'s.

What is minimised, over frames of speech (frames of silence count a tenth):

    coarse, frames   the mean distance of normalised mel values, of the decoder and of the converter
    attention        cross-entropy of the phone that the alignment has in each step, the end included

The decoder is taught with the alignment's own path: what it attends to is exact from the first step on, and
attention learns beside it to go that way itself. From `Plan.own_from` on, more and more of the frames that
the decoder hears of the step before are its own, so that it is used to them when it speaks.

Batches, dropout and starting weights follow from the seed alone, and a checkpoint holds all that the next
step depends on: a training that was killed and goes on ends with the same weights as one that was not.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from synthkit.learning import Learner, batches_of_like_length
from synthkit_deepvoice3.examples import Example
from synthkit_deepvoice3.network import DeepVoice3
from synthkit_deepvoice3.stored import Shape

SILENCE = 0.1
"""Weight of a frame of silence, where a frame of speech has 1."""
WEIGHTS = {"coarse": 1.0, "frames": 1.0, "attention": 0.5}
"""How much each loss counts."""
AVERAGE = 0.998
COOLING = 0.25
"""Part of the steps, the last, in which the learning rate falls to nothing."""


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn."""

    steps: int
    batch_frames: int = 2400
    rate: float = 1.5e-3
    warmup: int = 100  # steps, or a quarter of them all where they are few
    decay: float = 0.01
    own: float = 0.5
    own_from: int = 300
    own_until: int = 1200
    seed: int = 0
    checkpoint_seconds: float = 60.0
    minutes: float = math.inf


def rate(plan: Plan, step: int) -> float:
    """The learning rate at `step`: up in a line, level, down in a line at the end."""
    cooling, warm = max(COOLING * plan.steps, 1.0), max(min(plan.warmup, plan.steps // 4), 1)
    return plan.rate * min(1.0, (step + 1) / warm, max(plan.steps - step, 0) / cooling)


def own(plan: Plan, step: int) -> float:
    """The share of steps that hear the model itself at `step`."""
    return plan.own * min(max((step - plan.own_from) / max(plan.own_until - plan.own_from, 1), 0.0), 1.0)


def batches(examples: Sequence[Example], plan: Plan) -> Iterator[list[int]]:
    """Indices for each step: about ``plan.batch_frames`` frames of like length, epoch after epoch."""
    lengths = [len(e.frames) for e in examples]
    return batches_of_like_length(lengths, plan.batch_frames, plan.steps, plan.seed)


def collate(examples: Sequence[Example], shape: Shape) -> dict[str, Tensor]:
    """Pad to the longest and stack; the last step of each attends to its end."""
    size, r = len(examples), shape.reduction
    n_phones = max(len(e.symbols) for e in examples)
    n_steps = max(len(e.path) for e in examples) + 1
    out = {
        "symbols": torch.zeros(size, n_phones, dtype=torch.long),
        "features": torch.zeros(size, n_phones, shape.features),
        "phone_mask": torch.zeros(size, n_phones, 1),
        "speaker": torch.zeros(size, shape.speakers),
        "path": torch.zeros(size, n_steps, dtype=torch.long),
        "last": torch.zeros(size, n_steps, dtype=torch.long),
        "step_weight": torch.zeros(size, n_steps),
        "before": torch.zeros(size, n_steps, shape.outputs * r),
        "frames": torch.zeros(size, n_steps * r, shape.outputs),
        "frame_mask": torch.zeros(size, n_steps * r, 1),
        "frame_weight": torch.zeros(size, n_steps * r),
    }
    for b, e in enumerate(examples):
        steps, frames = len(e.path), np.zeros((len(e.path) * r, shape.outputs), np.float32)
        frames[: len(e.frames)] = e.frames
        frames[len(e.frames) :] = e.frames[-1]
        path = np.append(e.path, len(e.symbols) - 1)
        weight = np.where(e.silent[e.path], SILENCE, 1.0).astype(np.float32).repeat(r)
        rows = {
            "symbols": e.symbols,
            "features": e.features,
            "phone_mask": np.ones((len(e.symbols), 1), np.float32),
            "path": path,
            "last": np.append(0, path[:-1]),
            "step_weight": np.ones(steps + 1, np.float32),
            "frames": frames,
            "frame_mask": np.ones((steps * r, 1), np.float32),
            "frame_weight": weight,
        }
        for name, row in rows.items():
            out[name][b, : len(row)] = torch.from_numpy(row)
        out["before"][b, 1 : steps + 1] = torch.from_numpy(frames.reshape(steps, -1))
        out["speaker"][b, e.speaker] = 1.0
    return out


def judged(said: tuple[Tensor, Tensor, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The losses of what `network.DeepVoice3` gave for `batch`."""
    logits, coarse, frames = said
    weight = batch["frame_weight"]

    def distance(found: Tensor) -> Tensor:
        return ((found.float() - batch["frames"]).abs().mean(-1) * weight).sum() / weight.sum()

    each = F.cross_entropy(logits.transpose(1, 2), batch["path"], reduction="none")
    attention = (each * batch["step_weight"]).sum() / batch["step_weight"].sum()
    return {"coarse": distance(coarse), "frames": distance(frames), "attention": attention}


def identity_of(shape: Shape, plan: Plan, spec_hash: str, ids: Sequence[str]) -> str:
    """What a state is of: the network, the frames, the seed, the recordings; not how long it lasts."""
    about = [asdict(shape), spec_hash, list(ids), plan.seed]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


class Trainer(Learner):
    """A model on its way (see `Learner`), and what a step of it is.

    Parameters
    ----------
    model : DeepVoice3
        Freshly made after seeding torch, or about to be overwritten by `restore`.
    identity : str
        What this training is of; a checkpoint of another identity is not restored.
    half : bool
        Multiply in bfloat16.
    """

    def __init__(self, model: DeepVoice3, plan: Plan, identity: str, device: str, *, half: bool) -> None:
        self.model, self.plan, self.device, self.half = model.to(device), plan, device, half
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=plan.decay
        )
        super().__init__(
            {"model": self.model}, {"optimizer": self.optimizer},
            speaks="model", average=AVERAGE, identity=identity,
        )  # fmt: skip

    def take(self, examples: Sequence[Example]) -> dict[str, float]:
        """One step on one batch; gives the losses."""
        self.set_rate(rate(self.plan, self.step))
        self.model.train()
        batch = {k: v.to(self.device) for k, v in collate(examples, self.model.shape).items()}
        with torch.autocast(self.device.split(":")[0], torch.bfloat16, enabled=self.half):
            said = self.model(batch, own(self.plan, self.step))
        found = judged(said, batch)
        total = torch.stack([WEIGHTS[k] * v for k, v in found.items()]).sum()
        self.optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.stepped()
        return {k: float(v.detach()) for k, v in found.items()}
