# SPDX-License-Identifier: Apache-2.0
"""The inner loops, compiled by numba: densities, forward-backward, Viterbi, sums.

Everything a function needs comes as arrays, so that each can be read, and tested, alone. Sums are in
float64 and in a fixed order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

NO_PATH = -1e300
"""Log-probability where no path fits (fast arithmetic has no infinities)."""


BLOCK = 64
"""Frames whose densities are computed side by side."""


def compiled(function: Callable[..., Any]) -> Any:
    """`function`, compiled and kept on disk for the next process."""
    try:
        return njit(cache=True, fastmath=True)(function)
    except RuntimeError:  # nowhere to write the compiled code: compile in every process
        return njit(fastmath=True)(function)


@compiled
def log_mixture(x, mean, precision, constant, count):  # type: ignore[no-untyped-def]
    """Log-density of one frame `x` ``(D,)`` under the first `count` Gaussians of a mixture ``(M, D)``."""
    best = np.float32(-1e30)
    total = np.float32(0)
    for m in range(count):
        distance = np.float32(0)
        for d in range(len(x)):
            z = x[d] - mean[m, d]
            distance += z * z * precision[m, d]
        value = constant[m] - np.float32(0.5) * distance
        if value > best:
            total = total * np.exp(best - value) + np.float32(1)
            best = value
        elif value > best - np.float32(20):
            total += np.exp(value - best)
    return best + np.log(total)


@compiled
def log_densities(x, emissions, mean, precision, constant, count, scale):  # type: ignore[no-untyped-def]
    """Scaled log-densities ``(T, U)`` of frames `x` ``(T, D)`` under the mixtures named by `emissions`.

    As `log_mixture`, but `BLOCK` frames side by side: the inner loops then run over frames, where each is
    like the next, and fill the processor's vectors.
    """
    frames, dims = x.shape
    out = np.empty((frames, len(emissions)), np.float32)
    columns = np.zeros((dims, BLOCK), np.float32)
    value = np.empty((mean.shape[1], BLOCK), np.float32)
    best = np.empty(BLOCK, np.float32)
    total = np.empty(BLOCK, np.float32)
    for start in range(0, frames, BLOCK):
        width = min(BLOCK, frames - start)
        for t in range(width):
            for d in range(dims):
                columns[d, t] = x[start + t, d]
        for u in range(len(emissions)):
            e = emissions[u]
            for m in range(count[e]):
                row = value[m]
                row[:] = constant[e, m]
                for d in range(dims):
                    centre, factor, column = mean[e, m, d], np.float32(-0.5) * precision[e, m, d], columns[d]
                    for t in range(BLOCK):
                        z = column[t] - centre
                        row[t] += z * z * factor
            best[:] = value[0]
            for m in range(1, count[e]):
                for t in range(BLOCK):
                    best[t] = max(best[t], value[m, t])
            total[:] = 0
            for m in range(count[e]):
                for t in range(width):
                    less = value[m, t] - best[t]
                    if less > np.float32(-20):
                        total[t] += np.exp(less)
            for t in range(width):
                out[start + t, u] = scale * (best[t] + np.log(total[t]))
    return out


@compiled
def posteriors(density, column, before, first, last, stay, leave):  # type: ignore[no-untyped-def]
    """Forward-backward. Returns the log-probability of all paths and state posteriors ``(T, S)``.

    `density` is ``(T, U)`` logarithmic, `column` says which column a state has; `stay` and `leave` are
    transition probabilities ``(S,)``. The log-probability is `NO_PATH` where none fits.
    """
    frames, states = density.shape[0], len(column)
    reach = before.shape[1]
    likelihood = np.empty((frames, density.shape[1]))
    total_log = 0.0
    for t in range(frames):
        top = density[t].max()
        total_log += top
        for u in range(density.shape[1]):
            likelihood[t, u] = np.exp(max(density[t, u] - top, -300.0))
    forward = np.zeros((frames, states))
    for t in range(frames):
        total = 0.0
        for s in range(states):
            value = 0.0
            if t == 0:
                if first[s]:
                    value = 1.0
            else:
                value = forward[t - 1, s] * stay[s]
                for p in range(reach):
                    q = before[s, p]
                    if q < 0:
                        break
                    value += forward[t - 1, q] * leave[q]
            value *= likelihood[t, column[s]]
            if value < 1e-290:
                value = 0.0
            forward[t, s] = value
            total += value
        if total <= 0.0:
            return NO_PATH, forward
        for s in range(states):
            forward[t, s] /= total
        total_log += np.log(total)
    backward = np.zeros(states)
    earlier = np.zeros(states)
    total = 0.0
    for s in range(states):
        if last[s]:
            backward[s] = 1.0
            total += forward[frames - 1, s]
    if total <= 0.0:
        return NO_PATH, forward
    total_log += np.log(total)
    for t in range(frames - 1, -1, -1):
        total = 0.0
        for s in range(states):
            forward[t, s] *= backward[s]
            total += forward[t, s]
        if total <= 0.0:
            return NO_PATH, forward
        for s in range(states):
            forward[t, s] /= total
        if t == 0:
            break
        for s in range(states):
            earlier[s] = 0.0
        for s in range(states):
            value = backward[s] * likelihood[t, column[s]]
            if value > 0.0:
                earlier[s] += value * stay[s]
                for p in range(reach):
                    q = before[s, p]
                    if q < 0:
                        break
                    earlier[q] += value * leave[q]
        top = earlier.max()
        if top <= 0.0:
            return NO_PATH, forward
        for s in range(states):
            backward[s] = earlier[s] / top
    return total_log, forward


@compiled
def viterbi(density, column, before, first, last, stay, leave):  # type: ignore[no-untyped-def]
    """The likeliest path: state per frame ``(T,)`` int32, empty where no path fits. See `posteriors`."""
    frames, states = density.shape[0], len(column)
    reach = before.shape[1]
    back = np.zeros((frames, states), np.int16)
    old = np.empty(states)
    new = np.empty(states)
    stay_log, leave_log = np.log(stay), np.log(leave)
    impossible = NO_PATH
    for s in range(states):
        old[s] = float(density[0, column[s]]) if first[s] else impossible
    for t in range(1, frames):
        for s in range(states):
            best = old[s] + stay_log[s]
            way = 0
            for p in range(reach):
                q = before[s, p]
                if q < 0:
                    break
                value = old[q] + leave_log[q]
                if value > best:
                    best = value
                    way = p + 1
            new[s] = best + density[t, column[s]]
            back[t, s] = way
        old, new = new, old
    state = -1
    best = impossible / 2
    for s in range(states):
        if last[s] and old[s] > best:
            best = old[s]
            state = s
    if state < 0:
        return np.empty(0, np.int32)
    path = np.empty(frames, np.int32)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        if back[t, state] > 0:
            state = before[state, back[t, state] - 1]
    return path


@compiled
def add_sums(  # type: ignore[no-untyped-def]
    x, posterior, low, emission, mean, precision, constant, count, occupancy, sums, squares
):
    """Add an utterance's weighted frames to the mixtures' sums, in place.

    `posterior` is ``(T, W)``, its column ``k`` of frame ``t`` being state ``low[t] + k``; `occupancy` is
    ``(E, M)``, `sums` and `squares` ``(E, M, D)``.
    """
    frames, dims = x.shape
    share = np.empty(mean.shape[1])
    for t in range(frames):
        for k in range(posterior.shape[1]):
            weight = posterior[t, k]
            if weight < 1e-3:
                continue
            e = emission[low[t] + k]
            best = -1e30
            for m in range(count[e]):
                distance = np.float32(0)
                for d in range(dims):
                    z = x[t, d] - mean[e, m, d]
                    distance += z * z * precision[e, m, d]
                share[m] = constant[e, m] - 0.5 * distance
                best = max(best, share[m])
            total = 0.0
            for m in range(count[e]):
                share[m] = np.exp(share[m] - best)
                total += share[m]
            for m in range(count[e]):
                w = weight * share[m] / total
                if w < 1e-4:
                    continue
                occupancy[e, m] += w
                for d in range(dims):
                    sums[e, m, d] += w * x[t, d]
                    squares[e, m, d] += w * x[t, d] * x[t, d]
