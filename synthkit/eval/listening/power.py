# SPDX-License-Identifier: Apache-2.0
"""What a planned listening test can find: its own plan, heard by simulated listeners."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from synthkit.eval.families import critical_p
from synthkit.eval.listening.design import Trial
from synthkit.eval.listening.scores import pair_p
from synthkit.eval.listening.simulate import simulate
from synthkit.eval.scales import SCALES
from synthkit.eval.statistics import SEED

STUDIES = 100
DIFFERENCES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
"""Points of the five-point scale."""

_UNIT = {"mos": 1.0, "smos": 1.0, "cmos": 1.0, "mushra": 20.0}


def power(
    design: str,
    trials: Sequence[Sequence[Trial]],
    first: str,
    second: str,
    difference: float,
    *,
    tests: int = 1,
    studies: int = STUDIES,
    seed: int = SEED,
) -> tuple[float, float]:
    """How often a difference of two voices is found, and the mean of the figure that it shows itself by.

    Parameters
    ----------
    design : str
    trials : sequence of sequence of Trial
        The plan.
    first, second : str
        Two of its voices.
    difference : float
        In points of the five-point scale, as `synthkit.eval.listening.simulate` has it.
    tests : int
        How many the family has, as `synthkit.eval.analysis.conclude` corrects for them.
    studies, seed : int

    Returns
    -------
    share, figure : float
        `figure` is the difference in points of the scale; of preferences and ABX answers the share of ones
        for `second`.
    """
    both = {first, second}
    mine = [[_only(t, both) for t in some if both & set(t.voices)] for some in trials]
    if SCALES[design].kind != "score":
        mine = [[t for t in some if set(t.voices) == both] for some in mine]
    quality = {first: 3.2 - difference / 2, second: 3.2 + difference / 2}
    found = 0
    figures = []
    for k in range(studies):
        ratings = simulate(design, mine, quality, np.random.default_rng([seed, k]))
        if not ratings:
            return 0.0, float("nan")
        found += pair_p(ratings, first, second) <= critical_p(tests)
        won = [
            r.score if r.voice == second else SCALES[design].low + SCALES[design].high - r.score
            for r in ratings
        ]
        figures.append(float(np.mean([r.score for r in ratings] if design == "abx" else won)))
    return found / studies, float(np.mean(figures))


def expected(
    design: str,
    trials: Sequence[Sequence[Trial]],
    voices: Sequence[str],
    *,
    studies: int = STUDIES,
    seed: int = SEED,
) -> list[str]:
    """Sentences that say what a plan can find, for the terminal.

    Parameters
    ----------
    design : str
        ``"mushra"``, ``"mos"``, ``"ab"`` and the like.
    trials : sequence of sequence of Trial
        Of each listener.
    voices : sequence of str
        Those that are tested.
    studies : int
        How many are simulated.
    seed : int

    Returns
    -------
    list of str
    """
    pairs = [p for p in combinations(voices, 2) if _planned(design, trials, set(p))]
    if not pairs:
        return ["fewer than two voices are compared: the test describes, and tests nothing"]
    first, second = pairs[0]
    about = f"(simulated; {len(pairs)} pair{'s' if len(pairs) > 1 else ''} of voices, corrected)"

    def found(difference: float) -> tuple[float, str]:
        share, figure = power(
            design, trials, first, second, difference, tests=len(pairs), studies=studies, seed=seed
        )
        return (
            share,
            f"{_words(design, difference, figure)} would be found in {share:.0%} of such tests {about}",
        )

    least, most = 0, len(DIFFERENCES) - 1
    shares = {most: found(DIFFERENCES[most])}
    if shares[most][0] < 0.8:
        return [f"{shares[most][1]}: plan more listeners or sentences"]
    while least < most:  # power grows with the difference
        middle = (least + most) // 2
        shares[middle] = found(DIFFERENCES[middle])
        least, most = (least, middle) if shares[middle][0] >= 0.8 else (middle + 1, most)
    return [shares[k][1] for k in (most - 1, most) if k in shares]


def _only(trial: Trial, voices: set[str]) -> Trial:
    return Trial(trial.item, tuple(v for v in trial.voices if v in voices), trial.x)


def _planned(design: str, trials: Sequence[Sequence[Trial]], pair: set[str]) -> bool:
    if SCALES[design].kind == "score":
        return pair <= {v for mine in trials for t in mine for v in t.voices}
    return any(set(t.voices) == pair for mine in trials for t in mine)


def _words(design: str, difference: float, figure: float) -> str:
    if design in _UNIT:
        return f"a difference of {difference * _UNIT[design]:g} points"
    what = "preferred" if design == "ab" else "told apart rightly"
    return f"a voice that is {what} in {figure:.0%} of trials"
