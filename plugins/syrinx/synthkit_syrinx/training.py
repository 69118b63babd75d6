# SPDX-License-Identifier: Apache-2.0
"""What a step of the training is: first distances of spectra alone, then discriminators beside them.

The learning rate rises, stays, and falls with the inverse square root of the step; it knows of no last step,
so a training that was over can go on later as if it had not been. The running average of the weights is what
speaks.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from synthkit.learning import Learner, held_then_falling, learn
from synthkit.stages import Context
from synthkit.types import Waveform
from synthkit_syrinx.discriminators import Discriminators, deception, discrimination
from synthkit_syrinx.examples import Batch, Prepared, batch
from synthkit_syrinx.losses import Distance
from synthkit_syrinx.network import Generator, waveform
from synthkit_syrinx.stored import Shape

WEIGHTS = {"spectra": 1.0, "mel": 2.0, "adversarial": 0.25, "features": 0.5, "pitch": 0.3, "voicing": 0.3}
"""How much each loss counts for the generator."""
AVERAGE = 0.999


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn."""

    steps: int
    adversarial_from: int
    batch: int = 8
    frames: int = 65
    judged_frames: int = 33
    rate: float = 1e-3
    discriminator_rate: float = 4e-4
    warmup: int = 200
    hold: int = 4000
    seed: int = 0
    checkpoint_seconds: float = 120.0
    minutes: float = math.inf


def rate(plan: Plan, step: int) -> float:
    """The generator's learning rate at `step`."""
    return plan.rate * held_then_falling(step, plan.warmup, plan.hold)


class Training:
    """The networks and one step of each."""

    def __init__(self, shape: Shape, prepared: Prepared, plan: Plan, identity: str, device: str) -> None:
        torch.manual_seed(plan.seed)
        self.shape, self.prepared, self.plan, self.device = shape, prepared, plan, device
        self.generator = Generator(shape).to(device)
        self.discriminators = Discriminators().to(device)
        self.distance = Distance(prepared.grid.sample_rate).to(device)
        betas = (0.8, 0.99)
        self.optimizer = torch.optim.AdamW(self.generator.parameters(), plan.rate, betas, weight_decay=0.01)
        self.judging = torch.optim.AdamW(
            self.discriminators.parameters(), plan.discriminator_rate, betas, weight_decay=0.01
        )
        self.learner = Learner(
            {"generator": self.generator, "discriminators": self.discriminators},
            {"optimizer": self.optimizer, "judging": self.judging},
            speaks="generator", average=AVERAGE, identity=identity,
        )  # fmt: skip

    def start_from(self, weights: dict[str, np.ndarray]) -> int:
        """Begin with those of `weights` that fit; gives how many do."""
        own = self.generator.state_dict()
        fitting = {k: torch.from_numpy(v) for k, v in weights.items() if k in own and own[k].shape == v.shape}
        self.generator.load_state_dict({**own, **fitting})
        self.learner.average = {k: v.detach().clone() for k, v in self.generator.state_dict().items()}
        return len(fitting)

    def take(self, pieces: Batch) -> dict[str, float]:
        """One step on `pieces`; gives the losses."""
        plan, grid, step = self.plan, self.prepared.grid, self.learner.step
        self.learner.set_rate(rate(plan, step), "optimizer")
        self.learner.set_rate(plan.discriminator_rate * rate(plan, step) / plan.rate, "judging")
        t = {k: torch.from_numpy(v).to(self.device) for k, v in vars(pieces).items()}
        spoken = waveform(self.generator(t["inputs"], t["voiced"], t["noise"]), grid.hop, grid.n_fft)
        spectra, mel = self.distance(spoken, t["samples"])
        found: dict[str, Tensor] = {"spectra": spectra, "mel": mel}
        told: dict[str, float] = {}
        if self.shape.reads_pitch:
            found |= self._pitch(t)
        if step >= plan.adversarial_from:
            part = self._judged_part(step, spoken.shape[1])
            real, discriminated = self._judge(spoken[:, part].detach(), t["samples"][:, part])
            told["discriminators"] = discriminated
            for p in self.discriminators.parameters():
                p.requires_grad_(False)
            found["adversarial"], found["features"] = deception(real, self.discriminators(spoken[:, part]))
            for p in self.discriminators.parameters():
                p.requires_grad_(True)
        total = torch.stack([WEIGHTS[k] * v for k, v in found.items()]).sum()
        self.optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.generator.parameters(), 1.0)
        self.optimizer.step()
        self.learner.stepped()
        return {k: float(v.detach()) for k, v in found.items()} | told

    def _judged_part(self, step: int, samples: int) -> slice:
        """The stretch of the pieces that the discriminators see: they cost more than all the rest."""
        size = min((self.plan.judged_frames - 1) * self.prepared.grid.hop, samples)
        start = int(np.random.default_rng([self.plan.seed, step, 1]).integers(0, samples - size + 1))
        return slice(start, start + size)

    def _judge(self, spoken: Tensor, recorded: Tensor) -> tuple[Any, float]:
        """One step of the discriminators; gives what they said of the recordings, and their loss."""
        real, fake = self.discriminators(recorded), self.discriminators(spoken)
        loss = discrimination(real, fake)
        self.judging.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.discriminators.parameters(), 10.0)
        self.judging.step()
        return [(said.detach(), [x.detach() for x in seen]) for said, seen in real], float(loss.detach())

    def _pitch(self, t: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses of the part that reads F0 and voicing from the frames."""
        out = self.generator.pitch(t["inputs"][..., : self.shape.inputs])
        voicing = (t["voicing"] > 0.5).float()
        wanted = t["inputs"][..., self.shape.inputs]
        error = (F.smooth_l1_loss(out[..., 0], wanted, reduction="none") * voicing).sum()
        return {
            "pitch": error / voicing.sum().clamp(min=1),
            "voicing": F.binary_cross_entropy_with_logits(out[..., 1], voicing),
        }


def identity_of(shape: Shape, plan: Plan, spec_hash: str, ids: Sequence[str]) -> str:
    """What a state is of: the network, the frames, the seed, the recordings; not how long it lasts."""
    about = [asdict(shape), spec_hash, list(ids), plan.seed]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def train(
    training: Training,
    state: Path,
    ctx: Context,
    hear: Callable[[], Mapping[str, tuple[str, Waveform]]] | None = None,
) -> None:
    """Learn until the plan's last step, from wherever `state` stands; `hear` as `synthkit.learning.learn` has
    it."""
    plan, learner = training.plan, training.learner
    if learner.restore(state):
        ctx.log(f"training goes on from step {learner.step} of {plan.steps}")
    pieces = (
        batch(training.prepared, plan.batch, plan.frames, plan.seed, step)
        for step in range(learner.step, plan.steps)
    )
    learn(
        learner, pieces, training.take,
        steps=plan.steps, checkpoint=state, checkpoint_seconds=plan.checkpoint_seconds,
        tell_every=min(max(plan.steps // 10, 1), 200), minutes=plan.minutes, ctx=ctx,
        rate=lambda step: rate(plan, step), hear=hear,
    )  # fmt: skip
