# SPDX-License-Identifier: Apache-2.0
"""The second look: boundaries found at 10 ms are weighed again by finer frames, each near its place.

What was said is settled by then; a phone after another is a plain chain, and a boundary may move by a few
frames only. That makes a model of its own affordable, of shorter windows and twice as many frames,
trained from the first alignment by the same Baum-Welch. No labels are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.errors import AlignmentError
from synthkit.stages import Context
from synthkit.types import Utterance
from synthkit_align.batches import read_frames
from synthkit_align.corrections import WEIGHT
from synthkit_align.features import Cepstra
from synthkit_align.graph import STATES
from synthkit_align.model import Model, Sums

REACH = 0.03
"""Seconds by which a boundary may move."""
NARROW = (0, 1, 2, 4)
"""Frames by which one that a person has put may, while the model learns: none, unless a phone has fewer
frames than states."""
PASSES = 2
"""Passes before the first, and after each, doubling of the Gaussians."""


@dataclass(frozen=True)
class Chain:
    """One utterance's phones, by their place in the model, and the seconds at which all but the first
    begin; `fixed` where a person has put them there."""

    utterance: Utterance
    phone: np.ndarray
    inner: np.ndarray
    fixed: bool = False

    def starts(self, cepstra: Cepstra, frames: int) -> np.ndarray:
        """First frame of each phone and the number of frames, int64, shape ``(N + 1,)``."""
        inner = np.clip(np.rint(self.inner / cepstra.hop), 0, frames).astype(np.int64)
        return np.r_[0, inner, frames]

    def emission(self) -> np.ndarray:
        """Which density each state of the chain has."""
        return (self.phone[:, None] * STATES + np.arange(STATES)).ravel().astype(np.int32)


Batch = tuple[int, list[Chain]]


@dataclass(frozen=True)
class Begin:
    """Analyse a batch, store its frames in `folder`, and give their squares' sum and their number."""

    folder: Path
    cepstra: Cepstra

    def __call__(self, batch: Batch) -> tuple[np.ndarray, int]:
        number, chains = batch
        frames = [read_frames(c.utterance, self.cepstra)[0] for c in chains]
        data = np.concatenate(frames)
        np.savez(self.folder / f"fine-{number}.npz", frames=data, lengths=[len(x) for x in frames])
        return (data.astype(np.float64) ** 2).sum(axis=0), len(data)


def _stored(folder: Path, number: int, scale: np.ndarray) -> list[np.ndarray]:
    with np.load(folder / f"fine-{number}.npz") as stored:
        data = stored["frames"] / scale
        return [np.ascontiguousarray(x) for x in np.split(data, np.cumsum(stored["lengths"])[:-1])]


@dataclass(frozen=True)
class Thirds:
    """Sums of a batch where each phone gives its thirds to its states: what training starts from."""

    folder: Path
    model: Model

    def __call__(self, batch: Batch) -> Sums:
        from synthkit_align import kernels

        number, chains = batch
        model, total = self.model, Sums.zeros(self.model)
        for chain, x in zip(chains, _stored(self.folder, number, model.scale), strict=True):
            starts = chain.starts(model.cepstra, len(x))
            lengths = np.diff(starts)
            within = np.arange(len(x)) - np.repeat(starts[:-1], lengths)
            state = np.repeat(np.arange(len(lengths)), lengths) * STATES
            state += within * STATES // np.repeat(lengths, lengths)
            weight = WEIGHT if chain.fixed else 1.0
            kernels.add_sums(
                x, np.full((len(x), 1), weight), state.astype(np.int32), chain.emission(),
                model.mean, model.precision, model.constant, model.count,
                total.occupancy, total.sums, total.squares,
            )  # fmt: skip
            total.frames += len(x)
        return total


