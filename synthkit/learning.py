# SPDX-License-Identifier: Apache-2.0
"""The training loop of networks that a CPU can train: what a step depends on, kept whole, and the round.

`Learner` holds networks, their optimizers, the running average of the one that speaks and the step; `learn`
goes round. What a step is, its batch and its losses, belongs to the plugin that calls. A checkpoint holds all
that the next step depends on: a training that was killed and goes on ends with the same weights as one that
was not, as long as a batch follows from the seed and the number of the step.

torch is imported when a learner is made; nothing of the core imports this module.
"""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from synthkit import curve
from synthkit.atomic import writing
from synthkit.curve import LOG
from synthkit.stages import Context

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

    from synthkit.types import Waveform

A = TypeVar("A")
AVERAGE = "average"
POINTS = 400
"""Of the curve of losses, `synthkit.curve`, at most so many."""
HEARINGS = 5
"""How often a training is heard on its way."""


def held_then_falling(step: int, warmup: int, hold: int) -> float:
    """Part of the highest learning rate at `step`: up in a line, level, then by the inverse root of the step.

    Parameters
    ----------
    step : int
        0-based.
    warmup, hold : int
        Steps until it is whole, and until it falls.

    Returns
    -------
    float
        At most 1.
    """
    return min(1.0, (step + 1) / warmup) * math.sqrt(hold / max(step, hold))


def batches_of_like_length(lengths: Sequence[int], frames: int, steps: int, seed: int) -> Iterator[list[int]]:
    """Indices for each step: batches of about so many frames and of like length, epoch after epoch.

    Parameters
    ----------
    lengths : sequence of int
        Frames of each example.
    frames : int
        Of a batch, at most, padding counted; an example that is longer stands alone.
    steps : int
        Batches in all.
    seed : int
        With it and its number, an epoch is the same in every run.

    Yields
    ------
    list of int
        Indices into `lengths`; every epoch has each once.
    """
    sizes = np.asarray(lengths)
    done = epoch = 0
    while done < steps:
        random = np.random.default_rng([seed, epoch])
        order = np.argsort(sizes * random.uniform(0.9, 1.1, len(sizes)), kind="stable")
        found: list[list[int]] = []
        for i in order:
            # Longest last, as good as sorted: the batch is as long as its newest member, about.
            if found and sizes[[*found[-1], i]].max() * (len(found[-1]) + 1) <= frames:
                found[-1].append(int(i))
            else:
                found.append([int(i)])
        for k in random.permutation(len(found))[: steps - done]:
            yield found[k]
            done += 1
        epoch += 1


class Learner:
    """Networks on their way: weights, the average of those that speak, optimizers, the step.

    Parameters
    ----------
    models : mapping of str to Module
        By the name that a checkpoint has for their weights. Freshly made after seeding torch, or about to be
        overwritten by `restore`.
    optimizers : mapping of str to Optimizer
        By name, likewise; no name is both a model's and an optimizer's.
    speaks : str
        The model whose weights are averaged (Polyak): the average is what speaks.
    average : float
        How much of the average each step keeps; early on it forgets faster.
    identity : str
        What this training is of; a checkpoint of another identity is not restored.
    """

    def __init__(
        self,
        models: Mapping[str, nn.Module],
        optimizers: Mapping[str, Optimizer],
        *,
        speaks: str,
        average: float,
        identity: str,
    ) -> None:
        self.models, self.optimizers, self.identity = dict(models), dict(optimizers), identity
        self.speaks, self.keep = self.models[speaks], average
        self.average = {k: v.detach().clone() for k, v in self.speaks.state_dict().items()}
        self.step = 0

    def set_rate(self, rate: float, *names: str) -> None:
        """Set the learning rate of the optimizers of these names, of all if none is given.

        Parameters
        ----------
        rate : float
        *names : str
        """
        for name in names or self.optimizers:
            for group in self.optimizers[name].param_groups:
                group["lr"] = rate

    def stepped(self) -> None:
        """Count a step that the optimizers have taken, and let the average follow."""
        import torch

        self.step += 1
        keep = min(self.keep, self.step / (self.step + 9))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.values()), list(self.speaks.state_dict().values()), 1 - keep
            )

    def save(self, path: Path) -> None:
        """Write all that the next step depends on, whole or not at all.

        Parameters
        ----------
        path : Path
        """
        import torch
        from safetensors.torch import save_file

        tensors = {f"{name}.{k}": v for name, m in self.models.items() for k, v in m.state_dict().items()}
        tensors |= {f"{AVERAGE}.{k}": v for k, v in self.average.items()}
        for name, optimizer in self.optimizers.items():
            for index, state in optimizer.state_dict()["state"].items():
                tensors |= {f"{name}.{index}.{k}": v for k, v in state.items()}
        tensors["random"] = torch.get_rng_state()
        about = {"step": str(self.step), "identity": self.identity}
        with writing(path) as temporary:
            save_file({k: v.contiguous().cpu() for k, v in tensors.items()}, temporary, metadata=about)

    def restore(self, path: Path) -> bool:
        """Go on from `path`; False if there is none, or it is of another training or cannot be read.

        Parameters
        ----------
        path : Path

        Returns
        -------
        bool
        """
        import torch
        from safetensors import SafetensorError, safe_open

        if not path.is_file():
            return False
        try:
            with safe_open(path, framework="pt") as file:
                about = file.metadata() or {}
                if about.get("identity") != self.identity:
                    return False
                tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 (it is no dict)
        except SafetensorError:
            return False
        parts: dict[str, dict[str, Tensor]] = {name: {} for name in (*self.models, *self.optimizers, AVERAGE)}
        for name, tensor in tensors.items():
            part, _, key = name.partition(".")
            if part in parts:
                parts[part][key] = tensor
        for name, model in self.models.items():
            model.load_state_dict(parts[name])
        # A file sorts its keys; the order of the average is that of the model.
        self.average = {k: parts[AVERAGE][k].to(v.device) for k, v in self.average.items()}
        for name, optimizer in self.optimizers.items():
            state: dict[int, dict[str, Any]] = {}
            for whole, tensor in parts[name].items():
                index, _, key = whole.partition(".")
                state.setdefault(int(index), {})[key] = tensor
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": state, "param_groups": groups})
        torch.set_rng_state(tensors["random"])
        self.step = int(about["step"])
        return True

    def weights(self) -> dict[str, np.ndarray]:
        """The averaged weights as arrays."""
        return {k: v.detach().cpu().numpy() for k, v in self.average.items()}


