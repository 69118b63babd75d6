# SPDX-License-Identifier: Apache-2.0
"""The picture of a path: waveform, spectrogram, phones, recordings, costs per unit and join by term.

A long sentence goes on in further lines, as music does. matplotlib draws, and is imported when a picture is
asked for: it takes longer to load than a sentence takes to be spoken.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.atomic import writing
from synthkit.errors import ConfigError
from synthkit.types import UnitPath, Waveform

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = (".svg", ".pdf", ".png")
LINE = 4.0
"""Seconds in a line."""
INCH, LEFT, RIGHT, TOP, GAP = 2.6, 0.75, 0.2, 0.62, 0.62
"""Inches: of a second, of the margins, and between lines."""
ROWS = {"wave": 0.65, "spectrum": 1.35, "labels": 0.62, "costs": 1.0}
"""Inches of height of each part of a line, from the top."""
NARROWEST = 6.6
"""Inches: the legend has to fit."""
DPI = 150
WINDOW = 0.016
"""Seconds of the spectrogram's Hann windows."""
RANGE = 75
"""dB below the loudest that the spectrogram shows."""
JOIN = "#d64545"
BANDS = ("#d0e2f5", "#fce3c7", "#d6f0d2", "#f3d5e6", "#e8e2fa", "#faf3be")
TARGET_TERMS = {"spectrum": "#285aa5", "context": "#5a96d7", "f0": "#5fb4a0", "the rest": "#afbecd"}
JOIN_TERMS = {"any join": "#962323", "spectrum": "#d7503c", "f0": "#f0962a", "power": "#f5cd5a"}
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.linewidth": 0.6,
    "axes.labelsize": 7.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "synthkit",
    "pdf.fonttype": 42,
}
"""Text stays text in SVG and PDF; the same picture is the same bytes."""


def check_kind(file: Path) -> None:
    """Raise a `ConfigError` where `file` has no suffix of `KINDS`."""
    if file.suffix.lower() not in KINDS:
        raise ConfigError(
            f"a picture is {', '.join(KINDS[:-1])} or {KINDS[-1]}, not {file.suffix or 'without a suffix'}",
            where=str(file),
        )


def draw(path: UnitPath, waveform: Waveform, file: Path) -> None:
    """Write the picture of a path.

    Parameters
    ----------
    path : UnitPath
    waveform : Waveform
        What was heard of it.
    file : Path
        ``.svg``, ``.pdf`` or ``.png``; folders are made.

    Raises
    ------
    ConfigError
        It has another suffix.
    """
    import matplotlib

    check_kind(file)
    with matplotlib.rc_context(STYLE):
        figure = _figure(path, waveform)
        kind = file.suffix.lower()[1:]
        dated: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
        with writing(file) as part:
            packed = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
            figure.savefig(part, format=kind, dpi=DPI, metadata=dated, **packed)


def _figure(path: UnitPath, waveform: Waveform) -> Figure:
    from matplotlib.figure import Figure

    edges = np.cumsum([0, *(u.end - u.start for u in path.units)]) / path.audio.sample_rate
    lines = max(int(np.ceil(edges[-1] / LINE)), 1)
    # A last line of less than half a second joins the line before.
    if lines > 1 and edges[-1] - (lines - 1) * LINE < 0.5:
        lines -= 1
    starts = [LINE * n for n in range(lines)]
    ends = [*starts[1:], float(edges[-1])]
    longest = max(end - start for start, end in zip(starts, ends, strict=True))
    width = max(LEFT + longest * INCH + RIGHT, NARROWEST)
    height = TOP + lines * (sum(ROWS.values()) + GAP)
    figure = Figure(figsize=(width, height))
    _legend(figure, path, height)
    target, join = _terms(path)
    most = max(float((target.sum(1) + join.sum(1)).max(initial=0)), 1e-6)
    peak = max(float(np.abs(waveform.samples).max(initial=0)), 1e-3)
    scale = min(INCH, (width - LEFT - RIGHT) / longest) if lines > 1 else (width - LEFT - RIGHT) / longest
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        top = TOP + number * (sum(ROWS.values()) + GAP)
        parts: dict[str, Axes] = {}
        for name, tall in ROWS.items():
            place = (LEFT / width, 1 - (top + tall) / height, (end - start) * scale / width, tall / height)
            parts[name] = figure.add_axes(place, xlim=(start, end))
            top += tall
        view = _Line(parts, path, waveform, edges, start, end, scale)
        view.waveform(peak)
        view.spectrogram(peak)
        view.phones()
        view.recordings()
        view.costs(target, join, most)
        view.finish()
    return figure


