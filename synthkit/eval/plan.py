# SPDX-License-Identifier: Apache-2.0
"""Before a comparison: how many sentences the differences asked for need, and what the sentences at hand can
show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from synthkit.errors import ConfigError
from synthkit.eval.families import adjust, fewest, smallest_p
from synthkit.eval.power import POWER, detectable, power, sentences, upper_deviation
from synthkit.paths import read_json

WORTH = {
    "mcd": 0.5, "f0-rmse": 5.0, "wer": 5.0, "cer": 2.0, "predicted-mos": 0.3, "speaker-similarity": 0.05,
    "vuv-error": 2.0, "duration-rmse": 10.0, "duration-correlation": 0.1, "lsd": 0.5, "bap": 0.5,
    "f0-correlation": 0.1, "f0-cents": 50.0, "f0-rmse-cents": 50.0,
}  # fmt: skip
"""Differences asked for where the user names none, in the figure's unit: about what papers take notice of."""

MEASURED = {
    "mcd": 0.24, "f0-rmse": 2.9, "vuv-error": 2.6, "duration-rmse": 13.0, "duration-correlation": 0.11,
    "lsd": 0.26, "bap": 0.51, "f0-correlation": 0.16, "f0-cents": 37.0, "f0-rmse-cents": 37.0,
}  # fmt: skip
"""Standard deviation, from sentence to sentence, of the difference of the demo's two voices (unit selection
and parametric, 15 held-out sentences of bundled-ru; ``make demo``): the upper end of its 80 % interval, 1.34
times what was measured. Used where no earlier report tells."""

GUESSED = {"wer": 22.0, "cer": 12.0, "predicted-mos": 0.45, "speaker-similarity": 0.06}
"""The same, not measured: the demo has no recogniser and no model of listeners or speakers."""


PILOT = "--pilot names the folder of a report"


@dataclass(frozen=True)
class Planned:
    """One figure of a plan.

    Attributes
    ----------
    metric, unit : str
    deviation : float
        Standard deviation of the paired difference.
    difference : float
        What is asked for.
    needed : int or None
        Sentences that find it in `POWER` of studies; None where no number would do.
    power : float
        Probability that the sentences at hand find it.
    detectable : float or None
        The difference that they find in `POWER` of studies; None where they have no power.
    source : str
        Where the deviation comes from.
    """

    metric: str
    unit: str
    deviation: float
    difference: float
    needed: int | None
    power: float
    detectable: float | None
    source: str


@dataclass(frozen=True)
class Plan:
    """What so many sentences can show of so many voices.

    Attributes
    ----------
    voices, sentences, tests : int
    least_p : float
        The smallest adjusted p that the sentences can give.
    figures : tuple of Planned
    """

    voices: int
    sentences: int
    tests: int
    least_p: float
    figures: tuple[Planned, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def notes(self) -> list[str]:
        """What a reader must know beside the table, a sentence each."""
        if not self.tests:
            return ["one voice: nothing is tested, its figures are described"]
        out = [
            f"{self.tests} tests: {_counted(math.comb(self.voices, 2), 'pair')} of voices × "
            f"{_counted(len(self.figures), 'figure')}"
        ]
        least = fewest(self.tests)
        if self.sentences < least:
            out.append(
                f"no power: at n = {self.sentences} the smallest p is {self.least_p:.2g}; "
                f"{least} sentences are the fewest with which anything could come out"
            )
        return out


def make_plan(
    voices: int,
    count: int,
    metrics: Sequence[tuple[str, str]],
    *,
    pilot: Mapping[str, float] | None = None,
    worth: Mapping[str, float] | None = None,
    source: str = "",
) -> Plan:
    """The plan of a comparison.

    Parameters
    ----------
    voices, count : int
        Voices, and sentences at hand.
    metrics : sequence of (metric, unit)
        The primary figures.
    pilot : mapping of metric to float, optional
        Standard deviations of paired differences of an earlier report; `MEASURED` or `GUESSED` where it has
        none.
    worth : mapping of metric to float, optional
        Differences asked for; `WORTH` where it names none.
    source : str
        Name of the earlier report.

    Returns
    -------
    Plan

    Raises
    ------
    ConfigError
        A figure has neither a known deviation nor a difference, or a difference is of no figure planned.
    """
    names = [metric for metric, _ in metrics]
    for name in worth or {}:
        if name not in names:
            close = get_close_matches(name, names, 1)
            meant = f"did you mean {close[0]!r}? " if close else ""
            raise ConfigError(
                f"a difference is asked for in {name!r}, which is none of the figures planned",
                where="--difference",
                hint=f"{meant}planned are {', '.join(names)}; --primary names others",
            )
    tests = len(metrics) * math.comb(voices, 2)
    figures = []
    for metric, unit in metrics:
        spread, origin = next(
            (values[metric], name)
            for values, name in (
                (pilot or {}, source), (MEASURED, "the demo's voices"), (GUESSED, "a rough guess"),
                ({metric: None}, ""),
            )
            if metric in values
        )  # fmt: skip
        asked = (worth or {}).get(metric, WORTH.get(metric))
        if spread is None or asked is None:
            what = "how much it varies" if spread is None else "which difference is asked for"
            raise ConfigError(
                f"nothing says {what} for {metric!r}",
                hint="name an earlier report with --pilot REPORT, and a difference with --difference "
                f"{metric}=X",
            )
        family = max(tests, 1)
        figures.append(
            Planned(
                metric,
                unit,
                spread,
                asked,
                sentences(asked, spread, family),
                power(asked, spread, count, family),
                detectable(spread, count, family),
                origin,
            )
        )
    return Plan(voices, count, tests, adjust(smallest_p(count), max(tests, 1)), tuple(figures))


def table(plan: Plan) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Rows and head of the plan for the terminal.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    rows : list of tuple of str
    head : tuple of str
    """
    from synthkit.eval.report.numbers import number

    rows: list[tuple[str, ...]] = []
    for f in plan.figures:
        unit = f" {f.unit}" if f.unit else ""
        rows.append(
            (
                f.metric,
                f"{number(f.difference)}{unit}",
                f"{number(f.deviation)}{unit}",
                "out of reach" if f.needed is None else str(f.needed),
                f"{f.power:.0%}",
                "–" if f.detectable is None else f"{number(f.detectable)}{unit}",
                f.source,
            )
        )
    n = plan.sentences
    return rows, (
        "figure", "difference", "sd", f"sentences for {POWER:.0%}", f"power of {n}", f"{n} show", "sd from"
    )  # fmt: skip


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def read_pilot(path: Path) -> dict[str, float]:
    """Standard deviations of paired differences by metric, of an earlier report's ``results.json`` or its
    folder: the upper end of the 80 % interval that its sentences give.

    A deviation is found to be too small as often as too large, and a plan by one that is too small promises
    what it does not keep; so is done with `MEASURED`.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to float
        In each figure's unit.

    Raises
    ------
    ConfigError
        It is no such file, or has no tested pair.
    """
    file = path / "results.json" if path.is_dir() else path
    try:
        data = read_json(file, ConfigError, hint=PILOT)
        found = {
            s["key"].partition("/")[0]: upper_deviation(float(s["deviation"]), int(s["sentences"]))
            for s in data["power"]
            if s["deviation"] is not None
        }
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise ConfigError(
            "is not the results.json of a comparison",
            where=str(file),
            hint=PILOT,
        ) from None
    if not found:
        raise ConfigError("compares no two voices, so that it tells no deviation", where=str(file))
    return found
