# SPDX-License-Identifier: Apache-2.0
"""Where the pitch periods of a waveform lie. F0 is WORLD's; it is imported when marks are asked for."""

from __future__ import annotations

import numpy as np

from synthkit.dsp.world import load_pyworld

FLOOR, CEILING = 60.0, 400.0
"""Hz between which F0 is looked for."""


def pitch(samples: np.ndarray, rate: int) -> np.ndarray:
    """F0 (T,) in Hz every 5 ms, 0 where unvoiced, by DIO and StoneMask; none for less than 50 ms."""
    if len(samples) < rate // 20:
        return np.zeros(0)
    world = load_pyworld()
    x = samples.astype(np.float64)
    f0, times = world.dio(x, rate, f0_floor=FLOOR, f0_ceil=CEILING, frame_period=5.0)
    return world.stonemask(x, f0, times, rate)


def pitch_marks(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    """One mark per period of each voiced stretch, in samples.

    A stretch begins with the greatest peak of its loudest period. Each next mark lies where the waveform
    resembles best the period before, at most a quarter of a period from where F0 expects it; of equal
    places the higher one is taken.

    Returns
    -------
    list of ndarray, int64
        Stretches in order, none of less than three marks.
    """
    f0 = pitch(samples, rate)
    voiced = np.concatenate([[False], f0 > 0, [False]])
    begins, ends = np.flatnonzero(~voiced[:-1] & voiced[1:]), np.flatnonzero(voiced[:-1] & ~voiced[1:])
    x = samples.astype(np.float64)
    x *= -1 if -x.min(initial=0) > x.max(initial=0) else 1
    hop = rate / 200
    out = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        low, high = max(round((begin - 0.5) * hop), 0), min(round((end - 0.5) * hop), len(x))
        contour = rate / f0[begin:end]
        period = np.interp(np.arange(low, high), np.arange(begin, end) * hop, contour)
        first = low + int(x[low:high].argmax())
        marks = [first]
        for step in (1, -1):
            at = first
            while (following := _next(x, at, period[at - low], step)) is not None and low <= following < high:
                at = following
                marks.append(at)
        if len(marks) > 2:
            out.append(np.array(sorted(marks), np.int64))
    return out


def _next(x: np.ndarray, at: int, period: float, step: int) -> int | None:
    """The mark one period after (`step` 1) or before (-1) `at`; None beyond the ends."""
    half, play = int(period / 2), int(period / 4)
    expected = at + step * round(period)
    low, high = expected - play, expected + play + 1
    if at - half < 0 or at + half > len(x) or low - half < 0 or high + half > len(x):
        return None
    pattern = x[at - half : at + half]
    window = x[low - half : high + half - 1]
    power = np.concatenate([[0.0], np.cumsum(window**2)])
    energy = power[len(pattern) :] - power[: len(power) - len(pattern)]
    alike = np.correlate(window, pattern, "valid") / np.sqrt(energy * (pattern @ pattern) + 1e-12)
    peak = x[low:high] / (np.abs(window).max() + 1e-9)
    return low + int((alike + 0.3 * peak).argmax())
