# SPDX-License-Identifier: Apache-2.0
"""Rows of a comparison, the form of their summaries and tests, and the files they are kept in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.atomic import writing
from synthkit.errors import ConfigError, MissingDependency
from synthkit.eval.metric import Definition, Measurement
from synthkit.eval.statistics import Interval
from synthkit.paths import read_text

ALPHA = 0.05
"""Family-wise level of the tests."""

COPIES = "identical to the recordings: "
"""How the note of a pair begins in which a voice says the recordings themselves; the voices follow."""

MOST_BYTES = 1 << 30
"""Of a comparison's ``results.json``, which has a row for each measurement."""

GROUPS = (
    "listeners", "intelligibility", "predicted quality", "speaker", "spectral", "prosody", "duration",
    "concatenation", "cost"
)  # fmt: skip
"""Groups of definitions in the order of the report."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, tidy.

    Attributes
    ----------
    utterance, system, metric, definition, unit, reason : str
    value : float or None
    n : float
    detail : dict
    """

    utterance: str
    system: str
    metric: str
    definition: str
    value: float | None
    n: float
    unit: str
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, utterance: str, system: str, m: Measurement) -> Row:
        """The row of a measurement."""
        return cls(utterance, system, m.metric, m.definition, m.value, m.n, m.unit, m.reason, m.detail)

    @property
    def key(self) -> str:
        """``metric/definition``."""
        return f"{self.metric}/{self.definition}"


@dataclass(frozen=True)
class Summary:
    """A figure of one system over the utterances it was measured on.

    Attributes
    ----------
    system, key : str
        ``key`` is ``metric/definition``.
    interval : Interval or None
        None where no utterance was measured.
    measured, undefined : int
        Utterances with and without a value.
    reasons : dict of str to int
        Why there is none, with counts.
    letters : str
        Systems that share a letter do not differ significantly; empty where not tested.
    """

    system: str
    key: str
    interval: Interval | None
    measured: int
    undefined: int
    reasons: dict[str, int]
    letters: str = ""


@dataclass(frozen=True)
class Pair:
    """Two systems compared on their common utterances.

    Attributes
    ----------
    key, first, second : str
    difference : Interval
        ``second - first``, per utterance; holds for the whole family at once where the pair is tested.
    p, adjusted : float
        Of this test alone, and corrected over the family.
    effect : float
        Matched-pairs rank-biserial.
    pairs, ties : int
    note : str
        Why the pair is described and not tested; empty where it is tested.
    """

    key: str
    first: str
    second: str
    difference: Interval
    p: float
    adjusted: float
    effect: float
    pairs: int
    ties: int
    note: str = ""

    @property
    def tested(self) -> bool:
        """Part of the family."""
        return not self.note

    @property
    def copies(self) -> tuple[str, ...]:
        """Those of the two that say the recordings themselves, where that is why they are not tested."""
        if not self.note.startswith(COPIES):
            return ()
        named = self.note.removeprefix(COPIES)
        return tuple(s for s in (self.first, self.second) if named in (s, f"{self.first}, {self.second}"))

    @property
    def different(self) -> bool:
        """Significant at the family-wise level."""
        return self.tested and self.adjusted <= ALPHA


@dataclass(frozen=True)
class Strength:
    """What the tests of one figure could have found.

    Attributes
    ----------
    key : str
    sentences : int
        Fewest of its pairs.
    least_p : float
        The smallest adjusted p that so many could give.
    deviation : float or None
        Standard deviation of the paired differences, the widest of its pairs.
    detectable : float or None
        Difference found in four studies of five; None where nothing could be found.
    worth : float or None
        Difference that is asked for (`synthkit.eval.plan.WORTH`), where the figure has one.
    needed : int or None
        Sentences that would find `worth` in four studies of five.
    """

    key: str
    sentences: int
    least_p: float
    deviation: float | None = None
    detectable: float | None = None
    worth: float | None = None
    needed: int | None = None

    @property
    def none(self) -> bool:
        """True where not even the clearest difference could come out."""
        return self.least_p > ALPHA

    @property
    def weak(self) -> bool:
        """True where differences worth asking for are likely missed: a missing difference then says
        little."""
        return self.none or (
            self.worth is not None and (self.detectable is None or self.detectable > self.worth)
        )


@dataclass(frozen=True)
class Analysis:
    """Summaries and tests of all rows.

    Attributes
    ----------
    definitions : list of Definition
    systems : list of str
    summaries : dict of (key, system) to Summary
    pairs : list of Pair
        Every two voices in every primary figure; those with a `Pair.note` are described only.
    tested : list of str
        Keys of the primary figures, in the order of the report.
    untested_pairs : list of str
        Pairs left out for too few common utterances, one sentence each.
    seed, resamples : int
    strengths : dict of key to Strength
        What the tests of each primary figure could have found.
    """

    definitions: list[Definition]
    systems: list[str]
    summaries: dict[tuple[str, str], Summary]
    pairs: list[Pair]
    tested: list[str]
    untested_pairs: list[str]
    seed: int
    resamples: int
    strengths: dict[str, Strength] = field(default_factory=dict)

    @property
    def family(self) -> list[Pair]:
        """The pairs that were tested."""
        return [p for p in self.pairs if p.tested]

    @property
    def families(self) -> str:
        """How many tests there are: ``6 tests``, ``6 tests, and 3 of what listeners rated``."""
        heard = {d.key for d in self.definitions if d.group == "listeners"}
        said = sum(p.key in heard for p in self.family)
        measured = len(self.family) - said
        text = f"{measured} test{'s' if measured != 1 else ''}"
        return f"{text}, and {said} of what listeners rated" if said else text

    def best(self, key: str, among: Sequence[str]) -> list[str]:
        """Of `among`, the systems with the best figure of `key`: several only where they are equal.
        Those that say the recordings themselves are no best voice."""
        d = next(d for d in self.definitions if d.key == key)
        copies = {s for p in self.pairs if p.key == key for s in p.copies}
        known = {
            s: found.interval.estimate
            for s in among
            if s not in copies and (found := self.summary(key, s)) is not None and found.interval is not None
        }
        if d.better == "none" or len(known) < 2:
            return []
        top = min(known.values()) if d.better == "lower" else max(known.values())
        return [s for s, v in known.items() if abs(v - top) <= 1e-9 * max(1.0, abs(top))]

    def summary(self, key: str, system: str) -> Summary | None:
        """The summary, if that figure was asked of that system."""
        return self.summaries.get((key, system))


