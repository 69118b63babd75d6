# SPDX-License-Identifier: Apache-2.0
"""Dates, years and times of the day."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.english.numbers import cardinal, letters, ordinal, year
from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy

MONTHS = "January February March April May June July August September October November December".split()
SHORT = dict(zip("Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec".split(),
                 "January February March April June July August September September October November "
                 "December".split(),
                 strict=True))  # fmt: skip
_MONTH = "|".join(MONTHS) + "|" + "|".join(SHORT)
_AFTER_YEAR = frozenset(
    "and or to was is were when but in by the that it he she they we this as at on with had has have would "
    "did for "
    "saw until through where which who if".split()
)


def _month_first(match: re.Match[str]) -> str:
    month, day, last, number = match.group("month", "day", "last", "year")
    said = f"{SHORT.get(month, month)} {ordinal(int(day))}" + (f" to {ordinal(int(last))}" if last else "")
    return f"{said}, {year(int(number))}" if number else said


def _day_first(match: re.Match[str]) -> str:
    article, day, month, number = match.group("article", "day", "month", "year")
    said = f"{article or 'the'} {ordinal(int(day))} of {SHORT.get(month, month)}"
    return f"{said}, {year(int(number))}" if number else said


def _month_year(match: re.Match[str]) -> str:
    return f"{SHORT.get(match['month'], match['month'])} {year(int(match['year']))}"


def _iso(match: re.Match[str]) -> str | None:
    number, month, day = (int(g) for g in match.group("year", "month", "day"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    said = f"{MONTHS[month - 1]} {ordinal(day)}, {year(number)}"
    return f"{said}, {_clock(int(match['hour']), int(match['minute']))}" if match["hour"] else said


def _slashed(match: re.Match[str]) -> str | None:
    month, day, number = (int(g) for g in match.groups())
    if month > 12 and day <= 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{MONTHS[month - 1]} {ordinal(day)}, {year(number)}"


def _clock(hours: int, minutes: int) -> str:
    if not minutes:
        return f"{cardinal(hours)} o'clock"
    return f"{cardinal(hours)} {'oh ' if minutes < 10 else ''}{cardinal(minutes)}"


def _half_day(match: re.Match[str]) -> str | None:
    hours, minutes = int(match["hour"]), int(match["minute"] or 0)
    if hours > 24 or minutes > 59:
        return None
    said = _clock(hours, minutes) if minutes else cardinal(hours)
    ends = match.group().endswith(".") and not match.string[match.end() :].strip()
    return f"{said} {letters(match['half'][0])} M" + ("." if ends else "")


def _time(match: re.Match[str]) -> str | None:
    hours, minutes = int(match["hour"]), int(match["minute"])
    return None if hours > 24 or minutes > 59 else _clock(hours, minutes)


_SCORE = re.compile(r"\b(?:scores?|won|lost|beat|wins?|lead|led|points|set|game|match)\b", re.IGNORECASE)
_RAN = re.compile(
    r"\b(?:running time|duration|length|runtime|playing time|lasts?|lasting|ran it in|finished in|record of)"
    r"(?:\s+(?:of|is|was))?:?\s$", re.IGNORECASE
)  # fmt: skip


def _running(match: re.Match[str]) -> str | None:
    """``25:30`` where it is no time of the day, or is said to last: minutes and seconds."""
    minutes, seconds = int(match[1]), int(match[2])
    before = match.string[max(0, match.start() - 40) : match.start()]
    if seconds > 59 or _SCORE.search(before) or not (minutes > 24 or _RAN.search(before)):
        return None
    return _counted((minutes, seconds), ("minute", "second"))


def _counted(numbers: tuple[int, ...], names: tuple[str, ...]) -> str:
    """``one minute thirty seconds``; an end that is 0 is left out."""
    while len(numbers) > 1 and not numbers[-1]:
        numbers = numbers[:-1]
    return " ".join(
        f"{cardinal(n)} {name}{'' if n == 1 else 's'}" for n, name in zip(numbers, names, strict=False)
    )


def _lasting(match: re.Match[str]) -> str | None:
    parts = tuple(int(g) for g in match.groups())
    return None if max(parts[1:]) > 59 else _counted(parts, ("hour", "minute", "second"))


def _years(match: re.Match[str]) -> str | None:
    first, second = int(match["first"]), match["second"]
    last = int(second) if len(second) == 4 else first // 100 * 100 + int(second)
    if not first < last < 2100:
        return None
    return f"{year(first)} to {year(last) if len(second) == 4 else cardinal(int(second))}"


def _season(match: re.Match[str]) -> str | None:
    """``2019/20``: a year and the next."""
    first, second = int(match[1]), int(match[2])
    return f"{year(first)} {cardinal(second)}" if second == (first + 1) % 100 else None


def _year(match: re.Match[str]) -> str | None:
    number = int(match.group())
    following = re.match(r"\s+([a-z]+)", match.string[match.end() : match.end() + 30])
    if following and following[1] not in _AFTER_YEAR:
        return None  # a count of something
    return year(number)


def _decade(match: re.Match[str]) -> str:
    number = int(match[1])
    said = year(number) if number >= 1000 else cardinal(number)
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


_DAY = r"(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s(?P<year>\d{4})\b(?!\s?%))?"

RULES = (
    Rule(
        "date",
        lazy(
            r"(?<![\w/.-])(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{2})(?P=sep)(?P<day>\d{2})"
            r"(?:[T ](?P<hour>[01]\d|2[0-4]):(?P<minute>[0-5]\d)(?::\d{2}(?:\.\d+)?)?Z?)?(?![\w-])"
        ),
        _iso,
    ),
    Rule("date", lazy(r"(?<![\w/.])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\w/])"), _slashed, "/"),
    Rule(
        "date",
        lazy(
            rf"\b(?P<month>{_MONTH})\.?\s{_DAY}\b(?:(?:[-–—]|\s[-–—]\s(?!\d+\s(?!in|at|and|to|for|on|from|is|was|are|were)[a-z]))(?P<last>[12]?\d|3[01])\b(?!\s?[aApP]\.?[mM]\b))?{_YEAR}"
            r"(?![\d:])"
        ),
        _month_first,
    ),
    Rule(
        "date",
        lazy(rf"(?<![\w.,/$£€-])(?:(?P<article>[Tt]he)\s)?{_DAY}\s(?:of\s)?(?P<month>{_MONTH})\b\.?{_YEAR}"),
        _day_first,
    ),
    Rule("date", lazy(rf"\b(?P<month>{_MONTH})\.?,?\s(?P<year>[12]\d{{3}})\b(?![,.]?\d)"), _month_year),
    Rule(
        "time",
        lazy(r"(?<![\w.:])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s?(?P<half>[aApP])(?:\.\s?[mM]\.|[mM]\b)"),
        _half_day,
        "mM",
    ),
    Rule(
        "time",
        lazy(r"(?<![\w.:])(\d{1,2})\s?[-–—]\s?(?=\d{1,2}(?::\d{2})?\s?[aApP](?:\.\s?[mM]\.|[mM]\b))"),
        lambda m: f"{cardinal(int(m[1]))} to ",
        "-–—",
    ),
    Rule("duration", lazy(r"(?<![\w.:])(\d{1,2}):(\d{2}):(\d{2})(?![\w:])"), _lasting, ":"),
    Rule("duration", lazy(r"(?<![\w.:])(\d{1,2}):(\d{2})(?![\w:])"), _running, ":"),
    Rule("time", lazy(r"(?<![\w.:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?![\w:])"), _time, ":"),
    Rule(
        "years",
        lazy(r"(?<![\w.,$£€-])(?P<first>1[1-9]\d{2}|20\d{2})\s?[-–—]\s?(?P<second>1[1-9]\d{2}|20\d{2}|\d{2})(?![\w%-]|[.,]\d)"),
        _years,
        "-–—",
    ),
    Rule("years", lazy(r"(?<![\w.,$£€/-])((?:19|20)\d{2})/(\d{2})(?![\w/])"), _season, "/"),
    Rule("decade", lazy(r"(?<![\w$])['’]?(\d{2}|\d{4})['’]?s\b"), _decade, "s"),
)  # fmt: skip
YEAR = Rule(
    "year",
    lazy(r"(?<![\w.,$£€¥₽/:+#-])(?:1[1-9]|20|(?<=\b[Ii]n )10)\d{2}(?![\w%°/:-]|[.,]\d|\s\d{3}\b)"),
    _year,
)
"""A year that stands alone; tried after measures and money, which it must not take the number from."""