def _legend(figure: Figure, path: UnitPath, height: float) -> None:
    from matplotlib.patches import Patch

    text = (
        f"cost {path.cost:.2f} = target + join costs   ·   {len(path.units)} units   ·   {path.joins} joins "
        "(red)"
    )
    figure.text(0.1 / figure.get_figwidth(), 1 - 0.14 / height, text, va="center", fontweight="bold")
    for row, (kind, colours) in enumerate((("target cost:", TARGET_TERMS), ("join cost:", JOIN_TERMS))):
        handles: list[Any] = [Patch(color="none", label=kind)]
        handles += [Patch(color=colour, label=name) for name, colour in colours.items()]
        figure.legend(
            handles=handles, loc="center left", ncols=len(handles), frameon=False, handlelength=0.8,
            bbox_to_anchor=(-0.12 / figure.get_figwidth(), 1 - (0.32 + 0.16 * row) / height),
            columnspacing=1.1, handletextpad=0.4, borderpad=0.0,
        )  # fmt: skip


def _terms(path: UnitPath) -> tuple[np.ndarray, np.ndarray]:
    """Costs per unit in the order of the colours: ``(U, 4)`` each."""
    named = [n for n in TARGET_TERMS if n != "the rest"]
    target = [
        [*(u.target.get(n, 0.0) for n in named), sum(v for n, v in u.target.items() if n not in named)]
        for u in path.units
    ]
    join = [[u.join.get(n, 0.0) for n in ("join", "spectrum", "f0", "power")] for u in path.units]
    return np.array(target), np.array(join)


