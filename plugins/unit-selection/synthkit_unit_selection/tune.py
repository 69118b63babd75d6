# SPDX-License-Identifier: Apache-2.0
"""Find weights by leave-one-utterance-out on the voice's own recordings, and say what was gained.

A recording is spoken without its own units: its phones, stress and pauses as recorded are the target, so
the natural half-phones are the right answers, one by one, and a trial needs neither a waveform nor DTW.
What is minimised, averaged over utterances:

    distance [dB] + f0_price · F0 RMSE [Hz] + join_price · joins per phone

`distance` is the mel-cepstral distance of chosen and natural half-phone means (pauses and c0 left out),
weighted by the natural durations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from synthkit.errors import CorpusError
from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.costs import Weights
from synthkit_unit_selection.model import UnitSelection
from synthkit_unit_selection.select import Search, Selector, Target

K = 10 * np.sqrt(2) / np.log(10)
NAMES = ("distance", "f0", "joins")


@dataclass(frozen=True)
class Prices:
    """What a hertz of F0 error and a join per phone are worth, in dB."""

    f0: float = 0.02
    join: float = 1.5


@dataclass(frozen=True)
class Tuned:
    """Weights found, and what they gained on utterances that the search did not see.

    Attributes
    ----------
    target, join : dict
        Weights by term.
    before, after : dict
        Mean of each figure, and of ``objective``, on the test utterances.
    gain : float
        Mean fall of the objective there.
    interval : (float, float)
        95 % bootstrap confidence interval of `gain` over utterances.
    trials : int
    """

    target: dict[str, float]
    join: dict[str, float]
    before: dict[str, float]
    after: dict[str, float]
    gain: float
    interval: tuple[float, float]
    trials: int


def choose_recordings(
    model: UnitSelection, count: int, *, evaluation_every: int = 10, seed: int = 0
) -> list[int]:
    """A random `count` of the voice's recordings, none of them of the evaluation set (every n-th from the
    first)."""
    total = model.store.recordings
    free = [i for i in range(total) if not evaluation_every or i % evaluation_every]
    if len(free) < 2:
        raise CorpusError("tuning needs at least two recordings outside the evaluation set")
    picked = np.random.default_rng(seed).permutation(free)[: max(count, 2)]
    return sorted(int(i) for i in picked)


def natural_target(model: UnitSelection, recording: int) -> tuple[Target, np.ndarray]:
    """The target that recording `recording` is, and its units."""
    store = model.store
    low, high = store.span(recording)
    rows = np.array(store.units.mapped()["context"][low:high:2])
    symbols = tuple(store.phones[p] for p in rows[:, COLUMN["phone"]])
    return Target(symbols, rows.astype(np.int16), model.predicted(recording)), np.arange(low, high)


def measure(model: UnitSelection, recordings: list[int], weights: Weights, search: Search) -> np.ndarray:
    """Distance (dB), F0 RMSE (Hz) and joins per phone of each recording spoken without itself: ``(N, 3)``."""
    store = model.store
    selector = Selector(store, model.index, model.scales)
    out = np.zeros((len(recordings), 3))
    for i, recording in enumerate(recordings):
        target, natural = natural_target(model, recording)
        own = Search(window=search.window, keep=search.keep, excluded=[store.span(recording)])
        path, _ = selector.path(target, weights, own)
        acoustics = store.units.mapped()["acoustics"]
        right, chosen = acoustics[natural].astype(np.float64), acoustics[path].astype(np.float64)
        speech = ~selector.is_pause[target.context[:, COLUMN["phone"]]].repeat(2)
        duration = np.exp(right[:, 0]) * speech
        distance = np.sqrt(((right[:, 4:-1] - chosen[:, 4:-1]) ** 2).sum(1))
        voiced = speech & (right[:, 2] > 0.5) & (chosen[:, 2] > 0.5)
        error = np.exp(right[voiced, 1]) - np.exp(chosen[voiced, 1])
        joins = np.count_nonzero(np.diff(path) != 1)
        out[i] = [
            K * (distance * duration).sum() / max(duration.sum(), 1e-9),
            np.sqrt(np.mean(error**2)) if len(error) else 0.0,
            joins / len(target.symbols),
        ]
    return out


def objective(figures: np.ndarray, prices: Prices) -> np.ndarray:
    """``(N, 3)`` of `measure` to ``(N,)``."""
    return figures @ np.array([1.0, prices.f0, prices.join])


def tune(
    model: UnitSelection,
    *,
    count: int = 60,
    trials: int = 60,
    prices: Prices | None = None,
    evaluation_every: int = 10,
    seed: int = 0,
    track: Callable[[range], Iterator[int]] = iter,
) -> Tuned:
    """Search from the weights the model has; half of `count` recordings steer it, the other half judge it.

    Each trial multiplies three weights by a random factor and is kept when it is better.
    """
    prices = prices or Prices()
    recordings = choose_recordings(model, count, evaluation_every=evaluation_every, seed=seed)
    steer, judge = recordings[::2], recordings[1::2]
    search = Search(window=model.config.window, keep=model.config.keep)
    best = model.weights()
    start = best
    score = objective(measure(model, steer, best, search), prices).mean()
    rng = np.random.default_rng(seed)
    names = [("target", n) for n in best.target] + [("join", n) for n in best.join if n != "pause"]
    for _ in track(range(trials)):
        tried = Weights(dict(best.target), dict(best.join))
        for which in rng.choice(len(names), 3, replace=False):
            kind, name = names[which]
            table = getattr(tried, kind)
            table[name] = max(table[name], 0.02) * float(np.exp(0.5 * rng.standard_normal()))
        new = objective(measure(model, steer, tried, search), prices).mean()
        if new < score:
            best, score = tried, new
    before, after = measure(model, judge, start, search), measure(model, judge, best, search)
    gains = objective(before, prices) - objective(after, prices)
    samples = rng.choice(gains, (2000, len(gains))).mean(1)
    low, high = np.percentile(samples, [2.5, 97.5])
    return Tuned(
        best.target, best.join, _summary(before, prices), _summary(after, prices),
        float(gains.mean()), (float(low), float(high)), trials,
    )  # fmt: skip


def _summary(figures: np.ndarray, prices: Prices) -> dict[str, float]:
    out = dict(zip(NAMES, figures.mean(0).tolist(), strict=True))
    return {**out, "objective": float(objective(figures, prices).mean())}
