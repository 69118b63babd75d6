# SPDX-License-Identifier: Apache-2.0
"""The report's section of a listening test: what listeners said, who was left out, how measured figures go
with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from synthkit.eval.listening.joining import Correlation
from synthkit.eval.listening.screening import Objection
from synthkit.eval.report import tables
from synthkit.eval.report.forest import forest
from synthkit.eval.results import Analysis

SHOWN = 12
"""Correlations that are shown at once; the others are folded."""


@dataclass(frozen=True)
class Listening:
    """What the page says of a listening test beside the figures of its analysis.

    Attributes
    ----------
    about : str
        How many ratings by whom, from which file.
    rules : str
        When a listener is left out.
    left_out : sequence of Objection
    notes : sequence of str
    correlations : sequence of Correlation
        Of what was said with what was measured, the closest first.
    """

    about: str
    rules: str
    left_out: Sequence[Objection] = ()
    notes: Sequence[str] = ()
    correlations: Sequence[Correlation] = ()


def section(a: Analysis, heard: Listening | None, colours: Mapping[str, str]) -> str:
    """The section; empty where nobody was asked.

    Parameters
    ----------
    a : Analysis
    heard : Listening or None
    colours : mapping of str to str
        CSS colours, by system.

    Returns
    -------
    str
        HTML.
    """
    if heard is None:
        return ""
    said = [d for d in a.definitions if d.group == "listeners"]
    plots = "".join(forest(a, d, dict(colours)) for d in said)
    pairs = [p for p in a.pairs if p.key in {d.key for d in said}]
    tested = (
        tables.tests(a, pairs, "listeners-tests")
        if pairs
        else '<p class="soft">No two voices are tested.</p>'
    )
    notes = "".join(f'<p class="soft">{escape(n)}</p>' for n in heard.notes)
    return f"""<section aria-labelledby="listeners">
<h2 id="listeners">What listeners said</h2>
<p>{escape(heard.about)}. Intervals hold for other listeners and other sentences; pairs are a family of their
own (Šidák), and the intervals of differences hold for all of it at once: one leaves out 0 exactly where its
corrected p is at most 0.05.</p>
<div class="plots">{plots}</div>
{tested}
{_left_out(heard)}
{notes}
{_correlations(a, heard.correlations)}
</section>"""


def _left_out(heard: Listening) -> str:
    rules = f'<p class="soft">{escape(heard.rules)}</p>'
    if not heard.left_out:
        return f"<h3>Nobody was left out</h3>{rules}"
    rows = [(f.listener, f.rule, f.what) for f in heard.left_out]
    table = _table("Listeners left out", "plain", ("listener", "rule", "why"), rows)
    return f"<h3>Who was left out</h3>{table}{rules}"


def _correlations(a: Analysis, found: Sequence[Correlation]) -> str:
    title = "<h3>What was said and what was measured</h3>"
    if not found:
        return (
            f'{title}<p class="soft">Too few of the sentences that were rated were measured, or nothing was '
            "said of one voice by itself: there is no correlation.</p>"
        )
    titles = {d.key: d.title for d in a.definitions}
    rows = [
        (
            titles.get(c.rated, c.rated),
            f"{titles.get(c.measured, c.measured)} ({c.measured})",
            f"{c.rho:+.2f}",
            f"{c.low:+.2f} … {c.high:+.2f}",
            f"{c.pairs} of {c.sentences} sentences",
        )
        for c in found
    ]
    head = ("said", "measured", "Spearman’s ρ", "95 % interval", "pairs")
    shown = _table("Correlations", "tests", head, rows[:SHOWN])
    rest = rows[SHOWN:]
    if rest:
        further = _table("Further correlations", "tests", head, rest)
        shown += f"<details><summary>{len(rest)} further figures</summary>{further}</details>"
    return (
        f'{title}<p class="soft">Over sentences × voices, the recordings too where they were rated; the '
        "interval draws whole sentences. The primary figures first, then the others, the closest first: of "
        "so many some go with what was said by chance. A figure that goes with what is said of these voices "
        f"need not do so of others.</p>{shown}"
    )


def _table(name: str, kind: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(c)}</{tag}>' for c in cells)}</tr>"

    body = "".join(line(r, "td") for r in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(name)}"><table class="{kind}">'
        f"<thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table></div>"
    )
