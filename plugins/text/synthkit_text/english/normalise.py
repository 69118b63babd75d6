"""English text to plain words: numbers, money, dates, times, units, abbreviations, symbols.

A chain of substitutions over the whole text, each linear in its length and skipped where the text has
nothing for it.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from collections.abc import Callable

from synthkit_text.english.numbers import amount, cardinal, decimal, digits, ordinal, year
from synthkit_text.pattern import lazy

MONTHS = "January February March April May June July August September October November December".split()
_MONTH = "|".join(MONTHS) + "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_ABBREVIATIONS = {
    "Mr": "mister", "Mrs": "missus", "Ms": "miz", "Dr": "doctor", "Prof": "professor", "St": "saint",
    "Jr": "junior", "Sr": "senior", "vs": "versus", "etc": "et cetera", "No": "number", "approx": "approximately",
    "Inc": "incorporated", "Ltd": "limited", "Co": "company", "Corp": "corporation", "Ave": "avenue",
    "Blvd": "boulevard", "Rd": "road", "Gen": "general", "Col": "colonel", "Capt": "captain", "Lt": "lieutenant",
    "Sgt": "sergeant", "Rev": "reverend", "Hon": "honorable", "Gov": "governor", "Sen": "senator",
    "Rep": "representative", "fig": "figure", "vol": "volume", "ch": "chapter", "est": "established",
    "dept": "department", "Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "Aug": "August",
    "Sept": "September", "Sep": "September", "Oct": "October", "Nov": "November", "Dec": "December",
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday",
}  # fmt: skip
_NEEDS_NAME = frozenset("No St Gen Col Hon Rep Sen Co ch est fig vol Mar Mon Fri Wed".split())
_DOTTED = {"e.g.": "for example", "i.e.": "that is", "a.m.": "A M", "p.m.": "P M"}
UNITS = {
    "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"), "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"),
    "km": ("kilometer", "kilometers"), "m": ("meter", "meters"), "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"), "mi": ("mile", "miles"), "ft": ("foot", "feet"),
    "mph": ("mile per hour", "miles per hour"), "km/h": ("kilometer per hour", "kilometers per hour"),
    "l": ("liter", "liters"), "ml": ("milliliter", "milliliters"), "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"), "min": ("minute", "minutes"), "sec": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"), "Hz": ("hertz", "hertz"), "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"), "GHz": ("gigahertz", "gigahertz"), "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"), "GB": ("gigabyte", "gigabytes"), "TB": ("terabyte", "terabytes"),
    "W": ("watt", "watts"), "kW": ("kilowatt", "kilowatts"), "V": ("volt", "volts"),
    "°C": ("degree celsius", "degrees celsius"), "°F": ("degree fahrenheit", "degrees fahrenheit"),
    "°": ("degree", "degrees"), "%": ("percent", "percent"),
}  # fmt: skip
_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
}
SYMBOLS = {
    "%": " percent ", "&": " and ", "@": " at ", "#": " number ", "+": " plus ", "=": " equals ", "№": " number ",
    "°": " degrees ", "$": " dollar ", "€": " euro ", "£": " pound ", "×": " times ", "÷": " divided by ",
    "±": " plus or minus ", "≈": " about ", "<": " less than ", ">": " greater than ", "§": " section ",
    "−": " minus ", "©": " copyright ", "½": " one half ", "¼": " one quarter ", "¾": " three quarters ",
    "^": " to the power of ", "∞": " infinity ", "≠": " does not equal ", "¥": " yen ", "₽": " rubles ",
}  # fmt: skip
_SYMBOL = lazy("[" + re.escape("".join(SYMBOLS).replace("+", "")) + r"]|\+(?![аеёиоуыэюяАЕЁИОУЫЭЮЯ])")
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SCALE = r"(?:\s?(?P<scale>thousand|million|billion|trillion|k|K|M|bn)\b)?"
_SCALES = {"k": "thousand", "K": "thousand", "M": "million", "bn": "billion"}
_PERIOD = lazy(
    r"\b(" + "|".join(sorted(_ABBREVIATIONS, key=len, reverse=True)) + r")\.(?=(\s+)(\S)|\s*$|[,;:)])"
)
_LETTERS = lazy(r"\b(?:[A-Za-z]\.){2,}")
_INITIAL = lazy(r"\b([A-Z])\.(?=\s[A-Z])")
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_REGNAL = lazy(r"\b([A-Z][a-z]+)\s([IVX]{2,5}|V|X)\b(?![.'])")
_HEADED = frozenset(
    "Chapter Part Section Volume Act Scene Book War Class Type Phase Figure Table Article".split()
)


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols of `text` in words.

    >>> normalise("It cost $20 on May 5, 1984.")
    'It cost twenty dollars on May fifth, nineteen eighty four.'
    """
    if "." in text:
        text = _addresses(text)
        for dotted, words in _DOTTED.items():
            if dotted in text.lower():
                text = re.sub(rf"\b{re.escape(dotted)}", words, text, flags=re.IGNORECASE)
        text = _PERIOD.sub(_abbreviation, text)
        text = _LETTERS.sub(_lettered, text)
        text = _INITIAL.sub(r"\1", text)
    text = _REGNAL.sub(_regnal, text)
    if re.search(r"\d", text):
        text = _numbers(text)
    if _SYMBOL.search(text):
        text = _SYMBOL.sub(lambda m: SYMBOLS[m.group()], text)
    return text


