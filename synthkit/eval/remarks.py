# SPDX-License-Identifier: Apache-2.0
"""What a reader of a comparison must be told beside its figures, a sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthkit.eval.figures import catalogue
from synthkit.eval.metric import Definition
from synthkit.eval.ratings import Rating, people
from synthkit.eval.report.numbers import number
from synthkit.eval.results import Analysis
from synthkit.eval.study import Outcome
from synthkit.plugins import registry


def unmeasured(definitions: Sequence[Definition], left_out: Sequence[tuple[str, str]]) -> list[str]:
    """Kinds of figures that the full set has none of, with what it takes.

    Parameters
    ----------
    definitions : sequence of Definition
        What is measured.
    left_out : sequence of (str, str)
        Metrics that are not, and why.

    Returns
    -------
    list of str
    """
    measured = {d.group for d in definitions}
    missing: dict[str, list[str]] = {d.group: [] for d, _ in catalogue(registry()) if d.group not in measured}
    reasons = dict(left_out)
    for d, metric in catalogue(registry()):
        if d.group in missing and metric in reasons and reasons[metric] not in missing[d.group]:
            missing[d.group].append(reasons[metric])
    return [f"nothing tells the {group}: {'; '.join(why)}" for group, why in missing.items() if why]


def stopped(outcome: Outcome) -> list[str]:
    """Metrics that hung or brought their process down, a sentence each.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    list of str
    """
    counts: dict[tuple[str, str], int] = {}
    for r in outcome.rows:
        if r.value is None and r.reason.startswith(("stopped: ", "crashed (")):
            counts[r.key, r.reason] = counts.get((r.key, r.reason), 0) + 1
    return [f"{key} {reason} ({n} times); the rest went on" for (key, reason), n in counts.items()]


def untested(analysis: Analysis, wanted: Sequence[str]) -> list[str]:
    """What was asked for by name and is described only: it would be missed in the table without a word.

    Parameters
    ----------
    analysis : Analysis
    wanted : sequence of str
        Metrics or definitions.

    Returns
    -------
    list of str
    """
    tested = {name for d in analysis.definitions if d.key in analysis.tested for name in (d.key, d.metric)}
    asked = {d.metric: d.title for d in analysis.definitions if d.metric in wanted and d.metric not in tested}
    return [
        f"{title} stands in the report alone: a test of voices in it would say nothing; --primary "
        f"{next(d.key for d in analysis.definitions if d.metric == metric)} tests it all the same"
        for metric, title in asked.items()
        if any(d.metric == metric and not d.tested for d in analysis.definitions)
    ]


def power_warnings(analysis: Analysis) -> list[str]:
    """A sentence for each primary figure whose tests could find nothing, or only more than is asked for.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    list of str
    """
    by_key = {d.key: d for d in analysis.definitions}
    out = []
    found = {p.key for p in analysis.pairs if p.different}
    for s in analysis.strengths.values():
        unit = by_key[s.key].unit
        title = by_key[s.key].title
        if not s.weak or s.key in found:  # what was found needed no more power
            continue
        if s.none:
            text = f"no power: at n = {s.sentences} the smallest p is {s.least_p:.2g}"
        else:
            least = f"{number(s.detectable)} {unit}"
            text = f"little power: {s.sentences} sentences show differences from {least} on"
        if s.worth is not None:
            enough = (
                "no number of sentences would be enough"
                if s.needed is None
                else f"{s.needed} sentences would be needed"
            )
            text += f"; {enough} for a difference of {number(s.worth)} {unit}"
        out.append(f"{title}: {text}".rstrip())
    return out


def about_ratings(ratings: Sequence[Rating], ids: set[str], path: Path) -> str:
    """A line about the ratings of a report: how many, by how many, and whether of other sentences.

    Parameters
    ----------
    ratings : sequence of Rating
    ids : set of str
        The report's utterances.
    path : Path
        Of the ratings.

    Returns
    -------
    str
    """
    others = {r.utterance for r in ratings} - ids
    text = f"{len(ratings)} by {people(len({r.listener for r in ratings}))} ({path.name})"
    return f"{text}; {len(others)} of the utterances rated are not among these sentences" if others else text
