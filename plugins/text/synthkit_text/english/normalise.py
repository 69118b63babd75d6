# SPDX-License-Identifier: Apache-2.0
"""English text to plain words: the classes of things that are written and not spelt out, in the order they
are tried."""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from functools import lru_cache

from synthkit_text.english import dates, figures, measures, signs
from synthkit_text.english.words import look_up
from synthkit_text.grammar import Reading, Rule, classify, spoken

_TICKS = re.compile(r"(?<=[A-Za-z])[`´ʼʹ](?=[A-Za-z])")
_FORMS = {ord(sub): digit for sub, digit in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)} | {
    0x2160 + i: roman for i, roman in enumerate("I II III IV V VI VII VIII IX X XI XII L C D M".split())
}


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols of `text` in words.

    >>> normalise("It cost $20 on May 5, 1984.")
    'It cost twenty dollars on May fifth, nineteen eighty four.'
    """
    return spoken(*readings(text))


def readings(text: str) -> tuple[str, list[Reading]]:
    """The text with other forms of letters and digits made plain, and what each stretch of it is read as."""
    text = _TICKS.sub("'", text) if not text.isascii() or "`" in text else text
    text = text if text.isascii() else text.translate(_FORMS)
    return text, classify(text, _rules(re.search(r"\d", text) is not None))


@lru_cache(maxsize=2)
def _rules(numbers: bool) -> tuple[Rule, ...]:
    before, after = signs.rules(_is_word)
    if not numbers:
        return (*before, *(r for r in measures.RULES if r.needs and not r.needs.isascii()), *after)
    return (
        *before[:3],
        *dates.RULES[:6],
        *figures.CODES,
        *before[3:],
        *dates.RULES[6:],
        *measures.RULES,
        dates.YEAR,
        *figures.NUMBERS,
        *after,
    )


def _is_word(letters: str) -> bool:
    return len(letters) > 5 or (len(letters) > 2 and bool(look_up(letters.lower())))
