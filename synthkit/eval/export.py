# SPDX-License-Identifier: Apache-2.0
"""The table of a comparison for other programs: CSV, LaTeX (booktabs) and parquet, with the definitions of
its figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from synthkit.atomic import write_text, writing
from synthkit.errors import MissingDependency
from synthkit.eval.metric import Definition
from synthkit.eval.report.numbers import decimals
from synthkit.eval.results import ALPHA, Analysis
from synthkit.eval.statistics import Interval

CYRILLIC = "% \\usepackage[T1,T2A]{fontenc}  % with pdfLaTeX, for Cyrillic letters"
"""What a table with Cyrillic letters needs beside booktabs."""

COLUMNS = (
    "figure", "definition", "unit", "better", "system", "estimate", "low", "high", "sentences", "primary",
    "best", "letters", "definition_text",
)  # fmt: skip


def rows(analysis: Analysis, voices: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each figure and system, primary figures first.

    Parameters
    ----------
    analysis : Analysis
    voices : sequence of str
        Systems of which the best is told.

    Returns
    -------
    list of dict
    """
    by_key = {d.key: d for d in analysis.definitions}
    order = [*analysis.tested, *(k for k in by_key if k not in analysis.tested)]
    out = []
    for key in order:
        d = by_key[key]
        best = analysis.best(key, voices)
        for system in analysis.systems:
            s = analysis.summary(key, system)
            if s is None:
                continue
            i = s.interval
            out.append(
                {
                    "figure": d.title,
                    "definition": d.key,
                    "unit": d.unit,
                    "better": d.better,
                    "system": system,
                    "estimate": i.estimate if i else None,
                    "low": i.low if i else None,
                    "high": i.high if i else None,
                    "sentences": s.measured,
                    "primary": key in analysis.tested,
                    "best": system in best,
                    "letters": s.letters,
                    "definition_text": d.text,
                }
            )
    return out


def write_csv(path: Path, analysis: Analysis, voices: Sequence[str]) -> None:
    """`rows` as comma-separated values, atomically.

    Parameters
    ----------
    path : Path
    analysis : Analysis
    voices : sequence of str
        Systems of which the best is told.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(analysis, voices))
    write_text(path, text.getvalue())


def write_summary_parquet(path: Path, analysis: Analysis, voices: Sequence[str]) -> None:
    """`rows` as parquet; the file's metadata holds the definitions by key.

    Parameters
    ----------
    path : Path
    analysis : Analysis
    voices : sequence of str
        Systems of which the best is told.

    Raises
    ------
    MissingDependency
        pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "--parquet needs the package 'pyarrow'", hint="pip install pyarrow"
        ) from error
    kinds = {"estimate": pa.float64(), "low": pa.float64(), "high": pa.float64(), "sentences": pa.int64()}
    kinds |= {"primary": pa.bool_(), "best": pa.bool_()}
    texts = json.dumps({d.key: d.text for d in analysis.definitions}, ensure_ascii=False)
    schema = pa.schema(
        [(name, kinds.get(name, pa.string())) for name in COLUMNS], metadata={"definitions": texts}
    )
    with writing(path) as temporary:
        pq.write_table(
            pa.Table.from_pylist(rows(analysis, voices), schema=schema), temporary, compression="zstd"
        )


def latex(analysis: Analysis, voices: Sequence[str], sentences: int, label: str = "tab:comparison") -> str:
    """The primary figures as a table for papers: booktabs, the best voice in bold, letters, definitions in
    the caption.

    Parameters
    ----------
    analysis : Analysis
    voices : sequence of str
        Systems of which the best is set in bold.
    sentences : int
        For the caption.
    label : str
        Of the table.

    Returns
    -------
    str
    """
    by_key = {d.key: d for d in analysis.definitions}
    caption = _caption(analysis, by_key, sentences)
    said = caption + "".join([*analysis.systems, *(by_key[k].label for k in analysis.tested)])
    lines = [
        "% \\usepackage{booktabs}",
        *([CYRILLIC] if any("\u0400" <= c <= "\u04ff" for c in said) else []),
        "\\begin{table}",
        "\\centering",
        "\\begin{tabular}{l" + "r" * len(analysis.systems) + "}",
        "\\toprule",
        " & ".join(["", *map(tex, analysis.systems)]) + " \\\\",
        "\\midrule",
    ]
    for key in analysis.tested:
        d = by_key[key]
        best = analysis.best(key, voices)
        arrow = {"lower": " $\\downarrow$", "higher": " $\\uparrow$", "none": ""}[d.better]
        cells = []
        known = [s.interval for v in analysis.systems if (s := analysis.summary(key, v)) and s.interval]
        digits = decimals(map(_half, known), (i.estimate for i in known))
        for system in analysis.systems:
            s = analysis.summary(key, system)
            if s is None or s.interval is None:
                cells.append("--")
                continue
            text = f"{s.interval.estimate:z.{digits}f}".replace("-", "$-$")
            low, high = s.interval.low, s.interval.high
            if low is not None and high is not None:  # both ends: an interval may be skewed
                text += f" [{low:z.{digits}f}, {high:z.{digits}f}]".replace("-", "$-$")
            text = f"\\textbf{{{text}}}" if system in best else text
            cells.append(text + (f"$^{{\\mathrm{{{s.letters}}}}}$" if s.letters else ""))
        lines.append(" & ".join([tex(d.label) + arrow, *cells]) + " \\\\")
    lines += ["\\bottomrule", "\\end{tabular}", f"\\caption{{{caption}}}"]
    lines += [f"\\label{{{label}}}", "\\end{table}"]
    return "\n".join(lines) + "\n"


def _half(interval: Interval) -> float | None:
    """Half the width of an interval."""
    if interval.low is None or interval.high is None:
        return None
    return (interval.high - interval.low) / 2


def _caption(analysis: Analysis, by_key: dict[str, Definition], sentences: int) -> str:
    text = (
        (
            f"Means over {sentences} sentences with their 95\\,\\% intervals; the best "
            f"voice in bold. Voices that share a letter do not differ at a family-wise level of {ALPHA:.0%} "
            f"({analysis.families}, {tex('Šidák')}); rows without letters were not tested or have "
            "no power. "
        )
        .replace("%", "\\%")
        .replace("\\\\%", "\\%")
    )
    return text + " ".join(f"{tex(by_key[k].label)}: {tex(by_key[k].text)}" for k in analysis.tested)


def tex(text: str) -> str:
    """`text` with what LaTeX would take for commands made harmless.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    table = {
        "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "_": "\\_",
        "%": "\\%",
        "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "·": "$\\cdot$", "Δ": "$\\Delta$",
        "‖": "$\\|$", "√": "$\\surd$", "α": "$\\alpha$", "Σ": "$\\Sigma$", "×": "$\\times$", "−": "$-$",
        "→": "$\\to$", "÷": "$\\div$", "′": "$'$", "∞": "$\\infty$", "σ": "$\\sigma$", "ρ": "$\\rho$",
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", (f"$^{{{k}}}$" for k in range(10)), strict=True)),
        **dict(zip("₀₁₂₃₄₅₆₇₈₉", (f"$_{{{k}}}$" for k in range(10)), strict=True)),
        "≤": "$\\leq$", "≥": "$\\geq$", "∓": "$\\mp$", "±": "$\\pm$",
    }  # fmt: skip
    return "".join(table.get(c, c) for c in text)
