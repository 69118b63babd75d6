# SPDX-License-Identifier: Apache-2.0
"""A corpus as arrays in memory-mapped files, and batches of pieces of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthkit.errors import CorpusError
from synthkit.stages import Context, TrainingItem
from synthkit.types import FeatureSpec
from synthkit_wavenet import companding, prediction, pulses
from synthkit_wavenet.conditions import Grid, values_of, width
from synthkit_wavenet.shape import CONTEXT, Shape
from synthkit_wavenet.stored import Scales

STEP = 2.0**-15
"""Between two values of 16 bits."""


@dataclass(frozen=True)
class Prepared:
    """Recordings, one behind the other.

    Attributes
    ----------
    frames : ndarray, shape (all frames, inputs + order + 2), float32
        Values as they come, then filter, level and lag of the `prediction.Predictor`.
    samples : ndarray, shape (all samples,), float32
    frames_at, samples_at : tuple of int
        Where each recording begins, and the last one ends.
    """

    frames: np.ndarray
    samples: np.ndarray
    frames_at: tuple[int, ...]
    samples_at: tuple[int, ...]
    scales: Scales
    grid: Grid
    shape: Shape
    near: np.ndarray | None = None
    """Samples since the last pulse and to the next (all samples, 2), float32, where they are read."""

    @property
    def seconds(self) -> float:
        """Of all recordings."""
        return self.samples_at[-1] / self.grid.sample_rate


def prepare(
    items: Sequence[TrainingItem],
    spec: FeatureSpec,
    shape: Shape,
    ctx: Context,
    name: str,
    scales: Scales | None = None,
) -> Prepared:
    """Read every recording of `items` once, into two files called `name` in the build's folder.

    Without `scales` they are found.

    Raises
    ------
    CorpusError
        There is nothing to learn from.
    """
    if not items:
        raise CorpusError("there is no utterance to train on")
    grid, columns = Grid.of(spec), width(spec) + shape.order + 2
    ctx.work.mkdir(parents=True, exist_ok=True)
    paths = [ctx.work / f"{name}-{what}.f32" for what in ("frames", "samples")]
    frames_at, samples_at = [0], [0]
    with paths[0].open("wb") as rows, paths[1].open("wb") as sounds:
        for item in ctx.track(items, label="reading recordings", total=len(items)):
            frames, waveform = item.frames(), item.waveform()
            found = prediction.of_frames(frames, shape.order)
            row = np.column_stack([values_of(frames), found.taps, found.level, found.lag])
            row.astype(np.float32).tofile(rows)
            sound = np.zeros(len(frames) * grid.hop, np.float32)
            n = min(len(sound), len(waveform.samples))
            sound[:n] = waveform.samples[:n]
            sound.tofile(sounds)
            frames_at.append(frames_at[-1] + len(frames))
            samples_at.append(samples_at[-1] + len(sound))
    if not samples_at[-1]:
        raise CorpusError("the recordings have no frame")
    table = np.memmap(paths[0], np.float32, "r", shape=(frames_at[-1], columns))
    samples = np.memmap(paths[1], np.float32, "r", shape=(samples_at[-1],))
    out = Prepared(
        table, samples, tuple(frames_at), tuple(samples_at), scales or Scales.unit(width(spec)), grid, shape
    )
    if scales is None:
        out = replace(out, scales=_scales(out))
    if shape.output == "softmax":
        out = _quantised(out, paths[1])
    return _with_pulses(out, ctx.work / f"{name}-pulses.f32") if shape.pulses else out


def _with_pulses(prepared: Prepared, path: Path) -> Prepared:
    """The same with the pulses of every recording found."""
    lf0, vuv = prepared.shape.inputs - 2, prepared.shape.inputs - 1  # as `conditions.streams_of` has them
    count = len(prepared.samples_at) - 1
    cubes = [
        float((known(prepared, k, 0, 16000).left.astype(np.float64) ** 3).sum())
        for k in range(0, count, max(count // 50, 1))
    ]
    upward = np.float32(1 if sum(cubes) > 0 else -1)  # which way pulses point depends on the microphone
    with path.open("wb") as file:
        for k in range(count):
            size, table = prepared.samples_at[k + 1] - prepared.samples_at[k], _of(prepared, k)
            below, part = prepared.grid.places(0, size, len(table))
            period = pulses.contour(table[:, lf0], table[:, vuv], below, part, prepared.grid.sample_rate)
            left = known(prepared, k, 0, size).left * upward
            pulses.around(pulses.heard(left, period), size).tofile(file)
    return replace(prepared, near=np.memmap(path, np.float32, "r", shape=(prepared.samples_at[-1], 2)))


def _scales(prepared: Prepared) -> Scales:
    """Mean and deviation of the frames' values, and the level of what prediction leaves."""
    values = prepared.frames[:, : prepared.shape.inputs]
    mean = values.mean(axis=0, dtype=np.float64)
    std = np.maximum(values.std(axis=0, dtype=np.float64), 1e-3)
    level = 1.0
    if prepared.shape.order:
        total = 0.0
        for k in range(len(prepared.samples_at) - 1):
            left = known(prepared, k, 0, prepared.samples_at[k + 1] - prepared.samples_at[k]).left
            total += float(np.square(left, dtype=np.float64).sum())
        level = max(float(np.sqrt(total / prepared.samples_at[-1])), 1e-6)
    return Scales(mean.astype(np.float32), std.astype(np.float32), level)


