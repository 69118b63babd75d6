"""The picture of a path: waveform, spectrogram, phones, recordings, costs per unit and join, as PNG.

Drawn with numpy and a bitmap font of its own: a plotting library takes longer to import than the whole
picture takes to draw.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from synthkit.types import UnitPath, Waveform
from synthkit_unit_selection.font import text_mask

MARGIN, WAVE, SPECTRUM, ROW, COSTS = 66, 90, 190, 18, 120
INK, GRID, JOIN = (30, 30, 30), (205, 205, 205), (200, 30, 30)
COLOURS = ((208, 226, 245), (252, 227, 199), (214, 240, 210), (243, 213, 230), (232, 226, 250), (250, 243, 190))
TARGET_COLOUR, JOIN_COLOUR = (70, 120, 190), (205, 70, 60)


class Canvas:
    """An RGB image, white at first."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels = np.full((height, width, 3), 255, np.uint8)

    def box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, int, int]) -> None:
        """A filled rectangle, at least a pixel wide and high."""
        x, y = int(left), int(top)
        self.pixels[y : max(int(bottom), y + 1), x : max(int(right), x + 1)] = colour

    def text(self, left: float, top: float, text: str, colour: tuple[int, int, int] = INK, room: float = 1e9) -> None:
        """Text from its upper left corner, cut where `room` pixels end."""
        mask = text_mask(text)
        x, y = int(left), int(top)
        mask = mask[: self.pixels.shape[0] - y, : max(int(min(room, self.pixels.shape[1] - x)), 0)]
        self.pixels[y : y + mask.shape[0], x : x + mask.shape[1]][mask] = colour

    def save(self, path: Path) -> None:
        """Write an 8-bit RGB PNG."""
        height, width, _ = self.pixels.shape
        raw = np.zeros((height, 1 + 3 * width), np.uint8)
        raw[:, 1:] = self.pixels.reshape(height, -1)

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        body = zlib.compress(raw.tobytes(), 4)
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
        )


def draw(path: UnitPath, waveform: Waveform, file: Path, *, pixels_per_second: int = 0) -> None:
    """Write the picture of `path` and what was heard of it to `file`."""
    lengths = np.array([u.end - u.start for u in path.units], float)
    edges = np.concatenate([[0], np.cumsum(lengths)]) / path.audio.sample_rate
    scale = pixels_per_second or int(np.clip(9000 / max(edges[-1], 1), 60, 260))
    width = MARGIN + int(edges[-1] * scale) + 20
    tops = np.cumsum([24, WAVE + 8, SPECTRUM + 8, ROW + 4, ROW + 6])
    canvas = Canvas(width, int(tops[-1]) + COSTS + 40)
    x = MARGIN + edges * scale
    canvas.text(6, 6, f"cost {path.cost:.2f}   joins {path.joins}   units {len(path.units)}")
    _waveform(canvas, waveform, tops[0], scale)
    _spectrogram(canvas, waveform, tops[1], scale)
    _phones(canvas, path, x, tops[2])
    _recordings(canvas, path, x, tops[3])
    _costs(canvas, path, x, tops[4])
    for i, unit in enumerate(path.units):
        if unit.joined:
            canvas.box(x[i], tops[0], x[i] + 1, tops[4] + COSTS, JOIN)
    for second in range(int(edges[-1]) + 1):
        canvas.text(MARGIN + second * scale, tops[4] + COSTS + 8, f"{second} s")
        canvas.box(MARGIN + second * scale, tops[4] + COSTS, MARGIN + second * scale + 1, tops[4] + COSTS + 6, INK)
    for top, name in zip(tops, ("wave", "0-8 kHz", "phones", "source", "costs"), strict=True):
        canvas.text(4, top + 3, name)
    canvas.text(4, tops[4] + 20, "target", TARGET_COLOUR)
    canvas.text(4, tops[4] + 36, "join", JOIN_COLOUR)
    canvas.save(file)


def _waveform(canvas: Canvas, waveform: Waveform, top: float, scale: int) -> None:
    samples = waveform.samples
    columns = int(len(samples) / waveform.sample_rate * scale)
    step = waveform.sample_rate / scale
    peak = max(float(np.abs(samples).max(initial=0)), 1e-3)
    middle = top + WAVE / 2
    for column in range(min(columns, canvas.pixels.shape[1] - MARGIN)):
        part = samples[int(column * step) : int((column + 1) * step) + 1] / peak
        canvas.box(
            MARGIN + column, middle - part.max() * WAVE / 2, MARGIN + column, middle - part.min() * WAVE / 2 + 1, INK
        )


def _spectrogram(canvas: Canvas, waveform: Waveform, top: float, scale: int) -> None:
    size = 256
    rate, samples = waveform.sample_rate, waveform.samples
    columns = min(int(len(samples) / rate * scale), canvas.pixels.shape[1] - MARGIN)
    padded = np.concatenate([np.zeros(size // 2, np.float32), samples, np.zeros(size, np.float32)])
    at = (np.arange(columns) * (rate / scale)).astype(np.int64)
    frames = padded[at[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    power = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1)) + 1e-4)
    grey = np.clip((power - power.max() + 75) / 75, 0, 1)
    rows = np.linspace(grey.shape[1] - 1, 0, SPECTRUM).astype(np.int64)
    image = (255 * (1 - grey[:, rows].T)).astype(np.uint8)
    canvas.pixels[int(top) : int(top) + SPECTRUM, MARGIN : MARGIN + columns] = image[:, :, None]


def _phones(canvas: Canvas, path: UnitPath, x: np.ndarray, top: float) -> None:
    start = 0
    for i in range(1, len(path.units) + 1):
        if i == len(path.units) or path.units[i].phone != path.units[start].phone:
            canvas.box(x[start], top, x[start], top + ROW, INK)
            name = path.phones[path.units[start].phone]
            canvas.text(x[start] + 2, top + 4, name, room=x[i] - x[start] - 2)
            start = i


def _recordings(canvas: Canvas, path: UnitPath, x: np.ndarray, top: float) -> None:
    i = 0
    for number, run in enumerate(path.runs()):
        left, right = x[i], x[i + len(run)]
        canvas.box(left, top, right, top + ROW, COLOURS[number % len(COLOURS)])
        canvas.text(left + 2, top + 4, run[0].source, room=right - left - 3)
        i += len(run)


def _costs(canvas: Canvas, path: UnitPath, x: np.ndarray, top: float) -> None:
    target = np.array([sum(u.target.values()) for u in path.units])
    join = np.array([sum(u.join.values()) for u in path.units])
    most = max(float((target + join).max(initial=0)), 1e-6)
    for level in (0.0, 0.5, 1.0):
        y = top + COSTS * (1 - level)
        canvas.box(MARGIN, y, canvas.pixels.shape[1] - 10, y + 1, GRID)
        canvas.text(MARGIN - 28, y - 4, f"{most * level:.1f}")
    for i in range(len(path.units)):
        base, middle = top + COSTS, top + COSTS * (1 - target[i] / most)
        canvas.box(x[i] + 1, middle, max(x[i + 1] - 1, x[i] + 2), base, TARGET_COLOUR)
        if join[i]:
            canvas.box(x[i] + 1, middle - COSTS * join[i] / most, x[i] + 4, middle, JOIN_COLOUR)
