# SPDX-License-Identifier: Apache-2.0
"""Russian text to plain words: the classes of things that are written and not spelt out, in the order they
are tried.

Words come out in lower or upper case as written; acronyms are spelt by letter names.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.grammar import Reading, classify, spoken
from synthkit_text.russian.acronyms import acronyms

_FORMS = {ord(sub): digit for sub, digit in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)} | {
    0x2160 + i: numeral for i, numeral in enumerate("I II III IV V VI VII VIII IX X XI XII L C D M".split())
}

_WORDS = re.compile(r"(?:[А-Яа-яЁё\s,.!?:;…—«»\"'()]|\+(?=[аеёиоуыэюяАЕЁИОУЫЭЮЯ]))*")
SHORT = frozenset(
    "т е к д п н э др пр напр см ср проф акад им ул просп пл стр рис гл табл разд абз подп упр прил кв тел "
    "ок г мн ч о ст м пп пер наб ш оз р пос дер обл респ гр тов доц инж млн млрд тыс мин в и руб рт ред доб "
    "макс с св".split()
)
"""What may stand before the dot of an abbreviation."""


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols of `text` in words.

    >>> normalise("В 2024 году 3,14 и −5.")
    'В две тысячи двадцать четвёртом году три целых четырнадцать сотых и минус пять.'
    """
    return acronyms(spoken(*readings(text)))


def readings(text: str) -> tuple[str, list[Reading]]:
    """The text with other forms of letters and digits made plain, and what each stretch of it is read as."""
    if _WORDS.fullmatch(text) and SHORT.isdisjoint(re.findall(r"(?<![а-яё])([а-яё]{1,8})\.", text.lower())):
        return text, []  # words alone, as most sentences are: the rules need not even be loaded
    text = text.translate(_FORMS)
    from synthkit_text.russian.rules import rules

    return text, classify(text, rules(re.search(r"\d", text) is not None))
