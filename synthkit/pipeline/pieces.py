# SPDX-License-Identifier: Apache-2.0
"""The pieces that a text is spoken in, each with its part of what is given for the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.pipeline.spoken import chunks
from synthkit.types import Segmentation

if TYPE_CHECKING:
    from synthkit.stages import Vocoder


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and how it is spoken.

    Attributes
    ----------
    segmentation : Segmentation
    durations, f0 : ndarray or None
        As in a `Request` for it.
    language : str or None
    request : dict
        What else the `Request` has.
    vocoder : Vocoder or None
        None: the voice's.
    before : float or None
        Seconds of silence before it; None where it follows another piece, whose pause is enough.
    after : float or None
        Seconds of the pause at its end; None: as the acoustic model makes it.
    last : bool
        Whether what it was segmented with is the last of the text.
    """

    segmentation: Segmentation
    durations: np.ndarray | None = None
    f0: np.ndarray | None = None
    language: str | None = None
    request: dict[str, Any] = field(default_factory=dict)
    vocoder: Vocoder | None = None
    before: float | None = None
    after: float | None = None
    last: bool = True


def pieces_of(
    segmentation: Segmentation, durations: np.ndarray | None = None, f0: np.ndarray | None = None
) -> list[Piece]:
    """Cut a text (`chunks`) and what is given for its ``symbols()``.

    The pause between two pieces is the first one's; that with which the second begins is left out.

    Parameters
    ----------
    segmentation : Segmentation
    durations, f0 : ndarray, optional
        As in `Request`.

    Returns
    -------
    list of Piece
    """
    from synthkit.types.given import places

    parts = chunks(segmentation)
    row = {place: k for k, place in enumerate(places(segmentation))}
    out, first = list[Piece](), 0
    for part in parts:
        own = places(part)
        there = [row.get((w + first if (w, k) != (-1, -1) or not first else -2, k), -1) for w, k in own]
        seconds = points = None
        if durations is not None:
            seconds = np.array([durations[r] if r >= 0 else np.nan for r in there])
        if f0 is not None:
            back = {r: k for k, r in enumerate(there) if r >= 0}
            rows = np.minimum(f0[:, 0].astype(np.int64), len(row) - 1)
            mine = np.array([r in back for r in rows.tolist()], bool)
            at = np.array([back[r] for r in rows[mine].tolist()], np.float64)
            points = np.stack([at + f0[mine, 0] - rows[mine], f0[mine, 1]], axis=1) if mine.any() else None
        out.append(Piece(part, seconds, points))
        first += len(part.words)
    return out
