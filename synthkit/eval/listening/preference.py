# SPDX-License-Identifier: Apache-2.0
"""Which of two voices is preferred: the Bradley–Terry model of all comparisons at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from synthkit.eval.ratings import Rating
from synthkit.eval.statistics import Interval
from synthkit.eval.two_way import two_way_error


@dataclass(frozen=True)
class Abilities:
    """A fitted Bradley–Terry model.

    Attributes
    ----------
    voices : tuple of str
    worth : ndarray, shape (V,)
        Log-odds, mean 0: one voice is preferred to another with probability ``1 / (1 + exp(-difference))``.
    influence : ndarray, shape (N, V)
        What each rating adds to each voice's worth.
    utterances, listeners : tuple of str, length N
    """

    voices: tuple[str, ...]
    worth: np.ndarray
    influence: np.ndarray
    utterances: tuple[str, ...]
    listeners: tuple[str, ...]

    def interval(self, voice: str, against: str | None = None, *, level: float = 0.95) -> Interval:
        """Worth of `voice` (less that of `against`), by Student's t with the fewer clusters less one degrees
        of freedom.

        Parameters
        ----------
        voice : str
        against : str, optional
        level : float
            0 to 1.

        Returns
        -------
        Interval
        """
        from scipy.stats import t

        contrast = self._contrast(voice, against)
        estimate = float(contrast @ self.worth)
        error, fewest = self._error(contrast)
        if fewest < 2:
            return Interval(estimate, None, None, fewest)
        reach = float(t.ppf(0.5 + level / 2, fewest - 1)) * error
        return Interval(estimate, estimate - reach, estimate + reach, fewest)

    def test(self, voice: str, against: str) -> float:
        """Two-sided probability of no difference in worth.

        Parameters
        ----------
        voice, against : str

        Returns
        -------
        float
        """
        from scipy.stats import t

        contrast = self._contrast(voice, against)
        estimate = float(contrast @ self.worth)
        error, fewest = self._error(contrast)
        if error <= 1e-12:
            return 1.0 if abs(estimate) <= 1e-9 else 0.0
        return float(2 * t.sf(abs(estimate) / error, fewest - 1))

    def _contrast(self, voice: str, against: str | None) -> np.ndarray:
        contrast = np.zeros(len(self.voices))
        contrast[self.voices.index(voice)] += 1
        if against is not None:
            contrast[self.voices.index(against)] -= 1
        return contrast

    def _error(self, contrast: np.ndarray) -> tuple[float, int]:
        return two_way_error(self.influence @ contrast, self.utterances, self.listeners)


def bradley_terry(ratings: Sequence[Rating], voices: Sequence[str]) -> Abilities:
    """Fit the worth of every voice to preferences (1: `voice` preferred, 0: `against`, 0.5: neither).

    Parameters
    ----------
    ratings : sequence of Rating
        All with `against`.
    voices : sequence of str
        Those of the ratings, connected by comparisons.

    Returns
    -------
    Abilities

    Notes
    -----
    Bradley and Terry 1952, with half a win for each side added to every pair that was compared, so that a
    voice that always wins has a finite worth. Errors are two-way cluster-robust: an answer stands for its
    utterance and its listener.
    """
    place = {v: k for k, v in enumerate(voices)}
    x = np.zeros((len(ratings), len(voices)))
    for k, r in enumerate(ratings):
        x[k, place[r.voice]], x[k, place[r.against]] = 1.0, -1.0
    y = np.array([r.score for r in ratings], np.float64)
    pairs = {frozenset((r.voice, r.against)) for r in ratings}
    prior = np.zeros((len(pairs), len(voices)))
    for k, (a, b) in enumerate(sorted(sorted(p) for p in pairs)):
        prior[k, place[a]], prior[k, place[b]] = 1.0, -1.0
    worth = np.zeros(len(voices))
    for _ in range(100):
        p, q = 1 / (1 + np.exp(-x @ worth)), 1 / (1 + np.exp(-prior @ worth))
        gradient = x.T @ (y - p) + prior.T @ (0.5 - q)
        information = x.T @ (x * (p * (1 - p))[:, None]) + prior.T @ (prior * (q * (1 - q))[:, None])
        step = np.linalg.pinv(information, hermitian=True) @ gradient
        worth = worth + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    p = 1 / (1 + np.exp(-x @ worth))
    q = 1 / (1 + np.exp(-prior @ worth))
    information = x.T @ (x * (p * (1 - p))[:, None]) + prior.T @ (prior * (q * (1 - q))[:, None])
    influence = (x * (y - p)[:, None]) @ np.linalg.pinv(information, hermitian=True)
    return Abilities(
        tuple(voices),
        worth - worth.mean(),
        influence,
        tuple(r.utterance for r in ratings),
        tuple(r.listener for r in ratings),
    )


def connected(ratings: Sequence[Rating]) -> list[list[str]]:
    """Voices in groups that comparisons join; worths of two groups cannot be compared.

    Parameters
    ----------
    ratings : sequence of Rating

    Returns
    -------
    list of list of str
    """
    groups: list[set[str]] = []
    for r in ratings:
        mine = {r.voice, r.against}
        joined = [g for g in groups if g & mine]
        groups = [g for g in groups if not g & mine] + [mine.union(*joined)]
    order = list(dict.fromkeys(v for r in ratings for v in (r.against, r.voice)))
    return [sorted(g, key=order.index) for g in groups]


def net_preference(ratings: Sequence[Rating], first: str, second: str) -> float:
    """Share of direct comparisons won by `second` less the share won by `first`; NaN where there are none.

    Parameters
    ----------
    ratings : sequence of Rating
    first, second : str
        Voices.

    Returns
    -------
    float
        -1 to 1.
    """
    won = [
        2 * r.score - 1 if r.voice == second else 1 - 2 * r.score
        for r in ratings
        if {r.voice, r.against} == {first, second}
    ]
    return float(np.mean(won)) if won else float("nan")


def compared(ratings: Sequence[Rating], systems: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of `systems` that were compared directly.

    Parameters
    ----------
    ratings : sequence of Rating
    systems : sequence of str

    Returns
    -------
    list of (str, str)
    """
    pairs = {frozenset((r.voice, r.against)) for r in ratings}
    return [(a, b) for a, b in combinations(systems, 2) if frozenset((a, b)) in pairs]
