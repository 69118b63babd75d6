# SPDX-License-Identifier: Apache-2.0
"""What runs over a batch of utterances, in whichever process: frames, sums, paths. All picklable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.atomic import arrived
from synthkit.errors import AlignmentError, AudioError
from synthkit.types import Alignment, Segmentation, Utterance
from synthkit_align import corrections
from synthkit_align.features import Cepstra
from synthkit_align.graph import STATES, Graph, build, chain_of
from synthkit_align.model import Model, Sums
from synthkit_align.routes import Route, putting, write_routes

LARGEST = 100_000_000
"""Frames times states of one utterance that are taken (800 MB of posteriors): about 12 min of speech."""

NEVER = 60.0
"""Log-density by which a frame that a person gave to one phone fits any other less."""

_GRAPH = ("emission", "before", "first", "last", "unit", "phone", "word")


@dataclass(frozen=True)
class Prepare:
    """Read, analyse and store a batch of utterances with their graphs in `folder`."""

    folder: Path
    cepstra: Cepstra
    phones: dict[str, int]
    corrected: Mapping[str, Alignment] = field(default_factory=dict)

    def __call__(self, batch: tuple[int, list[tuple[Utterance, Segmentation]]]) -> Prepared:
        number, items = batch
        failed: dict[str, AlignmentError] = {}
        frames: list[np.ndarray] = []
        ids: list[str] = []
        durations: list[float] = []
        graphs: dict[str, np.ndarray] = {}
        for utterance, segmentation in items:
            try:
                x, duration = read_frames(utterance, self.cepstra)
                correction = self.corrected.get(utterance.id)
                if correction is None:
                    graph = build(segmentation, self.phones)
                else:
                    graph = corrections.chain(correction, segmentation, self.phones)
                    graphs[f"{len(ids)}.edges"] = corrections.edges(correction.phones)
                _check(utterance, segmentation, x, graph, self.cepstra)
            except AlignmentError as error:
                failed[utterance.id] = error
                continue
            for name in _GRAPH:
                graphs[f"{len(ids)}.{name}"] = getattr(graph, name)
            ids.append(utterance.id)
            frames.append(x)
            durations.append(duration)
        lengths = [len(x) for x in frames]
        data = np.concatenate(frames) if frames else np.zeros((0, self.cepstra.dimension), np.float32)
        with putting(self.folder / f"{number}.npy") as path:
            np.save(path, data)
        with putting(self.folder / f"{number}.npz") as path:
            np.savez(path, **graphs)  # type: ignore[arg-type]
        squares = (data.astype(np.float64) ** 2).sum(axis=0)
        return Prepared(number, ids, lengths, durations, squares, failed)


@dataclass(frozen=True)
class Prepared:
    """A batch that `Prepare` stored: which utterances it holds, and which cannot be aligned."""

    number: int
    ids: list[str]
    lengths: list[int]
    durations: list[float]
    squares: np.ndarray
    failed: dict[str, AlignmentError]

    def read(self, folder: Path, scale: np.ndarray) -> list[tuple[np.ndarray, Graph, np.ndarray | None]]:
        """Scaled frames and graph of each utterance, and the edges (seconds) of one that was corrected."""
        data = np.load(arrived(folder / f"{self.number}.npy")) / scale
        out = []
        with np.load(arrived(folder / f"{self.number}.npz")) as graphs:
            for i, part in enumerate(np.split(data, np.cumsum(self.lengths)[:-1]) if self.ids else []):
                arrays: dict[str, Any] = {name: graphs[f"{i}.{name}"] for name in _GRAPH}
                edges = graphs.get(f"{i}.edges")
                out.append((np.ascontiguousarray(part), Graph(**arrays, shortest=0), edges))
        return out


@dataclass(frozen=True)
class Accumulate:
    """The expectation step over some batches."""

    folder: Path
    model: Model
    acoustic_scale: float

    def __call__(self, batches: Sequence[Prepared]) -> Sums:
        from synthkit_align import kernels

        model, total = self.model, Sums.zeros(self.model)
        for x, graph, edges in (row for b in batches for row in b.read(self.folder, model.scale)):
            density, column = _densities(model, x, graph, self.acoustic_scale)
            if edges is not None:
                density, column = _given(density, column, graph, edges, model.cepstra.hop)
            log_probability, posterior = kernels.posteriors(
                density, column, graph.before, graph.first, graph.last, *_transitions(model, graph)
            )
            if log_probability <= kernels.NO_PATH:
                continue  # it gets its error when paths are asked for
            if edges is not None:
                posterior *= corrections.WEIGHT
            kernels.add_sums(
                x, posterior, np.zeros(len(x), np.int32), graph.emission,
                model.mean, model.precision, model.constant, model.count,
                total.occupancy, total.sums, total.squares,
            )  # fmt: skip
            total.log_probability += log_probability
            total.frames += len(x)
        return total


@dataclass(frozen=True)
class Decode:
    """The likeliest pronunciations and pauses, then where each phone is expected to begin.

    Viterbi decides what was said. When is answered by forward-backward over just that: a boundary's time
    is its mean under the posterior, which is finer than the frames.
    """

    folder: Path
    model: Model
    acoustic_scale: float

    def __call__(self, batch: Prepared) -> list[bool]:
        """Which utterances have a route; all of them are written to `folder`."""
        found = [self._path(*item) for item in batch.read(self.folder, self.model.scale)]
        write_routes(self.folder, batch.number, found)
        return [route is not None for route in found]

    def _path(self, x: np.ndarray, graph: Graph, edges: np.ndarray | None) -> Route | None:
        from synthkit_align import kernels

        model = self.model
        density, column = _densities(model, x, graph, self.acoustic_scale)
        if edges is not None:
            return self._given(density, column, graph, edges)
        states = kernels.viterbi(
            density, column, graph.before, graph.first, graph.last, *_transitions(model, graph)
        )
        if not len(states):
            return None
        units = graph.unit[states]
        taken = chain_of(graph, units[np.r_[True, units[1:] != units[:-1]]])
        # The chosen chain's densities are among those of the whole graph.
        used, place = np.unique(
            np.searchsorted(np.unique(graph.emission), taken.emission), return_inverse=True
        )
        density, column = np.ascontiguousarray(density[:, used]), place.astype(np.int32)
        log_probability, posterior = kernels.posteriors(
            density, column, taken.before, taken.first, taken.last, *_transitions(model, taken)
        )
        if log_probability <= kernels.NO_PATH:
            return None
        by_phone = posterior.reshape(len(x), -1, STATES).sum(axis=2)
        held = by_phone.sum(axis=0)
        starts = np.r_[0.0, np.cumsum(held)]
        logs = density[:, column].astype(np.float64) / self.acoustic_scale
        score = (posterior * logs).reshape(len(x), -1, STATES).sum(axis=(0, 2)) / held
        return Route(starts, taken.phone, taken.word, score)

    def _given(self, density: np.ndarray, column: np.ndarray, graph: Graph, edges: np.ndarray) -> Route:
        """The route of a corrected utterance: where a person has put its phones, and how they fit there."""
        hop, frames = self.model.cepstra.hop, len(density)
        best = density[:, column].reshape(frames, -1, STATES).max(axis=2) / self.acoustic_scale
        own = _owner(edges, frames, hop)
        score = np.array(
            [
                best[own == k, k].mean() if (own == k).any() else best[min(round(at / hop), frames - 1), k]
                for k, at in enumerate([0.0, *edges])
            ]
        )
        return Route(np.r_[0.0, edges / hop + 0.5, frames], graph.phone, graph.word, score)


def read_frames(utterance: Utterance, cepstra: Cepstra) -> tuple[np.ndarray, float]:
    """Frames of a recording and its seconds; what cannot be read is an `AlignmentError`."""
    try:
        full = audio.read(utterance.audio, None, utterance.start, utterance.end)
        wave = full if full.sample_rate == cepstra.sample_rate else audio.resample(full, cepstra.sample_rate)
    except AudioError as error:
        raise AlignmentError(error.message, where=error.where or utterance.id, hint=error.hint) from error
    return cepstra.frames(wave), full.duration


def _check(
    utterance: Utterance, segmentation: Segmentation, x: np.ndarray, graph: Graph, cepstra: Cepstra
) -> None:
    if len(x) < graph.shortest:
        raise AlignmentError(
            f"{len(x) * cepstra.hop:.2f} s is too short for {len(segmentation.phones())} phones",
            where=utterance.id,
            hint="does its text belong to this recording?",
        )
    if len(x) * len(graph.emission) > LARGEST:
        raise AlignmentError(
            f"{len(x) * cepstra.hop / 60:.1f} min is too long to align at once",
            where=utterance.id,
            hint="cut it into sentences",
        )


def _densities(model: Model, x: np.ndarray, graph: Graph, scale: float) -> tuple[np.ndarray, np.ndarray]:
    from synthkit_align import kernels

    used, column = np.unique(graph.emission, return_inverse=True)
    density: Any = kernels.log_densities(
        x, used, model.mean, model.precision, model.constant, model.count, np.float32(scale)
    )
    return density, column.astype(np.int32)


def _owner(edges: np.ndarray, frames: int, hop: float) -> np.ndarray:
    """Which phone each frame belongs to, by the instant that it stands for."""
    return np.searchsorted(edges, np.arange(frames) * hop, side="right")


def _given(
    density: np.ndarray, column: np.ndarray, graph: Graph, edges: np.ndarray, hop: float
) -> tuple[np.ndarray, np.ndarray]:
    """Densities of states, each frame's all but of the phone that a person gave it to out of the question.

    A phone of fewer frames than it has states still borrows some of its neighbours.
    """
    whole = density[:, column]
    own = graph.unit[None] == _owner(edges, len(density), hop)[:, None]
    best = np.where(own, whole, -np.inf).max(axis=1, keepdims=True)
    held = np.where(own, whole, best - np.float32(NEVER)).astype(np.float32)
    return held, np.arange(len(column), dtype=np.int32)


def _transitions(model: Model, graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    stay = model.stay[graph.emission]
    return stay, 1 - stay


def rehearse(cepstra: Cepstra) -> None:
    """Run every kernel once on a few frames, so that numba compiles and caches them in this process."""
    from synthkit.types import Phone, Word
    from synthkit_align import kernels

    text = Segmentation("a", "und", "none", (Word("a", (Phone("a"),)),))
    model = Model.flat(["pau", "none:a"], cepstra, np.ones(cepstra.dimension), 1)
    graph = build(text, model.index())
    x = np.zeros((2 * len(graph.emission), cepstra.dimension), np.float32)
    density, column = _densities(model, x, graph, 1.0)
    way = (density, column, graph.before, graph.first, graph.last, *_transitions(model, graph))
    _, posterior = kernels.posteriors(*way)
    kernels.viterbi(*way)
    total = Sums.zeros(model)
    kernels.add_sums(
        x, posterior, np.zeros(len(x), np.int32), graph.emission,
        model.mean, model.precision, model.constant, model.count,
        total.occupancy, total.sums, total.squares,
    )  # fmt: skip