@dataclass(frozen=True)
class Weigh:
    """Forward-backward over a batch: its sums, or (`learn` false) the seconds where its phones begin."""

    folder: Path
    model: Model
    acoustic_scale: float
    learn: bool

    def __call__(self, batch: Batch) -> tuple[Sums, list[np.ndarray | None]]:
        from synthkit_align import banded, kernels

        number, chains = batch
        model, total = self.model, Sums.zeros(self.model)
        found: list[np.ndarray | None] = []
        hop = model.cepstra.hop
        for chain, x in zip(chains, _stored(self.folder, number, model.scale), strict=True):
            emission = chain.emission()
            starts = chain.starts(model.cepstra, len(x))
            weights = (model.mean, model.precision, model.constant, model.count)
            held_fast = chain.fixed and self.learn
            for reach in NARROW if held_fast else (round(REACH / hop),):
                low, high = banded.corridor(starts, reach)
                density = banded.densities(x, emission, low, high, *weights, np.float32(self.acoustic_scale))
                log_probability, posterior = banded.posteriors(
                    density, low, high, len(emission), model.stay[0]
                )
                if log_probability > kernels.NO_PATH:
                    break
            if log_probability <= kernels.NO_PATH:
                found.append(None)
                continue
            if self.learn:
                if held_fast:
                    posterior *= WEIGHT
                kernels.add_sums(
                    x, posterior, low, emission, *weights, total.occupancy, total.sums, total.squares
                )
            else:
                held = banded.held(posterior, low, high, len(chain.phone))
                found.append((np.cumsum(held)[:-1] - 0.5) * hop)
            total.log_probability += log_probability
            total.frames += len(x)
        return total, found


def train(
    batches: list[Batch],
    phones: list[str],
    cepstra: Cepstra,
    mixtures: int,
    scale: float,
    folder: Path,
    ctx: Context,
) -> Model:
    """A model of the finer frames, from where the chains' phones begin; frames are stored in `folder`."""
    begun = store(batches, cepstra, folder, ctx)
    spread = np.sqrt(sum(squares for squares, _ in begun) / sum(frames for _, frames in begun))
    model = Model.flat(phones, cepstra, np.maximum(spread, 1e-6), mixtures)
    sums = Sums.zeros(model)
    for part in ctx.map(Thirds(folder, model), batches, label="refining, first sums"):
        sums.add(part)
    model.update(sums)
    schedule, count = [1] * PASSES, 1
    while count < mixtures:
        count = min(2 * count, mixtures)
        schedule += [count] * PASSES
    for number, count in enumerate(schedule):
        if number and count > schedule[number - 1]:
            model.split(count, sums)
        sums = Sums.zeros(model)
        label = f"refining, pass {number + 1} of {len(schedule)}"
        for part, _ in ctx.map(Weigh(folder, model, scale, True), batches, label=label):
            sums.add(part)
        model.update(sums)
    return model


def store(batches: list[Batch], cepstra: Cepstra, folder: Path, ctx: Context) -> list[tuple[np.ndarray, int]]:
    """Analyse all recordings into `folder`."""
    return list(ctx.map(Begin(folder, cepstra), batches, label="finer cepstra"))


def weigh(
    batches: list[Batch], model: Model, scale: float, folder: Path, ctx: Context
) -> dict[str, np.ndarray | AlignmentError]:
    """Seconds at which each utterance's phones, the first excepted, begin by `model`; see `store`."""
    results = ctx.map(Weigh(folder, model, scale, False), batches, label="refining boundaries")
    out: dict[str, np.ndarray | AlignmentError] = {}
    for (_, chains), (_, found) in zip(batches, results, strict=True):
        for chain, inner in zip(chains, found, strict=True):
            id_ = chain.utterance.id
            out[id_] = (
                inner if inner is not None else AlignmentError("no path near its phones fits", where=id_)
            )
    return out


def rehearse(cepstra: Cepstra) -> None:
    """Compile the kernels in this process; workers then find them in numba's cache."""
    from synthkit_align import banded

    model = Model.flat(["a"], cepstra, np.ones(cepstra.dimension), 1)
    x = np.zeros((2 * STATES, cepstra.dimension), np.float32)
    low, high = banded.corridor(np.array([0, len(x)]), 1)
    weights = (model.mean, model.precision, model.constant, model.count)
    emission = np.arange(STATES, dtype=np.int32)
    density = banded.densities(x, emission, low, high, *weights, np.float32(1))
    _, posterior = banded.posteriors(density, low, high, STATES, model.stay[0])
    banded.held(posterior, low, high, 1)
