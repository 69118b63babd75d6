# SPDX-License-Identifier: Apache-2.0
"""Pictures by matplotlib: time in seconds, frequency in Hz."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from synthkit.errors import SpecMismatch
from synthkit.pipeline.spoken import Spoken
from synthkit.types import Alignment, Frames, UnitPath, Waveform

WAVE, SPECTRUM, TIER = 1.0, 2.2, 0.5
"""Inches of height of a row."""
WINDOW = 0.016
"""Seconds of the spectrogram's Hann windows."""
STEP = 0.004
RANGE = 75.0
"""dB below the loudest that a spectrogram shows."""
LINE, F0, JOIN = "#3567a8", "#d1495b", "#d64545"
BANDS = ("#d0e2f5", "#fce3c7", "#d6f0d2", "#f3d5e6", "#e8e2fa", "#faf3be")
LABEL: Any = {"ha": "center", "va": "center", "fontsize": 8, "clip_on": True}
FEWEST = 0.011
"""Of the picture's width: narrower labels are left out."""


@singledispatch
def rows_of(shown: Any, **options: Any) -> list[float]:
    """Inches of height of each row of the picture of `shown`.

    Parameters
    ----------
    shown : object
    **options : object
        Of the kind of picture.

    Returns
    -------
    list of float
    """
    raise TypeError(f"there is no picture of a {type(shown).__name__}")


@singledispatch
def draw(shown: Any, axes: Any, **options: Any) -> None:
    """Draw `shown` on `axes`: one, or as many as `rows_of` has rows.

    Parameters
    ----------
    shown : object
    axes : matplotlib.axes.Axes or array of them
    **options : object
        Of the kind of picture.
    """
    raise TypeError(f"there is no picture of a {type(shown).__name__}")


@rows_of.register(Waveform)
def _(shown: Waveform, spectrogram: bool = False) -> list[float]:
    return [SPECTRUM if spectrogram else WAVE]


@draw.register(Waveform)
def _(shown: Waveform, axes: Any, spectrogram: bool = False) -> None:
    axes.set_xlim(0, max(shown.duration, 1e-3))
    axes.set_xlabel("time, s")
    if spectrogram:
        levels = spectrum_levels(shown)
        top = float(levels.max(initial=-200.0))
        axes.imshow(
            levels, origin="lower", aspect="auto", cmap="gray_r", vmin=top - RANGE, vmax=top,
            extent=(0, shown.duration, 0, shown.sample_rate / 2),
        )  # fmt: skip
        axes.set_ylabel("frequency, Hz")
        return
    time, low, high = outline(shown)
    axes.fill_between(time, low, high, color=LINE, linewidth=0.4)
    peak = max(float(np.abs(shown.samples).max(initial=0)), 1e-3)
    axes.set_ylim(-1.05 * peak, 1.05 * peak)
    axes.set_ylabel("amplitude")


@rows_of.register(Frames)
def _(shown: Frames) -> list[float]:
    return [SPECTRUM]


@draw.register(Frames)
def _(shown: Frames, axes: Any) -> None:
    """The widest stream as a picture, as a spectrum where it is one, and F0 over it."""
    seconds = len(shown) * shown.spec.frame_period
    image, frequencies, label = spectrum_of(shown)
    if image is not None:
        if frequencies is None:
            axes.imshow(
                image.T, origin="lower", aspect="auto", cmap="viridis", extent=(0, seconds, 0, image.shape[1])
            )
        else:
            top = float(image.max(initial=-200.0))
            edges = np.linspace(0, seconds, len(image) + 1)
            axes.pcolormesh(
                edges, _edges(frequencies), image.T, cmap="gray_r", vmin=top - RANGE, vmax=top,
                rasterized=True,
            )  # fmt: skip
        axes.set_ylabel(label)
    axes.set_xlim(0, max(seconds, 1e-3))
    axes.set_xlabel("time, s")
    f0 = f0_of(shown)
    if f0 is not None:
        twin = axes.twinx() if image is not None else axes
        time = (np.arange(len(f0)) + 0.5) * shown.spec.frame_period
        twin.plot(time, np.where(f0 > 0, f0, np.nan), color=F0, linewidth=1.5)
        twin.set_ylabel("F0, Hz", color=F0)


@rows_of.register(Alignment)
def _(shown: Alignment) -> list[float]:
    return [2 * TIER]


