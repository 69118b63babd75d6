# SPDX-License-Identifier: Apache-2.0
"""A listening test beside the measured figures of its voices: whose ratings count, what goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from synthkit.eval.listening.formats import read_heard
from synthkit.eval.listening.screening import Objection, screen
from synthkit.eval.ratings import Rating, people, require_voice
from synthkit.eval.results import Row
from synthkit.eval.scales import REFERENCE

FEWEST = 8
"""Pairs of a mean rating and a figure below which no correlation is told."""


@dataclass(frozen=True)
class Joined:
    """Ratings of a comparison's systems.

    Attributes
    ----------
    ratings : list of Rating
        Of those who were not left out; a hidden reference is called as the recordings are, anchors are gone.
    left_out : list of Objection
    notes : list of str
    guesses : list of str
        What was taken for granted where the file does not say.
    """

    ratings: list[Rating]
    left_out: list[Objection]
    notes: list[str]
    guesses: list[str] = field(default_factory=list)

    def warnings(self) -> list[str]:
        """What was taken for granted, and who was left out, in a sentence; nothing where nobody was."""
        out = [f"ratings: {guess}" for guess in self.guesses]
        who = list(dict.fromkeys(f.listener for f in self.left_out))
        if not who:
            return out
        why = "; ".join(f"{f.listener}: {f.what}" for f in self.left_out)
        return [
            *out,
            f"ratings without {people(len(who))} who {'was' if len(who) == 1 else 'were'} left out ({why})",
        ]


def join_ratings(path: Path, systems: Sequence[str], *, natural: str = "natural") -> Joined:
    """The ratings of `path` (any form that `read_heard` knows) as a comparison of `systems` uses them.

    Parameters
    ----------
    path : Path
    systems : sequence of str
        The comparison's.
    natural : str
        The system of the recordings, which a hidden reference stands for.

    Returns
    -------
    Joined

    Raises
    ------
    RatingsError
        A rated voice is none of the systems; the message names it, its file and its line.
    """
    heard = read_heard(path)
    renamed = []
    for r in heard.ratings:
        if heard.role(r.voice) == "anchor":
            continue
        names = [natural if v == REFERENCE else v for v in (r.voice, r.against)]
        renamed.append(Rating(r.listener, r.utterance, names[0], r.score, r.metric, names[1]))
    if any(v not in systems for r in renamed for v in (r.voice, r.against) if v):
        known = [v for v in heard.voices if v == REFERENCE or heard.role(v) == "anchor"]
        read_heard(path, [*systems, *known])  # says in which file and line
        for r in renamed:
            for voice in filter(None, (r.voice, r.against)):
                require_voice(voice, systems, str(path))
    found = screen(heard)
    left = [r for r in renamed if r.listener not in found.dropped]
    if not left:
        notes = [*heard.notes, *found.notes, "every listener would be left out; all count"]
        return Joined(renamed, [], notes, heard.guesses)
    return Joined(left, found.findings, [*heard.notes, *found.notes], heard.guesses)


@dataclass(frozen=True)
class Correlation:
    """How a measured figure goes with what listeners said.

    Attributes
    ----------
    rated, measured : str
        Keys of the two definitions.
    rho, low, high : float
        Spearman's rank correlation over sentences × systems, and its 95 % interval (bootstrap over
        sentences).
    pairs, sentences : int
    """

    rated: str
    measured: str
    rho: float
    low: float
    high: float
    pairs: int
    sentences: int


def correlations(
    rated: Sequence[Row],
    measured: Sequence[Row],
    *,
    first: Sequence[str] = (),
    seed: int = 0,
    resamples: int = 400,
) -> list[Correlation]:
    """Every rated figure with every measured one of the same sentences and systems: `first`, then the
    closest.

    Parameters
    ----------
    rated, measured : sequence of Row
    first : sequence of str
        Keys of measured figures that were chosen before anything was seen, the primary ones.
    seed, resamples : int
        Of the bootstrap, which draws whole sentences.

    Returns
    -------
    list of Correlation
    """
    out = []
    for said in dict.fromkeys(r.key for r in rated):
        ours = {(r.utterance, r.system): r.value for r in rated if r.key == said and r.value is not None}
        for key in dict.fromkeys(r.key for r in measured):
            pairs = [
                (r.utterance, ours[r.utterance, r.system], r.value)
                for r in measured
                if r.key == key and r.value is not None and (r.utterance, r.system) in ours
            ]
            found = _spearman(pairs, seed, resamples)
            if found is not None:
                out.append(Correlation(said, key, *found, len(pairs), len({p[0] for p in pairs})))
    place = {key: k for k, key in enumerate(first)}
    return sorted(out, key=lambda c: (place.get(c.measured, len(place)), -abs(c.rho)))


def _spearman(
    pairs: Sequence[tuple[str, float, float]], seed: int, resamples: int
) -> tuple[float, float, float] | None:
    from scipy.stats import rankdata

    if len(pairs) < FEWEST:
        return None
    names = list(dict.fromkeys(p[0] for p in pairs))
    values = np.array([p[1:] for p in pairs], np.float64)

    def rho(rows: np.ndarray) -> float:
        x, y = rankdata(values[rows, 0]), rankdata(values[rows, 1])
        return float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) and np.ptp(y) else float("nan")

    whole = rho(np.arange(len(pairs)))
    if not np.isfinite(whole) or len(names) < 2:
        return None
    mine = [np.array([k for k, p in enumerate(pairs) if p[0] == name]) for name in names]
    rng = np.random.default_rng(seed)
    drawn = [
        rho(np.concatenate([mine[k] for k in rng.integers(0, len(names), len(names))]))
        for _ in range(resamples)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return whole, float(low), float(high)
