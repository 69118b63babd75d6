# SPDX-License-Identifier: Apache-2.0
"""How well a listener's answers go with the others', on the scale of a listener who answers at random.

A random listener's figure (`standard`) is about normal with mean 0 and variance 1, whatever was asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np

from synthkit.eval.ratings import Rating
from synthkit.eval.scales import kind_of


class Agreement(Protocol):
    """What the answers of all but one listener say of his."""

    signed: bool
    """Whether an answer the other way round tells something even where the others hardly agree."""

    def count(self, who: str) -> int:
        """How many answers there are of a listener.

        Parameters
        ----------
        who : str

        Returns
        -------
        int
        """

    def figure(self, who: str, away: Collection[str]) -> float:
        """How well his answers go with those of the others but `away`, to be shown.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        float
        """

    def standard(self, who: str, away: Collection[str]) -> float:
        """The same on the scale of a random listener.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        float
        """

    def words(self, who: str, away: Collection[str]) -> str:
        """The same as part of a sentence.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        str
        """


def agreements(ratings: Sequence[Rating]) -> list[Agreement]:
    """One for answers that are right or wrong, one for all others; as far as there are any.

    Parameters
    ----------
    ratings : sequence of Rating

    Returns
    -------
    list of Agreement
    """
    told: list[Rating] = []
    scored: list[Rating] = []
    for r in ratings:
        (told if kind_of(r.metric, bool(r.against)) == "discrimination" else scored).append(r)
    out: list[Agreement] = []
    if scored:
        out.append(Scored(scored))
    if told:
        out.append(ToldApart(told))
    return out


class Scored:
    """Scores, against an additive model of the others' (listener + voice − other voice + sentence), least
    squares with the weight of one rating on nothing known.

    The figure is the correlation r; ``atanh(r)·sqrt(n − 3)`` is standard normal for a random listener (Fisher
    1915). The normal equations are sums over listeners, so that leaving one out is a subtraction.
    """

    signed = True

    def __init__(self, ratings: Sequence[Rating]) -> None:
        listeners = list(dict.fromkeys(r.listener for r in ratings))
        columns: dict[tuple[str, ...], int] = {}

        def place(*name: str) -> int:
            return columns.setdefault(name, len(columns))

        cells = []
        for r in ratings:
            row = [(place(r.metric, "voice", r.voice), 1.0)]
            if r.against:
                row.append((place(r.metric, "voice", r.against), -1.0))
            else:
                row.append((place(r.metric, "sentence", r.utterance), 1.0))
            cells.append(row)
        self.width = len(columns)
        a = np.zeros((len(ratings), self.width + len(listeners)))
        for k, row in enumerate(cells):
            for column, value in row:
                a[k, column] = value
        number = {name: k for k, name in enumerate(listeners)}
        who = np.array([number[r.listener] for r in ratings])
        a[np.arange(len(ratings)), self.width + who] = 1.0
        y = np.array([r.score for r in ratings], np.float64)
        self.rows = {name: a[who == k] for k, name in enumerate(listeners)}
        self.scores = {name: y[who == k] for k, name in enumerate(listeners)}
        self.square = {name: own.T @ own for name, own in self.rows.items()}

    def count(self, who: str) -> int:
        """How many scores there are of a listener.

        Parameters
        ----------
        who : str

        Returns
        -------
        int
        """
        return len(self.scores.get(who, ()))

    def figure(self, who: str, away: Collection[str]) -> float:
        """Correlation of his scores with what the others' make expected; 0 where he gives one score.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        float
        """
        others = [name for name in self.rows if name != who and name not in away]
        x = self.scores[who]
        if not others or np.ptp(x) < 1e-12:
            return 0.0
        mean = float(np.concatenate([self.scores[name] for name in others]).mean())
        left = np.sum([self.square[name] for name in others], axis=0)
        right = np.sum([self.rows[name].T @ (self.scores[name] - mean) for name in others], axis=0)
        solved = np.linalg.solve(left + np.eye(len(left)), right)[: self.width]
        expected = self.rows[who][:, : self.width] @ solved
        return 0.0 if np.ptp(expected) < 1e-12 else float(np.corrcoef(x, expected)[0, 1])

    def standard(self, who: str, away: Collection[str]) -> float:
        """Fisher's z of the correlation, of variance 1.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        float
        """
        r = np.clip(self.figure(who, away), -0.999, 0.999)
        return float(np.arctanh(r) * np.sqrt(max(self.count(who) - 3, 1)))

    def words(self, who: str, away: Collection[str]) -> str:
        """Which way the scores go.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        str
        """
        way = "against" if self.standard(who, away) < -2 else "no better than chance with"
        return f"answers go {way} the others' (r = {self.figure(who, away):+.2f}, n = {self.count(who)})"


class ToldApart:
    """Answers that are right or wrong (ABX), each with the weight that the others' give to its pair of
    voices.

    Where the others are right with the probability p, a right answer speaks for listening by ``log(p / (1 −
    p))`` and a wrong one as much against it; a pair that nobody tells apart counts nothing. The sum, over its
    standard deviation in one who guesses, is the likelihood ratio's test of a listener against a guesser.
    """

    signed = False

    def __init__(self, ratings: Sequence[Rating]) -> None:
        self.answers: dict[str, list[tuple[frozenset[str], float]]] = defaultdict(list)
        self.right: Counter[tuple[str, frozenset[str]]] = Counter()
        self.heard: Counter[tuple[str, frozenset[str]]] = Counter()
        for r in ratings:
            pair = frozenset((r.voice, r.against))
            self.answers[r.listener].append((pair, r.score))
            self.right[r.listener, pair] += r.score == 1
            self.heard[r.listener, pair] += 1

    def count(self, who: str) -> int:
        """How many answers there are of a listener.

        Parameters
        ----------
        who : str

        Returns
        -------
        int
        """
        return len(self.answers.get(who, ()))

    def figure(self, who: str, away: Collection[str]) -> float:
        """Share of right answers.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        float
        """
        return float(np.mean([score for _, score in self.answers[who]]))

    def standard(self, who: str, away: Collection[str]) -> float:
        """The weighted sum of right less wrong answers, of variance 1 in one who guesses.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        float
        """
        others = [name for name in self.answers if name != who and name not in away]
        weight = {}
        for pair in {pair for pair, _ in self.answers[who]}:
            right = sum(self.right[name, pair] for name in others) + 0.5
            share = right / (sum(self.heard[name, pair] for name in others) + 1)
            weight[pair] = max(0.0, float(np.log(share / (1 - share))))
        w = np.array([weight[pair] for pair, _ in self.answers[who]])
        right_or_not = np.array([2 * score - 1 for _, score in self.answers[who]])
        spread = float(np.sqrt(np.sum(w**2)))
        return float(w @ right_or_not) / spread if spread > 0 else 0.0

    def words(self, who: str, away: Collection[str]) -> str:
        """How many were right.

        Parameters
        ----------
        who : str
        away : collection of str
            Listeners who do not count.

        Returns
        -------
        str
        """
        right = sum(score == 1 for _, score in self.answers[who])
        than = "by guessing" if right * 2 < self.count(who) else "the others' would be"
        return f"{right} of {self.count(who)} right, fewer than {than}"
