# SPDX-License-Identifier: Apache-2.0
"""Listeners whose truth is known: what a test's statistics, its screening and its power are tried on.

Scores come of a latent quality of each voice, in points of the five-point scale, and of chance of four kinds:
how generous a listener is, how good a sentence, how well a voice suits a listener and a sentence, and what is
left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthkit.eval.listening.design import Trial
from synthkit.eval.listening.heard import Conduct
from synthkit.eval.ratings import Rating
from synthkit.eval.scales import SCALES, Scale, role_of

Habit = Literal["careful", "random", "inverted", "lazy"]


@dataclass(frozen=True)
class Chance:
    """Standard deviations, in points of a scale with five.

    Attributes
    ----------
    listener, sentence : float
        How generous a listener is, and how good a sentence, to all voices alike.
    suits_listener, suits_sentence : float
        How much better or worse a voice is to a listener, and in a sentence.
    rest : float
        Of one answer.
    reference_missed : float
        Probability that a careful listener takes another for the hidden reference (MUSHRA).
    """

    listener: float = 0.4
    sentence: float = 0.3
    suits_listener: float = 0.15
    suits_sentence: float = 0.15
    rest: float = 0.6
    reference_missed: float = 0.01


def simulate(
    design: str,
    trials: Sequence[Sequence[Trial]],
    quality: Mapping[str, float],
    rng: np.random.Generator,
    *,
    chance: Chance | None = None,
    habits: Sequence[Habit] = (),
    rounded: bool = True,
) -> list[Rating]:
    """Ratings of a plan by listeners of these habits.

    Parameters
    ----------
    design : str
    trials : sequence of sequence of Trial
        From `synthkit.eval.listening.design.plan`.
    quality : mapping
        Of each voice, from 1 to 5. In an ABX test the difference of two is how well they are told apart: 0
        not at all.
    rng : Generator
    chance : Chance, optional
    habits : sequence of str
        Of the first listeners; the others are careful.
    rounded : bool
        Whether scores are steps of the scale and end where it ends; left as they are where the truth must be
        known exactly.

    Returns
    -------
    list of Rating
    """
    chance = chance or Chance()
    scale = SCALES[design]
    items = {i: k for k, i in enumerate(dict.fromkeys(t.item for mine in trials for t in mine))}
    voices = {v: k for k, v in enumerate(quality)}
    q = np.array([quality[v] for v in voices], np.float64)
    sentence = rng.normal(0, chance.sentence, len(items))
    suits_sentence = rng.normal(0, chance.suits_sentence, (len(voices), len(items)))
    out: list[Rating] = []
    hidden = {v for v in voices if role_of(v) == "reference"} if design == "mushra" else set()
    for n, mine in enumerate(trials):
        who = f"l{n:02d}"
        habit = habits[n] if n < len(habits) else "careful"
        generous = rng.normal(0, chance.listener)
        suits = rng.normal(0, chance.suits_listener, len(voices))

        def latent(v: str, i: str, generous: float = generous, suits: np.ndarray = suits) -> float:
            k, s = voices[v], items[i]
            return float(q[k] + generous + sentence[s] + suits[k] + suits_sentence[k, s])

        for trial in mine:
            if scale.kind == "score":
                best = [v for v in trial.voices if v in hidden]
                if best and rng.random() < chance.reference_missed and len(trial.voices) > 1:
                    best = [max((v for v in trial.voices if v not in best), key=quality.__getitem__)]
                for v in trial.voices:
                    value = latent(v, trial.item) + rng.normal(0, chance.rest)
                    if design == "mushra":
                        value = 100.0 if v in best else min(20 * (value - 0.5), 96.0)
                    out.append(Rating(who, trial.item, v, _habit(value, habit, scale, rng, rounded), design))
                continue
            a, b = trial.voices
            # Both of a pair are heard at once: what a listener or a sentence does to both is gone.
            difference = latent(a, trial.item) - latent(b, trial.item)
            value = _PAIRS[scale.kind](difference, chance.rest, rng)
            answer = _habit(value, habit, scale, rng, rounded)
            out.append(Rating(who, trial.item, a, answer, design, b))
    return out


def simulate_conduct(
    design: str,
    trials: Sequence[Sequence[Trial]],
    ratings: Sequence[Rating],
    rng: np.random.Generator,
    *,
    habits: Sequence[Habit] = (),
    attention: int = 2,
    slip: float = 0.03,
) -> dict[str, Conduct]:
    """How those listeners went about it: attention pages (`slip` is a careful one's mistake) and sides
    chosen.

    A random listener meets an attention page as any other; an inverted or lazy one reads it and does as
    asked.

    Parameters
    ----------
    design : str
    trials : sequence of sequence of Trial
        By listener.
    ratings : sequence of Rating
        As `simulate` gave them.
    rng : Generator
    habits : sequence of str
        Of the first listeners.
    attention : int
        Attention pages of each.
    slip : float
        0 to 1.

    Returns
    -------
    dict of str to Conduct
        By listener.
    """
    scale = SCALES[design]
    choices = 10 if design == "mushra" else round(scale.high - scale.low) + 1
    out = {}
    for n, mine in enumerate(trials):
        who = f"l{n:02d}"
        habit = habits[n] if n < len(habits) else "careful"
        miss = 1 - 1 / choices if habit == "random" else slip
        sides: list[str] = []
        if scale.kind in ("preference", "discrimination"):
            scores = [r.score for r in ratings if r.listener == who]
            for trial, score in zip(mine, scores, strict=True):
                right = trial.x if trial.x is not None else 0
                first = (right == 0) == (score == 1)
                sides.append("A" if first or (habit == "lazy" and scale.kind == "discrimination") else "B")
        out[who] = Conduct(tuple(bool(rng.random() >= miss) for _ in range(attention)), (), tuple(sides))
    return out


def _comparison(difference: float, rest: float, rng: np.random.Generator) -> float:
    return difference + rng.normal(0, 1.4 * rest)


def _preference(difference: float, rest: float, rng: np.random.Generator) -> float:
    return float(rng.random() < 1 / (1 + np.exp(-difference / (0.8 * rest))))


def _discrimination(difference: float, rest: float, rng: np.random.Generator) -> float:
    """Told apart with a probability that grows with the difference, guessed otherwise; none is not heard."""
    return float(rng.random() < 0.5 + 0.5 * np.tanh(abs(difference) / (1.6 * rest)))


_PAIRS: dict[str, Callable[[float, float, np.random.Generator], float]] = {
    "comparison": _comparison,
    "preference": _preference,
    "discrimination": _discrimination,
}


def _habit(value: float, habit: Habit, scale: Scale, rng: np.random.Generator, rounded: bool) -> float:
    low, high = scale.low, scale.high
    if habit == "random":
        value = rng.uniform(low - 0.5, high + 0.5) if high - low < 50 else rng.uniform(low, high)
        if high - low == 1:
            value = float(rng.random() < 0.5)
    elif habit == "inverted":
        value = low + high - value
    elif habit == "lazy":
        middle = (low + high) / 2
        if scale.kind == "discrimination":
            value = float(rng.random() < 0.5)  # always A, which is right as often as not
        else:
            value = high if high - low == 1 else middle + (high - low) * rng.normal(0, 0.02)
    return float(min(max(round(value), low), high)) if rounded else float(value)
