# SPDX-License-Identifier: Apache-2.0
"""What a request gives by hand, as targets of the search, and made exact in the waveform."""

from __future__ import annotations

import numpy as np

from synthkit.request import Request
from synthkit.types import Segmentation, UnitPath
from synthkit.types.given import Given, places
from synthkit_unit_selection.phrases import Found

SHORTEST = 0.002
"""Seconds of a half-phone that is looked for, however short the phone is to be made."""


def free_of_given(found: list[Found], request: Request) -> list[Found]:
    """Phrases of the corpus without those in whose words something is given: taken whole, they would be deaf
    to it."""
    fixed = given_words(request)
    return [f for f in found if not any(f.start <= word < f.end for word in fixed)]


def given_words(request: Request) -> set[int]:
    """Words that something is given for; a pause counts as its word's."""
    segmentation: Segmentation = request.segmentation
    rows = [max(word, 0) for word, _ in places(segmentation)]
    out: set[int] = set()
    if request.durations is not None:
        out |= {rows[k] for k in np.flatnonzero(~np.isnan(request.durations)).tolist()}
    if request.f0 is not None:
        out |= {rows[min(int(place), len(rows) - 1)] for place in request.f0[:, 0].tolist()}
    return out


def as_targets(predicted: np.ndarray, given: Given) -> np.ndarray:
    """Predicted acoustics ``(2 P, A)`` with the given durations and F0 in their places."""
    out = predicted.copy()
    halves = np.exp(out[:, 0].astype(np.float64)).reshape(-1, 2)
    fixed = ~np.isnan(given.durations)
    wanted = np.where(fixed, given.durations, 1) / np.where(fixed, halves.sum(1), 1)
    halves = np.where(fixed[:, None], np.maximum(halves * wanted[:, None], SHORTEST), halves)
    out[:, 0] = np.log(halves).reshape(-1)
    if len(given.f0):
        place = np.arange(len(out)) / 2 + 0.25
        out[:, 1] = given.contour(place, out[:, 1].astype(np.float64))
        held = np.minimum(given.f0[:, 0].astype(np.int64), len(given.durations) - 1)
        rows = np.unique(np.concatenate([2 * held, 2 * held + 1]))
        out[rows, 2] = np.maximum(out[rows, 2], 0.5)  # it counts only where voice is expected
    return out


def aimed_at(predicted: np.ndarray, aims: Given) -> np.ndarray:
    """Predicted acoustics ``(2 P, A)`` with durations and F0 that a prosody part says in their places; unlike
    what is given, they make no phone voiced and nothing exact."""
    out = predicted.copy()
    fixed = ~np.isnan(aims.durations)
    own = np.exp(out[:, 0].astype(np.float64)).reshape(-1, 2).sum(1)
    ratio = np.log(np.where(fixed, np.maximum(aims.durations, 2 * SHORTEST), own) / own)
    out[:, 0] += ratio.repeat(2)
    place = np.arange(len(out)) / 2 + 0.25
    out[:, 1] = aims.contour(place, out[:, 1].astype(np.float64))
    return out


def phone_edges(path: UnitPath, starts: list[tuple[int, int]], length: int) -> np.ndarray:
    """Where each phone begins in the joined units: samples ``(P + 1,)``, never decreasing.

    Parameters
    ----------
    starts : list of (int, int)
        Of each run of `path`: a sample of the output and the same one's place in the run's recording.
    length : int
        Samples of the output.
    """
    edges = np.full(len(path.phones) + 1, -1, np.int64)
    for run, (at, recorded) in zip(path.runs(), starts, strict=True):
        for unit in run:
            if edges[unit.phone] < 0:
                edges[unit.phone] = at + unit.start - recorded
    edges[0], edges[-1] = 0, length
    known = np.flatnonzero(edges >= 0)
    filled = np.interp(np.arange(len(edges)), known, edges[known])
    return np.maximum.accumulate(np.clip(np.rint(filled), 0, length)).astype(np.int64)
