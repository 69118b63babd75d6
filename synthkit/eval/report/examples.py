# SPDX-License-Identifier: Apache-2.0
"""Sentences to listen to: players side by side, spectrograms with phone boundaries and F0."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from synthkit.eval.duration import warp_times
from synthkit.eval.metrics.common import HOP, stft_path
from synthkit.eval.pitch import yin
from synthkit.eval.report.encoding import grey_png, uri
from synthkit.eval.sample import Clip, EvalSample
from synthkit.eval.spectral import power_spectra
from synthkit.types import PAUSE, Alignment, Waveform

HEIGHT, PER_SECOND = 128, 120
"""Size of a spectrogram: pixels high, pixels per second."""

TOP_HZ = 8000.0
F0_TOP = 400.0


@dataclass(frozen=True)
class Picture:
    """A spectrogram with what lies over it, times in seconds.

    Attributes
    ----------
    image : str
        Data URI.
    seconds : float
    phones : tuple of (start, end, label)
    carried : bool
        True where the phones are the recording's, carried over along an alignment.
    f0 : tuple of (time, Hz)
        Voiced frames, every 10 ms.
    """

    image: str
    seconds: float
    phones: tuple[tuple[float, float, str], ...]
    carried: bool
    f0: tuple[tuple[float, float], ...]


def picture(
    waveform: Waveform,
    alignment: Alignment | None,
    reference: Waveform | None = None,
    reference_alignment: Alignment | None = None,
) -> Picture:
    """Spectrogram of `waveform` (0-8 kHz, 60 dB), its phones and F0.

    Phones are those of `alignment`, or, where that is None, those of `reference_alignment` carried over from
    `reference` along the exact DTW path over mel-frequency cepstra.
    """
    clip = Clip(waveform)
    rate = waveform.sample_rate
    size = 1 << (round(0.025 * rate) - 1).bit_length()
    power = power_spectra(clip.samples(), size, max(1, round(rate / PER_SECOND)))
    top = min(power.shape[1] - 1, round(TOP_HZ * size / rate))
    level = 10.0 * np.log10(np.maximum(power[:, : top + 1], 1e-12))
    level = np.clip((level - level.max() + 60.0) / 60.0, 0.0, 1.0)
    rows = np.linspace(top, 0, HEIGHT)
    columns = np.array([np.interp(rows, np.arange(top + 1), frame) for frame in level]).T
    # 32 grey levels: the eye sees no more here, and the file is half as large.
    image = 255 - np.round(columns * 31) * (255 / 31)
    carried = False
    spoken: list[tuple[float, float, str]] = []
    if alignment is not None:
        spoken = [(p.start, p.end, p.label) for p in alignment.phones]
    elif reference is not None and reference_alignment is not None:
        carried = True
        sample = EvalSample("", "", "", clip, Clip(reference))
        path = stft_path(sample)
        tier = reference_alignment.phones
        starts = warp_times(np.array([p.start for p in tier]), path, HOP)
        ends = warp_times(np.array([p.end for p in tier]), path, HOP)
        spoken = [(float(a), float(b), p.label) for a, b, p in zip(starts, ends, tier, strict=True)]
    contour = steady(yin(clip.samples(), rate))[::2]
    voiced = tuple((round(2 * HOP * k, 3), round(float(f), 1)) for k, f in enumerate(contour) if f > 0)
    return Picture(uri("image/png", grey_png(image)), waveform.duration, tuple(spoken), carried, voiced)


def steady(f0: np.ndarray, around: int = 12, octaves: float = 0.4) -> np.ndarray:
    """`f0` (T,) without frames that lie far from the median of the voiced frames around them, for the eye."""
    out = f0.copy()
    for k in np.flatnonzero(f0):
        near = f0[max(0, k - around) : k + around + 1]
        near = near[near > 0]
        if len(near) < around // 2 or abs(np.log2(f0[k] / np.median(near))) > octaves:
            out[k] = 0.0
    return out


def figure(p: Picture, title: str) -> str:
    """The picture as HTML."""
    width = max(1, round(p.seconds * PER_SECOND))
    parts = [f'<image href="{p.image}" width="{width}" height="{HEIGHT}" preserveAspectRatio="none"/>']
    for start, end, label in p.phones:
        x = start * PER_SECOND
        parts.append(f'<line class="edge" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT + 16}"/>')
        if label != PAUSE and end > start:
            middle = (start + end) / 2 * PER_SECOND
            parts.append(f'<text class="phone" x="{middle:.1f}" y="{HEIGHT + 12}">{escape(label)}</text>')
    runs: list[list[str]] = []
    last = -1.0
    for time, hertz in p.f0:
        if time - last > 0.011 or not runs:
            runs.append([])
        runs[-1].append(f"{time * PER_SECOND:.1f},{HEIGHT * (1 - hertz / F0_TOP):.1f}")
        last = time
    for run in runs:
        parts.append(f'<polyline class="f0" points="{" ".join(run)}"/>')
    note = "phones carried over from the recording" if p.carried else ""
    return (
        f'<svg class="spectrogram" viewBox="0 0 {width} {HEIGHT + 18}" style="width:{width}px" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(note or title)}</title>{"".join(parts)}</svg>'
    )


def example(
    number: int, text: str, id: str, cells: list[tuple[str, str, str, str, dict[str, Any]]], *, opened: bool
) -> str:
    """One sentence: a row for each system.

    Parameters
    ----------
    number : int
    text, id : str
    cells : list of (system, colour, audio key, picture HTML, values)
        `values` are the figures shown beside the player, by title.
    opened : bool
    """
    rows = []
    for system, colour, sound, drawing, values in cells:
        shown = " ".join(f"<span>{escape(k)} <b>{escape(str(v))}</b></span>" for k, v in values.items())
        player = (
            f'<audio controls preload="none" data-sound="{escape(sound)}"></audio>'
            if sound
            else "<i>not spoken</i>"
        )
        rows.append(
            f'<div class="take"><div class="who"><i class="dot" style="background:{colour}"></i>'
            f'<b>{escape(system)}</b>{player}<div class="values">{shown}</div></div>'
            f'<div class="wide picture">{drawing}</div></div>'
        )
    state = " open" if opened else ""
    return (
        f'<details class="example"{state}><summary>{number}. <q>{escape(text)}</q> <code>{escape(id)}</code></summary>'
        f"{''.join(rows)}</details>"
    )
