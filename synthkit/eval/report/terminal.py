# SPDX-License-Identifier: Apache-2.0
"""A comparison's table for the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from synthkit.columns import columns
from synthkit.eval.report.numbers import number
from synthkit.eval.results import Analysis


def shown(analysis: Analysis, voices: Sequence[str]) -> str:
    """Primary figures, then speed and joins; the best voice is starred, letters follow.

    Where the systems' names make it too wide, they stand under it.

    Parameters
    ----------
    analysis : Analysis
    voices : sequence of str
        Those of which the best is starred.

    Returns
    -------
    str
    """
    a = analysis
    by_key = {d.key: d for d in a.definitions}
    lines: list[tuple[str, tuple[str, ...]]] = []
    starred = lettered = False
    for key in [*a.tested, *(d.key for d in a.definitions if d.metric in ("rtf", "joins"))]:
        best = a.best(key, voices) if key in a.tested else []
        cells = []
        for system in a.systems:
            s = a.summary(key, system)
            if s is None or s.interval is None:
                cells.append("–")
                continue
            star = "*" if system in best else ""
            cells.append(f"{number(s.interval.estimate)}{star} {s.letters}".strip())
            starred, lettered = starred or bool(star), lettered or bool(s.letters)
        if any(cell != "–" for cell in cells) and key not in {k for k, *_ in lines}:
            lines.append((key, (by_key[key].label, *cells, "")))
    body = [row for _, row in lines]
    text = columns(body, ("", *a.systems, ""))
    if max(map(len, text.splitlines())) > shutil.get_terminal_size((100, 24)).columns:
        numbers = [f"[{n}]" for n in range(1, len(a.systems) + 1)]
        names = [f"{n} {name}" for n, name in zip(numbers, a.systems, strict=True)]
        text = "\n".join([columns(body, ("", *numbers, "")), *names])
    notes = ["* best voice"] if starred else []
    notes += ["voices that share a letter do not differ"] if lettered else []
    return text + (f"\n{'; '.join(notes)}" if notes else "")
