# SPDX-License-Identifier: Apache-2.0
"""The inner loops of the refinement: a chain of states, each frame near the few that it may belong to.

Arrays are ``(T, W)``: column ``k`` of frame ``t`` is state ``low[t] + k``, and those from ``high[t]`` on are
unused. Compiled by numba; sums in a fixed order.
"""

from __future__ import annotations

import numpy as np

from synthkit_align.graph import STATES
from synthkit_align.kernels import NO_PATH, compiled, log_mixture


def corridor(starts: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """States that each frame may belong to, where every boundary may move by `reach` frames.

    Parameters
    ----------
    starts : ndarray, int, shape (N + 1,)
        First frame of each phone, and the number of frames. Every phone has `STATES` states.
    reach : int

    Returns
    -------
    low, high : ndarray, int32, shape (T,)
        Half-open ranges of states. A path from the first state to the last exists within them where phones
        last `STATES` frames or more, give or take a frame of rounding.
    """
    frames, states = int(starts[-1]), STATES * (len(starts) - 1)
    t = np.arange(frames)
    low = STATES * np.searchsorted(starts[1:-1], t - reach, side="right")
    high = STATES * (np.searchsorted(starts[1:-1], t + reach, side="right") + 1)
    low = np.maximum(low, states - (frames - t))  # the rest must still be reached
    high = np.minimum(high, t + 1)
    return low.astype(np.int32), np.maximum(high, low + 1).astype(np.int32)


@compiled
def densities(x, emission, low, high, mean, precision, constant, count, scale):  # type: ignore[no-untyped-def]
    """Scaled log-densities ``(T, W)`` of frames `x` ``(T, D)`` under the states of their corridor."""
    out = np.full((len(x), (high - low).max()), np.float32(-1e30))
    for t in range(len(x)):
        for s in range(low[t], high[t]):
            e = emission[s]
            out[t, s - low[t]] = scale * log_mixture(x[t], mean[e], precision[e], constant[e], count[e])
    return out


@compiled
def posteriors(density, low, high, states, stay):  # type: ignore[no-untyped-def]
    """Forward-backward over the chain. Returns the log-probability and state posteriors ``(T, W)``.

    `stay` is the self-loop's probability, the same for all. The log-probability is `NO_PATH` where none fits.
    """
    frames, width = density.shape
    likelihood = np.zeros((frames, width))
    forward = np.zeros((frames, width))
    total_log = 0.0
    for t in range(frames):
        n = high[t] - low[t]
        top = density[t, :n].max()
        total = 0.0
        for k in range(n):
            likelihood[t, k] = np.exp(max(float(density[t, k] - top), -300.0))
            s = low[t] + k
            value = 0.0
            if t == 0:
                value = 1.0 if s == 0 else 0.0
            else:
                if low[t - 1] <= s < high[t - 1]:
                    value += forward[t - 1, s - low[t - 1]] * stay
                if low[t - 1] < s <= high[t - 1]:
                    value += forward[t - 1, s - 1 - low[t - 1]] * (1.0 - stay)
            value *= likelihood[t, k]
            if value < 1e-290:
                value = 0.0
            forward[t, k] = value
            total += value
        if total <= 0.0:
            return NO_PATH, forward
        for k in range(n):
            forward[t, k] /= total
        total_log += np.log(total) + top
    if high[frames - 1] != states or forward[frames - 1, states - 1 - low[frames - 1]] <= 0.0:
        return NO_PATH, forward
    total_log += np.log(forward[frames - 1, states - 1 - low[frames - 1]])
    backward = np.zeros(width)
    earlier = np.zeros(width)
    backward[states - 1 - low[frames - 1]] = 1.0
    for t in range(frames - 1, -1, -1):
        n = high[t] - low[t]
        total = 0.0
        for k in range(n):
            forward[t, k] *= backward[k]
            total += forward[t, k]
        if total <= 0.0:
            return NO_PATH, forward
        for k in range(n):
            forward[t, k] /= total
        if t == 0:
            break
        earlier[:] = 0.0
        for k in range(high[t - 1] - low[t - 1]):
            s = low[t - 1] + k
            if low[t] <= s < high[t]:
                earlier[k] += backward[s - low[t]] * likelihood[t, s - low[t]] * stay
            if low[t] <= s + 1 < high[t]:
                earlier[k] += backward[s + 1 - low[t]] * likelihood[t, s + 1 - low[t]] * (1.0 - stay)
        top = earlier.max()
        if top <= 0.0:
            return NO_PATH, forward
        backward[:] = earlier / top
    return total_log, forward


@compiled
def held(posterior, low, high, phones):  # type: ignore[no-untyped-def]
    """Expected frames of each phone ``(N,)``."""
    out = np.zeros(phones)
    for t in range(len(posterior)):
        for k in range(high[t] - low[t]):
            out[(low[t] + k) // STATES] += posterior[t, k]
    return out
