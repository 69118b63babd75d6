"""Years, dates and clock times."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.russian.numbers import agree, cardinal, ordinal

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
_YEAR = {"год": "n", "года": "g", "году": "p", "годом": "i", "годе": "p", "г.": "?", "г": "?"}
_YEARS = {"годы": "n", "годов": "g", "годам": "d", "годами": "i", "годах": "p", "гг.": "n"}
YEAR_NOUN = r"год(?:а|у|ом|е|ы|ов|ам|ами|ах)?\b|гг\.|г\.|г(?=[\s,;)]|$)"


def month_date(match: re.Match[str]) -> str:
    """«5 мая 1984 г.»."""
    day, month, year, noun = match.group("day", "month", "year", "noun")
    said = f"{ordinal(int(day), 'g')} {month}"
    if year:
        said += f" {ordinal(int(year), 'g')}"
        if noun or len(year) == 4:
            said += " года"
    return said + ("." if noun and noun.endswith(".") and match.string[match.end() :].strip() == "" else "")


def full_date(match: re.Match[str]) -> str:
    """«5.05.1984»; what is no date is read as numbers."""
    day, month, year = (int(g) for g in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group().replace(".", " ")
    return f"{ordinal(day, 'g')} {MONTHS[month - 1]} {ordinal(year, 'g')} года"


def clock(match: re.Match[str]) -> str:
    """«12:05»; what is no time is read as numbers."""
    hours, minutes = int(match.group(1)), int(match.group(2))
    if hours > 24 or minutes > 59:
        return match.group().replace(":", " ")
    said = f"{cardinal(hours)} {agree(hours, 'час', 'часа', 'часов')}"
    if not minutes:
        return f"{said} ровно"
    low = f"ноль {cardinal(minutes, gender='f')}" if minutes < 10 else cardinal(minutes, gender="f")
    return f"{said} {low} {agree(minutes, 'минута', 'минуты', 'минут')}"


def years(match: re.Match[str]) -> str:
    """«в 2024 году», «1941–1945 гг.»: ordinals in the case of the noun, or of the preposition before them."""
    before, second, number, noun = (
        match.group("before"),
        match.group("second"),
        match.group("year"),
        match["noun"],
    )
    lead = f"{before} " if before else ""
    low = (before or "").lower()
    if noun in _YEARS:
        case = _YEARS[noun]
        if noun == "гг.":
            case = {"в": "p", "во": "p", "до": "g", "с": "g", "из": "g", "к": "d"}.get(low, "n")
        spoken = {"n": "годы", "g": "годов", "d": "годам", "i": "годами", "p": "годах"}[case]
        said = ordinal(int(number), case, plural=not second)
        if second:
            said += " " + ordinal(int(second), case)
        return f"{lead}{said} {spoken}"
    case = _YEAR[noun]
    if case == "?":
        case = {"в": "p", "к": "d", "с": "g", "до": "g", "от": "g", "после": "g", "на": "a"}.get(low, "g")
        noun = {"p": "году", "d": "году", "g": "года", "a": "год"}[case]
        if match.string[match.end() :].strip() == "":
            noun += "."
    elif noun == "году" and low in ("к", "ко", "по"):
        case = "d"
    said = ordinal(int(number), case)
    if second:
        said += " " + ordinal(int(second), case)
    return f"{lead}{said} {noun}"
