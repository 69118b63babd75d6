# SPDX-License-Identifier: Apache-2.0
"""Whether it learns: held-out recordings, seen every so often by the averaged weights that would speak.

Two looks at each. With the recording's own path and frames: how far its frames are, and whether attention,
free to go anywhere, finds the phone that is said. And spoken from the phones alone: whether attention gets to
the end by itself, and how long that takes beside the recording. Every look is a line of ``training.jsonl``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from synthkit.atomic import writing
from synthkit_deepvoice3 import speaking
from synthkit_deepvoice3.examples import Example
from synthkit_deepvoice3.speaking import LONGEST
from synthkit_deepvoice3.stored import STAY
from synthkit_deepvoice3.training import Trainer, collate, judged

CURVE = "training.jsonl"
SPOKEN = 3
"""Held-out utterances that are spoken at each look."""
PATIENCE = 600
"""Steps before a judgement is made."""


@dataclass(frozen=True)
class Look:
    """One line of the curve.

    Attributes
    ----------
    step : int
    minutes : float
        Of training so far, all sittings.
    rate : float
    coarse, frames, attention : float
        Losses on training batches, means since the last look.
    held_out_coarse, held_out_frames, held_out_attention : float
        The same on held-out utterances.
    untrained : float
        The distance of the mean frame from the held-out ones: what a model has that knows nothing.
    found : float
        Share of held-out steps whose phone free attention finds.
    forward : float
        Share of those steps where it does not go back.
    length : float
        Median length of what is spoken beside the recordings.
    forced : float
        Phones that were left because they lasted too long.
    """

    step: int
    minutes: float
    rate: float
    coarse: float
    frames: float
    attention: float
    held_out_coarse: float
    held_out_frames: float
    held_out_attention: float
    untrained: float
    found: float
    forward: float
    length: float
    forced: float


class Watch:
    """Looks at a training, keeps what it saw in a file and says once what is wrong.

    Parameters
    ----------
    held_out : sequence of Example
        Without any it sees nothing.
    path : Path
        The curve; lines of an earlier sitting up to the learner's step are kept.
    """

    def __init__(self, trainer: Trainer, held_out: Sequence[Example], path: Path, period: float) -> None:
        self.trainer, self.held_out, self.path, self.period = trainer, list(held_out), path, period
        self.looks = [look for look in read_curve(path) if look["step"] <= trainer.step]
        self.before = float(self.looks[-1]["minutes"]) if self.looks else 0.0
        self.began = time.monotonic()
        self.sums: dict[str, list[float]] = {}
        self.said: set[str] = set()

    def see(self, losses: dict[str, float]) -> None:
        """Add the losses of a step."""
        for name, value in losses.items():
            self.sums.setdefault(name, []).append(value)

    def look(self, rate: float) -> Look | None:
        """Look at the held-out utterances; None where there are none."""
        if not self.held_out:
            return None
        told = {k: float(np.mean(v)) for k, v in self.sums.items()} or dict.fromkeys(
            ("coarse", "frames", "attention"), float("nan")
        )
        self.sums = {}
        minutes = self.before + (time.monotonic() - self.began) / 60
        seen = Look(
            step=self.trainer.step,
            minutes=round(minutes, 2),
            rate=rate,
            **told,
            **self._aligned(),
            **self._spoken(),
        )
        self.looks.append(asdict(seen))
        with writing(self.path) as temporary:
            temporary.write_text("".join(json.dumps(each) + "\n" for each in self.looks), encoding="utf-8")
        return seen

    def _aligned(self) -> dict[str, float]:
        trainer = self.trainer
        trainer.model.eval()
        found: dict[str, list[float]] = {}
        with torch.no_grad():
            for e in self.held_out:
                batch = {k: v.to(trainer.device) for k, v in collate([e], trainer.model.shape).items()}
                said = torch.func.functional_call(trainer.model, trainer.average, (batch,), strict=False)
                row = {f"held_out_{k}": float(v) for k, v in judged(said, batch).items()}
                weight = batch["frame_weight"]
                row["untrained"] = float((batch["frames"].abs().mean(-1) * weight).sum() / weight.sum())
                at = said[0].argmax(-1)
                row["found"] = float((at == batch["path"]).float().mean())
                row["forward"] = float((at[:, 1:] >= at[:, :-1]).float().mean())
                for name, value in row.items():
                    found.setdefault(name, []).append(value)
        return {k: float(np.mean(v)) for k, v in found.items()}

    def _spoken(self) -> dict[str, float]:
        trainer, lengths, forced = self.trainer, [], 0
        shape = trainer.model.shape
        weights = speaking.Weights(trainer.weights(), shape)
        for e in self.held_out[:SPOKEN]:
            shares = np.eye(shape.speakers, dtype=np.float32)[e.speaker]
            voice = speaking.voice_of(weights, shares)
            keys, values = speaking.encode(weights, e.symbols, e.features, voice)
            steps = round(LONGEST / self.period)
            stay = np.where(e.silent, STAY[1], STAY[0])
            # A model that knows nothing yet would take the longest time over every phone.
            said = speaking.decode(
                weights, keys, values, voice, longest=steps, most=4 * len(e.path), stay=stay
            )
            lengths.append(len(said.path) / len(e.path))
            forced += said.forced
        return {"length": float(np.median(lengths)), "forced": forced}

    def judge(self) -> list[str]:
        """What has to be said now and was not said before."""
        if not self.looks or self.looks[-1]["step"] < PATIENCE:
            return []
        last, wrong = self.looks[-1], {}
        if last["held_out_frames"] > 0.95 * last["untrained"]:
            wrong["frames"] = (
                f"after {last['step']} steps held-out frames are as far as the mean frame "
                f"({last['held_out_frames']:.3f} of {last['untrained']:.3f}): texts that do not belong to "
                "their recordings look like this, and a learning rate that is too high"
            )
        if last["found"] < 0.5:
            wrong["attention"] = (
                f"after {last['step']} steps attention finds {last['found']:.0%} of the phones that are "
                "said: look at the alignment, and at texts that do not belong to their recordings"
            )
        if not 0.6 < last["length"] < 1.7:
            wrong["length"] = (
                f"after {last['step']} steps what it speaks lasts {last['length']:.2f} times as long as the "
                "recordings"
            )
        new = [text for name, text in wrong.items() if name not in self.said]
        self.said |= wrong.keys()
        return new


def read_curve(path: Path) -> list[dict[str, float]]:
    """Lines of a curve; a last line that was cut off is left out, and of a missing file there are none."""
    if not path.is_file():
        return []
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            out.append(dict(json.loads(line)))
        except ValueError:
            break
    return out