def spectrogram(waveform: Waveform, start: float, columns: int, step: float, peak: float) -> np.ndarray:
    """Levels in dB re the loudest tone of amplitude `peak`, ``(K, columns)``, from `start` every `step`
    seconds."""
    rate = waveform.sample_rate
    size = 2 ** round(np.log2(WINDOW * rate))
    at = ((start + np.arange(columns) * step) * rate).astype(np.int64)
    padded = np.pad(waveform.samples, (size // 2, size + max(int(at[-1]) - len(waveform.samples), 0)))
    frames = padded[at[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    levels = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1)) + 1e-9)
    return (levels - 20 * np.log10(peak * size / 4)).T


class _Line:
    """One line of the picture, from `start` to `end` seconds, `scale` inches a second."""

    def __init__(
        self, parts: dict[str, Axes], path: UnitPath, waveform: Waveform, edges: np.ndarray, start: float,
        end: float, scale: float,
    ) -> None:  # fmt: skip
        self.parts, self.path, self.heard = parts, path, waveform
        self.start, self.end, self.scale = start, end, scale
        self.x = np.clip(edges, start, end)
        self.units = [i for i in range(len(path.units)) if edges[i + 1] > start and edges[i] < end]
        self.first = {i for i in self.units if edges[i] >= start}
        """Units that begin in this line."""
        self.columns = max(int((end - start) * scale * DPI), 2)
        self.step = (end - start) / self.columns

    def room(self, text: str, seconds: float) -> bool:
        """Whether `text` fits: a letter is about 0.62 of its size wide."""
        return len(text) * 0.62 * STYLE["font.size"] / 72 <= seconds * self.scale

    def waveform(self, peak: float) -> None:
        """Least and greatest sample of each column, of full scale 1."""
        axes = self.parts["wave"]
        rate = self.heard.sample_rate
        at = ((self.start + np.arange(self.columns + 1) * self.step) * rate).astype(np.int64)
        at = np.minimum(at, max(len(self.heard.samples) - 1, 0))
        samples = self.heard.samples[: int(at[-1]) + 1]
        low, high = np.minimum.reduceat(samples, at[:-1]), np.maximum.reduceat(samples, at[:-1])
        times = self.start + (np.arange(self.columns) + 0.5) * self.step
        axes.fill_between(times, low, high, color="#303030", linewidth=0.3)
        axes.set_ylim(-1.1 * peak, 1.1 * peak)
        axes.set_yticks([-round(peak, 1), 0, round(peak, 1)] if peak >= 0.05 else [0])
        axes.set_ylabel("amplitude")

    def spectrogram(self, peak: float) -> None:
        """dB of the sentence's own range, darker is louder."""
        axes = self.parts["spectrum"]
        levels = spectrogram(self.heard, self.start, self.columns, self.step, peak)
        nyquist = self.heard.sample_rate / 2000
        axes.imshow(
            levels, origin="lower", aspect="auto", cmap="gray_r", vmin=-RANGE, vmax=0,
            interpolation="nearest", extent=(self.start, self.end, 0, nyquist),
        )  # fmt: skip
        axes.set_ylabel("frequency, kHz")
        axes.set_yticks(np.arange(0, nyquist, 2 if nyquist <= 12 else 4))

    def phones(self) -> None:
        """Names in two rows by turns, so that short phones have room."""
        from matplotlib.collections import LineCollection

        axes, units = self.parts["labels"], self.path.units
        axes.set_ylim(3, 0)
        axes.set_yticks([0.95, 2.5], ["phones", "from"])
        axes.tick_params(axis="y", length=0)
        begins = [
            i for n, i in enumerate(self.units) if not n or units[i].phone != units[self.units[n - 1]].phone
        ]
        ends = [*begins[1:], self.units[-1] + 1]
        marks = []
        for begin, end in zip(begins, ends, strict=True):
            left, right = self.x[begin], self.x[end]
            row = units[begin].phone % 2
            marks.append([(left, 0), (left, 1 + row)])
            name = self.path.phones[units[begin].phone]
            axes.text((left + right) / 2, 0.52 + row, name, ha="center", va="center")
        axes.add_collection(LineCollection(marks, colors="#cccccc", linewidths=0.5), autolim=False)

    def recordings(self) -> None:
        """A band per run: the place where it begins, as the table has it, and its recording where there is
        room."""
        axes, units = self.parts["labels"], self.path.units
        begins = [i for n, i in enumerate(self.units) if not n or units[i].joined]
        numbers = np.cumsum([u.joined for u in units])
        for n, i in enumerate(begins):
            last = begins[n + 1] if n + 1 < len(begins) else self.units[-1] + 1
            left, right = float(self.x[i]), float(self.x[last])
            colour = BANDS[numbers[i] % len(BANDS)]
            axes.axvspan(left, right, ymin=0, ymax=1 / 3, color=colour, linewidth=0)
            place = next(k for k in range(i, -1, -1) if k == 0 or units[k].joined)
            label = next(
                (t for t in (f"{place}: {units[i].source}", str(place)) if self.room(t, right - left)), ""
            )
            axes.text((left + right) / 2, 2.52, label, ha="center", va="center")

    def costs(self, target: np.ndarray, join: np.ndarray, most: float) -> None:
        """Bars by term: the target cost as wide as its unit, the join cost narrow on top of it."""
        from matplotlib.collections import PolyCollection

        axes = self.parts["costs"]
        corners: list[list[tuple[float, float]]] = []
        colours: list[str] = []
        for i in self.units:
            left, base = float(self.x[i]), 0.0
            bars = [(target[i], TARGET_TERMS, float(self.x[i + 1]))]
            if i in self.first:
                bars.append((join[i], JOIN_TERMS, min(left + 0.06 / self.scale, float(self.x[i + 1]))))
            for values, terms, right in bars:
                for value, colour in zip(values.tolist(), terms.values(), strict=True):
                    if value > 0.002 * most:
                        top = base + value
                        corners.append([(left, base), (left, top), (right, top), (right, base)])
                        colours.append(colour)
                    base += value
        # One collection: a rectangle each would take longer than everything else.
        axes.add_collection(
            PolyCollection(corners, facecolors=colours, edgecolors="white", linewidths=0.2), autolim=False
        )
        axes.set_ylim(0, 1.05 * most)
        axes.set_ylabel("cost")
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.5)
        axes.set_axisbelow(True)

    def finish(self) -> None:
        """A line through everything at each join, and the time under the lowest part alone."""
        from matplotlib.collections import LineCollection

        joins = [self.x[i] for i in self.units if self.path.units[i].joined and i in self.first]
        for name, axes in self.parts.items():
            low, high = axes.get_ylim()
            lines = [[(x, low), (x, high)] for x in joins]
            axes.add_collection(
                LineCollection(lines, colors=JOIN, linewidths=0.7, gid="joins"), autolim=False
            )
            axes.set_xlim(self.start, self.end)
            axes.set_ylim(low, high)
            axes.yaxis.set_label_coords(-0.5 / (self.scale * (self.end - self.start)), 0.5)
            if name != "costs":
                axes.set_xticks([])
        self.parts["costs"].set_xticks(np.arange(self.start, self.end + 1e-6, 0.5))
        self.parts["costs"].set_xlabel("time, s", labelpad=1.5)
