# SPDX-License-Identifier: Apache-2.0
"""Text as spans of semiotic classes, each read in its own way.

A language states its classes as rules in the order in which they may claim a stretch of the text: a date
before a fraction, an address before an abbreviation. Every rule looks at the text as it was written, and what
one has claimed no later one sees, so that no rule meets the words that another has made. What nobody claims
is words already. (R. Sproat et al., "Normalization of non-standard words", Computer Speech & Language 15,
2001, names the classes.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Say = Callable[[re.Match[str]], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of written things and how one is read.

    Attributes
    ----------
    kind : str
        Name of the class: ``"date"``, ``"money"``, ``"roman"`` …
    pattern : re.Pattern
        What it looks like; it may look around itself, at the text as written.
    say : callable
        The match in words; None where it is none of this class after all.
    needs : str
        Characters of which the text must have one for the rule to be tried at all; empty: always tried.
    """

    kind: str
    pattern: re.Pattern[str]
    say: Say
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch of the text and what it is read as.

    Attributes
    ----------
    start, end : int
        Where it stands in the text.
    kind : str
        Its class.
    said : str
        The words; empty where nothing is said.
    """

    start: int
    end: int
    kind: str
    said: str


_EARLIER = 80


def earlier(match: re.Match[str]) -> str:
    """What stands before a match, as far as a rule may look: in a long text it is looked at for each.

    Parameters
    ----------
    match : re.Match

    Returns
    -------
    str
    """
    return match.string[max(0, match.start() - _EARLIER) : match.start()]


def classify(text: str, rules: Iterable[Rule]) -> list[Reading]:
    """What the rules claim of `text`, in the order of the text.

    Each rule goes over the text once; a match that touches what an earlier rule has claimed is passed over.
    """
    characters = set(text)
    taken = bytearray(len(text))
    found: list[Reading] = []
    for rule in rules:
        if rule.needs and characters.isdisjoint(rule.needs):
            continue
        position = 0
        while (match := rule.pattern.search(text, position)) is not None:
            start, end = match.span()
            position = max(end, start + 1)
            if start == end or any(taken[start:end]):
                position = start + 1 if start != end else position
                continue
            said = rule.say(match)
            if said is not None:
                taken[start:end] = b"\1" * (end - start)
                found.append(Reading(start, end, rule.kind, said))
    return sorted(found, key=lambda r: r.start)


def spoken(text: str, readings: Sequence[Reading]) -> str:
    """`text` with every reading in its place, set off by spaces from letters and digits beside it."""
    if not readings:
        return text
    parts: list[str] = []
    position = 0
    for reading in readings:
        parts.append(text[position : reading.start])
        before, after = text[max(0, reading.start - 1) : reading.start], text[reading.end : reading.end + 1]
        beside = position == reading.start and position > 0 and not parts[-2].endswith(" ")
        lead = " " if beside or (before.isalnum() and position < reading.start) else ""
        tail = " " if after.isalnum() else ""
        parts.append(f"{lead}{reading.said}{tail}")
        position = reading.end
    parts.append(text[position:])
    return "".join(parts)
