# SPDX-License-Identifier: Apache-2.0
"""A text read as a class that somebody names, whatever it looks like: SSML's ``say-as``."""

from __future__ import annotations

import re
from typing import Any

from synthkit_text.russian.acronyms import LETTER_NAMES, spell

AS_WRITTEN = frozenset(
    ("date", "time", "currency", "unit", "address", "fraction", "duration", "name", "net", "text")
)
"""Classes that a text shows by how it is written: the grammar reads it."""


def read_as(text: str, kind: str, language: str) -> str | None:
    """The text in words.

    Parameters
    ----------
    text : str
    kind : str
        ``characters`` (also ``spell-out``), ``digits``, ``cardinal`` (``number``), ``ordinal``,
        ``telephone``, and `AS_WRITTEN`.
    language : str
        ``"ru"`` or ``"en"``.

    Returns
    -------
    str or None
        None where the class is not known, or the text is none of it.
    """
    if kind in AS_WRITTEN:
        return text
    numbers = _numbers(language)
    if kind in ("characters", "spell-out", "verbatim"):
        said = [_character(c, language, numbers) for c in text if not c.isspace()]
        return ", ".join(s for s in said if s) or None
    whole = re.fullmatch(
        r"([+−-]?)(\d+)(?:-?[a-zа-яё]{1,2})?\.?", re.sub(r"(?<=\d)[\s,](?=\d{3})", "", text), re.I
    )
    if kind == "ordinal":
        return numbers.ordinal(int(whole[2])) if whole and not whole[1] else None
    if kind in ("cardinal", "number"):
        if not whole:
            return text if re.fullmatch(r"[+−-]?[\d\s.,/]*\d", text) else None
        sign = {"-": ("minus", "минус"), "−": ("minus", "минус"), "+": ("plus", "плюс")}.get(whole[1])
        return (f"{sign[language == 'ru']} " if sign else "") + numbers.cardinal(int(whole[2]))
    if kind in ("digits", "telephone"):
        plus = {"ru": "плюс", "en": "plus"}[language] + ", " if text.startswith("+") else ""
        groups = re.findall(r"[0-9]+", text)
        return plus + ", ".join(numbers.digits(g) for g in groups) if groups else None
    return None


def _numbers(language: str) -> Any:
    if language == "ru":
        from synthkit_text.russian import numbers as russian

        return russian
    from synthkit_text.english import numbers as english

    return english


def _character(c: str, language: str, numbers: Any) -> str:
    """Name of a letter, a digit or a sign; empty for what has none."""
    if c.isdecimal():
        return str(numbers.cardinal(int(c)))
    if language == "ru" and c.lower() in LETTER_NAMES:
        return spell(c)
    if c in "aA":
        return "ay"  # alone it would be the article
    return c.upper() if c.isalpha() else ""
