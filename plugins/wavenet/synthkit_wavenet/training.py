# SPDX-License-Identifier: Apache-2.0
"""What a step of the training is, and the curve of what was never learned from.

The learning rate rises, stays, and falls with the inverse square root of the step; it knows of no last step,
so a training that was over can go on later as if it had not been. The running average of the weights is what
speaks, and what is judged.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from synthkit.atomic import writing
from synthkit.learning import Learner, held_then_falling, learn
from synthkit.stages import Context
from synthkit_wavenet import likelihood
from synthkit_wavenet.examples import Batch, Prepared, batch, together
from synthkit_wavenet.network import WaveNet
from synthkit_wavenet.shape import Shape

AVERAGE = 0.999
LARGEST = 1.0
"""Norm of the gradient."""
PIECES = 40
"""Of the held-out recordings, judged again and again."""
COLUMNS = ("step", "cpu_seconds", "trained_nll", "held_out_nll")
"""Of the curve: nats for each sample, as the probability of a value of 16 bits."""


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn."""

    steps: int
    batch: int = 4
    count: int = 4000
    rate: float = 2e-3
    warmup: int = 100
    hold: int = 2000
    seed: int = 0
    checkpoint_seconds: float = 120.0
    minutes: float = math.inf
    judge_every: int = 250


def rate(plan: Plan, step: int) -> float:
    """The learning rate at `step`."""
    return plan.rate * held_then_falling(step, plan.warmup, plan.hold)


class Training:
    """The network, one step of it, and the curve; `coarse` multiplies in bfloat16."""

    def __init__(
        self,
        prepared: Prepared,
        held_out: Prepared | None,
        plan: Plan,
        identity: str,
        device: str,
        curve: Path,
        coarse: bool = False,
    ) -> None:
        torch.manual_seed(plan.seed)
        self.prepared, self.plan, self.device, self.shape = prepared, plan, device, prepared.shape
        self.network = WaveNet(self.shape).to(device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), plan.rate, (0.9, 0.99))
        self.learner = Learner(
            {"network": self.network}, {"optimizer": self.optimizer},
            speaks="network", average=AVERAGE, identity=identity,
        )  # fmt: skip
        self.coarse = coarse
        self.judged = _spread_out(held_out, plan) if held_out else []
        self.curve = Curve(curve)
        self.since: list[float] = []

    def start_from(self, weights: dict[str, np.ndarray]) -> int:
        """Begin with those of `weights` that fit; gives how many do."""
        own = self.network.state_dict()
        fitting = {k: torch.from_numpy(v) for k, v in weights.items() if k in own and own[k].shape == v.shape}
        self.network.load_state_dict({**own, **fitting})
        self.learner.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        return len(fitting)

    def restore(self, state: Path) -> bool:
        """Go on from `state`, if it is of this training; the curve goes on with it."""
        found = self.learner.restore(state)
        self.curve.cut(self.learner.step)
        return found

    def take(self, pieces: Batch) -> dict[str, float]:
        """One step on `pieces`; gives the loss, and now and then that of what is held out."""
        self.learner.set_rate(rate(self.plan, self.learner.step))
        loss = self._loss(pieces, dict(self.network.named_parameters()))
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST)
        self.optimizer.step()
        self.learner.stepped()
        told = {"nll": float(loss.detach())}
        self.since.append(told["nll"])
        step = self.learner.step
        if self.judged and (step % self.plan.judge_every == 0 or step == self.plan.steps):
            with torch.no_grad():
                losses = [float(self._loss(each, self.learner.average)) for each in self.judged]
            told["held-out nll"] = float(np.mean(losses))
            self.curve.add(step, float(np.mean(self.since)), told["held-out nll"])
            self.since = []
        return told

    def _loss(self, pieces: Batch, weights: dict[str, Tensor]) -> Tensor:
        t = {k: torch.from_numpy(v).to(self.device) for k, v in vars(pieces).items()}
        with torch.autocast(self.device, torch.bfloat16, enabled=self.coarse):
            out = functional_call(self.network, weights, (t["values"], t["spread"], t["signals"]))
        return likelihood.of(self.shape, out, t["wanted"], t["step"])


class Curve:
    """A table of what was judged when; written anew with every row, whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[tuple[float, ...]] = []
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                self.rows = [tuple(float(row[c]) for c in COLUMNS) for row in csv.DictReader(file)]
        self.before, self.began = 0.0, time.process_time()

    def cut(self, step: int) -> None:
        """Forget what comes after `step`: the training goes on from there."""
        self.rows = [row for row in self.rows if row[0] <= step]
        self.before = self.rows[-1][1] if self.rows else 0.0
        self.began = time.process_time()

    def add(self, step: int, trained: float, held_out: float) -> None:
        """One more row."""
        spent = self.before + time.process_time() - self.began
        self.rows.append((step, round(spent, 1), round(trained, 5), round(held_out, 5)))
        with writing(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows((int(row[0]), *row[1:]) for row in self.rows)


def _spread_out(held_out: Prepared, plan: Plan) -> list[Batch]:
    """Pieces at even distances, as batches."""
    lengths = np.diff(np.asarray(held_out.samples_at))
    places = []
    for at in (np.arange(PIECES) + 0.5) / PIECES * lengths.sum():
        k = int(np.searchsorted(np.cumsum(lengths), at, side="right"))
        start = int(at - held_out.samples_at[k])
        places.append((k, max(min(start, int(lengths[k]) - plan.count), 0)))
    return [together(held_out, places[k : k + 4], plan.count) for k in range(0, PIECES, 4)]


def multiplies_bfloat16(device: str) -> bool:
    """Whether the device has arithmetic in bfloat16; where it has none, it is slower than float32."""
    if device != "cpu":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def identity_of(shape: Shape, plan: Plan, spec_hash: str, ids: Sequence[str]) -> str:
    """What a state is of: the network, the frames, the seed, the recordings; not how long it lasts."""
    about = [asdict(shape), spec_hash, list(ids), plan.seed]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def train(training: Training, state: Path, ctx: Context) -> None:
    """Learn until the plan's last step, from wherever `state` stands."""
    plan, learner = training.plan, training.learner
    if training.restore(state):
        ctx.log(f"training goes on from step {learner.step} of {plan.steps}")
    pieces = (
        batch(training.prepared, plan.batch, plan.count, plan.seed, step)
        for step in range(learner.step, plan.steps)
    )
    learn(
        learner, pieces, training.take,
        steps=plan.steps, checkpoint=state, checkpoint_seconds=plan.checkpoint_seconds,
        tell_every=min(max(plan.steps // 10, 1), plan.judge_every), minutes=plan.minutes, ctx=ctx,
        rate=lambda step: rate(plan, step),
    )  # fmt: skip
