# SPDX-License-Identifier: Apache-2.0
"""Find weights by leave-one-utterance-out on the voice's own recordings, and say what was gained.

What is minimised, averaged over recordings, is the sum of the figures of `figures.TERMS` at their prices, and
of the share of words that a recogniser hears otherwise than in the recording, where one is given. No term
counts joins: a join that nobody hears costs nothing.

Recordings are split into folds. Weights found on all folds but one are judged on that one, so that every
recording is judged by weights that it did not steer; the weights that are given are those found on all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from synthkit.errors import ConfigError, CorpusError
from synthkit_unit_selection.costs import Weights
from synthkit_unit_selection.figures import TERMS, figures
from synthkit_unit_selection.model import UnitSelection
from synthkit_unit_selection.select import Search

WORDS = "words"
"""Name of the term of a recogniser."""
WORDS_PRICE = 2.0
"""dB: of all words heard otherwise."""
OBJECTIVE = "objective"


class Listens(Protocol):
    """Hears what paths of units say."""

    def wrong(self, recording: int, path: np.ndarray) -> float:
        """Share of the words of a recording that are heard otherwise when units `path` say it, 0 to 1 or
        more."""
        ...


@dataclass(frozen=True)
class Change:
    """Mean change of a figure over recordings, with its 95 % bootstrap confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Tuned:
    """Weights found, and what they changed on recordings that the search did not see.

    Attributes
    ----------
    target, join : dict
        Weights by term.
    before, after : dict
        Mean of each figure, and of ``objective``, over all recordings, each judged by weights that it did not
        steer.
    change : dict of Change
        After less before, of the same.
    trials, recordings, folds : int
    tried : list of dict
        Means of the figures under the weights that were tried when all recordings steered, in order; the
        first are those of the voice.
    kept : list of int
        Which of `tried` were better than all before.
    """

    target: dict[str, float]
    join: dict[str, float]
    before: dict[str, float]
    after: dict[str, float]
    change: dict[str, Change]
    trials: int
    recordings: int
    folds: int
    tried: list[dict[str, float]]
    kept: list[int]

    @property
    def gain(self) -> float:
        """Mean fall of the objective."""
        return -self.change[OBJECTIVE].mean


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


class Judge:
    """Figures of recordings under weights, and what they are worth together."""

    def __init__(
        self, model: UnitSelection, prices: Mapping[str, float] | None = None, words: Listens | None = None
    ) -> None:
        own = {name: term.price for name, term in TERMS.items()}
        if words is not None:
            own[WORDS] = WORDS_PRICE
        unknown = sorted((prices or {}).keys() - own.keys())
        if unknown:
            known = ", ".join(own)
            raise ConfigError(
                f"there is no figure {unknown[0]!r} to be priced",
                hint=f"there are {known}" + ("" if words else "; words needs a recogniser"),
            )
        self.prices = {**own, **(prices or {})}
        self._model, self._words = model, words
        self._search = Search(window=model.config.window, keep=model.config.keep)

    def rows(self, recordings: Sequence[int], weights: Weights) -> np.ndarray:
        """A row of figures for each recording, in the order of `prices`: ``(N, T)``."""
        out = np.zeros((len(recordings), len(self.prices)))
        for i, recording in enumerate(recordings):
            values, path = figures(self._model, recording, weights, self._search)
            out[i, : len(values)] = values
            if self._words is not None:
                out[i, -1] = self._words.wrong(recording, path)
        return out

    def worth(self, rows: np.ndarray) -> np.ndarray:
        """The objective of each recording: ``(N, T)`` → ``(N,)``."""
        return np.asarray(rows @ np.array(list(self.prices.values())))

    def means(self, rows: np.ndarray) -> dict[str, float]:
        """Mean figures by name, and of the objective."""
        out = dict(zip(self.prices, rows.mean(0).tolist(), strict=True))
        return {**out, OBJECTIVE: float(self.worth(rows).mean())}


