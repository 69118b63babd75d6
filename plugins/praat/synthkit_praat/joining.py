# SPDX-License-Identifier: Apache-2.0
"""Runs of natural units joined into one waveform, each join laid where the two sides agree best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.types import UnitPath


@dataclass(frozen=True)
class Joined:
    """Samples (N,) float64; where each target phone begins and ends in them; where joins are (samples)."""

    samples: np.ndarray
    phones: dict[int, tuple[int, int]]
    joins: list[int]


def join_runs(path: UnitPath, *, fade: float = 0.008, search: float = 0.008) -> Joined:
    """The units of `path` in a row, runs cross-faded where they join.

    The right side of a join is moved by up to `search` seconds to where its waveform correlates best with
    what follows the left side in its own recording (W. Verhelst, M. Roelands, "An overlap-add technique based
    on waveform similarity (WSOLA)", ICASSP 1993), and the two are cross-faded over `fade` seconds.

    Parameters
    ----------
    path : UnitPath
    fade, search : float
        Seconds.
    """
    rate = path.audio.sample_rate
    half = max(1, round(fade * rate / 2))
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / (2 * half))
    # `out` always ends with `half` samples that follow the last run in its recording: the material of a fade.
    out = np.zeros(0)
    phones: dict[int, tuple[int, int]] = {}
    joins: list[int] = []
    for run in path.runs():
        source, start, end = run[0].source, run[0].start, run[-1].end
        at = 0
        if len(out):
            at = len(out) - half
            joins.append(at - half)
            reach = min(round(search * rate), (end - start) // 2)
            window = path.audio.read(source, start - half - reach, start + half + reach).astype(np.float64)
            start += best_shift(out[-2 * half :], window) - reach
        piece = path.audio.read(source, start - half, end + half).astype(np.float64)
        if len(out):
            mixed = out[-2 * half :] * (1 - ramp) + piece[: 2 * half] * ramp
            out = np.concatenate([out[: -2 * half], mixed, piece[2 * half :]])
        else:
            out, at = piece, half
        for unit in run:
            a = at - half + max(unit.start - start, 0)
            b = at - half + max(unit.end - start, 0)
            first, last = phones.get(unit.phone, (a, b))
            phones[unit.phone] = (min(first, a), max(last, b))
    return Joined(out[half:-half], phones, joins)


def best_shift(left: np.ndarray, window: np.ndarray) -> int:
    """Offset into `window` (M,) at which it correlates best, normalised, with `left` (N ≤ M,)."""
    n = len(left)
    if n == 0 or len(window) < n:
        return 0
    candidates = np.lib.stride_tricks.sliding_window_view(window, n)
    energy = np.sqrt((candidates**2).sum(1) * (left**2).sum())
    return int(np.argmax((candidates @ left) / np.maximum(energy, 1e-9)))
