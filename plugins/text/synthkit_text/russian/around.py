# SPDX-License-Identifier: Apache-2.0
"""What stands beside a match, in the text as it was written, and the case that it asks for."""

from __future__ import annotations

import re

from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers

_BEFORE = lazy(r"([А-Яа-яЁё]+)[ ]$")
_AFTER = lazy(r"[ ]+([А-Яа-яЁё]+)")
REACH = 40


def word_before(match: re.Match[str], group: int | str = 0) -> str:
    """The Russian word right before a group of `match`, in lower case, or nothing."""
    start = match.start(group)
    found = _BEFORE.search(match.string[max(0, start - REACH) : start])
    return found[1].lower() if found else ""


def word_after(match: re.Match[str], group: int | str = 0) -> str:
    """The Russian word right after a group of `match`, in lower case, or nothing."""
    end = match.end(group)
    found = _AFTER.match(match.string[end : end + REACH])
    return found[1].lower() if found else ""


def at_end(match: re.Match[str]) -> bool:
    """Whether nothing but space follows."""
    return not match.string[match.end() :].strip()


def case_after(preposition: str, usual: str = "n") -> str:
    """The case that a preposition asks of a numeral, where it asks for one alone."""
    return next((case for case, words in numbers.AFTER_PREPOSITION.items() if preposition in words), usual)


def noun_tag(word: str) -> object:
    """The likeliest reading of `word` as a noun or adjective, or None."""
    return (
        next((p.tag for p in numbers.parses(word) if "NOUN" in p.tag or "ADJF" in p.tag), None)
        if word
        else None
    )


def is_genitive(word: str) -> bool:
    """Whether `word` may be a noun or adjective in the genitive, as after a measure: «муки», «белого»."""
    return bool(word) and any(
        ("NOUN" in p.tag or "ADJF" in p.tag) and str(p.tag.case) in ("gent", "gen2") and p.score > 0.1
        for p in numbers.parses(word)
    )
