# SPDX-License-Identifier: Apache-2.0
"""One training step: forward, losses, backward, clip, step.

The architecture computes outputs and losses; everything around it is here, and is the same for all of them.
Randomness of a step is a function of seed, step and rank alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from synthkit.errors import ConfigError
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.description import VoiceConfig, described
from synthkit_coqui.settings import TrainSettings


def learning_rate(settings: TrainSettings, step: float) -> float:
    """Learning rate applied at `step` (0-based; between two where a plan was stretched).

    A linear warm-up to ``settings.lr``, then, by `schedule`: ``noam`` falls with the inverse square root of
    the step (Vaswani et al. 2017, eq. 3, scaled to peak at `lr`); ``cosine`` falls to a twentieth over the
    planned steps; ``exponential`` falls to a half over them; ``constant`` stays.
    """
    import math

    warmup, at = settings.warmup(), step + 1
    if at <= warmup:
        return settings.lr * at / warmup
    if settings.schedule == "noam":
        return settings.lr * math.sqrt(max(1, warmup) / at)
    done = min(1.0, (at - warmup) / max(1, settings.steps - warmup))
    if settings.schedule == "cosine":
        return settings.lr * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))
    if settings.schedule == "exponential":
        return settings.lr * 0.5**done
    return settings.lr


def pick_device(name: str, local_rank: int = 0) -> Any:
    """``"auto"``: the GPU when there is one."""
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"device {name!r}: torch sees no GPU", where="device", hint='device = "auto"')
    return torch.device(f"cuda:{local_rank}" if name == "cuda" else name)


def pick_precision(settings: TrainSettings, architecture: Architecture, device: Any) -> Any:
    """The autocast type, or None for float32."""
    import torch

    if settings.precision == "auto":
        bf16 = device.type == "cuda" and architecture.adversarial and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if bf16 else None
    return {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[settings.precision]


def step_seed(seed: int, step: int, rank: int) -> int:
    """Seed of all randomness of one step, so that a restored training draws what it would have drawn."""
    import numpy as np

    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1)[0])


@dataclass
class Step:
    """What one step gave: named losses (tensors, not yet read) and the batch's alignments, of models that
    have them."""

    losses: dict[str, Any]
    alignments: Any


class Learner:
    """A model, its losses and its optimizers on a device.

    Parameters
    ----------
    voice : VoiceConfig
    settings : TrainSettings
    device : torch.device
    world : int
        Processes that train together; gradients are averaged over them.
    """

    def __init__(
        self, voice: VoiceConfig, settings: TrainSettings, device: Any, *, rank: int = 0, world: int = 1
    ):
        import torch

        self.voice, self.settings, self.device, self.rank, self.world = voice, settings, device, rank, world
        self.rate: Callable[[int], float] = lambda step: learning_rate(self.settings, step)
        """Learning rate of a step, of which a plan may make something else."""
        self.architecture = find(voice.kind)
        torch.manual_seed(settings.seed)
        with described(f"acoustic_model.model = {json.dumps(voice.model)}"):
            self.model = self.architecture.make(voice).to(device)
        self.autocast = pick_precision(settings, self.architecture, device)
        self.scaler = torch.amp.GradScaler(device.type) if self.autocast is torch.float16 else None
        parts = self.architecture.parts(self.model)
        self.parameters = [[p for p in part if p.requires_grad] for part in parts]
        self.optimizers = [self.architecture.make_optimizer(p, settings.lr) for p in self.parameters]
        self.criteria = self.architecture.criteria(self.model, device)
        if self.autocast is not None:
            self.architecture.use_precision(self.model, device)

    @property
    def speaking_parameters(self) -> list[Any]:
        """Parameters of the part that speaks (the generator, of an adversarial model)."""
        return self.parameters[-1]

    def initialise(self, batch: dict[str, Any]) -> None:
        """Initialisation by data, of models that have one, once, before the first step."""
        self.architecture.initialise(self.model, batch)

    def step(self, batch: dict[str, Any], number: int) -> Step:
        """Take step `number` (0-based) on a batch that lies on the device."""
        import torch

        torch.manual_seed(step_seed(self.settings.seed, number, self.rank))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.rate(number)
        self.architecture.before_step(self.model, self.settings, number)
        batch = self.architecture.on_device(self.model, batch)
        losses: dict[str, Any] = {}
        outputs: dict[str, Any] = {}
        for index, (optimizer, parameters) in enumerate(zip(self.optimizers, self.parameters, strict=True)):
            several = len(self.optimizers) > 1
            with _frozen(self.parameters[0] if several and index else []):
                with torch.autocast(self.device.type, self.autocast, enabled=self.autocast is not None):
                    outputs, found = self.architecture.losses(self.model, batch, self.criteria, index)
                if not found:
                    continue  # the discriminator has not joined yet
                self._descend(optimizer, parameters, found["loss"])
            prefix = "" if not several or index else "discriminator_"
            losses |= {
                prefix + k: v.detach() if hasattr(v, "detach") else v
                for k, v in found.items()
                if k in self.architecture.told
            }
        if self.scaler:
            self.scaler.update()
        # Nothing else of the step is kept: it would hold memory all through the next one.
        return Step(losses, outputs["alignments"].detach() if outputs and "alignments" in outputs else None)

    def _descend(self, optimizer: Any, parameters: list[Any], loss: Any) -> None:
        import torch

        (self.scaler.scale(loss) if self.scaler else loss).backward()
        if self.world > 1:
            _average_gradients(parameters, self.world)
        if self.scaler:
            self.scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(parameters, self.settings.grad_clip)
        if self.scaler:
            self.scaler.step(optimizer)
        else:
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)  # here, so that the next forward pass has their memory


def _average_gradients(parameters: list[Any], world: int) -> None:
    """Sum gradients over processes in one flat message and divide: plain data parallelism.

    coqui-tts's models are stepped by `train_step`, not `forward`, which torch's DistributedDataParallel
    cannot follow; averaging after the backward pass is the same arithmetic.
    """
    import torch
    import torch.distributed as dist

    present = torch.tensor([p.grad is not None for p in parameters], dtype=torch.float32)
    present = present.to(parameters[0].device)
    dist.all_reduce(present)
    chosen = [p for p, count in zip(parameters, present.tolist(), strict=True) if count > 0]
    flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1) for p in chosen])
    dist.all_reduce(flat)
    flat /= world
    at = 0
    for p in chosen:
        p.grad = flat[at : at + p.numel()].view_as(p).clone()
        at += p.numel()


@contextmanager
def _frozen(parameters: list[Any]) -> Iterator[None]:
    """No gradients for the discriminator while the generator learns."""
    for p in parameters:
        p.requires_grad_(False)
    try:
        yield
    finally:
        for p in parameters:
            p.requires_grad_(True)
