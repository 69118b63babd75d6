# SPDX-License-Identifier: Apache-2.0
"""The report's tables: figures with intervals, tests, definitions, reasons for missing figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from synthkit.eval.metric import Definition
from synthkit.eval.report.numbers import number, probability
from synthkit.eval.results import GROUPS, Analysis, Pair, Summary

ARROWS = {"lower": "↓", "higher": "↑", "none": ""}


def figures(
    analysis: Analysis, keys: Sequence[str], kinds: dict[str, str], total: int, voices: Sequence[str] = ()
) -> str:
    """Rows of definitions by group, a column for each system; of the tested ones the best voice is marked.

    Parameters
    ----------
    analysis : Analysis
    keys : sequence of str
        Of definitions.
    kinds : dict of str to str
        By system: ``"natural"``, ``"copy"`` or ``"voice"``.
    total : int
        How many sentences there are.
    voices : sequence of str
        Those of which the best is marked.

    Returns
    -------
    str
        HTML.
    """
    by_key = {d.key: d for d in analysis.definitions}
    head = "".join(
        f'<th scope="col" class="{kinds[s]}">{escape(s).replace(":", ":<wbr>")}</th>'
        for s in analysis.systems
    )
    body, group = [], ""
    for key in sorted(keys, key=lambda k: GROUPS.index(by_key[k].group) if by_key[k].group in GROUPS else 99):
        d = by_key[key]
        if d.group != group:
            group = d.group
            span = len(analysis.systems) + 1
            body.append(
                f'<tr class="group"><th colspan="{span}" scope="rowgroup">'
                f"<span>{escape(group)}</span></th></tr>"
            )
        unit = f'<span class="unit">{escape(d.unit)}</span> ' if d.label != d.title else ""
        better = {
            "lower": "lower is better",
            "higher": "higher is better",
            "none": "neither is better as such",
        }
        best = analysis.best(key, voices) if key in analysis.tested else []
        cells = "".join(_cell(analysis.summary(key, s), total, s in best) for s in analysis.systems)
        body.append(
            f'<tr><th scope="row"><a href="#def-{_anchor(key)}" title="{escape(d.key)}">{escape(d.title)}</a>'
            f' <span class="how">{unit}<span class="arrow" title="{better[d.better]}">{ARROWS[d.better]}'
            f"</span></span></th>{cells}</tr>"
        )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Figures">'
        f'<table class="figures" style="--systems: {len(analysis.systems)}"><thead><tr>'
        '<th scope="col">metric</th>'
        f"{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(summary: Summary | None, total: int, best: bool = False) -> str:
    if summary is None:
        return "<td>–</td>"
    if summary.interval is None:
        why = "; ".join(f"{reason} ({n})" for reason, n in summary.reasons.items())
        return f'<td class="none" title="{escape(why)}">–</td>'
    i = summary.interval
    star = '<span class="star" aria-hidden="true">★</span><span class="aside">best </span>' if best else ""
    shown = f"{star}<b>{number(i.estimate)}</b>"
    if summary.letters:
        shown += f" <sup>{escape(summary.letters)}</sup>"
    if i.low is not None:
        shown += f'<span class="ci">{number(i.low)} … {number(i.high)}</span>'
    if summary.measured < total:
        why = "; ".join(f"{reason} ({n})" for reason, n in summary.reasons.items()) or "not asked"
        shown += f'<span class="n" title="{escape(why)}">n = {summary.measured}</span>'
    return f'<td class="best">{shown}</td>' if best else f"<td>{shown}</td>"


def tests(analysis: Analysis, pairs: Sequence[Pair], name: str) -> str:
    """A table of tests, grouped by definition.

    Parameters
    ----------
    analysis : Analysis
    pairs : sequence of Pair
    name : str
        The table's id.

    Returns
    -------
    str
        HTML.
    """
    by_key = {d.key: d for d in analysis.definitions}
    body = []
    for p in pairs:
        d = by_key[p.key]
        i = p.difference
        span = f"{number(i.low)} … {number(i.high)}" if i.low is not None else "–"
        mark = ' class="yes"' if p.different else ' class="described"' if p.note else ""
        adjusted = probability(p.adjusted) if p.tested else escape(p.note)
        same = p.note.startswith("identical")
        alone, effect = ("–", "–") if same else (probability(p.p), f"{p.effect:+.2f}")
        body.append(
            f'<tr data-key="{escape(p.key)}"{mark}><td>{escape(d.title)}</td>'
            f"<td>{escape(p.second)} − {escape(p.first)}</td>"
            f'<td>{number(i.estimate)} <span class="unit">{escape(d.unit)}</span></td><td>{span}</td>'
            f"<td>{alone}</td><td>{adjusted}</td><td>{effect}</td>"
            f"<td>{p.pairs}{f' ({p.ties} equal)' if p.ties else ''}</td></tr>"
        )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Tests"><table class="tests" '
        f'id="{name}"><thead><tr><th>metric</th><th>pair</th><th>difference</th>'
        "<th>95 % interval</th><th>p alone</th><th>p, family</th><th>effect r</th><th>utterances</th>"
        "</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def definitions(items: Sequence[Definition]) -> str:
    """The exact definition of every figure in the report.

    Parameters
    ----------
    items : sequence of Definition

    Returns
    -------
    str
        HTML.
    """
    out = []
    for d in items:
        source = f'<p class="source">Follows: {escape(d.source)}</p>' if d.source else ""
        pooled = "Pooled: Σ value·n / Σ n." if d.pool == "ratio" else "Mean over utterances."
        out.append(
            f'<dt id="def-{_anchor(d.key)}"><code>{escape(d.key)}</code> {escape(d.label)}'
            f" {ARROWS[d.better]}</dt>"
            f"<dd><p>{escape(d.text)} {pooled}</p>{source}</dd>"
        )
    return f'<dl class="definitions">{"".join(out)}</dl>'


def missing(analysis: Analysis) -> str:
    """How often a figure has no value, and why.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
        HTML.
    """
    rows = []
    for (key, system), s in analysis.summaries.items():
        for reason, n in s.reasons.items():
            rows.append((reason, key, system, n))
    if not rows:
        return "<p>Every figure was measured on every utterance.</p>"
    grouped: dict[tuple[str, str], list[str]] = {}
    for reason, key, system, n in rows:
        grouped.setdefault((reason, system), []).append(f"{key} ({n})")
    body = "".join(
        f"<tr><td>{escape(system)}</td><td>{escape(reason)}</td><td>{escape(', '.join(keys))}</td></tr>"
        for (reason, system), keys in sorted(grouped.items(), key=lambda g: (g[0][1], g[0][0]))
    )
    return (
        '<div class="wide"><table class="plain"><thead><tr><th>system</th><th>reason</th>'
        f"<th>figures (utterances)</th></tr></thead><tbody>{body}</tbody></table></div>"
    )


def provenance(systems: Sequence[tuple[str, str, dict[str, Any]]]) -> str:
    """Configuration, hashes and licence of each system.

    Parameters
    ----------
    systems : sequence of (str, str, dict)
        Names, kinds, and what is told of each.

    Returns
    -------
    str
        HTML.
    """
    out = []
    for name, kind, about in systems:
        about = dict(about)
        config = about.pop("config", "")
        rows = "".join(
            f"<tr><th>{escape(str(k))}</th><td>{_plain(v)}</td></tr>"
            for k, v in about.items()
            if v not in ("", [], {})
        )
        toml = f"<pre>{escape(config)}</pre>" if config else ""
        out.append(
            f"<details><summary><b>{escape(name)}</b> {escape(kind)}</summary>"
            f'<div class="wide"><table class="plain">{rows}</table></div>{toml}</details>'
        )
    return "".join(out)


def _plain(value: Any) -> str:
    if isinstance(value, str | int | float | bool):
        return escape(str(value))
    return f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>"


def _anchor(key: str) -> str:
    return key.replace("/", "-")
