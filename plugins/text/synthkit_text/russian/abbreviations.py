"""Abbreviations with their dots («т. е.», «ул.»), and acronyms read as words or letter by letter."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.pattern import lazy
from synthkit_text.russian.stress import look_up

_DOTTED = {
    r"т\.\s?е\.": "то есть",
    r"т\.\s?к\.": "так как",
    r"и\s+т\.\s?д\.": "и так д+алее.",
    r"и\s+т\.\s?п\.": "и тому под+обное.",
    r"т\.\s?н\.": "так называемый",
    r"и\s+др\.": "и другие.",
    r"и\s+пр\.": "и прочее.",
    r"до\s+н\.\s?э\.": "до нашей эры.",
    r"н\.\s?э\.": "нашей эры.",
    r"напр\.": "например",
    r"см\.(?=\s)": "смотри",
    r"ср\.(?=\s)": "сравни",
    r"проф\.": "профессор",
    r"акад\.": "академик",
    r"им\.(?=\s)": "имени",
    r"ул\.": "улица",
    r"пр\.(?=\s(?-i:[А-ЯЁ]))|просп\.": "проспект",
    r"пл\.(?=\s(?-i:[А-ЯЁ]))": "площадь",
    r"стр\.(?=\s?\d)": "страница",
    r"рис\.(?=\s?\d)": "рисунок",
    r"гл\.(?=\s?\d)": "глава",
    r"табл\.(?=\s?\d)": "таблица",
    r"д\.(?=\s?\d)": "дом",
    r"кв\.(?=\s?\d)": "квартира",
    r"тел\.": "телефон",
    r"ок\.(?=\s?\d)": "около",
    r"(?<!\d)(?<!\d\s)г\.(?=\s?(?-i:[А-ЯЁ][а-яё]))": "город",
    r"г-н": "господин",
    r"г-на": "господина",
    r"г-жа": "госпожа",
}
_ABBREVIATION = lazy(
    r"(?<![\w-])(?:" + "|".join(f"(?P<a{i}>{p})" for i, p in enumerate(_DOTTED)) + r")(?!\w)", re.IGNORECASE
)
_SPOKEN = list(_DOTTED.values())
_HEADS = frozenset(head for pattern in _DOTTED for head in re.findall(r"([а-яё]+)(?:\\\.|-)", pattern))
"""What stands before a dot or hyphen in an abbreviation; a text without any of them has none."""
LETTER_NAMES = {
    "а": "а", "б": "бэ", "в": "вэ", "г": "гэ", "д": "дэ", "е": "е", "ё": "ё", "ж": "жэ", "з": "зэ", "и": "и",
    "й": "ий", "к": "ка", "л": "эль", "м": "эм", "н": "эн", "о": "о", "п": "пэ", "р": "эр", "с": "эс",
    "т": "тэ", "у": "у", "ф": "эф", "х": "ха", "ц": "цэ", "ч": "че", "ш": "ша", "щ": "ща", "ъ": "твёрдый знак",
    "ы": "ы", "ь": "мягкий знак", "э": "э", "ю": "ю", "я": "я",
}  # fmt: skip
SPELT = frozenset("США АЭС ЕС ИП".split())
_CAPITALS = lazy(r"(?<![\w+-])[А-ЯЁ]{2,12}(?![\w+])")
_INITIAL = lazy(r"(?<![\w+])([А-ЯЁ])\.(?=\s?[А-ЯЁ](?:\.|[а-яё]+))")
_LONE = lazy(r"(?<![\w+.])([БГДЖЗЛМНПРТФХЦЧШЩ])(?![\w+'])")
_VOWELS = frozenset("АЕЁИОУЫЭЮЯ")


def expand(text: str) -> str:
    """Abbreviations of `text` written out."""
    if _HEADS.isdisjoint(re.findall(r"([а-яё]+)[.-]", text.lower())):
        return text
    return _ABBREVIATION.sub(lambda m: _SPOKEN[int(m.lastgroup[1:])], text)


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
    found = _CAPITALS.findall(text)
    if found:
        words = [word for word in found if look_up(word.lower()) is not None]
        if 2 * len(words) <= len(found) or len(found) == 1:
            text = _CAPITALS.sub(_acronym, text)
    return _LONE.sub(lambda m: spell(m.group(1)), _INITIAL.sub(lambda m: spell(m.group(1)) + " ", text))


def _acronym(match: re.Match[str]) -> str:
    word = match.group()
    if readable(word) or (look_up(word.lower()) is not None and word not in SPELT):
        return word
    return spell(word)