def _quantised(prepared: Prepared, path: Path) -> Prepared:
    """The same with every sample as the vocoder would have said it: predicted, plus the value of a class."""
    from synthkit_wavenet.generation import requantised

    limit = companding.LIMITS[prepared.shape.form]
    sounds = np.memmap(path, np.float32, "r+", shape=prepared.samples.shape)
    for k in range(len(prepared.samples_at) - 1):
        part = slice(prepared.samples_at[k], prepared.samples_at[k + 1])
        found = known(prepared, k, 0, part.stop - part.start)
        taps = _of(prepared, k)[:, prepared.shape.inputs : prepared.shape.inputs + prepared.shape.order]
        sounds[part] = requantised(
            np.array(sounds[part]), np.ascontiguousarray(taps), found.near, found.level,
            companding.values(limit), np.float32(limit),
        )  # fmt: skip
    sounds.flush()
    return replace(prepared, samples=np.memmap(path, np.float32, "r", shape=prepared.samples.shape))


@dataclass(frozen=True)
class Known:
    """Samples of a recording, and what is known of each before it is heard: all of shape (count,)."""

    samples: np.ndarray
    predicted: np.ndarray
    level: np.ndarray
    left: np.ndarray
    """In units of the level."""
    lag: np.ndarray
    near: np.ndarray
    """The nearest frame, whose filter predicts."""
    pulses: np.ndarray | None = None
    """As `pulses.around` gives them (count, 2)."""


def _of(prepared: Prepared, k: int) -> np.ndarray:
    table: np.ndarray = prepared.frames[prepared.frames_at[k] : prepared.frames_at[k + 1]]
    return table


def known(prepared: Prepared, k: int, start: int, count: int) -> Known:
    """Of `count` samples of recording `k` from `start` on, which may lie before it: there it is silent."""
    shape, table = prepared.shape, _of(prepared, k)
    first, last = prepared.samples_at[k], prepared.samples_at[k + 1]
    x = np.zeros(shape.order + count, np.float32)
    begin = first + start - shape.order
    a, b = max(begin, first), min(begin + len(x), last)
    if b > a:
        x[a - begin : b - begin] = prepared.samples[a:b]
    below, part = prepared.grid.places(start, count, len(table))
    above = np.minimum(below + 1, len(table) - 1)
    near = np.where(part < 0.5, below, above)
    log = np.log(np.maximum(table[:, -2], prediction.SILENCE))
    level = np.exp(log[below] * (1 - part) + log[above] * part) * np.float32(prepared.scales.level)
    heard = x[shape.order :]
    if shape.order:
        taps = table[:, shape.inputs : shape.inputs + shape.order][:, ::-1]
        windows = np.lib.stride_tricks.sliding_window_view(x, shape.order)[:count]
        predicted = np.einsum("nk,nk->n", windows, taps[near]).astype(np.float32)
    else:
        predicted = np.zeros(count, np.float32)
    level = level.astype(np.float32)
    around = None
    if prepared.near is not None:
        around = np.zeros((count, 2), np.float32)
        a, b = max(first + start, first), min(first + start + count, last)
        if b > a:
            around[a - first - start : b - first - start] = prepared.near[a:b]
    lag = table[near, -1].astype(np.int64)
    return Known(heard, predicted, level, (heard - predicted) / level, lag, near, around)