@draw.register(Alignment)
def _(shown: Alignment, axes: Any) -> None:
    """Words above phones; a phone whose boundary is flagged is red."""
    flagged = {index for index, _ in shown.flags}
    for row, tier in ((1, shown.words), (0, shown.phones)):
        for k, interval in enumerate(tier):
            wrong = row == 0 and k in flagged
            colour = "#f6c9c6" if wrong else BANDS[k % 2]
            axes.axvspan(interval.start, interval.end, row / 2, (row + 1) / 2, facecolor=colour,
                         edgecolor="white", linewidth=0.5)  # fmt: skip
            if interval.duration > FEWEST * max(shown.duration, 1e-3):
                middle = (interval.start + interval.end) / 2
                axes.text(
                    middle, row + 0.5, interval.label, ha="center", va="center", fontsize=8, clip_on=True
                )
    axes.set_xlim(0, max(shown.duration, 1e-3))
    axes.set_ylim(0, 2)
    axes.set_yticks([0.5, 1.5], ["phones", "words"])
    axes.set_xlabel("time, s")


@rows_of.register(UnitPath)
def _(shown: UnitPath) -> list[float]:
    return [WAVE, TIER]


@draw.register(UnitPath)
def _(shown: UnitPath, axes: Any) -> None:
    """Costs of each unit, target below join; under them its phone, a colour for each run, red at joins."""
    costs, names = np.ravel(axes)
    edges = np.cumsum([0.0, *((u.end - u.start) / shown.audio.sample_rate for u in shown.units)])
    width = np.diff(edges)
    target = [sum(u.target.values()) for u in shown.units]
    join = [sum(u.join.values()) for u in shown.units]
    costs.bar(edges[:-1], target, width, align="edge", color="#5a96d7", label="target cost")
    costs.bar(edges[:-1], join, width, bottom=target, align="edge", color="#d7503c", label="join cost")
    costs.set_ylabel("cost")
    costs.legend(loc="upper right", fontsize=8)
    run = 0
    for k, unit in enumerate(shown.units):
        run += unit.joined
        names.axvspan(edges[k], edges[k + 1], facecolor=BANDS[run % len(BANDS)], linewidth=0)
        if unit.joined:
            names.axvline(edges[k], color=JOIN, linewidth=0.8)
        if width[k] > FEWEST * max(edges[-1], 1e-3):
            middle = (edges[k] + edges[k + 1]) / 2
            names.text(middle, 0.5, unit.label.partition(".")[0], **LABEL)
    names.set_yticks([])
    names.set_ylabel("units")
    names.set_xlabel("time, s")
    names.set_xlim(0, max(float(edges[-1]), 1e-3))


@rows_of.register(Spoken)
def _(shown: Spoken) -> list[float]:
    return [WAVE, SPECTRUM] + ([2 * TIER] if shown.alignment is not None else [])


@draw.register(Spoken)
def _(shown: Spoken, axes: Any) -> None:
    """Waveform, spectrogram with the F0 that was asked for, words and phones."""
    rows = np.ravel(axes)
    draw(shown.waveform, rows[0])
    draw(shown.waveform, rows[1], spectrogram=True)
    time, f0 = f0_spoken(shown)
    if len(time):
        rows[1].plot(time, 10 * np.where(f0 > 0, f0, np.nan), color=F0, linewidth=1.4)
        rows[1].set_ylabel("frequency, Hz\n(red: F0 × 10)")
    if shown.alignment is not None:
        draw(shown.alignment, rows[2])
    for row in rows[:-1]:
        row.set_xlabel("")


