# SPDX-License-Identifier: Apache-2.0
"""The network of `network.py` one sample at a time, compiled by numba: it speaks without torch.

What a layer needs of the past it keeps, so that a sample costs each layer once (fast generation: Paine et al.
2016, arXiv:1611.09482). All is float32, and what is drawn follows from the seed alone. Before the first
sample lies endless silence under the first frame: there every layer is constant, and one pass fills what they
keep.

Matrices are (inputs, outputs), so that the inner loops run along outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from synthkit.types import Frames
from synthkit_wavenet import companding, prediction, pulses
from synthkit_wavenet.conditions import Grid, values_of
from synthkit_wavenet.shape import CONTEXT, Shape
from synthkit_wavenet.stored import TrainedVocoder

RARE = np.float32(1e-5)
"""Of the tails of a logistic distribution, so much at each end is never drawn."""
NARROWEST = np.float32(-9)
"""As in `likelihood.py`."""


def compiled(function: Callable[..., Any]) -> Any:
    """`function`, compiled and kept on disk for the next process."""
    options = {"fastmath": {"contract", "reassoc", "nsz", "arcp"}, "error_model": "numpy"}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to write the compiled code: compile in every process
        return njit(**options)(function)


@compiled
def add_product(out, x, weight):  # type: ignore[no-untyped-def]
    """``out += x @ weight``: (K,) and (K, M) to (M,), four rows at once."""
    whole = len(x) // 4 * 4
    for k in range(0, whole, 4):
        a, b, c, d = x[k], x[k + 1], x[k + 2], x[k + 3]
        for m in range(len(out)):
            out[m] += a * weight[k, m] + b * weight[k + 1, m] + (c * weight[k + 2, m] + d * weight[k + 3, m])
    for k in range(whole, len(x)):
        a = x[k]
        for m in range(len(out)):
            out[m] += a * weight[k, m]


@compiled
def gated(z, both):  # type: ignore[no-untyped-def]
    """``z = tanh(a) (1 + tanh(b)) / 2`` of `both`, which is a and then b.

    ``tanh(v)`` from ``tanh(v / 2)``, which is Lambert's continued fraction to seven terms: 1.5e-7 from the
    truth at most, in arithmetic alone, so that it runs along vectors.
    """
    size = len(z)
    for m in range(2 * size):
        y = min(max(both[m] * np.float32(0.5), np.float32(-4.5)), np.float32(4.5))
        q = y * y
        above = y * (np.float32(135135) + q * (np.float32(17325) + q * (np.float32(378) + q)))
        under = np.float32(135135) + q * (np.float32(62370) + q * (np.float32(3150) + q * np.float32(28)))
        both[m] = np.float32(2) * above * under / (under * under + above * above)
    for m in range(size):
        z[m] = both[m] * (np.float32(0.5) + np.float32(0.5) * both[size + m])


@compiled
def drawn_logistic(out, chance, place, temperature):  # type: ignore[no-untyped-def]
    """A value of the mixture with parameters `out` (3 K,); `chance` and `place` are uniform in [0, 1)."""
    count = len(out) // 3
    top = out[0]
    for k in range(1, count):
        top = max(top, out[k])
    total = np.float32(0)
    for k in range(count):
        total += np.exp(out[k] - top)
    rest, chosen = chance * total, count - 1
    for k in range(count):
        rest -= np.exp(out[k] - top)
        if rest < 0:
            chosen = k
            break
    place = min(max(place, RARE), np.float32(1) - RARE)
    scale = np.exp(max(out[2 * count + chosen], NARROWEST))
    return out[count + chosen] + temperature * scale * np.log(place / (np.float32(1) - place))


@compiled
def drawn_class(out, chance, temperature):  # type: ignore[no-untyped-def]
    """A class of the softmax of `out`."""
    top = out[0]
    for k in range(1, len(out)):
        top = max(top, out[k])
    total = np.float32(0)
    for k in range(len(out)):
        out[k] = np.exp((out[k] - top) / temperature)
        total += out[k]
    rest = chance * total
    for k in range(len(out)):
        rest -= out[k]
        if rest < 0:
            return k
    return len(out) - 1


@compiled
def said(  # type: ignore[no-untyped-def]
    net, dilations, offsets, at, known, uniform, class_values, temperature, told
):
    """Samples (N,), one after the other.

    `net` are the fields of `Network` in their order, `at` the frames around each sample, `known` what is
    known before: of the frames, and of prediction. `told` (N, outputs) takes the parameters of each
    distribution; with no row it takes none.
    """
    (
        enter,
        enter_bias,
        past,
        now,
        residual,
        residual_bias,
        skip,
        skip_bias,
        middle,
        middle_bias,
        last,
        last_bias,
    ) = net
    below, above, part, near = at
    conditions, taps, level, lag, period_taps, ahead = known
    count, layers, channels = len(below), len(dilations), enter.shape[1]
    order = taps.shape[1]
    samples, left = np.zeros(count, np.float32), np.zeros(count, np.float32)
    signals, h, z = (
        np.zeros(enter.shape[0], np.float32),
        np.empty(channels, np.float32),
        np.empty(channels, np.float32),
    )
    both = np.empty(2 * channels, np.float32)
    given, inner, out = np.empty_like(skip_bias), np.empty_like(middle_bias), np.empty_like(last_bias)
    kept = np.empty((offsets[-1], channels), np.float32)
    place = np.zeros(layers, np.int64)
    h[:] = enter_bias
    for k in range(layers):  # the silence before
        for r in range(offsets[k], offsets[k + 1]):
            kept[r] = h
        both[:] = conditions[0, k]
        add_product(both, h, past[k])
        add_product(both, h, now[k])
        gated(z, both)
        if k < layers - 1:
            h += residual_bias[k]
            add_product(h, z, residual[k])
    for n in range(count):
        frame = near[n]
        predicted = np.float32(0)
        for k in range(min(order, n)):
            predicted += taps[frame, k] * samples[n - 1 - k]
        if order:
            signals[0] = left[n - 1] if n else np.float32(0)
            signals[1] = samples[n - 1] / level[n] if n else np.float32(0)
            signals[2] = predicted / level[n]
            period = lag[frame]
            for k in range(period_taps):
                ago = n - period + k - period_taps // 2
                signals[3 + k] = left[ago] if period > 0 and ago >= 0 else np.float32(0)
            for k in range(3 + period_taps):
                signals[k] = np.arcsinh(signals[k])
            for k in range(ahead.shape[1]):
                signals[3 + period_taps + k] = ahead[n, k]
        elif n:
            quiet = min(abs(samples[n - 1]), np.float32(1))
            signals[0] = np.copysign(
                np.log1p(companding.MU * quiet) / np.log1p(companding.MU), samples[n - 1]
            )
        h[:] = enter_bias
        add_product(h, signals, enter)
        given[:] = skip_bias
        before, after, way = conditions[below[n]], conditions[above[n]], part[n]
        for k in range(layers):
            row = offsets[k] + place[k]
            for m in range(2 * channels):
                both[m] = before[k, m] + way * (after[k, m] - before[k, m])
            add_product(both, kept[row], past[k])
            add_product(both, h, now[k])
            kept[row] = h
            place[k] = place[k] + 1 if place[k] + 1 < dilations[k] else 0
            gated(z, both)
            add_product(given, z, skip[k])
            if k < layers - 1:
                for m in range(channels):
                    h[m] += residual_bias[k, m]
                add_product(h, z, residual[k])
        for m in range(len(given)):
            given[m] = max(given[m], np.float32(0))
        inner[:] = middle_bias
        add_product(inner, given, middle)
        for m in range(len(inner)):
            inner[m] = max(inner[m], np.float32(0))
        out[:] = last_bias
        add_product(out, inner, last)
        if len(told):
            told[n] = out
        if len(class_values):
            value = class_values[drawn_class(out, uniform[n, 0], temperature)]
        else:
            value = drawn_logistic(out, uniform[n, 0], uniform[n, 1], temperature)
        samples[n] = min(max(predicted + level[n] * value, np.float32(-1)), np.float32(1))
        left[n] = (samples[n] - predicted) / level[n]
    return samples


@compiled
def requantised(samples, taps, near, level, class_values, limit):  # type: ignore[no-untyped-def]
    """`samples` (N,) as they are when each is the prediction from those before it plus the value of a class.

    The error stays that of a class: what is predicted is predicted from what was said.
    """
    out = np.zeros_like(samples)
    half = len(class_values) // 2
    for n in range(len(samples)):
        predicted = np.float32(0)
        for k in range(min(taps.shape[1], n)):
            predicted += taps[near[n], k] * out[n - 1 - k]
        wanted = (samples[n] - predicted) / level[n]
        size = min(abs(wanted) / limit, np.float32(1))
        y = np.log1p(companding.MU * size) / np.log1p(companding.MU)
        index = int(np.round(np.copysign(y, wanted) * half)) + half
        value = class_values[min(max(index, 0), len(class_values) - 1)]
        out[n] = min(max(predicted + level[n] * value, np.float32(-1)), np.float32(1))
    return out


@dataclass(frozen=True)
class Network:
    """Matrices (inputs, outputs) and biases, by layer where there are several."""

    enter: np.ndarray
    enter_bias: np.ndarray
    past: np.ndarray
    now: np.ndarray
    residual: np.ndarray
    residual_bias: np.ndarray
    skip: np.ndarray
    skip_bias: np.ndarray
    middle: np.ndarray
    middle_bias: np.ndarray
    last: np.ndarray
    last_bias: np.ndarray

    @classmethod
    def of(cls, shape: Shape, w: dict[str, np.ndarray]) -> Network:
        """The weights `w` as the loops want them."""
        size = shape.channels

        def turned(name: str) -> np.ndarray:
            return np.ascontiguousarray(w[f"{name}.weight"].T, np.float32)

        gates = [turned(f"gates.{k}") for k in range(shape.layers)]
        none = np.zeros((0, size, size), np.float32), np.zeros((0, size), np.float32)
        inner = range(shape.layers - 1)
        return cls(
            turned("enter"), w["enter.bias"],
            np.stack([g[:size] for g in gates]), np.stack([g[size : 2 * size] for g in gates]),
            np.stack([turned(f"residuals.{k}") for k in inner]) if inner else none[0],
            np.stack([w[f"residuals.{k}.bias"] for k in inner]) if inner else none[1],
            turned("skip").reshape(shape.layers, size, shape.skip), w["skip.bias"],
            turned("middle"), w["middle.bias"], turned("out"), w["out.bias"],
        )  # fmt: skip


def conditions(v: TrainedVocoder, values: np.ndarray) -> np.ndarray:
    """What each frame adds to each layer's gates, their bias included: (T, layers, 2 * channels)."""
    w, shape = v.weights, v.shape
    x = (values - v.scales.mean) / v.scales.std
    x = np.pad(x, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    x = np.maximum(_convolved(x, w["read.weight"], w["read.bias"]), 0)
    c = np.tanh(_convolved(x, w["widen.weight"], w["widen.bias"]))
    size = 2 * shape.channels
    matrix = np.concatenate([w[f"gates.{k}.weight"][:, size:] for k in range(shape.layers)])
    bias = np.concatenate([w[f"gates.{k}.bias"] for k in range(shape.layers)])
    return (c @ matrix.T + bias).reshape(len(values), shape.layers, size).astype(np.float32)


def _convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """``torch.nn.Conv1d`` of (T, inputs) without padding, (T - taps + 1, outputs)."""
    count = len(x) - weight.shape[2] + 1
    out = bias + x[:count] @ weight[:, :, 0].T
    for tap in range(1, weight.shape[2]):
        out += x[tap : tap + count] @ weight[:, :, tap].T
    found: np.ndarray = out
    return found


def render(
    v: TrainedVocoder, frames: Frames, *, seed: int, temperature: float = 1.0, tell: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Samples of `frames`, float32, ``len(frames) * hop_length`` of them.

    Parameters
    ----------
    v : TrainedVocoder
    frames : Frames
    seed : int
        Of what is drawn.
    temperature : float
        Breadth of the distributions that are drawn from; 1 as they were learned.
    tell : bool
        Whether the parameters of each sample's distribution are given.

    Returns
    -------
    samples : ndarray, shape (N,), float32
    told : ndarray, shape (N, outputs), float32
        No row unless `tell`.
    """
    shape, grid = v.shape, Grid.of(v.spec)
    count = len(frames) * grid.hop
    below, part = grid.places(0, count, len(frames))
    above = np.minimum(below + 1, len(frames) - 1)
    near = np.where(part < 0.5, below, above)
    ahead = prediction.of_frames(frames, shape.order)
    log = np.log(np.maximum(ahead.level, prediction.SILENCE))
    level = (np.exp(log[below] * (1 - part) + log[above] * part) * np.float32(v.scales.level)).astype(
        np.float32
    )
    uniform = np.random.default_rng(seed).random((count, 2), np.float32)
    dilations = np.array(shape.dilations, np.int64)
    offsets = np.concatenate([[0], np.cumsum(dilations)])
    softmax = shape.output == "softmax"
    class_values = companding.values(companding.LIMITS[shape.form]) if softmax else np.zeros(0, np.float32)
    told_ahead = np.zeros((count, 0), np.float32)
    if shape.pulses:
        period = pulses.contour(frames["lf0"], frames["vuv"], below, part, grid.sample_rate)
        told_ahead = pulses.signals(pulses.around(pulses.spoken(period), count))
    told = np.zeros((count if tell else 0, shape.outputs), np.float32)
    net = Network.of(shape, v.weights)
    samples = said(
        tuple(vars(net).values()), dilations, offsets, (below, above, part, near),
        (conditions(v, values_of(frames)), ahead.taps, level, ahead.lag, shape.taps, told_ahead),
        uniform, class_values, np.float32(temperature), told,
    )  # fmt: skip
    return samples, told