def _addresses(text: str) -> str:
    if "@" not in text and "://" not in text and "www." not in text.lower():
        return text

    def say(match: re.Match[str]) -> str:
        whole = match.group()
        body = whole.rstrip(".,;:!?)")
        tail = whole[len(body) :]
        body = re.sub(r"^\w+://", "", body)
        for sign, word in (("@", "at"), (".", "dot"), ("/", "slash"), ("-", "dash"), ("_", "underscore")):
            body = body.replace(sign, f" {word} ")
        return body + tail

    return re.sub(r"\b(?:https?://|www\.)\S+|[\w.-]+@[\w-]+\.[\w.-]+", say, text)


def _abbreviation(match: re.Match[str]) -> str:
    short, _, following = match.groups()
    if short in _NEEDS_NAME and not (following and (following.isupper() or following.isdigit())):
        return match.group()
    ends = following is None or (
        short in ("etc", "Jr", "Sr", "Inc", "Ltd", "Corp", "Ave", "Rd") and following.isupper()
    )
    return _ABBREVIATIONS[short] + (
        "." if ends and match.string[match.end() :].strip()[:1] not in (",", ";") else ""
    )


def _lettered(match: re.Match[str]) -> str:
    letters = match.group().replace(".", "")
    last = match.string[match.end() :].strip() == ""
    return letters.upper() + ("." if last else "")


def _regnal(match: re.Match[str]) -> str:
    name, roman = match.groups()
    total, highest = 0, 0
    for letter in reversed(roman):
        value = ROMAN[letter]
        total += value if value >= highest else -value
        highest = max(highest, value)
    return f"{name} {cardinal(total)}" if name in _HEADED else f"{name} the {ordinal(total)}"


def _plural(number: str, one: str, many: str) -> str:
    return one if number in ("1", "1.0") else many


def _money(match: re.Match[str]) -> str:
    sign, number, scale = match.group("sign"), match.group("number"), match.group("scale")
    one, many, cent, cents = _MONEY[sign]
    if scale:
        return f"{amount(number)} {_SCALES.get(scale, scale)} {many}"
    whole, _, fraction = number.replace(",", "").partition(".")
    if len(fraction) == 2 and cent:
        said = f"{cardinal(int(whole))} {_plural(whole, one, many)}"
        if int(fraction):
            said += f" and {cardinal(int(fraction))} {cent if int(fraction) == 1 else cents}"
        return said
    return f"{amount(number)} {_plural(number, one, many)}"


def _measured(match: re.Match[str]) -> str:
    sign, number, unit = match.group("sign", "number", "unit")
    return f"{'minus ' if sign else ''}{amount(number)} {_plural(number, *UNITS[unit])}"


def _date(match: re.Match[str]) -> str:
    month, day, number = match.group("month", "day", "year")
    month = _ABBREVIATIONS.get(month, month)
    said = f"{month} {ordinal(int(day))}"
    return f"{said}, {year(int(number))}" if number else said


def _date_day_first(match: re.Match[str]) -> str:
    day, month, number = match.group("day", "month", "year")
    said = f"the {ordinal(int(day))} of {_ABBREVIATIONS.get(month, month)}"
    return f"{said}, {year(int(number))}" if number else said


