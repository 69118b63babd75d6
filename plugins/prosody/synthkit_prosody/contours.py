# SPDX-License-Identifier: Apache-2.0
"""Contours of words, chosen from recordings together: near what is expected, and going on as expected.

A word with the function words before it is a group, and its contour is six numbers: F0 where the group
begins, half way to its stress, in both halves of the stressed vowel, half way from there, and where it ends.
What the ensemble expects is a mean of what could be said; a recorded group is one thing that was said. Those
nearest to what is expected, in places like it, stand for choice, and the cheapest path through them is taken:
how far each is from what is expected, and how far the step to the next is from the expected one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.linguistic import SpokenPhone

POINTS = 6
CHOICE = 24
"""Groups that stand for choice in each place."""
STEP = 1.0
"""What a step between groups counts beside the six points."""
ELSEWHERE = 0.02
"""Added for a group of another kind of place, in squared ln Hz."""


@dataclass(frozen=True)
class Group:
    """A word with what leans on it.

    Attributes
    ----------
    start, end : int
        Its phones.
    at : ndarray, shape (POINTS,)
        Places of its points among halves of phones, never decreasing.
    place : int
        Whether a pause is before it, plus 2 where one is after it.
    """

    start: int
    end: int
    at: np.ndarray
    place: int


def groups(phones: Sequence[SpokenPhone], functions: Sequence[bool], heights: Collection[int]) -> list[Group]:
    """Groups of a row of phones.

    Parameters
    ----------
    phones : sequence of SpokenPhone
    functions : sequence of bool
        Whether each word leans on the next.
    heights : collection of int
        Phones that have a height of their own: vowels, or whatever is voiced.

    Returns
    -------
    list of Group
        In the order of the text; words without such a phone are in none.
    """
    out: list[Group] = []
    start = 0
    count = len(phones)
    for k, phone in enumerate(phones):
        if phone.word < 0:
            start = k + 1
            continue
        ends = k + 1 == count or phones[k + 1].word != phone.word
        pause_after = k + 1 == count or phones[k + 1].word < 0
        if not ends or (functions[phone.word] and not pause_after):
            continue
        inside = [p for p in range(start, k + 1) if p in heights]
        if inside:
            stressed = [p for p in inside if phones[p].stress == 1]
            s = stressed[-1] if stressed else inside[-1]
            first, last = 2.0 * inside[0], 2.0 * inside[-1] + 1
            at = np.array([first, (first + 2 * s) / 2, 2 * s, 2 * s + 1, (2 * s + 1 + last) / 2, last])
            place = int(start == 0 or phones[start - 1].word < 0) + 2 * int(pause_after)
            out.append(Group(start, k + 1, at, place))
        start = k + 1
    return out


@dataclass(frozen=True)
class Recorded:
    """Groups of the recordings.

    Attributes
    ----------
    points : ndarray, shape (G, POINTS), float32
        ln Hz.
    place : ndarray, shape (G,), int8
    utterance : ndarray, shape (G,), int32
        Number of each one's recording.
    ids : tuple of str
        Of the recordings.
    """

    points: np.ndarray
    place: np.ndarray
    utterance: np.ndarray
    ids: tuple[str, ...]

    def arrays(self) -> dict[str, np.ndarray]:
        """What `restored` takes."""
        return {
            "contours.points": self.points, "contours.place": self.place,
            "contours.utterance": self.utterance, "contours.ids": np.array(self.ids),
        }  # fmt: skip

    @classmethod
    def restored(cls, arrays: Mapping[str, np.ndarray]) -> Recorded:
        """Inverse of `arrays`; `KeyError` or `ValueError` where they are not such."""
        points, place, utterance, ids = (
            arrays[f"contours.{k}"] for k in ("points", "place", "utterance", "ids")
        )
        count = len(points)
        if points.shape != (count, POINTS) or place.shape != (count,) or utterance.shape != (count,):
            raise ValueError("contours whose parts do not fit each other")
        if not np.isfinite(points).all() or (count and not 0 <= utterance.max() < len(ids)):
            raise ValueError("contours that are no numbers, or of no recording")
        return cls(points, place, utterance, tuple(str(i) for i in ids))

    def choose(self, wanted: np.ndarray, places: np.ndarray, exclude: Collection[str]) -> np.ndarray:
        """Points of the groups that are taken, ``(N, POINTS)``; `wanted` itself where nothing can be.

        Parameters
        ----------
        wanted : ndarray, shape (N, POINTS)
            Expected, ln Hz.
        places : ndarray, shape (N,)
        exclude : collection of str
            Recordings of which nothing is taken.
        """
        without = [k for k, id_ in enumerate(self.ids) if id_ in exclude]
        there = ~np.isin(self.utterance, without)
        points, place = self.points[there].astype(np.float64), self.place[there]
        count = min(CHOICE, len(points))
        if not count or not len(wanted):
            return wanted
        far = np.square(points[None] - wanted[:, None]).sum(-1)
        far += ELSEWHERE * (place[None] != places[:, None])
        some = np.argsort(far, axis=1, kind="stable")[:, :count]
        cost = np.take_along_axis(far, some, axis=1)
        back = np.zeros(some.shape, np.int64)
        total = cost[0]
        for n in range(1, len(wanted)):
            before, here = points[some[n - 1]], points[some[n]]
            step = here[None, :, 0] - before[:, None, -1] - (wanted[n, 0] - wanted[n - 1, -1])
            through = total[:, None] + STEP * step**2
            back[n] = through.argmin(0)
            total = through.min(0) + cost[n]
        taken = [int(total.argmin())]
        for n in range(len(wanted) - 1, 0, -1):
            taken.append(int(back[n, taken[-1]]))
        return points[some[np.arange(len(wanted)), taken[::-1]]]
