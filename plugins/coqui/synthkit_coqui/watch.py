# SPDX-License-Identifier: Apache-2.0
"""The learning watch: says aloud, while training runs, when a model is not learning, and why it may be so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.settings import TrainSettings

SMALLEST_CHANGE = 1e-4
"""Relative change of the weights under which nothing has been learned."""
PATIENCE_SECONDS, FEWEST_STEPS = 300.0, 10
"""A watch that counts in steps alone would say nothing all night where a step takes half a minute."""
DIAGONAL = 0.25
"""Attention sharpness (mean of the largest weight per frame) under which Tacotron 2 has not aligned."""


def not_finite(settings: TrainSettings) -> str:
    """What is to be said of a loss, or of weights, that are no numbers."""
    return (
        "the loss is not finite; the learning rate is too high or the data holds silence or "
        f'noise: try lr = {settings.lr / 4:g}, or precision = "fp32"'
    )


def diagonality(attention: np.ndarray) -> float:
    """How much of an attention map ``(frames, tokens)`` runs along its diagonal, in [0, 1].

    The mass within a tenth of the map's width of the straight line from the first token to the last, which
    for speech at an even pace is nearly 1 and for attention spread evenly about 0.2.
    """
    frames, tokens = attention.shape
    line = np.linspace(0, 1, frames)[:, None]
    near = np.abs(np.linspace(0, 1, tokens)[None] - line) <= 0.1
    return float((attention * near).sum() / max(attention.sum(), 1e-9))


@dataclass
class Watch:
    """Looks at losses, weights, attention and held-out distance, and says each thing once.

    Parameters
    ----------
    patience : int, optional
        Steps before a judgement is made; a quarter of the warm-up, at least a hundred.
    patience_seconds : float, optional
        Or so long, where steps are long: five minutes, or a fifth of the time that the training has.
    """

    architecture: Architecture
    settings: TrainSettings
    patience: int = 0
    patience_seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    distances: list[tuple[int, float]] = field(default_factory=list)
    attention: list[float] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    _first: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        minutes = self.settings.max_minutes
        self.patience = self.patience or max(100, self.settings.warmup() // 4)
        if not self.patience_seconds:
            self.patience_seconds = min(PATIENCE_SECONDS, 12 * minutes) if minutes else PATIENCE_SECONDS
        self.rate: Callable[[int], float] = lambda step: learning_rate(self.settings, step)

    def remember_weights(self, parameters: list[Any]) -> None:
        """Keep a copy of some of the weights as they were at the start."""
        chosen = sorted((p for p in parameters if p.requires_grad and p.dim() > 1), key=lambda p: -p.numel())[
            :8
        ]
        self._first = [(p, p.detach().float().cpu().clone()) for p in chosen]

    def change(self) -> float:
        """Relative change of the remembered weights since then: ‖w − w₀‖ / ‖w₀‖."""
        moved = sum(float((p.detach().float().cpu() - w).pow(2).sum()) for p, w in self._first)
        size = sum(float(w.pow(2).sum()) for _, w in self._first)
        return (moved / max(size, 1e-12)) ** 0.5

    def see_loss(self, loss: float) -> None:
        """Add a logged loss."""
        self.losses.append(loss)

    def see_attention(self, attention: np.ndarray) -> None:
        """Add an attention map ``(frames, tokens)`` of one utterance."""
        self.attention.append(diagonality(attention))

    def see_distance(self, step: int, decibels: float) -> None:
        """Add a held-out mel-cepstral distance, dB."""
        self.distances.append((step, decibels))

    def judge(self, step: int, seconds: float = 0.0, *, before: int = 0) -> list[tuple[str, str]]:
        """New warnings as (code, sentence), `step` steps and `seconds` after the start of this process, which
        went on from step `before`."""
        found: list[tuple[str, str]] = []
        patient = step >= self.patience or (step >= FEWEST_STEPS and seconds >= self.patience_seconds)
        rate = self.rate(before + step)
        if self.losses and not np.isfinite(self.losses[-1]):
            found.append(("not-finite", not_finite(self.settings)))
        if patient and self._first and self.change() < SMALLEST_CHANGE:
            found.append(
                ("weights-do-not-move",
                 f"after {step} steps the weights have moved by {self.change():.1e} of their "
                 f"size: the learning rate applied is {rate:.1e}; write a shorter warmup_steps or a larger "
                 "lr")
            )  # fmt: skip
        # The adversarial losses of a generator rise while its speech gets better; only its distance tells
        # there.
        window = max(4, len(self.losses) // 5)
        if not self.architecture.adversarial and step >= self.patience and len(self.losses) >= 3 * window:
            before, now = np.median(self.losses[:window]), np.median(self.losses[-window:])
            if np.isfinite(now) and now > before - 0.01 * abs(before):
                found.append(
                    ("loss-does-not-fall",
                     f"the loss was {before:.3f} and is {now:.3f} after {step} steps at a "
                     f"learning rate of {rate:.1e}; texts that do not belong to their recordings look like "
                     "this too")
                )  # fmt: skip
        if self.architecture.learns_attention and step >= 10 * self.patience and len(self.attention) >= 4:
            sharp = float(np.mean(self.attention[-4:]))
            if sharp < DIAGONAL:
                found.append(
                    ("attention-not-diagonal",
                     f"attention runs along the diagonal for {sharp:.0%} of its mass after "
                     f"{step} steps: long silences at the ends, wrong texts or too few recordings keep it "
                     "from aligning")
                )  # fmt: skip
        if len(self.distances) >= 5:
            values = [d for _, d in self.distances]
            if min(values[-3:]) > min(values[:-3]) - 0.02:
                best = min(self.distances, key=lambda pair: pair[1])
                found.append(
                    ("held-out-not-improving",
                     f"the held-out distance was best at step {best[0]} ({best[1]:.2f} dB) and "
                     f"is {values[-1]:.2f} dB: more steps may only learn the training recordings by heart")
                )  # fmt: skip
        new = [(code, text) for code, text in found if code not in self.said]
        self.said |= {code for code, _ in new}
        return new
