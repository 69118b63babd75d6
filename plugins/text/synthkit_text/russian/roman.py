# SPDX-License-Identifier: Apache-2.0
"""Roman numerals: centuries, the names of kings, numbered parts, and others before a noun."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.around import word_before
from synthkit_text.russian.numbers import ordinal

ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CENTURY = {"век": "n", "века": "g", "веку": "d", "веком": "i", "веке": "p", "веках": "p", "в.": "p"}
_VALID = r"(?=[IVXLC])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_SMALL = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})"
_HEADS = {
    **dict.fromkeys("глава главы главе главу часть части частью книга книги книге книгу сцена сцены сцене "
                    "песнь статья статьи "
                    "статье группа группы группе степень степени".split(), "f"),
    **dict.fromkeys("том тома томе раздел раздела разделе акт акта акте параграф класс тип типа этап "
                    "этапа".split(), "m"),
}  # fmt: skip
"""What bears a Roman number, with its gender (a dictionary knows «глава» as a man too)."""
_PERIODS = frozenset(
    "конец конца конце начало начала начале середина середины середине половина половины "
    "половине четверть".split()
)


def value_of(text: str) -> int:
    """«XIV» → 14."""
    total, highest = 0, 0
    for letter in reversed(text):
        value = ROMAN[letter]
        total += value if value >= highest else -value
        highest = max(highest, value)
    return total


def _century(match: re.Match[str]) -> str:
    first, joined, second, noun = match.groups()
    if noun in ("в.", "вв."):
        case = "p" if word_before(match) in ("в", "во") else "g"
        several = noun == "вв."
        noun = {"p": "веках" if several else "веке", "g": "веков" if several else "века"}[case]
    elif joined == "и" and noun == "века" and not word_before(match):
        case = "n"
    else:
        case = _CENTURY.get(noun, "g")
    said = ordinal(value_of(first), case)
    if second:
        said += (f" {joined} " if joined == "и" else "-") + ordinal(value_of(second), case)
    return f"{said} {noun}"


def _from_century(match: re.Match[str]) -> str | None:
    """«с XIV» where «по XVI век» follows."""
    return ordinal(value_of(match.group()), "g") if word_before(match) in ("с", "со", "от") else None


def _period(match: re.Match[str]) -> str | None:
    return ordinal(value_of(match.group()), "g") if word_before(match) in _PERIODS else None


def _named(match: re.Match[str]) -> str | None:
    """«Людовик XIV», «Глава IV», «Пётр I»."""
    noun, roman = match.groups()
    if not roman:
        return None
    head = noun.lower() in _HEADS
    if not head and not noun[0].isupper():
        return None
    tag = next((p.tag for p in numbers.parses(noun) if "NOUN" in p.tag), None)
    if tag is None or (len(roman) == 1 and not head and roman in "LCDM"):
        return None
    case = numbers.CASES.get(str(tag.case), "n")
    gender = _HEADS.get(noun.lower()) or {"femn": "f", "neut": "n"}.get(str(tag.gender), "m")
    return f"{noun} {ordinal(value_of(roman), case, gender)}"


def _before_noun(match: re.Match[str]) -> str | None:
    noun = re.match(r"\s+([а-яё]+)", match.string[match.end() : match.end() + 40])
    if noun is None or (len(match.group()) == 1 and match.group() in "CDLM"):
        return None
    found = numbers.parses(noun.group(1))
    for parse in sorted(
        found, key=lambda p: "NOUN" not in p.tag
    ):  # «том» is also «о том», «II мировая» no noun
        tag = parse.tag
        if "NOUN" in tag or "ADJF" in tag:
            gender = _HEADS.get(noun.group(1)) or {"femn": "f", "neut": "n"}.get(str(tag.gender), "m")
            case = numbers.CASES.get(str(tag.case), "n")
            if case == "a" and gender == "m" and "anim" not in tag:
                case = "n"  # «III квартал» looks the same in both
            return ordinal(value_of(match.group()), case, gender, tag.number == "plur")
    return ordinal(value_of(match.group()))


RULES = (
    Rule(
        "roman",
        lazy(rf"\b({_VALID})(?:\s*([-–—]|\bи\b)\s*({_VALID}))?\s+(век(?:ами|ах|ам|ов|а|у|ом|е)?\b|вв?\.(?!\w))"),
        _century,
        "IVXLC",
    ),
    Rule("roman", lazy(rf"\b{_VALID}(?=\s*[-–—])"), _period, "IVXLC"),
    Rule("roman", lazy(rf"\b{_VALID}(?=\s+(?:по|до)\s+{_VALID}\s+в)"), _from_century, "IVXLC"),
    Rule("roman", lazy(rf"(?<![\w-])([А-ЯЁа-яё][а-яё]+)\s({_SMALL})(?!\w|-\w)"), _named, "IVX"),
    Rule("roman", lazy(rf"\b{_VALID}(?=\s+[а-яё]{{3,}})"), _before_noun, "IVXLC"),
)  # fmt: skip
