# SPDX-License-Identifier: Apache-2.0
"""The picture of a path: waveform, spectrogram, phones, recordings, costs per unit and join by term, as PNG.

A long sentence goes on in further lines, as music does. Drawn with numpy and Pillow's font: a plotting
library takes longer to import than the whole picture takes to draw.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from synthkit.atomic import writing
from synthkit.types import UnitPath, Waveform
from synthkit_unit_selection.font import text_mask

SCALE, LINE = 300, 4.0
"""Pixels per second, and seconds in a line."""
HEAD, MARGIN, WAVE, SPECTRUM, ROW, COSTS, GAP = 24, 66, 70, 150, 16, 110, 34
INK, GRID, JOIN = (30, 30, 30), (205, 205, 205), (230, 120, 120)
COLOURS = (
    (208, 226, 245),
    (252, 227, 199),
    (214, 240, 210),
    (243, 213, 230),
    (232, 226, 250),
    (250, 243, 190),
)
TARGET_TERMS = {
    "spectrum": (40, 90, 165), "context": (90, 150, 215), "f0": (95, 180, 160), "the rest": (175, 190, 205),
}  # fmt: skip
JOIN_TERMS = {"any": (150, 35, 35), "spectrum": (215, 80, 60), "f0": (240, 150, 40), "power": (245, 205, 90)}


class Canvas:
    """An RGB image, white at first."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels = np.full((height, width, 3), 255, np.uint8)

    def box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, int, int]) -> None:
        """A filled rectangle, at least a pixel wide and high."""
        x, y = int(left), int(top)
        self.pixels[y : max(int(bottom), y + 1), x : max(int(right), x + 1)] = colour

    def text(
        self, left: float, top: float, text: str, colour: tuple[int, int, int] = INK, room: float = 1e9
    ) -> float:
        """Text from its upper left corner, cut where `room` pixels end; returns where it ends."""
        mask = text_mask(text)
        x, y = int(left), int(top)
        mask = mask[: self.pixels.shape[0] - y, : max(int(min(room, self.pixels.shape[1] - x)), 0)]
        self.pixels[y : y + mask.shape[0], x : x + mask.shape[1]][mask] = colour
        return x + mask.shape[1]

    def save(self, path: Path) -> None:
        """Write an 8-bit RGB PNG."""
        height, width, _ = self.pixels.shape
        raw = np.zeros((height, 1 + 3 * width), np.uint8)
        raw[:, 1:] = self.pixels.reshape(height, -1)

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        body = zlib.compress(raw.tobytes(), 4)
        with writing(path) as part:
            part.write_bytes(
                b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
            )


def draw(path: UnitPath, waveform: Waveform, file: Path) -> None:
    """Write the picture of `path` and what was heard of it to `file`."""
    edges = np.cumsum([0, *(u.end - u.start for u in path.units)]) / path.audio.sample_rate
    lines = max(int(np.ceil(edges[-1] / LINE)), 1)
    # A last line of less than half a second joins the line before.
    if lines > 1 and edges[-1] - (lines - 1) * LINE < 0.5:
        lines -= 1
    seconds = max(edges[-1] - (lines - 1) * LINE, LINE if lines > 1 else 0.0)
    tops = np.cumsum([0, WAVE + 6, SPECTRUM + 6, 2 * ROW + 4, ROW + 8])
    height = int(tops[-1]) + COSTS + GAP
    canvas = Canvas(MARGIN + max(int(seconds * SCALE), 560) + 20, HEAD + lines * height)
    _legend(canvas, path)
    target, join = _terms(path)
    most = max(float((target.sum(1) + join.sum(1)).max(initial=0)), 1e-6)
    for line in range(lines):
        start = line * LINE
        end = edges[-1] if line == lines - 1 else start + LINE
        view = _Line(canvas, path, waveform, edges, start, end, HEAD + line * height + tops)
        view.waveform()
        view.spectrogram()
        view.joins()
        view.phones()
        view.recordings()
        view.costs(target, join, most)
    canvas.save(file)


def _legend(canvas: Canvas, path: UnitPath) -> None:
    x = canvas.text(6, 5, f"cost {path.cost:.2f}   joins {path.joins}   units {len(path.units)}") + 24
    for kind, colours in (("target:", TARGET_TERMS), ("join:", JOIN_TERMS)):
        x = canvas.text(x, 5, kind) + 6
        for name, colour in colours.items():
            canvas.box(x, 7, x + 8, 15, colour)
            x = canvas.text(x + 11, 5, name) + 8
        x += 12


def _terms(path: UnitPath) -> tuple[np.ndarray, np.ndarray]:
    """Costs per unit in the order of the colours: ``(U, 4)`` each."""
    named = [n for n in TARGET_TERMS if n != "the rest"]
    target = [
        [*(u.target.get(n, 0.0) for n in named), sum(v for n, v in u.target.items() if n not in named)]
        for u in path.units
    ]
    join = [[u.join.get(n, 0.0) for n in ("join", "spectrum", "f0", "power")] for u in path.units]
    return np.array(target), np.array(join)