class Watch:
    """Says once, when 40 % of the steps are done, that the first of the losses has not fallen."""

    FEWEST = 100
    """Points of the curve below which nothing is said."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.said = False

    def see(self, losses: Mapping[str, float], step: int, steps: int) -> str:
        """Look at the losses of a point of the curve; what is to be said, "" for nothing.

        Parameters
        ----------
        losses : mapping of str to float
        step, steps : int
            Where the training is, and its last step.

        Returns
        -------
        str
        """
        name, value = next(iter(losses.items()))
        self.losses.append(value)
        window = len(self.losses) // 5
        if self.said or len(self.losses) < self.FEWEST or step < 0.4 * steps:
            return ""
        self.said = True
        first, last = float(np.median(self.losses[:window])), float(np.median(self.losses[-window:]))
        if last < first - 0.01 * abs(first):
            return ""
        return (
            f"the loss {name!r} was {first:.3f} and is {last:.3f} after {step} steps: nothing is being "
            "learned; texts or labels that do not belong to their recordings look like this"
        )


def learn(
    learner: Learner,
    todo: Iterable[A],
    take: Callable[[A], dict[str, float]],
    *,
    steps: int,
    checkpoint: Path,
    checkpoint_seconds: float,
    tell_every: int,
    ctx: Context,
    rate: Callable[[int], float],
    minutes: float = math.inf,
    hear: Callable[[], Mapping[str, tuple[str, Waveform]]] | None = None,
) -> None:
    """Take a step for each of `todo`, until `steps` are done in all or `minutes` have gone by.

    Parameters
    ----------
    learner : Learner
        Standing where the first of `todo` goes on.
    todo : iterable
        What each remaining step learns from.
    take : callable
        Takes the step (`Learner.stepped` included) and gives its losses by name.
    steps : int
        The last step's number.
    checkpoint : Path
        Written every `checkpoint_seconds` and at the end.
    checkpoint_seconds : float
    tell_every : int
        Steps between two lines of the log: means of the losses since the last.
    ctx : Context
        Tells progress, and logs.
    rate : callable
        The learning rate at a step, for the log.
    minutes : float
        Of this sitting.
    hear : callable, optional
        Speaks some sentences with the weights as they are, without touching torch's random numbers: their
        texts and sounds by id. Asked `HEARINGS` times, for who watches the training.

    Raises
    ------
    ArithmeticError
        A loss is not finite; the last checkpoint is kept.
    KeyboardInterrupt
        It was interrupted (Ctrl-C, a stop in the lab): the step is ended and saved first. A second one does
        not wait.
    """
    course = ctx.work / LOG
    curve.cut(course, learner.step)
    curve.cut(ctx.work / curve.WATCH, learner.step)
    every = max(1, min(tell_every, steps // POINTS))
    listen = max(tell_every, -(-steps // HEARINGS))
    watch = Watch() if learner.step == 0 else None
    began = saved = time.monotonic()
    sums: dict[str, list[float]] = {}
    since: dict[str, list[float]] = {}
    with _interruptible() as interrupted:
        for item in ctx.track(todo, label="training", total=steps - learner.step):
            found = take(item)
            if not all(math.isfinite(v) for v in found.values()):
                raise ArithmeticError(f"losses are not finite at step {learner.step}: {json.dumps(found)}")
            for name, value in found.items():
                sums.setdefault(name, []).append(value)
                since.setdefault(name, []).append(value)
            if learner.step % every == 0:
                means = {name: round(float(np.mean(values)), 6) for name, values in since.items()}
                curve.add(course, learner.step, lr=rate(learner.step - 1), **means)
                since = {}
                complaint = watch.see(means, learner.step, steps) if watch is not None else ""
                if complaint:
                    ctx.log(f"warning: {complaint}")
                    curve.add(ctx.work / curve.WATCH, learner.step, message=complaint)
            if learner.step % tell_every == 0:
                told = ", ".join(f"{k} {np.mean(v):.3f}" for k, v in sums.items())
                ctx.log(f"step {learner.step}: {told}; learning rate {rate(learner.step - 1):.2e}")
                sums = {}
            if hear is not None and (learner.step % listen == 0 or learner.step == steps):
                curve.heard(ctx.work, learner.step, "", hear())
            if interrupted():
                learner.save(checkpoint)
                ctx.log(f"interrupted at step {learner.step}, which is saved")
                raise KeyboardInterrupt
            now = time.monotonic()
            if now - saved > checkpoint_seconds:
                learner.save(checkpoint)
                saved = now
            if now - began > 60 * minutes:
                ctx.log(f"stops at step {learner.step}: {minutes:g} minutes are over")
                break
    learner.save(checkpoint)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Inside, the first interrupt waits to be asked for, so that no step is broken off in the middle of its
    update; the second raises `KeyboardInterrupt` at once. In another thread, or under another handler,
    nothing changes."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    asked = threading.Event()

    def wait(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asked.set()

    signal.signal(signal.SIGINT, wait)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
