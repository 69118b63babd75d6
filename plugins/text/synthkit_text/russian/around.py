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


EARLIER = frozenset(("раньше", "позже", "позднее"))
_NOT = lazy(r"(?i)(?<!\w)не\s+[А-Яа-яЁё]+\s$")
_CLOCK = frozenset(("часов", "часа", "утра", "вечера", "ночи", "дня", "минут", "секунд"))
_MEASURED = _CLOCK | frozenset(
    ("лет", "года", "дней", "суток", "недель", "месяцев", "рублей", "долларов", "евро", "копеек", "тысяч",
     "миллионов", "миллиардов", "процентов", "градусов", "метров", "километров", "сантиметров",
     "миллиметров", "килограммов", "килограмм", "граммов", "тонн", "литров", "баллов", "пунктов", "очков",
     "веков", "десятилетий", "слов", "символов")
)  # fmt: skip


def negated(match: re.Match[str]) -> bool:
    """Whether «не» stands before the word before a match: «не раньше 5»."""
    return bool(_NOT.search(match.string[max(0, match.start() - REACH) : match.start()]))


def governed(match: re.Match[str], number: int, noun: str) -> bool:
    """Whether the word right before a number governs it, which only comparatives may not do.

    «Дольше 3 лет», «не раньше 5 часов» and «позже 18 часов» are in the genitive; «раньше 5 человек жили» and
    «через год позже 2 брата уехали» say when, or where.

    Parameters
    ----------
    match : re.Match
    number : int
    noun : str
        What is counted; empty where nothing is.

    Returns
    -------
    bool
    """
    before = word_before(match)
    if before not in numbers.COMPARED or not noun:
        return True
    refused = negated(match)
    tags = [p.tag for p in numbers.parses(noun) if "NOUN" in p.tag]
    if numbers.agree(number, "1", "2", "") and noun not in ("утра", "вечера", "ночи"):
        wanted = "sing" if numbers.agree(number, "1", "", "") else "plur"
        if tags:  # «старше 21 года», «дольше 3 лет»; «позже 3 дня» is a time after «не» alone
            of = any(t.case in ("gent", "gen2") and t.number == wanted for t in tags)
            return of or (refused and noun == "дня")
        return refused
    return refused or noun in (_CLOCK if before in EARLIER else _MEASURED)


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
