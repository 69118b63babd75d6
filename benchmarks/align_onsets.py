# SPDX-License-Identifier: Apache-2.0
"""Whose boundaries at pauses are where the sound changes: ours, or the labels'?

At every edge of a pause the recording itself says when sound begins or ends: the moment that best parts the
differenced samples around it into two stretches of different power (two Gaussians, maximum likelihood; the
step that the generalised likelihood ratio of Brandt, 1983, takes with an order of zero). Neither aligner nor
labels are used to find it but to know where to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from synthkit import audio
from synthkit.types import PAUSE, Alignment, Utterance

AROUND = 0.08
"""Seconds looked at to each side of the boundary."""
LEAST = 15.0
"""dB between the two sides below which the moment is held to be unclear."""


def change(x: np.ndarray, least: int) -> tuple[int, float]:
    """The sample that best parts `x` into two stretches of at least `least` samples, and the dB between
    them."""
    energy = np.diff(x.astype(np.float64)) ** 2 + 1e-12
    sums = np.cumsum(energy)
    k = np.arange(least, len(energy) - least)
    left, right = sums[k - 1] / k, (sums[-1] - sums[k - 1]) / (len(energy) - k)
    best = int(np.argmin(k * np.log(left) + (len(energy) - k) * np.log(right)))
    return int(k[best]), float(10 * np.log10(right[best] / left[best]))


def report(
    utterances: Sequence[Utterance], pairs: Mapping[str, Sequence[tuple[int, int]]],
    truth: Mapping[str, Alignment], ours: Mapping[str, Alignment],
) -> None:  # fmt: skip
    """Print how far ours and the labels lie from the change. `pairs` are (label, our phone) of each
    utterance."""
    rows: dict[str, list[tuple[float, float]]] = {"speech begins": [], "speech ends": []}
    for u in utterances:
        if u.id not in ours:
            continue
        wave = audio.read(u.audio, None, u.start, u.end)
        rate, t, a = wave.sample_rate, truth[u.id].phones, ours[u.id].phones
        for k, j in pairs[u.id]:
            edge = (t[k - 1].label == PAUSE, t[k].label == PAUSE)
            if edge[0] == edge[1]:
                continue
            middle = (t[k].start + a[j].start) / 2
            begin = max(middle - AROUND, t[k - 1].start + 0.005)
            end = min(middle + AROUND, t[k].end - 0.005)
            if end - begin < 0.1:
                continue
            at, step = change(wave.samples[int(begin * rate) : int(end * rate)], int(0.02 * rate))
            if abs(step) >= LEAST:
                moment = begin + at / rate
                kind = "speech begins" if edge[0] else "speech ends"
                rows[kind].append((a[j].start - moment, t[k].start - moment))
    print("    at pauses, against the moment at which the sound's power changes (median, mean distance; ms)")
    for kind, found in rows.items():
        ms = np.array(found).reshape(-1, 2) * 1e3
        if len(ms):
            middle, far = np.median(ms, axis=0), np.abs(ms).mean(axis=0)
            print(
                f"      {kind} ({len(ms)}): ours {middle[0]:+.1f}, {far[0]:.1f}; the labels "
                f"{middle[1]:+.1f}, {far[1]:.1f}"
            )