def _iso_date(match: re.Match[str]) -> str:
    number, month, day = (int(g) for g in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group().replace("-", " ")
    return f"{MONTHS[month - 1]} {ordinal(day)}, {year(number)}"


def _slash_date(match: re.Match[str]) -> str:
    month, day, number = (int(g) for g in match.groups())
    if month > 12 and day <= 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group().replace("/", " ")
    return f"{MONTHS[month - 1]} {ordinal(day)}, {year(number)}"


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match.group(1)), int(match.group(2))
    if hours > 24 or minutes > 59:
        return match.group().replace(":", " ")
    said = cardinal(hours)
    if minutes:
        return f"{said} {'oh ' if minutes < 10 else ''}{cardinal(minutes)}"
    return said if match.string[match.end() :].lstrip()[:1].lower() in ("a", "p") else f"{said} o'clock"


def _phone(match: re.Match[str]) -> str:
    return ("plus " if match.group().startswith("+") else "") + ", ".join(
        digits(g) for g in re.findall(r"\d+", match.group())
    )


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(match.group(1)), int(match.group(2))
    if bottom == 2:
        return f"{cardinal(top)} {'half' if top == 1 else 'halves'}"
    if bottom == 4:
        return f"{cardinal(top)} {'quarter' if top == 1 else 'quarters'}"
    if not 2 < bottom <= 100:
        return f"{cardinal(top)} over {cardinal(bottom)}"
    return f"{cardinal(top)} {ordinal(bottom)}{'' if top == 1 else 's'}"


def _plain(match: re.Match[str]) -> str:
    sign, number = match.group("sign", "number")
    lead = "minus " if sign else ""
    whole, _, fraction = number.replace(",", "").partition(".")
    if fraction:
        return lead + decimal(whole, fraction)
    if len(whole) > 36 or (whole[0] == "0" and len(whole) > 1):
        return lead + digits(whole)
    before = match.string[max(0, match.start() - 12) : match.start()].rstrip().lower()
    if (
        len(whole) == 4
        and "," not in number
        and not sign
        and re.search(r"\b(?:in|since|of|by|from|until|year|after|before|,)$", before)
    ):
        return year(int(whole))
    return lead + cardinal(int(whole))


def _decade(match: re.Match[str]) -> str:
    number = int(match.group(1))
    said = year(number) if number >= 1000 else cardinal(number)
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (lazy(r"(?<![\w/.-])(\d{4})-(\d{2})-(\d{2})(?![\w-])"), _iso_date),
    (lazy(r"(?<![\w/.])(\d{1,2})/(\d{1,2})/(\d{4})(?![\w/])"), _slash_date),
    (
        lazy(rf"\b(?P<month>{_MONTH})\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<year>\d{{4}})\b)?(?![\d:])"),
        _date,
    ),
    (
        lazy(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{_MONTH})\b(?:,?\s(?P<year>\d{{4}})\b)?"),
        _date_day_first,
    ),
    (lazy(r"(?<![\w.:])(\d{1,2}):(\d{2})(?![\w:])"), _clock),
    (lazy(rf"(?P<sign>[$£€¥₽])\s?(?P<number>{_NUMBER}){_SCALE}"), _money),
    (lazy(r"(?<![\w.])(?:\+?\d{1,2}[ -])?\(?\d{3}\)?[ -]\d{3}[ -]\d{4}(?!\w)"), _phone),
    (lazy(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m.group(1)))),
    (lazy(r"(?<!\w)'?(\d{2,4})'?s\b"), _decade),
    (lazy(r"(?<![\w,.])(\d+),(\d{1,2})(?![\d,])"), lambda m: decimal(m.group(1), m.group(2))),
    (lazy(r"(?<=\d)\s*[–—]\s*(?=\d)|(?<=\d)-(?=\d)"), lambda m: " to "),
    (lazy(rf"(?<![\w.])(?P<sign>[-−–](?=\d))?(?P<number>{_NUMBER})\s?(?P<unit>{_UNIT})(?!\w)"), _measured),
    (lazy(r"(?<![\w/.,])(\d{1,3})/(\d{1,4})(?![\w/])"), _fraction),
    (lazy(rf"(?:(?<!\w)(?P<sign>[-−–](?=\d)))?(?P<number>{_NUMBER})"), _plain),
)  # fmt: skip


def _numbers(text: str) -> str:
    text = re.sub(r"#\s?(?=\d)|№\s?(?=\d)", "number ", text)
    for pattern, say in _STEPS:
        text = pattern.sub(say, text)
        text = re.sub(r"(?<=[a-z])(?=\d)", " ", text) if pattern is _STEPS[-2][0] else text
    return re.sub(r"(?<=\d)(?=[A-Za-z])", " ", text)
