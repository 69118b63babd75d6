# SPDX-License-Identifier: Apache-2.0
"""From F0 candidates to one contour: the second half of Harvest (``FixF0Contour``, ``SmoothF0Contour``)."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

Sections = list[list[int]]
"""First and last frame of each voiced stretch."""

Table = list[list[float]]
"""Per frame, a number for each candidate; 0 where there is none."""


def contour(f0s: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The likely path through the candidates ``(T, n)`` of every millisecond: Hz ``(T,)``, 0 where
    unvoiced.

    Parameters
    ----------
    f0s : ndarray, shape (T, n)
        Hz; 0 where there is no candidate.
    scores : ndarray, shape (T, n)
        Of the candidates, 0 to 1.

    Returns
    -------
    ndarray, shape (T,)
    """
    if not f0s.shape[1]:
        return np.zeros(len(f0s))
    best = np.take_along_axis(f0s, scores.argmax(1)[:, None], 1)[:, 0]
    best = np.where(scores.max(1) > 0.0, best, 0.0)
    best = _without_short(_without_jumps(best, 0.008), 6)
    return _bridged(_extended(best, f0s.tolist(), scores.tolist(), 0.18), 9)


def smooth(f0: np.ndarray, lag: int = 300) -> np.ndarray:
    """Every voiced stretch through a zero-lag Butterworth filter (``FilteringF0``).

    Parameters
    ----------
    f0 : ndarray, shape (T,)
        Hz, 0 where unvoiced, a value a millisecond.
    lag : int
        Frames that are added at both ends for the filter.

    Returns
    -------
    ndarray, shape (T,)
    """
    b = [0.0078202080334971724, 0.015640416066994345, 0.0078202080334971724]
    a = [1.0, -1.7347257688092754, 0.76600660094326412]
    padded = np.pad(f0, lag)
    out = np.zeros_like(padded)
    for start, end in _sections(padded):
        held = np.pad(padded[start : end + 1], (start, len(padded) - end - 1), mode="edge")
        out[start : end + 1] = lfilter(b, a, lfilter(b, a, held)[::-1])[::-1][start : end + 1]
    return out[lag:-lag]


def _sections(f0: np.ndarray) -> Sections:
    voiced = f0 > 0
    voiced[[0, -1]] = False
    change = np.diff(voiced.astype(np.int8))
    return [
        [int(a) + 1, int(b)]
        for a, b in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True)
    ]


def _without_jumps(f0: np.ndarray, allowed: float) -> np.ndarray:
    """``FixStep1``: a value that neither goes on nor stays near is dropped."""
    out = np.zeros_like(f0)
    here, before = f0[2:], f0[1:-1]
    expected = 2.0 * before - f0[:-2]
    with np.errstate(divide="ignore", invalid="ignore"):
        jump = (np.abs((here - expected) / expected) > allowed) & (np.abs(here - before) / before > allowed)
    out[2:] = np.where(jump, 0.0, here)
    return out


def _without_short(f0: np.ndarray, least: int) -> np.ndarray:
    """``FixStep2``."""
    out = f0.copy()
    for start, end in _sections(f0):
        if end - start < least:
            out[start : end + 1] = 0.0
    return out


def _extended(f0: np.ndarray, f0s: Table, scores: Table, allowed: float) -> np.ndarray:
    """``FixStep3``: stretches grow along their candidates, short ones are dropped, overlaps are settled by
    score."""
    channels: list[np.ndarray] = []
    sections: Sections = []
    for start, end in _sections(f0):
        own = np.zeros_like(f0)
        own[start : end + 1] = f0[start : end + 1]
        last = _grow(own, end, min(len(f0) - 2, end + 100), 1, f0s, allowed)
        first = _grow(own, start, max(1, start - 100), -1, f0s, allowed)
        channels.append(own)
        sections.append([first, last])
    count, mean = 0, 0.0
    for k in range(len(sections)):
        start, end = sections[k]
        # WORLD starts each mean from the one before.
        mean = (mean + float(channels[k][start:end].sum())) / (end - start)
        if 2200.0 / mean < end - start:
            channels[count], channels[k] = channels[k], channels[count]
            sections[count], sections[k] = sections[k], sections[count]
            count += 1
    return _merged(channels[:count], sections[:count], f0s, scores) if count else f0.copy()


def _grow(f0: np.ndarray, origin: int, last: int, step: int, f0s: Table, allowed: float) -> int:
    """``ExtendF0``: writes into `f0`, gives the frame it came to."""
    value, reached, missed = float(f0[origin]), origin, 0
    for k in range(abs(last - origin) + 1):
        frame = origin + step * (k + 1)
        found, error = 0.0, allowed
        for f in f0s[frame]:
            off = abs(value - f) / value
            if off <= error:
                found, error = f, off
        f0[frame] = found
        if found == 0.0:
            missed += 1
        else:
            value, reached, missed = found, frame, 0
        if missed == 4:
            break
    return reached


def _merged(channels: list[np.ndarray], sections: Sections, f0s: Table, scores: Table) -> np.ndarray:
    """``MergeF0``, its way of sorting included."""
    order = list(range(len(channels)))
    for i in range(1, len(order)):
        for j in range(i - 1, -1, -1):
            if sections[order[j]][0] <= sections[order[i]][0]:
                break
            order[i], order[j] = order[j], order[i]
    out = channels[0].copy()
    reach = sections[0]

    def score(contour: np.ndarray, frame: int) -> float:
        value = contour[frame]
        return max((s for f, s in zip(f0s[frame], scores[frame], strict=True) if f == value), default=0.0)

    for k in order[1:]:
        own, (start, end) = channels[k], sections[k]
        if start > reach[1]:
            out[start : end + 1] = own[start : end + 1]
            reach[:] = [start, end]
        elif not (reach[0] <= start and reach[1] >= end):
            shared = range(start, reach[1] + 1)
            before, new = sum(score(out, i) for i in shared), sum(score(own, i) for i in shared)
            first = reach[1] if before > new else start
            out[first : end + 1] = own[first : end + 1]
            reach[1] = end
    return out


def _bridged(f0: np.ndarray, least: int) -> np.ndarray:
    """``FixStep4``: gaps shorter than `least` are filled by a line (from 1 Hz above to 1 Hz below, as WORLD
    has it)."""
    out = f0.copy()
    sections = _sections(f0)
    for (_, end), (start, _) in zip(sections, sections[1:], strict=False):
        gap = start - end - 1
        if gap < least:
            low, high = f0[end] + 1.0, f0[start] - 1.0
            out[end + 1 : start] = low + (high - low) / (gap + 1.0) * np.arange(1, gap + 1)
    return out