@dataclass(frozen=True)
class Batch:
    """Pieces of recordings, B of them.

    Attributes
    ----------
    values : ndarray, shape (B, L + 2 * CONTEXT, inputs), float32
        Normalised.
    spread : ndarray, shape (B, N, L), float32
        What each frame counts for at each sample.
    signals : ndarray, shape (B, N, signals), float32
        What is known at each sample of those before.
    wanted : ndarray, shape (B, count), float32 or int64
        What is left of the last `count` samples, or its class.
    step : ndarray, shape (B, count), float32
        A step of 16 bits, in the same units.
    """

    values: np.ndarray
    spread: np.ndarray
    signals: np.ndarray
    wanted: np.ndarray
    step: np.ndarray


def batch(prepared: Prepared, size: int, count: int, seed: int, step: int) -> Batch:
    """`size` pieces of `count` samples to be learned; which ones follows from `seed` and `step` alone.

    A recording is chosen as often as it is long.
    """
    random = np.random.default_rng([seed, step])
    lengths = np.diff(np.asarray(prepared.samples_at))
    chosen = random.choice(len(lengths), size, p=lengths / lengths.sum())
    starts = [int(random.integers(0, max(lengths[k] - count, 0) + 1)) for k in chosen]
    return together(prepared, list(zip(chosen, starts, strict=True)), count)


def together(prepared: Prepared, places: Sequence[tuple[int, int]], count: int) -> Batch:
    """The pieces of `count` samples at these recordings and starts."""
    parts = [_piece(prepared, int(k), start, count) for k, start in places]
    return Batch(*(np.stack([getattr(p, name) for p in parts]) for name in Batch.__dataclass_fields__))


def _piece(prepared: Prepared, k: int, start: int, count: int) -> Batch:
    shape, grid = prepared.shape, prepared.grid
    whole = shape.before + count
    deep = prediction.longest(grid.sample_rate) + shape.taps + 1
    found = known(prepared, k, start - shape.before - deep, deep + whole)
    table = _of(prepared, k)
    below, part = grid.places(start - shape.before, whole, len(table))
    size = whole // grid.hop + 3
    rows = np.clip(np.arange(below[0] - CONTEXT, below[0] + size + CONTEXT), 0, len(table) - 1)
    values = (table[rows, : shape.inputs] - prepared.scales.mean) / prepared.scales.std
    spread = np.zeros((whole, size), np.float32)
    at = np.arange(whole)
    spread[at, below - below[0]] = 1 - part
    spread[at, below - below[0] + 1] += part
    left = found.left[-count:]
    wanted = left
    if shape.output == "softmax":
        wanted = companding.classes(left, companding.LIMITS[shape.form])
    step = np.float32(STEP) / found.level[-count:]
    return Batch(values.astype(np.float32), spread, signals(shape, found, deep), wanted, step)


def signals(shape: Shape, found: Known, start: int) -> np.ndarray:
    """What the network reads of the samples before each of `found` from `start` on, (count, signals)."""
    at = np.arange(start, len(found.samples))
    if not shape.order:
        return companding.compressed(found.samples[at - 1], 1.0)[:, None]
    out = np.zeros((len(at), shape.signals), np.float32)
    out[:, 0] = found.left[at - 1]
    out[:, 1] = found.samples[at - 1] / found.level[at]
    out[:, 2] = found.predicted[at] / found.level[at]
    voiced = found.lag[at] > 0
    for tap in range(shape.taps):
        ago = np.clip(at - found.lag[at] + tap - shape.taps // 2, 0, len(found.left) - 1)
        out[:, 3 + tap] = np.where(voiced, found.left[ago], 0)
    out = np.arcsinh(out)
    if found.pulses is not None:
        out[:, 3 + shape.taps :] = pulses.signals(found.pulses[at])
    return out
