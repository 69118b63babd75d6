# SPDX-License-Identifier: Apache-2.0
"""A corpus as arrays on the network's grid, in memory-mapped files, and batches of pieces of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.errors import CorpusError
from synthkit.stages import Context, TrainingData
from synthkit_syrinx.conditions import Grid, pitch_of, values_of, width
from synthkit_syrinx.reference import pitch_from_waveform
from synthkit_syrinx.source import excitation
from synthkit_syrinx.stored import Scales


@dataclass(frozen=True)
class Prepared:
    """All recordings.

    Attributes
    ----------
    values : ndarray, shape (all frames, inputs), float32
        Normalised.
    log_f0, voicing : ndarray, shape (all frames,), float32
    samples : ndarray, shape (all samples,), float32
    frames_at, samples_at : tuple of int
        Where each recording begins, and the last one ends.
    """

    values: np.ndarray
    log_f0: np.ndarray
    voicing: np.ndarray
    samples: np.ndarray
    frames_at: tuple[int, ...]
    samples_at: tuple[int, ...]
    scales: Scales
    grid: Grid
    seconds: float


def prepare(data: TrainingData, ctx: Context, scales: Scales | None = None) -> Prepared:
    """Read every recording of `data` once; they are normalised by `scales`, or by what is found.

    Raises
    ------
    CorpusError
        There is nothing to learn from, or no voiced speech in it.
    """
    if not data.items:
        raise CorpusError("there is no utterance to train on")
    grid, inputs = Grid.of(data.spec), width(data.spec)
    ctx.work.mkdir(parents=True, exist_ok=True)
    frames_at, samples_at = [0], [0]
    with (ctx.work / "frames.f32").open("wb") as rows, (ctx.work / "samples.f32").open("wb") as sounds:
        for item in ctx.track(data.items, label="reading recordings", total=len(data.items)):
            frames, waveform = item.frames(), item.waveform()
            n = min(grid.samples(len(frames)), len(waveform.samples))
            values = values_of(frames, grid, n)
            if data.spec.kind == "world":
                log_f0, voicing = pitch_of(frames, grid, n)
            else:
                log_f0, voicing = pitch_from_waveform(waveform, grid, n)
            np.column_stack([values, log_f0, voicing]).astype(np.float32).tofile(rows)
            sound = np.zeros((len(values) - 1) * grid.hop, np.float32)
            sound[:n] = waveform.samples[:n]
            sound.tofile(sounds)
            frames_at.append(frames_at[-1] + len(values))
            samples_at.append(samples_at[-1] + len(sound))
    table = np.memmap(ctx.work / "frames.f32", np.float32, "r", shape=(frames_at[-1], inputs + 2))
    samples = np.memmap(ctx.work / "samples.f32", np.float32, "r", shape=(samples_at[-1],))
    scales = scales or _scales(table, inputs)
    values = (table[:, :inputs] - scales.mean) / scales.std
    return Prepared(
        values, np.array(table[:, inputs]), np.array(table[:, inputs + 1]), samples,
        tuple(frames_at), tuple(samples_at), scales, grid, samples_at[-1] / grid.sample_rate,
    )  # fmt: skip


def _scales(table: np.ndarray, inputs: int) -> Scales:
    voiced = table[:, inputs + 1] > 0.5
    if not voiced.any():
        raise CorpusError(
            "there is no voiced speech in the recordings",
            hint="check the features' F0 range, and that the corpus is speech",
        )
    mean = table[:, :inputs].mean(axis=0, dtype=np.float64)
    std = np.maximum(table[:, :inputs].std(axis=0, dtype=np.float64), 1e-3)
    pitch = table[voiced, inputs].astype(np.float64)
    return Scales(
        mean.astype(np.float32), std.astype(np.float32), (float(pitch.mean()), float(max(pitch.std(), 0.05)))
    )


@dataclass(frozen=True)
class Batch:
    """Pieces of recordings: (B, L, …) and samples (B, (L - 1) * hop)."""

    inputs: np.ndarray
    log_f0: np.ndarray
    voicing: np.ndarray
    voiced: np.ndarray
    noise: np.ndarray
    samples: np.ndarray


def batch(prepared: Prepared, size: int, frames: int, seed: int, step: int) -> Batch:
    """`size` pieces of `frames` frames; which ones follows from `seed` and `step` alone.

    A recording is chosen as often as it is long; one that is shorter than a piece is followed by silence.
    """
    random = np.random.default_rng([seed, step])
    grid, at = prepared.grid, np.asarray(prepared.frames_at)
    lengths = np.diff(at)
    chosen = random.choice(len(lengths), size, p=lengths / lengths.sum())
    rows: list[tuple[np.ndarray, ...]] = []
    for k in chosen:
        start = int(random.integers(0, max(lengths[k] - frames, 0) + 1))
        n = min(int(lengths[k]) - start, frames)
        first = at[k] + start
        values, log_f0, voicing = (
            _filled(a[first : first + n], frames)
            for a in (prepared.values, prepared.log_f0, prepared.voicing)
        )
        if n < frames:
            voicing[n:] = 0
        sample = prepared.samples_at[k] + start * grid.hop
        sound = np.zeros((frames - 1) * grid.hop, np.float32)
        end = min(sample + len(sound), prepared.samples_at[k + 1])
        sound[: end - sample] = prepared.samples[sample:end]
        count = (frames - 1) * grid.hop + grid.n_fft
        voiced, noise = excitation(
            log_f0, voicing, sample_rate=grid.sample_rate, hop=grid.hop, n_fft=grid.n_fft,
            noise=random.standard_normal(count, np.float32), phase=float(random.uniform(0, 2 * np.pi)),
        )  # fmt: skip
        mean, std = prepared.scales.log_f0
        inputs = np.column_stack([values, (log_f0 - mean) / std, voicing]).astype(np.float32)
        rows.append((inputs, log_f0, voicing, voiced, noise, sound))
    return Batch(*(np.stack(column) for column in zip(*rows, strict=True)))


def _filled(values: np.ndarray, frames: int) -> np.ndarray:
    """`values` with the last one repeated until there are `frames`."""
    out = np.empty((frames, *values.shape[1:]), np.float32)
    out[: len(values)] = values
    out[len(values) :] = values[-1]
    return out
