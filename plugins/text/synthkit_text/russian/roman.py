"""Roman numerals: centuries, the names of kings, and others before a noun."""

from __future__ import annotations

import re

from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.numbers import ordinal

ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CENTURY = {"век": "n", "века": "g", "веку": "d", "веком": "i", "веке": "p", "в.": "p"}
_ROMAN_CENTURY = lazy(r"\b([IVXLC]+)(?:\s*[-–—]\s*([IVXLC]+))?\s+(век(?:а|у|ом|е)?\b|вв?\.(?!\w))")
_ROMAN_NAME = lazy(r"\b([А-ЯЁ][а-яё]+)\s+([IVX]{1,6})\b(?![.\w])")
_ROMAN_AFTER = lazy(r"\b([IVXLC]{1,7})(?=\s+[а-яё]{4,})")


def value_of(text: str) -> int:
    """«XIV» → 14."""
    total, highest = 0, 0
    for letter in reversed(text):
        value = ROMAN[letter]
        total += value if value >= highest else -value
        highest = max(highest, value)
    return total


def in_words(text: str) -> str:
    """Roman numerals of `text` as ordinals in the case and gender of their noun."""

    def century(match: re.Match[str]) -> str:
        first, second, noun = match.groups()
        if noun in ("в.", "вв."):
            before = text[max(0, match.start() - 3) : match.start()].lower()
            case = "p" if before.rstrip().endswith("в") else "g"
            noun = {"p": "веке", "g": "века"}[case] if noun == "в." else "веков"
        else:
            case = _CENTURY[noun]
        said = ordinal(value_of(first), case)
        if second:
            said += " " + ordinal(value_of(second), case)
        return f"{said} {noun}"

    def name(match: re.Match[str]) -> str:
        noun, roman = match.groups()
        tag = next((p.tag for p in numbers.parses(noun) if "NOUN" in p.tag), None)
        if tag is None:
            return match.group()
        case = numbers.CASES.get(str(tag.case), "n")
        gender = "f" if tag.gender == "femn" else "m"
        return f"{noun} {ordinal(value_of(roman), case, gender)}"

    def after(match: re.Match[str]) -> str:
        noun = re.match(r"\s+([а-яё]+)", text[match.end() : match.end() + 40])
        return _ordinal_with(value_of(match.group()), noun.group(1) if noun else "")

    text = _ROMAN_CENTURY.sub(century, text)
    text = _ROMAN_NAME.sub(name, text)
    return _ROMAN_AFTER.sub(after, text)


def _ordinal_with(number: int, noun: str) -> str:
    for parse in numbers.parses(noun) if noun else ():
        tag = parse.tag
        if "NOUN" in tag:
            gender = {"femn": "f", "neut": "n"}.get(str(tag.gender), "m")
            return ordinal(number, numbers.CASES.get(str(tag.case), "n"), gender, tag.number == "plur")
    return ordinal(number)
