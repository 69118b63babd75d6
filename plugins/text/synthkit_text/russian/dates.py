# SPDX-License-Identifier: Apache-2.0
"""Years, dates and clock times."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.grammar import Rule, earlier
from synthkit_text.pattern import lazy
from synthkit_text.russian.around import (
    at_end,
    case_after,
    is_genitive,
    noun_tag,
    word_after,
    word_before,
)
from synthkit_text.russian.numbers import agree, cardinal, ordinal
from synthkit_text.russian.units import counted

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
_SHORT_MONTHS = {"янв": 0, "фев": 1, "февр": 1, "мар": 2, "апр": 3, "июн": 5, "июл": 6, "авг": 7, "сен": 8,
                 "сент": 8,
                 "окт": 9, "ноя": 10, "нояб": 10, "дек": 11}  # fmt: skip
_YEAR = {"год": "n", "года": "g", "году": "p", "годом": "i", "годе": "p", "г.": "?", "г": "?"}
_YEARS = {"годы": "n", "годов": "g", "годам": "d", "годами": "i", "годах": "p", "гг.": "n"}
YEAR_NOUN = r"год(?:а|у|ом|е|ы|ов|ам|ами|ах)?\b|гг\.|г\.|г(?=[\s,;)]|$)"
_MONTH = "|".join(MONTHS)
_DAY_CASE = {
    "к": "d",
    "ко": "d",
    "перед": "i",
    "передо": "i",
    "между": "i",
    "над": "i",
    "о": "p",
    "об": "p",
    "по": "a",
    "на": "a",
    "за": "a",
    "под": "a",
    "про": "a",
    "сегодня": "n",
    "завтра": "n",
}


def _month_of(name: str) -> str:
    low = name.lower().rstrip(".")
    return name if low in MONTHS else MONTHS[_SHORT_MONTHS[low]]


def _month_date(match: re.Match[str]) -> str:
    """«5 мая 1984 г.», «3-5 мая»: in the case of the preposition, the genitive as a rule."""
    first, day, month, year, noun = match.group("first", "day", "month", "year", "noun")
    before = word_before(match)
    if before in ("и", "или") and (of := _DAY_AND.search(earlier(match))):
        before = of[1].lower()  # «между 10 и 15 июня»
    case = _DAY_CASE.get(before, "g")
    if case == "n" and re.match(r"\s*\w", match.string[match.end() :]):
        case = "g"  # «завтра 1 апреля состоится…»
    gender = "n" if case != "g" else "m"
    said = f"{ordinal(int(day), case, gender)} {_month_of(month)}"
    if first:
        said = f"{ordinal(int(first), case, gender)} — {said}"
    if year:
        said += f" {ordinal(int(year), 'g')}"
        if noun or len(year) == 4:
            said += " года"
    ends = (noun or month).endswith(".") and at_end(match)
    return said + ("." if ends else "")


def _full_date(match: re.Match[str]) -> str | None:
    """«5.05.1984», «12.05.23»; what is no date is another class's."""
    day, month, year = (int(match[g]) for g in ("day", "month", "year"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    short = len(match["year"]) == 2
    case = (
        "g" if not short and word_before(match) not in _DAY_CASE else _DAY_CASE.get(word_before(match), "n")
    )
    gender = "m" if case == "g" else "n"
    said_year = f"{ordinal(year, 'g')} года"
    return f"{ordinal(day, case, gender)} {MONTHS[month - 1]} {said_year}"


def _iso_date(match: re.Match[str]) -> str | None:
    year, month, day = (int(match[g]) for g in ("year", "month", "day"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    on = ordinal(day, _DAY_CASE.get(word_before(match), "n"), "n")
    said = f"{on} {MONTHS[month - 1]} {ordinal(year, 'g')} года"
    return f"{said}, {_time(int(match['hour']), int(match['minute']), 'n')}" if match["hour"] else said


def _time(hours: int, minutes: int, case: str) -> str:
    said = counted(hours, ("час", "часа", "часов"), case)
    if not minutes:
        return said if case != "n" else f"{said} ровно"
    low = counted(minutes, _MINUTES[0], case, "f")
    return f"{said} {'ноль ' if minutes < 10 else ''}{low}"


def _clock(match: re.Match[str]) -> str | None:
    """«12:05», «с 9:00 до 17:30»; what no clock shows is how long something lasts, or a score."""
    hours, minutes = int(match["hour"]), int(match["minute"])
    if minutes > 59:
        return None
    if hours > 24:
        score = SCORE.search(match.string[max(0, match.start() - 40) : match.start()])
        return None if score else _counted((hours, minutes), _MINUTES)
    before = word_before(match)
    if before.startswith(("счёт", "счет")):
        return None
    if before == "и" and _BETWEEN.search(earlier(match)):
        before = "между"
    return _time(hours, minutes, "g" if before in ("с", "со") else case_after(before))


SCORE = re.compile(r"(?i)счет|счёт|выигр|проигр|победи|матч|парти|вничью")
_BETWEEN = lazy(r"(?i)между\s+\d{1,2}:\d{2}\s+и\s+$")
_MINUTES = (("минута", "минуты", "минут"), ("секунда", "секунды", "секунд"))


def _lasting(match: re.Match[str]) -> str | None:
    hours, minutes, seconds = (int(g) for g in match.groups())
    if minutes > 59 or seconds > 59:
        return None
    return _counted((hours, minutes, seconds), (("час", "часа", "часов"), *_MINUTES))


def _counted(numbers: tuple[int, ...], nouns: tuple[tuple[str, str, str], ...]) -> str:
    """«одна минута тридцать секунд»."""
    return " ".join(
        f"{cardinal(n, gender='m' if noun[0] == 'час' else 'f')} {agree(n, *noun)}"
        for n, noun in zip(numbers, nouns, strict=True)
    )


def _dotted_time(match: re.Match[str]) -> str | None:
    """«в 20.30», «с 9.00 до 17.30»: after a preposition of time, with nothing that is measured after it."""
    hours, minutes = int(match["hour"]), int(match["minute"])
    before = word_before(match)
    if before not in ("в", "с", "до", "к", "около", "после", "по") or hours > 24 or minutes > 59:
        return None
    following = word_after(match)
    if following and is_genitive(following) and following not in ("утра", "вечера", "дня", "ночи"):
        return None
    other = re.search(r"\d{1,2}\.[0-5]\d\s+до\s+$", match.string[max(0, match.start() - 12) : match.start()])
    ranged = before == "с" and re.match(
        r"\s+(?:до|по)\s+\d{1,2}\.[0-5]\d", match.string[match.end() : match.end() + 20]
    )
    if before in ("с", "до", "по") and not (other or ranged or minutes % 5 == 0):
        return None
    case = {"в": "a", "с": "g", "до": "g", "к": "d", "около": "g", "после": "g", "по": "a"}[before]
    low = "ноль-ноль" if not minutes else cardinal(minutes, case)
    return f"{cardinal(hours, case)} {'ноль ' if 0 < minutes < 10 else ''}{low}"


def _years(match: re.Match[str]) -> str | None:
    """«в 2024 году», «1941–1945 гг.»: ordinals in the case of the noun, or of the preposition before them."""
    second, number, noun = match.group("second", "year", "noun")
    low = word_before(match)
    if noun in ("г", "г.") and (
        len(number) == 3 or low not in ("в", "до", "с", "после", "от", "на", "к", "во")
    ):
        following = word_after(match)
        if noun == "г" and is_genitive(following):
            return None  # grams of something
    if noun == "гг." and not second and low in ("по", "до") and _SINCE.search(earlier(match)):
        said = f"{ordinal(int(number), 'n' if low == 'по' else 'g')} {'год' if low == 'по' else 'года'}"
        return said + ("." if at_end(match) else "")  # «с 1905 по 1907 гг.»: each is one
    if noun in _YEARS:
        case = _several_case(match, noun)
        joined = _YEAR_AND.search(earlier(match))
        spoken = {"n": "годы", "g": "годов", "d": "годам", "i": "годами", "p": "годах"}[case]
        said = ordinal(int(number), case, plural=not (second or joined))
        if second:
            said += " " + ordinal(int(second), case)
        return f"{said} {spoken}"
    case = _YEAR[noun]
    if case == "?":
        case = {"в": "p", "к": "d", "с": "g", "до": "g", "от": "g", "после": "g", "на": "a"}.get(low, "g")
        noun = {"p": "году", "d": "году", "g": "года", "a": "год"}[case]
        if at_end(match):
            noun += "."
    elif noun == "году" and low in ("к", "ко", "по"):
        case = "d"
    said = ordinal(int(number), case)
    if second:
        said += " " + ordinal(int(second), case)
    return f"{said} {noun}"


_SINCE = lazy(r"(?i)(?<!\w)(?:с|со|от)\s+\d{3,4}\s+(?:по|до)\s+$")
_OBLIQUE = lazy(r"[а-яё]{2,}(?:ах|ях|ами|ями)$")
"""What can only be a noun of several that years are said of: «в событиях 1914–1918 гг.»."""


def _day_and(match: re.Match[str]) -> str:
    """«10» of «между 10 и 15 июня»."""
    case = _DAY_CASE.get(word_before(match), "g")
    return ordinal(int(match.group()), case, "n" if case != "g" else "m")


_DAY_AND = lazy(r"([А-Яа-яЁё]+)\s+\d{1,2}\s+(?:и|или)\s+$")


def _year_and(match: re.Match[str]) -> str:
    """«1905» of «в 1905 и 1917 годах»."""
    return ordinal(int(match["year"]), _several_case(match, match["noun"]))


_YEAR_AND = lazy(r"\d{3,4}\s+(?:и|или)\s+$")


def _season(match: re.Match[str]) -> str:
    """«в 2015/16 году»: a year and the next."""
    noun = match["noun"]
    case = {"года": "g", "годом": "i", "году": "d" if word_before(match) in ("к", "ко", "по") else "p"}
    said = case.get(noun, "n")
    return f"{ordinal(int(match['year']), said)}-{ordinal(int(match['second']), said)} {noun}"


_YEAR_OF = lazy(r"([А-Яа-яЁё]+)\s+\d{3,4}\s+(?:и|или)\s+$")


def _several_case(match: re.Match[str], noun: str) -> str:
    if noun == "гг.":
        before = word_before(match)
        if before in ("и", "или") and (of := _YEAR_OF.search(earlier(match))):
            before = of[1].lower()
        if _OBLIQUE.match(before) and "NOUN" in (getattr(noun_tag(before), "grammemes", ())):
            return "g"
        return {"в": "p", "во": "p", "до": "g", "с": "g", "из": "g", "к": "d"}.get(before, "n")
    return _YEARS[noun]


def _from_to_years(match: re.Match[str]) -> str | None:
    """«с 2020» where «по 2023 год» follows, «с 1» where «по 5 мая» does."""
    return ordinal(int(match.group()), "g") if word_before(match) in ("с", "со", "от") else None


RULES = (
    Rule(
        "date",
        lazy(
            r"(?<![\w.,])(?P<day>\d{1,2})(?P<sep>[./])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})"
            r"(?:\s?(?:года|г\.))?(?![\w./]\w|\w)"
        ),
        _full_date,
        "./",
    ),
    Rule(
        "date",
        lazy(
            r"(?<![\w/.-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
            r"(?:[T ](?P<hour>[01]\d|2[0-4]):(?P<minute>[0-5]\d)(?::\d{2}(?:\.\d+)?)?Z?)?(?![\w-])"
        ),
        _iso_date,
        "-",
    ),
    Rule(
        "date",
        lazy(
            rf"(?<![\w.,])(?:(?P<first>\d{{1,2}})\s?[-–—]\s?)?(?P<day>[12]?\d|3[01])\s+(?P<month>(?:{_MONTH})\b|(?:{'|'.join(_SHORT_MONTHS)})\.)"
            r"(?:\s+(?P<year>\d{3,4})(?:\s*(?P<noun>года|г\.))?(?!\d))?",
            re.IGNORECASE,
        ),
        _month_date,
    ),
    Rule("date",
         lazy(rf"(?<![\w.,])\d{{1,2}}(?=\s+(?:по|до|на)\s+\d{{1,2}}\s+(?:{_MONTH})\b)"), _from_to_years),
    Rule("date", lazy(rf"(?<![\w.,])\d{{1,2}}(?=\s+(?:и|или)\s+\d{{1,2}}\s+(?:{_MONTH})\b)"), _day_and),
    Rule("duration", lazy(r"(?<![\w.,:])(\d{1,2}):(\d{2}):(\d{2})(?![\w:])"), _lasting, ":"),
    Rule("time", lazy(r"(?<![\w.,:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?![\w:])"), _clock, ":"),
    Rule("time",
         lazy(r"(?<![\w.,:])(?P<hour>\d{1,2})\.(?P<minute>\d{2})(?![\w:%]|[.,]\d|\s?[°%₽$€])"),
         _dotted_time, "."),
    Rule(
        "year",
        lazy(
            rf"(?<![\w.,])(?P<year>\d{{3,4}})(?:\s*[-–—]\s*(?P<second>\d{{2,4}}))?(?:-?[а-я]{{1,3}})?\s*(?P<noun>{YEAR_NOUN})"
        ),
        _years,
        "г",
    ),
    Rule("year",
         lazy(r"(?<![\w.,])(?P<year>\d{3,4})(?=\s+(?:и|или)\s+\d{3,4}\s*(?P<noun>год(?:ы|ов|ам|ами|ах)\b|гг\.))"),
         _year_and, "г"),
    Rule("year",
         lazy(r"(?<![\w.,])(?P<year>[12]\d{3})/(?P<second>\d{2})\s(?P<noun>год(?:а|у|ом)?)\b"), _season, "/"),
    Rule("year", lazy(r"(?<![\w.,])\d{3,4}(?=\s+(?:по|до)\s+\d{3,4}\s*(?:год|гг?\.))"), _from_to_years, "г"),
)  # fmt: skip
