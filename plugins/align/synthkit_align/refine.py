# SPDX-License-Identifier: Apache-2.0
"""The second look: boundaries found at 10 ms are weighed again by finer frames, each near its place.

What was said is settled by then; a phone after another is a plain chain, and a boundary may move by a few
frames only. That makes a model of its own affordable, of shorter windows and twice as many frames,
trained from the first alignment by the same Baum-Welch. No labels are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.atomic import arrived
from synthkit.stages import Context
from synthkit.types import Utterance
from synthkit_align.batches import read_frames
from synthkit_align.corrections import WEIGHT
from synthkit_align.features import Cepstra
from synthkit_align.graph import STATES
from synthkit_align.model import Model, Sums
from synthkit_align.routes import groups, putting

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
"""A batch's number and those of its utterances that have a route."""


@dataclass(frozen=True)
class Begin:
    """Analyse a batch, store its frames in `folder`, and give their squares' sum and their number."""

    folder: Path
    cepstra: Cepstra

    def __call__(self, batch: Batch) -> tuple[np.ndarray, int]:
        number, chains = batch
        frames = [read_frames(c.utterance, self.cepstra)[0] for c in chains]
        data = np.concatenate(frames)
        with putting(self.folder / f"fine-{number}.npz") as path:
            np.savez(path, frames=data, lengths=[len(x) for x in frames])
        return (data.astype(np.float64) ** 2).sum(axis=0), len(data)


def _stored(folder: Path, number: int, scale: np.ndarray) -> list[np.ndarray]:
    with np.load(arrived(folder / f"fine-{number}.npz")) as stored:
        data = stored["frames"] / scale
        return [np.ascontiguousarray(x) for x in np.split(data, np.cumsum(stored["lengths"])[:-1])]


def _chains(batches: Sequence[Batch], folder: Path, scale: np.ndarray) -> Iterator[tuple[Chain, np.ndarray]]:
    for number, chains in batches:
        yield from zip(chains, _stored(folder, number, scale), strict=True)


@dataclass(frozen=True)
class Thirds:
    """Sums of some batches where each phone gives its thirds to its states: what training starts from."""

    folder: Path
    model: Model

    def __call__(self, batches: Sequence[Batch]) -> Sums:
        from synthkit_align import kernels

        model, total = self.model, Sums.zeros(self.model)
        for chain, x in _chains(batches, self.folder, model.scale):
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
class Learn:
    """Sums of some batches by forward-backward near where their phones begin."""

    folder: Path
    model: Model
    acoustic_scale: float

    def __call__(self, batches: Sequence[Batch]) -> Sums:
        from synthkit_align import kernels

        model, total = self.model, Sums.zeros(self.model)
        weights = (model.mean, model.precision, model.constant, model.count)
        for chain, x in _chains(batches, self.folder, model.scale):
            found = _near(chain, x, model, self.acoustic_scale, learn=True)
            if found is None:
                continue
            log_probability, posterior, low, _ = found
            if chain.fixed:
                posterior *= WEIGHT
            kernels.add_sums(
                x, posterior, low, chain.emission(), *weights, total.occupancy, total.sums, total.squares
            )
            total.log_probability += log_probability
            total.frames += len(x)
        return total


@dataclass(frozen=True)
class Weigh:
    """The seconds where the phones of a batch begin, the first excepted; None where no path fits."""

    folder: Path
    model: Model
    acoustic_scale: float

    def __call__(self, batch: Batch) -> list[np.ndarray | None]:
        from synthkit_align import banded

        out: list[np.ndarray | None] = []
        for chain, x in _chains([batch], self.folder, self.model.scale):
            found = _near(chain, x, self.model, self.acoustic_scale, learn=False)
            if found is None:
                out.append(None)
                continue
            _, posterior, low, high = found
            held = banded.held(posterior, low, high, len(chain.phone))
            out.append((np.cumsum(held)[:-1] - 0.5) * self.model.cepstra.hop)
        return out


def _near(
    chain: Chain, x: np.ndarray, model: Model, scale: float, *, learn: bool
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray] | None:
    """Log-probability, posteriors and the corridor they are of; None where no path fits."""
    from synthkit_align import banded, kernels

    emission = chain.emission()
    starts = chain.starts(model.cepstra, len(x))
    weights = (model.mean, model.precision, model.constant, model.count)
    for reach in NARROW if chain.fixed and learn else (round(REACH / model.cepstra.hop),):
        low, high = banded.corridor(starts, reach)
        density = banded.densities(x, emission, low, high, *weights, np.float32(scale))
        log_probability, posterior = banded.posteriors(density, low, high, len(emission), model.stay[0])
        if log_probability > kernels.NO_PATH:
            return log_probability, posterior, low, high
    return None


def train(
    batches: Sequence[Batch],
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
    parts = groups(batches)
    sums = Sums.zeros(model)
    for part in ctx.map(Thirds(folder, model), parts, label="refining, first sums"):
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
        for part in ctx.map(Learn(folder, model, scale), parts, label=label):
            sums.add(part)
        model.update(sums)
    return model


def store(
    batches: Sequence[Batch], cepstra: Cepstra, folder: Path, ctx: Context
) -> list[tuple[np.ndarray, int]]:
    """Analyse all recordings into `folder`."""
    return list(ctx.map(Begin(folder, cepstra), batches, label="finer cepstra"))


def weigh(
    batches: Sequence[Batch], model: Model, scale: float, folder: Path, ctx: Context
) -> Iterator[list[np.ndarray | None]]:
    """Batch by batch the seconds at which each utterance's phones, the first excepted, begin by `model`, None
    where no path fits; see `store`."""
    return ctx.map(Weigh(folder, model, scale), batches, label="refining boundaries")


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
