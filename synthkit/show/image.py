# SPDX-License-Identifier: Apache-2.0
"""Frames as a small picture for a page: a byte a cell, with what its rows are."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from synthkit.show.drawing import RANGE, spectrum_of
from synthkit.types import FeatureSpec, Frames

ROWS = 96
"""Rows of a picture at most."""
COLUMN = 0.01
"""Seconds of a column at least."""
TICKS = (500, 1000, 2000, 4000, 8000, 12000, 16000)
"""Hz that an axis of frequency names, those that it has."""


def image_of(frames: Frames) -> dict[str, Any] | None:
    """A picture of the widest stream of `frames`; None where every stream is one number wide.

    Parameters
    ----------
    frames : Frames

    Returns
    -------
    dict or None
        ``columns``, ``rows`` and ``cells``, a byte each in base64, row by row from the lowest; ``ticks``,
        places on the axis (0 to 1 from below) and what stands there; ``unit``, ``"Hz"`` where the rows are
        frequencies, else ``"coefficient"``; and ``about``, what the frames are.
        Spectra are in dB, 255 the loudest and 0 `RANGE` below; coefficients each over its own range.
    """
    levels, frequencies, _ = spectrum_of(frames)
    if levels is None or not levels.size:
        return None
    every = max(round(COLUMN / frames.spec.frame_period), 1)
    rows = np.unique(np.linspace(0, levels.shape[1] - 1, min(ROWS, levels.shape[1])).round().astype(int))
    values = np.asarray(levels[::every][:, rows], np.float64)
    if frequencies is None:
        low, high = values.min(0), values.max(0)
        ticks = [[(k + 0.5) / levels.shape[1], str(k)] for k in _counted(levels.shape[1])]
    else:
        high = np.full(1, values.max())
        low = high - RANGE
        hertz = np.asarray(frequencies, np.float64)
        place = (np.arange(len(hertz)) + 0.5) / len(hertz)
        ticks = _apart(
            [[float(np.interp(t, hertz, place)), str(t)] for t in TICKS if hertz[0] <= t <= hertz[-1]]
        )
    scaled = (values - low) / np.maximum(high - low, 1e-9)
    cells = (np.clip(scaled, 0, 1) * 255).round().astype(np.uint8).T
    return {
        "columns": int(cells.shape[1]),
        "rows": int(cells.shape[0]),
        "cells": base64.b64encode(np.ascontiguousarray(cells).tobytes()).decode(),
        "ticks": ticks,
        "unit": "coefficient" if frequencies is None else "Hz",
        "about": about(frames.spec),
    }


def about(spec: FeatureSpec) -> str:
    """What frames under `spec` are, in a line: ``world, 5 ms: lf0, vuv, mcep 40``.

    Parameters
    ----------
    spec : FeatureSpec

    Returns
    -------
    str
    """
    streams = ", ".join(s.name if s.width is None else f"{s.name} {s.width}" for s in spec.streams)
    return f"{spec.kind}, {1000 * spec.frame_period:g} ms: {streams}"


def _apart(ticks: list[list[Any]]) -> list[list[Any]]:
    """Those, from above, that leave each other room."""
    out = list[list[Any]]()
    for tick in reversed(ticks):
        if not out or out[-1][0] - tick[0] >= 0.1:
            out.append(tick)
    return out[::-1]


def _counted(count: int) -> list[int]:
    return sorted({0, count // 2, count - 1})
