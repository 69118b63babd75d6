# SPDX-License-Identifier: Apache-2.0
"""Means and tests of a listening test for the terminal."""

from __future__ import annotations

from synthkit.columns import columns
from synthkit.eval.report.numbers import number, probability
from synthkit.eval.results import ALPHA, Analysis
from synthkit.eval.statistics import Interval


def as_text(analysis: Analysis) -> str:
    """Means and tests for the terminal.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    str
    """
    out = []
    for d in analysis.definitions:
        lines = [
            (s, number(i.estimate), _span(i), summary.letters)
            for s in analysis.systems
            if (summary := analysis.summary(d.key, s)) is not None and (i := summary.interval) is not None
        ]
        if lines:
            out.append(columns(lines, (d.title, "mean", "95 % interval", "")))
        tests = [
            (
                f"{p.second} − {p.first}",
                number(p.difference.estimate),
                _span(p.difference),
                probability(p.p),
                probability(p.adjusted) if p.tested else p.note,
                f"{p.effect:+.2f}",
                f"{p.pairs}",
            )
            for p in analysis.pairs
            if p.key == d.key
        ]
        if tests:
            out.append(
                columns(
                    tests,
                    (f"{d.metric}: pair", "difference", "95 % interval", "p", "p, family", "effect", "n"),
                )
            )
    out += [f"not tested: {line}" for line in analysis.untested_pairs]
    weak = [p.difference.clusters for p in analysis.pairs if p.note.startswith("no power")]
    tested = len(analysis.family)
    if weak:
        family = f"{tested + len(weak)} test{'s' if tested + len(weak) != 1 else ''}"
        out.append(
            f"{min(weak)} listeners or utterances are too few for {family}: no difference of means however "
            "plain could become significant"
        )
    if tested > 1:
        out.append(
            f"intervals and p, family hold for all {tested + len(weak)} tests at once (Šidák): an interval "
            "leaves out 0 exactly where its p, family is at most 0.05; letters go by it"
        )
    chance = f"{analysis.resamples} resamples, seed {analysis.seed}"
    if any(s.letters for s in analysis.summaries.values()):
        chance = f"voices that share a letter do not differ at a family-wise level of {ALPHA:.0%}; {chance}"
    out.append(chance)
    return "\n".join(out)


def _span(interval: Interval) -> str:
    return f"{number(interval.low)} … {number(interval.high)}" if interval.low is not None else "–"
