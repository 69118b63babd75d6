# SPDX-License-Identifier: Apache-2.0
"""When the voice's pulses come: given to the network, not left for it to find.

A sampled network is slow to learn to keep up a period by itself: each pulse has to grow out of noise. Where
frames state F0, pulses are set one period after the other from where voicing begins, and the network reads
how near the last and the next one are; what it learns is their shape. When it learns, they are those of the
recording: the peaks of what linear prediction leaves, a period apart. That an excitation at F0 is given is of
the neural source-filter models (Wang et al. 2019, arXiv:1810.11946); here it also stands where the speaker's
pulses did.

Arrays are (N,) over the samples of one recording.
"""

from __future__ import annotations

import numpy as np

NEAR, WIDE = 1.0, 4.0
"""Standard deviations of the bumps, samples."""
FREEDOM = 0.2
"""How far from a period a pulse is looked for, relative to it."""


def contour(
    lf0: np.ndarray, vuv: np.ndarray, below: np.ndarray, part: np.ndarray, sample_rate: int
) -> np.ndarray:
    """Samples in a period at each sample, float64; 0 where it is not voiced.

    Parameters
    ----------
    lf0, vuv : ndarray, shape (T,)
        Of frames.
    below, part : ndarray
        Of `conditions.Grid.places`.
    """
    above = np.minimum(below + 1, len(lf0) - 1)
    log = lf0[below] * (1 - part) + lf0[above] * part
    voiced = np.where(part < 0.5, vuv[below], vuv[above]) > 0.5
    found: np.ndarray = np.where(voiced, sample_rate / np.exp(log.astype(np.float64)), 0.0)
    return found


def _stretches(period: np.ndarray) -> list[tuple[int, int]]:
    voiced = np.concatenate([[False], period > 0, [False]])
    edges = np.flatnonzero(voiced[1:] != voiced[:-1])
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def spoken(period: np.ndarray) -> list[np.ndarray]:
    """Positions of pulses a period apart, fractions of samples, for each voiced stretch."""
    out = []
    for start, end in _stretches(period):
        turns = np.cumsum(1 / period[start:end])
        whole = np.arange(0, np.floor(turns[-1]) + 1)
        out.append(start + np.interp(whole, np.concatenate([[0], turns]), np.arange(end - start + 1)))
    return out


def heard(left: np.ndarray, period: np.ndarray) -> list[np.ndarray]:
    """Positions of the pulses of a recording, for each voiced stretch.

    From the highest peak of `left` on, forward and back: the highest within `FREEDOM` of a period later.
    """
    out = []
    for start, end in _stretches(period):
        part = left[start:end]
        first = int(np.argmax(part))
        found = [first]
        for way in (1, -1):
            at = first
            while True:
                step = period[start + at]
                nearest = round(step * (1 - FREEDOM))
                low, high = sorted((at + way * nearest, at + way * round(step * (1 + FREEDOM))))
                if low < 0 or high >= len(part):
                    break
                centre = at + way * step
                offset = (np.arange(low, high + 1) - centre) / (FREEDOM * step)
                at = low + int(np.argmax(part[low : high + 1] * (1 - 0.5 * offset**2)))
                found.append(at)
        out.append(start + np.sort(np.array(found, np.float64)))
    return out


def around(positions: list[np.ndarray], count: int) -> np.ndarray:
    """Samples since the last pulse and to the next (N, 2), float32; both 0 outside of voiced stretches."""
    out = np.zeros((count, 2), np.float32)
    for stretch in positions:
        if len(stretch) < 2:
            continue
        first, last = int(np.ceil(stretch[0])), min(int(np.ceil(stretch[-1])), count)
        at = np.arange(first, last)
        after = np.searchsorted(stretch, at, side="right")
        out[first:last, 0] = at - stretch[after - 1]
        out[first:last, 1] = stretch[after] - at
    return out


def signals(near: np.ndarray) -> np.ndarray:
    """What the network reads (N, PULSES), float32, of what `around` gives: cosine and sine of the way from
    pulse to pulse, and two bumps around each; 0 where there is none."""
    last, to_next = near[:, 0], near[:, 1]
    period = last + to_next
    voiced = period > 0
    angle = 2 * np.pi * last / np.where(voiced, period, 1)
    closest = np.minimum(last, to_next)
    out = np.stack(
        [
            np.cos(angle),
            np.sin(angle),
            np.exp(-0.5 * (closest / NEAR) ** 2),
            np.exp(-0.5 * (closest / WIDE) ** 2),
        ],
        axis=1,
    )
    found: np.ndarray = np.where(voiced[:, None], out, 0).astype(np.float32)
    return found