class _Line:
    """One line of the picture, from `start` to `end` seconds."""

    def __init__(
        self, canvas: Canvas, path: UnitPath, waveform: Waveform, edges: np.ndarray, start: float, end: float,
        tops: np.ndarray,
    ) -> None:  # fmt: skip
        self.canvas, self.path, self.heard = canvas, path, waveform
        self.start, self.end, self.tops = start, end, tops
        self.x = MARGIN + (np.clip(edges, start, end) - start) * SCALE
        self.units = [i for i in range(len(path.units)) if edges[i + 1] > start and edges[i] < end]
        self.first = {i for i in self.units if edges[i] >= start}
        """Units that begin in this line."""
        self.columns = int((end - start) * SCALE)
        for top, name in zip(tops, ("wave", "", "phones", "source", "cost"), strict=True):
            canvas.text(4, top + 2, name)
        canvas.text(4, tops[1] + 2, f"0-{waveform.sample_rate / 2000:g} kHz")
        floor = tops[4] + COSTS
        for tenth in range(int(np.ceil(start * 10)), int(end * 10) + 1):
            x = MARGIN + (tenth / 10 - start) * SCALE
            canvas.box(x, floor, x + 1, floor + (7 if tenth % 10 == 0 else 3), INK)
            if tenth % 5 == 0:
                canvas.text(x + 3, floor + 6, f"{tenth / 10:g} s")

    def waveform(self) -> None:
        """Least and greatest sample of each column."""
        samples = self.heard.samples
        step = self.heard.sample_rate / SCALE
        peak = max(float(np.abs(samples).max(initial=0)), 1e-3)
        middle, half = self.tops[0] + WAVE / 2, WAVE / 2
        begin = self.start * self.heard.sample_rate
        for column in range(self.columns):
            part = samples[int(begin + column * step) : int(begin + (column + 1) * step) + 1] / peak
            if len(part):
                x = MARGIN + column
                self.canvas.box(x, middle - part.max() * half, x, middle - part.min() * half + 1, INK)

    def spectrogram(self) -> None:
        """Hann windows of 16 ms, 75 dB of the sentence's own range."""
        rate, size = self.heard.sample_rate, 2 ** round(np.log2(0.016 * self.heard.sample_rate))
        padded = np.pad(self.heard.samples, (size // 2, size + int(rate * 0.1)))
        at = ((self.start + np.arange(self.columns) / SCALE) * rate).astype(np.int64)
        at = at[at < len(self.heard.samples)]
        frames = padded[at[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
        power = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1)) + 1e-4)
        loudest = 20 * np.log10(max(float(np.abs(self.heard.samples).max(initial=0)), 1e-3) * size / 4)
        grey = np.clip((power - loudest + 75) / 75, 0, 1)
        rows = np.linspace(grey.shape[1] - 1, 0, SPECTRUM).astype(np.int64)
        image = (255 * (1 - grey[:, rows].T)).astype(np.uint8)
        top = int(self.tops[1])
        self.canvas.pixels[top : top + SPECTRUM, MARGIN : MARGIN + image.shape[1]] = image[:, :, None]

    def joins(self) -> None:
        """A line through everything at each join."""
        for i in self.units:
            if self.path.units[i].joined and i in self.first:
                self.canvas.box(self.x[i], self.tops[0], self.x[i] + 1, self.tops[4] + COSTS, JOIN)

    def phones(self) -> None:
        """Names in two rows by turns, so that short phones have room."""
        units, top = self.path.units, self.tops[2]
        begins = [
            i for n, i in enumerate(self.units) if not n or units[i].phone != units[self.units[n - 1]].phone
        ]
        ends = [self.x[i] for i in begins[1:]] + [self.x[self.units[-1] + 1]]
        for n, i in enumerate(begins):
            low = top + ROW * (units[i].phone % 2)
            self.canvas.box(self.x[i], top, self.x[i] + 1, low + ROW - 2, GRID)
            until = ends[min(n + 1, len(ends) - 1)]
            self.canvas.text(
                self.x[i] + 3, low + 2, self.path.phones[units[i].phone], room=until - self.x[i] - 3
            )

    def recordings(self) -> None:
        """A band per run: the place where it begins, as the table has it, and its recording where there is
        room."""
        units, top = self.path.units, self.tops[3]
        begins = [i for n, i in enumerate(self.units) if not n or units[i].joined]
        numbers = np.cumsum([u.joined for u in units])
        for n, i in enumerate(begins):
            last = begins[n + 1] if n + 1 < len(begins) else self.units[-1] + 1
            left, right = self.x[i], self.x[last]
            self.canvas.box(left, top, right, top + ROW, COLOURS[numbers[i] % len(COLOURS)])
            place = next(k for k in range(i, -1, -1) if k == 0 or units[k].joined)
            label = f"{place}: {units[i].source}"
            if text_mask(label).shape[1] > right - left - 4:
                label = str(place)
            self.canvas.text(left + 2, top + 2, label, room=right - left - 3)

    def costs(self, target: np.ndarray, join: np.ndarray, most: float) -> None:
        """Bars by term: the target cost as wide as its unit, the join cost narrow on top of it."""
        base = self.tops[4] + COSTS
        for level in (0.0, 0.5, 1.0):
            y = base - COSTS * level
            self.canvas.box(MARGIN, y, MARGIN + self.columns, y + 1, GRID)
            self.canvas.text(MARGIN - 30, y - (5 if level else 9), f"{most * level:.1f}")
        for i in self.units:
            y = float(base)
            bars = [(target[i], TARGET_TERMS, self.x[i + 1] - 1)]
            if i in self.first:
                bars.append((join[i], JOIN_TERMS, self.x[i] + 5))
            for values, colours, right in bars:
                for value, colour in zip(values.tolist(), colours.values(), strict=True):
                    height = COSTS * value / most
                    if height >= 0.5:
                        self.canvas.box(self.x[i] + 1, y - height, max(right, self.x[i] + 2), y, colour)
                    y -= height
