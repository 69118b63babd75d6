# SPDX-License-Identifier: Apache-2.0
"""The pieces that a text is spoken in, each with its part of what is given for the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.pipeline.spoken import chunks
from synthkit.types import Segmentation


@dataclass(frozen=True)
class Piece:
    """A piece of a text; `durations` and `f0` are those of a `Request` for it."""

    segmentation: Segmentation
    durations: np.ndarray | None = None
    f0: np.ndarray | None = None


def pieces_of(
    segmentation: Segmentation, durations: np.ndarray | None = None, f0: np.ndarray | None = None
) -> list[Piece]:
    """Cut a text (`chunks`) and what is given for its ``symbols()``.

    The pause between two pieces is the first one's; the second begins with one of the model's own.
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
