# SPDX-License-Identifier: Apache-2.0
"""Which sentences were read otherwise than they stand: those that fit far worse somewhere than all others.

Four signs are taken of a sentence that is forced onto its frames, each where it is worst: how badly a stretch
of a third of a second fits; how badly a word fits; how hurried four phones in a row are (words that are not
said are squeezed in); how drawn out they are (words that do not stand there are spread over). Each is told in
robust standard deviations over the sentences of the session, and divided by what a clean sentence seldom
exceeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit_align.graph import Graph

WORST = -20.0
"""Log-ratio of a frame beyond which nothing more is said by more."""
WINDOW = 30
"""Frames over which a misfit is summed up: about a short word."""
FEW = 6
"""Sentences of which so little is known that the limits are twice as far."""
LIMITS = np.array([2.8, 2.2, 3.6, 4.0])
"""Deviations of each sign from which a sentence is doubted, of `signs`'s four."""


@dataclass(frozen=True)
class Fit:
    """A sentence forced onto frames.

    Attributes
    ----------
    start : int
        Its first frame.
    ratio : ndarray, float32, shape (T,)
        Per frame, the log-density of its state less the best of any.
    emission, unit : ndarray, int32, shape (T,)
        The state's density, and the phone of the graph.
    """

    start: int
    ratio: np.ndarray
    emission: np.ndarray
    unit: np.ndarray


def signs(fits: Mapping[int, Fit], graphs: Sequence[Graph]) -> dict[int, tuple[float, int]]:
    """How each sentence fits where it fits worst: below -1 it is doubted; and at which frame that is.

    Parameters
    ----------
    fits : mapping of sentence to Fit
    graphs : sequence of Graph
        Of all sentences.
    """
    middle, spread = _usual_fit(fits)
    usual = _usual_durations(fits, graphs)
    rows, places = [], []
    for k, fit in fits.items():
        found = _signs(fit, graphs[k], middle, spread, usual)
        rows.append([value for value, _ in found])
        places.append([frame for _, frame in found])
    table = _whatever_the_length(np.array(rows), np.array([len(f.unit) for f in fits.values()]))
    centre = np.median(table, axis=0)
    deviation = np.maximum(1.4826 * np.median(np.abs(table - centre), axis=0), 1e-3)
    # Of few sentences it is known less well what is usual.
    z = (table - centre) / deviation / (LIMITS * (1 + FEW / len(table)))
    worst = z.argmin(axis=1)
    return {k: (float(z[n, worst[n]]), int(places[n][worst[n]])) for n, k in enumerate(fits)}


def _whatever_the_length(table: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Signs less what is to be expected of their length: the worst of more is worse."""
    if len(table) < 2 * FEW:
        return table
    log = np.log(frames)
    trends = [np.polyval(np.polyfit(log, column, 1), log) for column in table.T]
    return np.asarray(table - np.array(trends).T)


def _usual_fit(fits: Mapping[int, Fit]) -> tuple[np.ndarray, np.ndarray]:
    """Median and spread of each state's log-ratio when it is what is said."""
    states = np.concatenate([f.emission for f in fits.values()])
    ratios = np.maximum(np.concatenate([f.ratio for f in fits.values()]), WORST)
    middle = np.full(states.max() + 1, float(ratios.mean()))
    spread = np.full(states.max() + 1, float(ratios.std()))
    for e in np.unique(states):
        own = ratios[states == e]
        if len(own) > 20:
            middle[e] = np.median(own)
            spread[e] = max(1.4826 * float(np.median(np.abs(own - middle[e]))), 0.3)
    return middle, spread


def _runs(fit: Fit, graph: Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Phones in order, how many frames each has, and the frame (from the sentence's first) it begins at."""
    begins = np.flatnonzero(np.r_[True, fit.unit[1:] != fit.unit[:-1]])
    return graph.phone[fit.unit[begins]], np.diff(np.r_[begins, len(fit.unit)]), begins


def _usual_durations(fits: Mapping[int, Fit], graphs: Sequence[Graph]) -> dict[int, tuple[float, float]]:
    """Median and spread of each phone's log-duration."""
    found: dict[int, list[float]] = {}
    for k, fit in fits.items():
        phones, frames, _ = _runs(fit, graphs[k])
        for phone, count in zip(phones, frames, strict=True):
            found.setdefault(int(phone), []).append(float(np.log(count)))
    out = {}
    for phone, values in found.items():
        middle = float(np.median(values))
        out[phone] = middle, max(1.4826 * float(np.median(np.abs(np.array(values) - middle))), 0.15)
    return out


def _signs(
    fit: Fit, graph: Graph, middle: np.ndarray, spread: np.ndarray, usual: Mapping[int, tuple[float, float]]
) -> list[tuple[float, int]]:
    z = np.clip((np.maximum(fit.ratio, WORST) - middle[fit.emission]) / spread[fit.emission], -6.0, 1.0)
    width = min(WINDOW, len(z))
    sums = np.convolve(z, np.ones(width), "valid") / np.sqrt(width)
    stretch = int(sums.argmin())
    words = graph.word[fit.unit]
    by_word = [
        (float(z[own].sum() / np.sqrt(len(own))), int(own[len(own) // 2]))
        for w in range(words.max() + 1)
        if len(own := np.flatnonzero(words == w))
    ]
    phones, frames, begins = _runs(fit, graph)
    pace = np.array(
        [
            0.0 if phone == 0 else (np.log(count) - usual[int(phone)][0]) / usual[int(phone)][1]
            for phone, count in zip(phones, frames, strict=True)
        ]
    )
    four = np.convolve(pace, np.ones(min(4, len(pace))), "valid") / np.sqrt(min(4, len(pace)))
    fast, slow = int(four.argmin()), int(four.argmax())
    return [
        (float(sums[stretch]), fit.start + stretch + width // 2),
        min((value, fit.start + at) for value, at in by_word),
        (float(four[fast]), fit.start + int(begins[fast])),
        (-float(four[slow]), fit.start + int(begins[slow])),
    ]
