# SPDX-License-Identifier: Apache-2.0
"""Rows of a comparison, the form of their summaries and tests, and the files they are kept in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from synthkit.eval.metric import Definition, Measurement
from synthkit.eval.statistics import Interval

ALPHA = 0.05
"""Family-wise level of the tests."""

COPIES = "identical to the recordings: "
"""How the note of a pair begins in which a voice says the recordings themselves; the voices follow."""

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
        """The row of a measurement.

        Parameters
        ----------
        utterance, system : str
        m : Measurement

        Returns
        -------
        Row
        """
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
        Those that say the recordings themselves are no best voice.

        Parameters
        ----------
        key : str
            Of a definition.
        among : sequence of str

        Returns
        -------
        list of str
            Empty where neither direction is better, and of fewer than two systems.
        """
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
        """The summary, if that figure was asked of that system.

        Parameters
        ----------
        key : str
            Of a definition.
        system : str

        Returns
        -------
        Summary or None
        """
        return self.summaries.get((key, system))


def worst(
    rows: Sequence[Row], definition: Definition, count: int = 10, skip: frozenset[str] = frozenset()
) -> list[Row]:
    """The worst rows of a definition; of one where neither direction is better, the farthest from the median.

    Parameters
    ----------
    rows : sequence of Row
    definition : Definition
    count : int
    skip : frozenset of str
        Systems that do not count.

    Returns
    -------
    list of Row
        The worst first.
    """
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
