# SPDX-License-Identifier: Apache-2.0
"""Durations and F0 that are given and not predicted, on the phones as they are spoken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.types.segmentation import Segmentation

Place = tuple[int, int]
"""A word and a phone of it; ``(word, -1)`` is the pause after it, ``(-1, -1)`` the one at the beginning."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is fixed of an utterance's prosody; the rest is the model's own.

    Attributes
    ----------
    durations : ndarray, shape (P,), float64
        Seconds of each phone as it is spoken, pauses included; NaN where the model decides.
    f0 : ndarray, shape (N, 2), float64
        Points of the contour by their place: the phone they are in plus how much of it has passed (3.5 is
        the middle of the fourth phone), and Hz.
    share : float
        How far the contour moves from the model's own, in ln Hz, to the points: 1 is all the way.
    """

    durations: np.ndarray
    f0: np.ndarray
    share: float = 1.0

    def __bool__(self) -> bool:
        return bool(len(self.f0)) or not bool(np.isnan(self.durations).all())

    def seconds(self, own: np.ndarray) -> np.ndarray:
        """Durations ``(P,)``: those given, else `own`, both in seconds.

        Parameters
        ----------
        own : ndarray, shape (P,)
            The model's own durations, seconds.

        Returns
        -------
        ndarray, shape (P,), float64
        """
        return np.where(np.isnan(self.durations), own, self.durations)

    def contour(self, place: np.ndarray, log: np.ndarray) -> np.ndarray:
        """A contour moved so that it goes through the points, or by `share` of the way to them.

        Parameters
        ----------
        place : ndarray, shape (T,)
            Where in the phones each value is; never decreasing.
        log : ndarray, shape (T,)
            The model's own F0 there, ln Hz; not empty.

        Returns
        -------
        ndarray, shape (T,), float64
            At a point F0 is what it says, where `share` is 1. Between points the move, in ln Hz, is
            interpolated, so that the model's own detail stays; in the middle of a phone that holds no point
            there is no move.
        """
        if not len(self.f0):
            return np.asarray(log, np.float64)
        count = len(self.durations)
        at, hertz = self.f0[:, 0], self.f0[:, 1]
        moves = np.log(hertz) - np.interp(at, place, log)
        held = np.zeros(count, bool)
        held[np.minimum(at.astype(np.int64), count - 1)] = True
        free = np.flatnonzero(~held)
        anchors = np.concatenate([at, free + 0.5])
        order = np.argsort(anchors, kind="stable")
        every = np.concatenate([moves, np.zeros(len(free))])[order]
        return np.asarray(log + self.share * np.interp(place, anchors[order], every))


def places(segmentation: Segmentation) -> list[Place]:
    """Which phone or pause each of ``segmentation.symbols()`` is.

    Parameters
    ----------
    segmentation : Segmentation

    Returns
    -------
    list of (int, int)
        As long as ``segmentation.symbols()``; see `Place`.
    """
    out: list[Place] = [(-1, -1)]
    for w, word in enumerate(segmentation.words):
        out += [(w, k) for k in range(len(word.phones))]
        if word.break_after >= 2 or w == len(segmentation.words) - 1:
            out.append((w, -1))
    return out


def spoken_places(words: Sequence[int]) -> list[Place]:
    """The same of phones as they are spoken, of which each word is known (-1 for a pause).

    Parameters
    ----------
    words : sequence of int, length P
        Of each phone as it is spoken the word it is of, -1 for a pause.

    Returns
    -------
    list of (int, int)
        Length P; see `Place`.
    """
    out: list[Place] = []
    last, count = -1, 0
    for word in words:
        if word < 0:
            out.append((last, -1))
            continue
        count = count + 1 if word == last else 0
        last = word
        out.append((word, count))
    return out


def given(
    segmentation: Segmentation, words: Sequence[int], durations: np.ndarray | None, f0: np.ndarray | None
) -> Given:
    """What a request gives, on the phones as they are spoken.

    Parameters
    ----------
    segmentation : Segmentation
    words : sequence of int, length P
        Of each phone as it is spoken its word, -1 for a pause.
    durations, f0
        As in `synthkit.stages.Request`, by ``segmentation.symbols()``.

    Returns
    -------
    Given
        What is given for a pause that is not made is left out.
    """
    if durations is None and f0 is None:
        return Given(np.full(len(words), np.nan), np.zeros((0, 2)))
    asked, said = places(segmentation), spoken_places(words)
    row = {place: k for k, place in enumerate(said)}
    there = np.array([row.get(place, -1) for place in asked])
    seconds = np.full(len(said), np.nan)
    if durations is not None:
        seconds[there[there >= 0]] = np.asarray(durations, np.float64)[there >= 0]
    points = np.zeros((0, 2)) if f0 is None else np.asarray(f0, np.float64).reshape(-1, 2)
    phone = np.minimum(points[:, 0].astype(np.int64), len(asked) - 1)
    made = there[phone] >= 0  # a pause that is not made has no F0
    moved = np.stack([there[phone] + points[:, 0] - phone, points[:, 1]], axis=1)[made]
    return Given(seconds, moved[np.argsort(moved[:, 0], kind="stable")])


def pauses(segmentation: Segmentation, durations: np.ndarray | None, own: Collection[int]) -> set[int]:
    """The words that a pause follows: as durations are given, else as the model would have it.

    Parameters
    ----------
    segmentation : Segmentation
    durations : ndarray or None
        By ``segmentation.symbols()``: 0 makes no pause, more makes one, NaN leaves it to the model. Where all
        are given there are no others.
    own : collection of int
        After which words the model would pause.

    Returns
    -------
    set of int
        -1 is the pause before the first word.
    """
    if durations is None:
        return set(own)
    made = set(own) if np.isnan(durations).any() else set()
    for (word, phone), seconds in zip(places(segmentation), durations.tolist(), strict=True):
        if phone < 0 <= word and not np.isnan(seconds):
            (made.add if seconds > 0 else made.discard)(word)
    return made
