"""Numbers in figures: every way they stand in a text, tried in turn, each said in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable

from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.dates import MONTHS, YEAR_NOUN, clock, full_date, month_date, years
from synthkit_text.russian.numbers import cardinal, ordinal
from synthkit_text.russian.units import NUMBER, UNIT, measured, money

_ORDINAL_ENDINGS = {
    "й": ("n", "m"), "ый": ("n", "m"), "ой": ("n", "m"), "ий": ("n", "m"), "я": ("n", "f"), "ая": ("n", "f"),
    "е": ("n", "n"), "ое": ("n", "n"), "го": ("g", "m"), "ого": ("g", "m"), "му": ("d", "m"), "ому": ("d", "m"),
    "м": ("p", "m"), "ом": ("p", "m"), "ю": ("a", "f"), "ую": ("a", "f"), "х": ("g", "p"), "ых": ("g", "p"),
    "ми": ("i", "p"), "ым": ("i", "m"), "им": ("i", "m"), "ые": ("n", "p"),
}  # fmt: skip
_CARDINAL_ENDINGS = {"ти": "g", "и": "g", "ух": "g", "ёх": "g", "ех": "g", "мя": "i", "ью": "i"}
_WORD_BEFORE = r"(?:(?P<before>[А-Яа-яЁё]+)[ ])?"


def _ending(match: re.Match[str]) -> str:
    number, ending = int(match.group(1)), match.group(2)
    if ending in _CARDINAL_ENDINGS and not (ending == "ми" and number > 100):
        return cardinal(number, _CARDINAL_ENDINGS[ending])
    case, gender = _ORDINAL_ENDINGS[ending]
    if ending == "е" and number % 10 == 0 and number >= 10:
        gender = "p"
    if ending == "й":
        noun = re.match(r"\s+([а-яё]+)", match.string[match.end() : match.end() + 40])
        tag = numbers.parses(noun.group(1))[0].tag if noun else None
        if tag is not None and tag.gender == "femn" and tag.number == "sing":
            gender, case = "f", {"n": "p"}.get(numbers.CASES.get(str(tag.case), "g"), "g")
    plural = gender == "p"
    return ordinal(number, case, "m" if plural else gender, plural)


def _phone(match: re.Match[str]) -> str:
    plus, body = match.groups()
    groups = re.findall(r"\d+", body)
    said = []
    for group in groups:
        parts = [group] if len(group) <= 3 else [group[i : i + 2] for i in range(0, len(group), 2)]
        for part in parts:
            zeros = len(part) - len(part.lstrip("0"))
            said.append(" ".join(["ноль"] * zeros + ([cardinal(int(part))] if zeros < len(part) else [])))
    return ("плюс " if plus else "") + ", ".join(said)


def _plain(match: re.Match[str]) -> str:
    before, sign, whole, fraction = match.group("before", "sign", "whole", "fraction")
    lead = (f"{before} " if before else "") + ("минус " if sign else "")
    compact = whole.replace(" ", "")
    if fraction:
        return lead + numbers.decimal(compact, fraction)
    if (compact[0] == "0" and len(compact) > 1) or len(compact) > 36:
        return lead + numbers.digits(compact)
    noun = re.match(r"\s+([а-яё]{2,})", match.string[match.end() : match.end() + 40])
    if noun is None and not before:
        return lead + cardinal(int(compact))
    return lead + numbers.before_noun(int(compact), noun.group(1) if noun else "", (before or "").lower())


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(match.group(1)), int(match.group(2))
    if (top, bottom) == (1, 2):
        return "одна вторая"
    if not bottom or bottom > 1000:
        return f"{cardinal(top)} дробь {cardinal(bottom)}"
    one = top % 10 == 1 and top % 100 != 11
    return f"{cardinal(top, gender='f')} {ordinal(bottom, 'n' if one else 'g', 'f', not one)}"


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (lazy(r"(?<![\w.,])(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s?(?:года|г\.))?(?![\w])"), full_date),
    (
        lazy(
            rf"(?<![\w.,])(?P<day>\d{{1,2}})\s+(?P<month>{'|'.join(MONTHS)})\b"
            r"(?:\s+(?P<year>\d{3,4})(?:\s*(?P<noun>года|г\.))?(?!\d))?",
            re.IGNORECASE,
        ),
        month_date,
    ),
    (lazy(r"(?<![\w.,:])(\d{1,2}):(\d{2})(?![\w:])"), clock),
    (lazy(r"(?<![\w+])(\+)?((?:\d[ ]?)?\(?\d{3,4}\)?[ -]\d{2,3}[ -]\d{2}[ -]?\d{2})(?!\w)"), _phone),
    (
        lazy(
            rf"(?<![\w.,]){_WORD_BEFORE}(?P<year>\d{{3,4}})(?:\s*[-–—]\s*(?P<second>\d{{2,4}}))?(?:-?[а-я]{{1,3}})?\s*"
            rf"(?P<noun>{YEAR_NOUN})"
        ),
        years,
    ),
    (
        lazy(
            rf"(?<![\w.,])(\d+)-?({'|'.join(sorted({**_ORDINAL_ENDINGS, **_CARDINAL_ENDINGS}, key=len, reverse=True))})(?!\w)"
        ),
        _ending,
    ),
    (lazy(rf"([$€£₽])\s?({NUMBER})(?:[.,](\d+))?(?:\s?(тыс|млн|млрд|трлн)\b\.?)?"), money),
    (lazy(r"(?<=\d)\s*[–—]\s*(?=\d)|(?<=\d)-(?=\d)"), lambda m: " "),
    (
        lazy(
            rf"(?<![\w.,]){_WORD_BEFORE}(?P<sign>[-−–](?=\d))?(?P<whole>{NUMBER})(?:[.,](?P<fraction>\d+))?\s?(?P<unit>{UNIT})"
            rf"(?![\w])(?:(?<=[а-я])\.(?=\s*(?-i:[^\sА-ЯЁ])))?",
            re.IGNORECASE,
        ),
        measured,
    ),
    (lazy(r"(?<![\w/.,])(\d{1,3})/(\d{1,4})(?![\w/])"), _fraction),
    (
        lazy(
            rf"{_WORD_BEFORE}(?:(?<![\w])(?P<sign>[-−–](?=\d)))?(?P<whole>{NUMBER})(?:[.,](?P<fraction>\d+))?"
        ),
        _plain,
    ),
)


def in_words(text: str) -> str:
    """Every number of `text` in words."""
    text = re.sub(r"№\s*(?=\d)", "номер ", text)
    text = re.sub(r"(?<=[A-Za-zА-Яа-яЁё])(?=\d)", " ", text)
    for pattern, say in _STEPS:
        text = pattern.sub(say, text)
    return re.sub(r"(?<=[а-яё])(?=[A-Z])", " ", text)
