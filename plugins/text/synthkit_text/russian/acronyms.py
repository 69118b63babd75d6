# SPDX-License-Identifier: Apache-2.0
"""Acronyms and initials, read as words or letter by letter."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.russian.stress import look_up

LETTER_NAMES = {
    "а": "а", "б": "бэ", "в": "вэ", "г": "гэ", "д": "дэ", "е": "е", "ё": "ё", "ж": "жэ", "з": "зэ", "и": "и",
    "й": "ий", "к": "ка", "л": "эль", "м": "эм", "н": "эн", "о": "о", "п": "пэ", "р": "эр", "с": "эс",
    "т": "тэ", "у": "у", "ф": "эф", "х": "ха", "ц": "цэ", "ч": "че", "ш": "ша", "щ": "ща",
    "ъ": "твёрдый знак", "ы": "ы", "ь": "мягкий знак", "э": "э", "ю": "ю", "я": "я",
}  # fmt: skip
SPELT = frozenset("США АЭС ЕС ИП".split())
_CAPITALS = r"(?<![\w+-])[А-ЯЁ]{2,12}(?![\w+])"
_INITIAL = r"(?<![\w+])([А-ЯЁ])\.(?=\s?[А-ЯЁ](?:\.|[а-яё]+))"
_LONE = r"(?<![\w+.])([БГДЖЗЛМНПРТФХЦЧШЩ])(?![\w+'])"
_VOWELS = frozenset("АЕЁИОУЫЭЮЯ")


def spell(letters: str) -> str:
    """Letter names, each stressed, as one word: «СССР» → «+эс-+эс-+эс-+эр»."""
    names = []
    for letter in letters.lower():
        name = LETTER_NAMES[letter]
        first = next(i for i, c in enumerate(name) if c in "аеёиоуыэюя")
        names.append(name[:first] + "+" + name[first:])
    return "-".join(names)


def readable(acronym: str) -> bool:
    """Whether an acronym is read as a word: «НАТО», «МИД», but not «МГУ», «ООН», «ГИБДД»."""
    shape = "".join("v" if c in _VOWELS else "c" for c in acronym)
    if len(shape) == 3:
        return shape == "cvc"
    return len(shape) > 3 and "v" in shape and "ccc" not in shape and "vv" not in shape


def acronyms(text: str) -> str:
    """Acronyms and initials of `text` spelt, unless they are read as words or the text is all in capitals."""
    found = re.findall(_CAPITALS, text)
    if found:
        words = [word for word in found if word not in SPELT and _is_word(word.lower())]
        if 2 * len(words) <= len(found) or len(found) == 1:
            text = re.sub(_CAPITALS, _acronym, text)
    text = re.sub(_INITIAL, lambda m: spell(m.group(1)) + " ", text)
    return re.sub(_LONE, lambda m: spell(m.group(1)), text)


def _acronym(match: re.Match[str]) -> str:
    word = match.group()
    if readable(word) or (word not in SPELT and _is_word(word.lower())):
        return word
    return spell(word)


def _is_word(word: str) -> bool:
    """Whether `word` is one of the language; the grammar's dictionary is asked for long ones that the
    stresses lack."""
    if look_up(word) is not None:
        return True
    if len(word) <= 4:
        return False
    from synthkit_text.russian.numbers import parses

    return any(p.is_known and "Abbr" not in p.tag for p in parses(word))
