# SPDX-License-Identifier: Apache-2.0
"""What a choice of units would sound like, in figures: of paths through a store, without a waveform.

A recording is spoken without its own units: its phones, stress and pauses as recorded are the target, so the
natural half-phones are the right answers, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthkit.types import UnitPath
from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.costs import JOIN_F0, JOIN_SPECTRUM, JOIN_VOICED, Weights
from synthkit_unit_selection.model import UnitSelection
from synthkit_unit_selection.select import Search, Selector, Target

K = 10 * np.sqrt(2) / np.log(10)


@dataclass(frozen=True)
class Term:
    """A figure of a recording as it was spoken; less is better.

    Attributes
    ----------
    unit : str
    price : float
        What one of it is worth in dB, where nothing else is asked for.
    what : str
    """

    unit: str
    price: float
    what: str


TERMS: Mapping[str, Term] = {
    "distance": Term("dB", 1.0, "mel-cepstral distance from natural half-phones, by natural durations"),
    "f0": Term("Hz", 0.02, "F0 RMSE from natural half-phones, where both are voiced"),
    "shape": Term("", 0.5, "1 less the correlation of their log F0"),
    "melody": Term("semitones per phone", 1.0, "steps of F0 at all voiced joins"),
    "steps": Term("dB per phone", 0.15, "mel-cepstral steps of all joins"),
}
"""Figures by name. A join counts by what is heard of it, and by nothing else."""


def natural_target(model: UnitSelection, recording: int) -> tuple[Target, np.ndarray]:
    """The target that recording `recording` is, and its units."""
    store = model.store
    low, high = store.span(recording)
    rows = np.array(store.units.mapped()["context"][low:high:2])
    symbols = tuple(store.phones[p] for p in rows[:, COLUMN["phone"]])
    return Target(symbols, rows.astype(np.int16), model.predicted(recording)), np.arange(low, high)


def chosen(
    model: UnitSelection, recording: int, weights: Weights, search: Search
) -> tuple[Selector, Target, np.ndarray, np.ndarray]:
    """The selector, the target, the natural units and those chosen in their stead, for a recording without
    its own."""
    store = model.store
    selector = Selector(store, model.index, model.scales)
    target, natural = natural_target(model, recording)
    own = Search(
        window=search.window, keep=search.keep, successors=search.successors, phrases=search.phrases,
        excluded=[store.span(recording)],
    )  # fmt: skip
    path, _ = selector.path(target, weights, own)
    return selector, target, natural, path


def unit_path(model: UnitSelection, recording: int, path: np.ndarray) -> UnitPath:
    """Units `path` that say a recording, as what a vocoder renders."""
    selector = Selector(model.store, model.index, model.scales)
    return selector.account(natural_target(model, recording)[0], path, model.weights(), model.spec)


def figures(
    model: UnitSelection, recording: int, weights: Weights, search: Search
) -> tuple[np.ndarray, np.ndarray]:
    """Values of `TERMS` ``(5,)`` of a recording spoken without itself, and the units ``(2 P,)``."""
    selector, target, natural, path = chosen(model, recording, weights, search)
    units = model.store.units.mapped()
    right, mine = (units["acoustics"][some].astype(np.float64) for some in (natural, path))
    pause = selector.is_pause[target.context[:, COLUMN["phone"]]].repeat(2)
    duration = np.exp(right[:, 0]) * ~pause
    distance = np.sqrt(((right[:, 4:-1] - mine[:, 4:-1]) ** 2).sum(1))
    voiced = ~pause & (right[:, 2] > 0.5) & (mine[:, 2] > 0.5)
    error = np.exp(right[voiced, 1]) - np.exp(mine[voiced, 1])
    melody, steps = joins(units["join"], path, pause)
    phones = len(target.symbols)
    return np.array([
        K * (distance * duration).sum() / max(duration.sum(), 1e-9),
        np.sqrt(np.mean(error**2)) if len(error) else 0.0,
        1 - _correlation(right[voiced, 1], mine[voiced, 1]),
        melody / phones,
        steps / phones,
    ]), path  # fmt: skip


def joins(edges: np.ndarray, path: np.ndarray, pause: np.ndarray) -> tuple[float, float]:
    """Steps of F0 (semitones, where both sides are voiced) and of the spectrum (dB), summed over the joins of
    a path that are not inside pauses.

    Parameters
    ----------
    edges : ndarray, shape (U, J)
        What each unit of the store begins with: F0, voicing, power, spectrum.
    path : ndarray, shape (N,)
    pause : ndarray, shape (N,), bool
        Which of them stand in pauses.
    """
    at = np.flatnonzero((np.diff(path) != 1) & ~(pause[:-1] & pause[1:]))
    end, begin = (edges[some].astype(np.float64) for some in (path[at] + 1, path[at + 1]))
    voiced = (end[:, JOIN_VOICED] > 0.5) & (begin[:, JOIN_VOICED] > 0.5)
    step = 12 / np.log(2) * np.abs(end[:, JOIN_F0] - begin[:, JOIN_F0])
    spectrum = np.sqrt(((end[:, JOIN_SPECTRUM:] - begin[:, JOIN_SPECTRUM:]) ** 2).sum(1))
    return float(step[voiced].sum()), float(K * spectrum.sum())


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's; 0 where one of them does not move."""
    if len(a) < 3 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