def tune(
    model: UnitSelection,
    *,
    count: int = 60,
    trials: int = 60,
    folds: int = 2,
    prices: Mapping[str, float] | None = None,
    words: Listens | None = None,
    evaluation_every: int = 10,
    seed: int = 0,
    track: Callable[[range], Iterator[int]] = iter,
) -> Tuned:
    """Search from the weights the model has, once for each of `folds` and once on all `count` recordings.

    Each trial multiplies three weights by a random factor and is kept when it is better.

    Parameters
    ----------
    model : UnitSelection
        Opened.
    count, trials, folds : int
    prices : mapping of str to float, optional
        Of figures, in dB; of those left out, `TERMS` has them.
    words : Listens, optional
        A recogniser: each trial then costs a recognition for every recording whose units changed.
    evaluation_every : int
        Every n-th recording is never touched; 0: none.
    seed : int
    track : callable
        Shows progress through all trials.

    Raises
    ------
    CorpusError
        Fewer recordings than folds.
    ConfigError
        A price of what is no figure.
    """
    judge = Judge(model, prices, words)
    recordings = choose_recordings(model, count, evaluation_every=evaluation_every, seed=seed)
    if len(recordings) < folds or folds < 2:
        raise CorpusError(f"{len(recordings)} recordings cannot be judged in {folds} folds, two at least")
    clock = track(range(trials * (folds + 1)))
    start = model.weights()
    before = judge.rows(recordings, start)
    after = np.zeros_like(before)
    for fold in range(folds):
        held = list(range(fold, len(recordings), folds))
        steer = [r for i, r in enumerate(recordings) if i % folds != fold]
        found, _, _ = _search(judge, steer, start, trials, seed + fold, clock)
        after[held] = judge.rows([recordings[i] for i in held], found)
    best, tried, kept = _search(judge, recordings, start, trials, seed + folds, clock)
    for _ in clock:  # a progress bar is told that it has ended
        pass
    changes = _changes(judge, before, after)
    return Tuned(
        best.target, best.join, judge.means(before), judge.means(after), changes, trials, len(recordings),
        folds, tried, kept,
    )  # fmt: skip


def _search(
    judge: Judge, steer: Sequence[int], start: Weights, trials: int, seed: int, clock: Iterator[int]
) -> tuple[Weights, list[dict[str, float]], list[int]]:
    """The best weights found, the mean figures of all that were tried, and which of them were kept."""
    rng = np.random.default_rng(seed)
    best, means = start, judge.means(judge.rows(steer, start))
    score, tried, kept = means[OBJECTIVE], [means], [0]
    names = [("target", n) for n in best.target] + [("join", n) for n in best.join if n != "pause"]
    for trial in range(trials):
        next(clock)
        new = Weights(dict(best.target), dict(best.join))
        for which in rng.choice(len(names), 3, replace=False):
            kind, name = names[which]
            table = getattr(new, kind)
            table[name] = max(table[name], 0.02) * float(np.exp(0.5 * rng.standard_normal()))
        means = judge.means(judge.rows(steer, new))
        tried.append(means)
        if means[OBJECTIVE] < score:
            best, score = new, means[OBJECTIVE]
            kept.append(trial + 1)
    return best, tried, kept


def _changes(judge: Judge, before: np.ndarray, after: np.ndarray) -> dict[str, Change]:
    from synthkit.eval.statistics import bootstrap_interval

    columns = dict(zip(judge.prices, (after - before).T, strict=True))
    columns[OBJECTIVE] = judge.worth(after) - judge.worth(before)
    out = {}
    for name, values in columns.items():
        found = bootstrap_interval(values)
        low, high = (found.estimate if v is None else v for v in (found.low, found.high))
        out[name] = Change(found.estimate, low, high)
    return out


def front(tried: Sequence[Mapping[str, float]], one: str, other: str) -> list[int]:
    """Which of `tried` no other one beats in both figures, by the first one's value: the Pareto front."""
    order = sorted(range(len(tried)), key=lambda i: (tried[i][one], tried[i][other]))
    out: list[int] = []
    for i in order:
        if not out or tried[i][other] < tried[out[-1]][other]:
            out.append(i)
    return out


def told(result: Tuned) -> str:
    """The figures before and after, as lines of a TOML comment."""
    lines = [
        f"# {result.recordings} recordings in {result.folds} folds, each judged by weights it did not steer"
    ]
    for name, change in result.change.items():
        unit = TERMS[name].unit if name in TERMS else ""
        lines.append(
            f"# {name}: {result.before[name]:.3f} -> {result.after[name]:.3f} {unit}".rstrip()
            + f"; change {change.mean:+.3f}, 95 % interval {change.low:+.3f} to {change.high:+.3f}"
        )
    worse = result.change[OBJECTIVE].high >= 0
    lines.append(f"# gain {result.gain:.3f} dB" + ("; it cannot be told from chance" if worse else ""))
    return "\n".join(lines)