def worst(
    rows: Sequence[Row], definition: Definition, count: int = 10, skip: frozenset[str] = frozenset()
) -> list[Row]:
    """The `count` worst rows of a definition; of one where neither direction is better, the farthest from the
    median. Systems in `skip` do not count."""
    mine = [r for r in rows if r.key == definition.key and r.value is not None and r.system not in skip]
    if not mine:
        return []
    middle = float(np.median([r.value for r in mine if r.value is not None]))

    def badness(row: Row) -> float:
        assert row.value is not None
        if definition.better == "none":
            return abs(row.value - middle)
        return row.value if definition.better == "lower" else -row.value

    return sorted(mine, key=lambda r: (-badness(r), r.system, r.utterance))[:count]


def pairs_json(analysis: Analysis) -> list[dict[str, Any]]:
    """Every pair of voices in every primary figure as plain values, tested or described (``note`` says why).

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    list of dict
        ``definition``, ``first``, ``second``, ``difference`` (``estimate``, ``low``, ``high``, ``clusters``;
        second less first, in the figure's unit), ``p``, ``adjusted``, ``effect``, ``pairs``, ``ties``,
        ``note``.
    """
    return [
        {
            "definition": p.key,
            "first": p.first,
            "second": p.second,
            "difference": asdict(p.difference),
            "p": p.p,
            "adjusted": p.adjusted,
            "effect": p.effect,
            "pairs": p.pairs,
            "ties": p.ties,
            "note": p.note,
        }
        for p in analysis.pairs
    ]


def to_json(analysis: Analysis, rows: Sequence[Row], about: dict[str, Any]) -> dict[str, Any]:
    """Everything of a comparison as plain values."""

    def interval(i: Interval | None) -> dict[str, Any] | None:
        return asdict(i) if i is not None else None

    return {
        "about": about,
        "seed": analysis.seed,
        "resamples": analysis.resamples,
        "level": 0.95,
        "family_level": ALPHA,
        "systems": analysis.systems,
        "definitions": [d.to_dict() for d in analysis.definitions],
        "tested": analysis.tested,
        "untested_pairs": analysis.untested_pairs,
        "summaries": [
            {
                "system": s.system,
                "definition": s.key,
                "interval": interval(s.interval),
                "measured": s.measured,
                "undefined": s.undefined,
                "reasons": s.reasons,
                "letters": s.letters,
            }
            for s in analysis.summaries.values()
        ],
        "pairs": pairs_json(analysis),
        "power": [asdict(s) for s in analysis.strengths.values()],
        "rows": [asdict(r) for r in rows],
    }


def write_results_json(path: Path, data: dict[str, Any]) -> None:
    """Write `to_json`'s data atomically; NaN is refused."""
    with writing(path) as temporary:
        temporary.write_text(json.dumps(data, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def read_results_json(path: Path) -> dict[str, Any]:
    """What `write_results_json` wrote: `path` itself, or the ``results.json`` in that folder.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    ConfigError
        It cannot be read, or is none.
    """
    file = path / "results.json" if path.is_dir() else path
    try:
        data = json.loads(read_text(file, ConfigError, limit=MOST_BYTES))
        for summary in data["summaries"]:
            interval = summary["interval"]
            _ = summary["system"], summary["letters"], summary["measured"] + 0
            _ = interval and (interval["estimate"] + 0, interval["low"], interval["high"])
        _ = {d["metric"] + d["id"] + d["unit"] for d in data["definitions"]}, [*data["tested"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ConfigError(
            "is not the results.json of a comparison",
            where=str(file),
            hint="`synthkit compare VOICE … --out report` makes one: name its folder",
        ) from None
    return dict(data)


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Write the tidy table: utterance, voice, vocoder, metric, definition, value, n, unit, reason.

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
            "results.parquet needs the package 'pyarrow'; results.json holds the same rows",
            hint="pip install pyarrow",
        ) from error
    voices = [r.system.partition(":") for r in rows]
    table = pa.table(
        {
            "utterance": pa.array([r.utterance for r in rows], pa.string()),
            "voice": pa.array([v for v, _, _ in voices], pa.string()),
            "vocoder": pa.array([v or None for _, _, v in voices], pa.string()),
            "system": pa.array([r.system for r in rows], pa.string()),
            "metric": pa.array([r.metric for r in rows], pa.string()),
            "definition": pa.array([r.definition for r in rows], pa.string()),
            "value": pa.array([r.value for r in rows], pa.float64()),
            "n": pa.array([r.n for r in rows], pa.float64()),
            "unit": pa.array([r.unit for r in rows], pa.string()),
            "reason": pa.array([r.reason for r in rows], pa.string()),
        }
    )
    with writing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