def outline(wave: Waveform, columns: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time (s), least and greatest sample of each of at most `columns` stretches.

    Parameters
    ----------
    wave : Waveform
    columns : int

    Returns
    -------
    (ndarray, ndarray, ndarray), each of shape (K,)
    """
    samples = np.asarray(wave.samples, np.float32)
    if not len(samples):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    at = np.unique(np.linspace(0, len(samples), min(columns, len(samples)), endpoint=False).astype(np.int64))
    return at / wave.sample_rate, np.minimum.reduceat(samples, at), np.maximum.reduceat(samples, at)


def spectrum_levels(wave: Waveform) -> np.ndarray:
    """Levels in dB of a spectrogram, ``(bins, T)``, a column every 4 ms or more of at most 2,000.

    Parameters
    ----------
    wave : Waveform

    Returns
    -------
    ndarray, shape (bins, T)
    """
    rate, samples = wave.sample_rate, np.asarray(wave.samples, np.float32)
    size = 2 ** round(np.log2(WINDOW * rate))
    count = int(np.clip(wave.duration / STEP, 2, 2000))
    at = (np.arange(count) * len(samples) / count).astype(np.int64)
    padded = np.pad(samples, (size // 2, size))
    frames = padded[at[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    levels: np.ndarray = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1)) + 1e-6).T
    return levels


def spectrum_of(frames: Frames) -> tuple[np.ndarray | None, np.ndarray | None, str]:
    """The widest stream ``(T, K)``, the frequency of each of its columns (Hz, None where it is no spectrum),
    and its name.

    WORLD's mel-cepstrum is shown as the spectrum that it codes; log mel spectra as dB.

    Parameters
    ----------
    frames : Frames

    Returns
    -------
    image : ndarray, shape (T, K), or None
    frequencies : ndarray, shape (K,), or None
    label : str
    """
    wide = [s for s in frames.spec.streams if s.width and s.width > 1]
    if not wide:
        return None, None, ""
    try:
        if frames.spec.kind == "world":
            from synthkit.dsp.melcepstrum import mc2sp
            from synthkit.dsp.specs import WorldSpec

            world = WorldSpec.of(frames.spec)
            power = mc2sp(np.asarray(frames["mcep"], np.float64), world.alpha, world.n_fft)
            every = max(power.shape[1] // 256, 1)
            levels = 10 * np.log10(power[:, ::every] + 1e-12)
            return (
                levels,
                np.arange(levels.shape[1]) * every * world.sample_rate / world.n_fft,
                "frequency, Hz",
            )
        if frames.spec.kind == "mel":
            from synthkit.dsp.mel import filterbank
            from synthkit.dsp.specs import MelSpec

            mel = MelSpec.of(frames.spec)
            bank = filterbank(mel)
            centres = bank.argmax(1) * mel.sample_rate / mel.n_fft
            if (np.diff(centres) > 0).all():
                scale = 20 / np.log(10) if mel.log_base == "e" else 20.0
                return np.asarray(frames["mel"], np.float64) * scale, centres, "frequency, Hz (mel bands)"
    except SpecMismatch:
        pass  # a kind of that name which states other things: its numbers are shown as they are
    widest = max(wide, key=lambda s: s.width or 0)
    return np.asarray(frames[widest.name], np.float64), None, f"{widest.name}, column"


def f0_of(frames: Frames) -> np.ndarray | None:
    """F0 in Hz per frame, 0 where unvoiced; None where the frames have none.

    Parameters
    ----------
    frames : Frames

    Returns
    -------
    ndarray, shape (T,), or None
    """
    if "lf0" in frames.data:
        voiced = frames["vuv"] > 0.5 if "vuv" in frames.data else np.ones(len(frames), bool)
        return np.where(voiced, np.exp(np.asarray(frames["lf0"], np.float64)), 0.0)
    return np.asarray(frames["f0"], np.float64) if "f0" in frames.data else None


def f0_spoken(spoken: Spoken) -> tuple[np.ndarray, np.ndarray]:
    """Time (s) and F0 (Hz) that the acoustic model asked for, by frame or by phone; empty where it does not
    tell.

    Parameters
    ----------
    spoken : Spoken

    Returns
    -------
    time, f0 : ndarray, shape (K,)
    """
    times: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for item, (start, seconds) in zip(spoken.predictions, spoken.places, strict=True):
        if isinstance(item, Frames) and (f0 := f0_of(item)) is not None and len(f0):
            times.append(start + (np.arange(len(f0)) + 0.5) * seconds / len(f0))
            values.append(f0)
        elif isinstance(item, UnitPath) and item.timing is not None and "f0" in item.targets:
            edges = item.timing.edges * (seconds / max(item.timing.edges[-1], 1e-9))
            inside = np.stack([edges[:-1], edges[1:], edges[1:]], 1).ravel()
            asked = np.asarray(item.targets["f0"], np.float64)
            times.append(start + inside)
            values.append(np.stack([asked, asked, np.zeros(len(asked))], 1).ravel())
    return (np.concatenate(times), np.concatenate(values)) if times else (np.zeros(0), np.zeros(0))


def _edges(centres: np.ndarray) -> np.ndarray:
    middle = (centres[1:] + centres[:-1]) / 2
    first, last = centres[0] - (middle[0] - centres[0]), 2 * centres[-1] - middle[-1]
    return np.concatenate([[max(first, 0.0)], middle, [last]])
