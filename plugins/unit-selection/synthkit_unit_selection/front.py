# SPDX-License-Identifier: Apache-2.0
"""The picture of a search for weights: what was tried, by two figures, and its Pareto front."""

from __future__ import annotations

from pathlib import Path

from synthkit.atomic import writing
from synthkit_unit_selection.figures import TERMS
from synthkit_unit_selection.tune import Tuned, front

PANELS = (("distance", "steps"), ("distance", "melody"), ("f0", "steps"))
"""Pairs of figures that pull against each other, a panel each."""


def draw_front(result: Tuned, path: Path) -> None:
    """Draw it into `path`, by its suffix.

    Each dot is the mean, over the recordings that steered, of one setting of weights; the line joins those
    that no other beats in both figures.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.6 * len(PANELS), 3.3), layout="constrained")
    axes = figure.subplots(1, len(PANELS))
    for axis, (one, other) in zip(axes, PANELS, strict=True):
        x, y = ([row[name] for row in result.tried] for name in (one, other))
        best = front(result.tried, one, other)
        axis.plot(x, y, ".", color="#8fa3b8", label="tried")
        axis.plot([x[i] for i in best], [y[i] for i in best], "-", color="#285aa5", label="Pareto front")
        axis.plot(x[0], y[0], "s", color="#d7503c", label="before")
        axis.plot(x[result.kept[-1]], y[result.kept[-1]], "*", ms=12, color="#2c8f5b", label="chosen")
        axis.set_xlabel(_label(one))
        axis.set_ylabel(_label(other))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, fontsize="small")
    with writing(path) as temporary:
        figure.savefig(
            temporary,
            format=path.suffix[1:],
            dpi=150,
            metadata={"Date": None} if path.suffix == ".svg" else None,
        )


def _label(name: str) -> str:
    unit = TERMS[name].unit
    return f"{name}, {unit}" if unit else name
