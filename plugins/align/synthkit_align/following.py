# SPDX-License-Identifier: Apache-2.0
"""The inner loop of following a text of any length through a recording: a beam around the likeliest phone."""

from __future__ import annotations

import numpy as np

from synthkit_align.kernels import NO_PATH, compiled


@compiled
def follow(density, sequence, moved, stay, leave):  # type: ignore[no-untyped-def]
    """The likeliest way through `sequence`: the phone of each step ``(T,)`` int32, from the first on.

    `density` is ``(T, P)`` logarithmic, `sequence` ``(N,)`` names its columns; `stay` and `leave` are
    logarithms. `moved` ``(T, W)``, all false, is where the ways are kept, in memory or on the disk: of each
    step `W` phones, no more than there are, around the likeliest of the step before are followed. The way
    ends at the last phone where that is among them.
    """
    steps, count = len(density), len(sequence)
    width = moved.shape[1]
    reach = width // 2
    low = np.zeros(steps, np.int32)
    old = np.full(width, NO_PATH)
    new = np.empty(width)
    old[0] = density[0, sequence[0]]
    for t in range(1, steps):
        top = 0
        for k in range(width):
            if old[k] > old[top]:
                top = k
        base = min(max(low[t - 1] + top - reach, low[t - 1]), count - width)
        low[t] = base
        shift = base - low[t - 1]
        for k in range(width):
            here = old[k + shift] if k + shift < width else NO_PATH
            before = NO_PATH
            if 0 <= k + shift - 1 < width:
                before = old[k + shift - 1]
            value = here + stay
            if before + leave > value:
                value = before + leave
                moved[t, k] = True
            new[k] = value + density[t, sequence[base + k]]
        old, new = new, old
    last = width - 1 if low[steps - 1] + width == count and old[width - 1] > NO_PATH / 2 else 0
    if last == 0:
        for k in range(width):
            if old[k] > old[last]:
                last = k
    phone = np.empty(steps, np.int32)
    state = low[steps - 1] + last
    for t in range(steps - 1, -1, -1):
        phone[t] = state
        if moved[t, state - low[t]]:
            state -= 1
    return phone
