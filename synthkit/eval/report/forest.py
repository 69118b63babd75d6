# SPDX-License-Identifier: Apache-2.0
"""Forest plots: every system's estimate and interval of one figure, as inline SVG."""

from __future__ import annotations

import math
from html import escape

from synthkit.eval.metric import Definition
from synthkit.eval.report.numbers import number
from synthkit.eval.results import Analysis

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f6bd1", "#8c564b")
"""After Okabe and Ito, told apart by most colour-blind eyes; dark enough on white, light enough on black."""

LEFT, RIGHT, ROW, TOP, WIDTH = 170, 64, 26, 8, 640


def forest(analysis: Analysis, definition: Definition, colours: dict[str, str]) -> str:
    """The plot of one definition; empty where no system has a value.

    Parameters
    ----------
    analysis : Analysis
    definition : Definition
    colours : dict of str to str
        CSS colours, by system.

    Returns
    -------
    str
        SVG.
    """
    shown = [
        (name, s)
        for name in analysis.systems
        if (s := analysis.summary(definition.key, name)) is not None and s.interval is not None
    ]
    if not shown:
        return ""
    ends = [
        v
        for _, s in shown
        if s.interval is not None
        for v in (s.interval.estimate, s.interval.low, s.interval.high)
        if v is not None
    ]
    low, high = min(ends), max(ends)
    margin = 0.06 * (high - low) or max(abs(high) * 0.1, 0.5)
    low, high = low - margin, high + margin
    inner = WIDTH - LEFT - RIGHT

    def x(value: float) -> float:
        return round(LEFT + inner * (value - low) / (high - low), 1)

    bottom = TOP + ROW * len(shown)
    parts = []
    marks = ticks(low, high)
    places = max(0, -math.floor(math.log10(marks[1] - marks[0]) + 1e-9)) if len(marks) > 1 else 2
    for tick in marks:
        parts.append(
            f'<line class="grid" x1="{x(tick)}" x2="{x(tick)}" y1="{TOP}" y2="{bottom}"/>'
            f'<text class="tick" x="{x(tick)}" y="{bottom + 15}">{tick:.{places}f}</text>'
        )
    for k, (name, s) in enumerate(shown):
        assert s.interval is not None
        y = TOP + ROW * k + ROW / 2
        colour = colours[name]
        i = s.interval
        parts.append(f'<text class="name" x="{LEFT - 12}" y="{y + 4}">{escape(_short(name))}</text>')
        if i.low is not None and i.high is not None:
            parts.append(
                f'<line class="whisker" x1="{x(i.low)}" x2="{x(i.high)}" y1="{y}" y2="{y}" '
                f'stroke="{colour}"/>'
            )
        title = f"{name}: {number(i.estimate)} {definition.unit}, n = {s.measured}"
        parts.append(
            f'<circle cx="{x(i.estimate)}" cy="{y}" r="5" fill="{colour}">'
            f"<title>{escape(title)}</title></circle>"
        )
        parts.append(f'<text class="letters" x="{WIDTH - RIGHT + 14}" y="{y + 4}">{escape(s.letters)}</text>')
    better = {"lower": "lower is better", "higher": "higher is better", "none": ""}[definition.better]
    label = definition.label
    return (
        f'<figure class="forest"><figcaption><b>{escape(label)}</b> <span>{better}</span></figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {bottom + 22}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values within ``[low, high]``.

    Parameters
    ----------
    low, high : float
        ``low < high``.
    about : int
        How many are wanted.

    Returns
    -------
    list of float
        Multiples of 1, 2, 5 or 10 times a power of ten.
    """
    step = 10.0 ** math.floor(math.log10((high - low) / about))
    step *= min((1, 2, 5, 10), key=lambda f: abs((high - low) / (f * step) - about))
    first = math.ceil(low / step)
    return [k * step for k in range(first, math.floor(high / step) + 1)]


def _short(name: str, limit: int = 22) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"
