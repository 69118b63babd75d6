# SPDX-License-Identifier: Apache-2.0
"""The gallery's picture: a panel for each figure, a line for each system, as SVG for light pages and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from synthkit.eval.report.forest import ticks
from synthkit.eval.report.numbers import number
from synthkit.gallery.table import HEADS, JUDGED, Line, Room

NAMES, PANEL, GAP, ROW, TOP, BOTTOM = 210, 210, 26, 19, 34, 26
COLOURS = {"natural": "#009e73", "copy": "#56b4e9", "voice": "#d55e00"}
"""After Okabe and Ito."""
MOST = {"wer": 100.0}
"""Where an axis ends at the latest: one voice that says other words would leave the others no room."""
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1b2025}.t{fill:#57626d;text-anchor:middle}.n{text-anchor:end}"
    ".h{font-weight:600}.g{stroke:#8884}@media(prefers-color-scheme:dark){text{fill:#e5e8eb}.t{fill:#9ba6b1}}"
)


def picture(room: Room) -> str:
    """An SVG file's text; empty where nothing was measured.

    Parameters
    ----------
    room : Room

    Returns
    -------
    str
    """
    metrics = [m for m in room.shown() if m in JUDGED]
    if not metrics:
        return ""
    lines = [line for line in room.lines if any(m in line.figures for m in metrics)]
    height = TOP + ROW * len(lines) + BOTTOM
    width = NAMES + len(metrics) * (PANEL + GAP)
    parts = []
    for k, line in enumerate(lines):
        y = TOP + ROW * (k + 0.5)
        parts.append(f'<text class="n" x="{NAMES - 10}" y="{y + 4:g}">{escape(_short(line.name))}</text>')
    for k, metric in enumerate(metrics):
        parts.append(_panel(metric, lines, NAMES + k * (PANEL + GAP)))
    label = f"{', '.join(HEADS[m] for m in metrics)} of {len(lines)} systems, {room.language}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label)}"><style>{STYLE}</style>{"".join(parts)}</svg>\n'
    )


def _panel(metric: str, lines: Sequence[Line], left: int) -> str:
    cells = [(k, line, line.figures[metric]) for k, line in enumerate(lines) if metric in line.figures]
    ends = [v for _, _, c in cells for v in (c.value, c.low, c.high) if v is not None]
    low, high = min(ends), max(ends)
    margin = 0.05 * (high - low) or max(abs(high) * 0.1, 0.5)
    low, high = (max(low - margin, 0.0) if low >= 0 else low - margin), high + margin
    high = min(high, max(MOST.get(metric, high), low + 1.0))

    def x(value: float) -> float:
        return round(left + PANEL * (min(value, high) - low) / (high - low), 1)

    bottom = TOP + ROW * len(lines)
    marks = ticks(low, high, 4)
    better = "fewer is better" if metric == "wer" else "more is better"
    out = [f'<text class="h" x="{left}" y="14">{escape(HEADS[metric])}</text>']
    out.append(f'<text x="{left}" y="{TOP - 6}" style="font-size:10px">{better}</text>')
    for tick in marks:
        out.append(f'<line class="g" x1="{x(tick)}" x2="{x(tick)}" y1="{TOP}" y2="{bottom}"/>')
        out.append(f'<text class="t" x="{x(tick)}" y="{bottom + 15}">{number(tick)}</text>')
    for k, line, cell in cells:
        y, colour = TOP + ROW * (k + 0.5), COLOURS[line.kind]
        if cell.low is not None and cell.high is not None:
            out.append(
                f'<line x1="{x(cell.low)}" x2="{x(cell.high)}" y1="{y:g}" y2="{y:g}" stroke="{colour}" '
                'stroke-width="2" stroke-opacity="0.5"/>'
            )
        said = f"{line.name}: {number(cell.value)}"
        at = x(cell.value)
        if cell.value > high:  # beyond the axis: an arrow
            dot = f'<path d="M{at - 4} {y - 5}l8 5l-8 5z" fill="{colour}">'
        else:
            dot = f'<circle cx="{at}" cy="{y:g}" r="4" fill="{colour}">'
        out.append(f"{dot}<title>{escape(said)}</title></{'path' if cell.value > high else 'circle'}>")
    return "".join(out)


def _short(name: str, limit: int = 30) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"
