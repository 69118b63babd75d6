# SPDX-License-Identifier: Apache-2.0
"""Money, measures, fractions and ranges."""

from __future__ import annotations

import re

from synthkit_text.english.numbers import NUMBER, amount, cardinal, decimal, ordinal
from synthkit_text.grammar import Rule, earlier
from synthkit_text.pattern import lazy

UNITS = {
    "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"), "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"),
    "km": ("kilometer", "kilometers"), "m": ("meter", "meters"), "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"), "mi": ("mile", "miles"), "ft": ("foot", "feet"),
    "yd": ("yard", "yards"), "in.": ("inch", "inches"), "sq ft": ("square foot", "square feet"),
    "sq mi": ("square mile", "square miles"), "sq m": ("square meter", "square meters"),
    "sq km": ("square kilometer", "square kilometers"), "mph": ("mile per hour", "miles per hour"),
    "km/h": ("kilometer per hour", "kilometers per hour"), "m/s": ("meter per second", "meters per second"),
    "rpm": ("revolution per minute", "revolutions per minute"), "l": ("liter", "liters"),
    "L": ("liter", "liters"), "ml": ("milliliter", "milliliters"), "mL": ("milliliter", "milliliters"),
    "gal": ("gallon", "gallons"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"), "sec": ("second", "seconds"), "s": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"), "Hz": ("hertz", "hertz"), "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"), "GHz": ("gigahertz", "gigahertz"), "KB": ("kilobyte", "kilobytes"),
    "kB": ("kilobyte", "kilobytes"), "MB": ("megabyte", "megabytes"), "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"), "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "Mbit/s": ("megabit per second", "megabits per second"), "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"), "MW": ("megawatt", "megawatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"), "Wh": ("watt hour", "watt hours"),
    "mAh": ("milliamp hour", "milliamp hours"), "V": ("volt", "volts"), "mV": ("millivolt", "millivolts"),
    "A": ("amp", "amps"), "mA": ("milliamp", "milliamps"), "dB": ("decibel", "decibels"),
    "Pa": ("pascal", "pascals"), "kPa": ("kilopascal", "kilopascals"), "N": ("newton", "newtons"),
    "J": ("joule", "joules"), "kJ": ("kilojoule", "kilojoules"), "kcal": ("kilocalorie", "kilocalories"),
    "ha": ("hectare", "hectares"), "px": ("pixel", "pixels"),
    "fps": ("frame per second", "frames per second"), "°C": ("degree celsius", "degrees celsius"),
    "°F": ("degree fahrenheit", "degrees fahrenheit"), "°": ("degree", "degrees"),
    "tsp": ("teaspoon", "teaspoons"), "tbsp": ("tablespoon", "tablespoons"),
    "pts": ("point", "points"), "qt": ("quart", "quarts"), "yr": ("year", "years"), "yrs": ("year", "years"),
    "wk": ("week", "weeks"), "wks": ("week", "weeks"), "mo": ("month", "months"), "mos": ("month", "months"),
    "mins": ("minute", "minutes"), "secs": ("second", "seconds"), "h": ("hour", "hours"),
    "dpi": ("dot per inch", "dots per inch"),
    "m/s²": ("meter per second squared", "meters per second squared"),
    **{f"sq. {letters}": (f"square {one}", f"square {many}") for letters, one, many in (
        ("ft", "foot", "feet"), ("in", "inch", "inches"), ("yd", "yard", "yards"), ("mi", "mile", "miles"),
        ("m", "meter", "meters"), ("km", "kilometer", "kilometers"), ("cm", "centimeter", "centimeters"),
    )},
    "%": ("percent", "percent"), "′": ("foot", "feet"), "″": ("inch", "inches"),
}  # fmt: skip
POWERS = {"²": "square", "³": "cubic"}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
    "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₴": ("hryvnia", "hryvnias", "kopeck", "kopecks"),
    "¢": ("cent", "cents", "", ""),
}
SCALES = {"k": "thousand", "K": "thousand", "M": "million", "bn": "billion", "m": "million", "B": "billion"}
COUNTRIES = {"US": "U S", "CA": "Canadian", "C": "Canadian", "AU": "Australian", "A": "Australian",
             "HK": "Hong Kong", "NZ": "New Zealand"}  # fmt: skip
_SPOKEN_AS_PAIR = {(24, 7): "twenty four seven", (9, 11): "nine eleven", (50, 50): "fifty fifty",
                   (7, 11): "seven eleven"}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_WORDED = "|".join(
    sorted(
        (re.escape(unit) for unit in UNITS if (unit.isalpha() and unit not in "AVWNJs") or unit == "in."),
        key=len,
        reverse=True,
    )
)
"""Units that are told from other words where a fraction stands before them."""
_NO_END = rf"(?:(?<=[a-zA-Z])\.(?=[,;:)]|\s+[a-z(]|\s+\d+(?:[.,/]\d+)?\s?(?:{_UNIT})(?!\w)))?"
"""The dot of a unit where the sentence goes on."""
_SLASHED = "|".join(unit for unit in UNITS if "/" in unit)
_SIGNS = re.escape("".join(MONEY))
_SCALE = r"(?:\s?(?P<scale>thousand|million|billion|trillion|bn|[kKMB]|(?<=\d)m)\b)?"
_PER = {
    "lb": "pound", "oz": "ounce", "kg": "kilogram", "g": "gram", "gal": "gallon", "l": "liter", "L": "liter",
    "hr": "hour", "h": "hour", "min": "minute", "s": "second", "mo": "month", "yr": "year", "wk": "week",
    "mi": "mile", "km": "kilometer", "m": "meter", "sq ft": "square foot", "sq m": "square meter",
    "hour": "hour", "minute": "minute", "day": "day", "night": "night", "week": "week", "month": "month",
    "year": "year", "person": "person", "head": "head", "mile": "mile", "pound": "pound",
}  # fmt: skip
_EACH = "|".join(sorted(_PER, key=len, reverse=True))
_EURO = r"\d{1,3}(?:[. ]\d{3})*,\d{2}(?!\d)|\d{1,3}(?:\.\d{3})+(?![.\d])"


def plural(number: str, one: str, many: str) -> str:
    """The form of a noun that goes with a number as written."""
    return one if number.replace(" ", "") in ("1", "1.0") else many


def _point(number: str) -> str:
    """A number in the European way, ``1.500,00``, in the English one."""
    if re.fullmatch(_EURO, number):
        return number.replace(".", "").replace(" ", "").replace(",", ".")
    return number


def _sum(sign: str, number: str, scale: str | None, country: str = "") -> str:
    one, many, cent, cents = MONEY[sign]
    lead = f"{COUNTRIES[country]} " if country else ""
    one, many = lead + one, lead + many
    number = _point(number)
    if scale:
        return f"{amount(number)} {SCALES.get(scale, scale)} {many}"
    whole, _, fraction = number.replace(",", "").replace(" ", "").partition(".")
    if len(fraction) == 2 and cent:
        if not int(whole) and int(fraction):
            return f"{cardinal(int(fraction))} {cent if int(fraction) == 1 else cents}"
        said = f"{amount(whole)} {plural(whole, one, many)}"
        if int(fraction):
            said += f" and {cardinal(int(fraction))} {cent if int(fraction) == 1 else cents}"
        return said
    return f"{amount(number)} {plural(number, one, many)}"


def _money(match: re.Match[str]) -> str:
    sign, first, second, scale = match.group("sign", "number", "second", "scale")
    country = match["country"] or ""
    if second is None:
        said = _sum(sign, first, scale, country)
        one, many = MONEY[sign][:2]
        attribute = _ATTRIBUTE.match(match.string, match.end()) and _ARTICLE.search(earlier(match))
        return said.removesuffix(many) + one if attribute and said.endswith(many) else said
    return f"{amount(_point(first))} to {_sum(sign, second, scale, country)}"


_ARTICLE = lazy(r"\b[Aa]n?\s$")
_ATTRIBUTE = lazy(
    r"-[a-z]|\s(?!(?:and|or|per|each|in|on|for|to|a|an|is|was|more|less|from|will|would|at|by|with|if|but|as|of|than)\b)[a-z]{2,}"
)
"""What stands before and behind a sum that is said of something: «a $5 bill»."""
CODES = {
    "USD": ("U S dollar", "U S dollars"), "EUR": ("euro", "euros"), "GBP": ("pound", "pounds"),
    "JPY": ("yen", "yen"), "CAD": ("Canadian dollar", "Canadian dollars"),
    "CHF": ("Swiss franc", "Swiss francs"),
    "AUD": ("Australian dollar", "Australian dollars"), "CNY": ("yuan", "yuan"), "RUB": ("ruble", "rubles"),
    "INR": ("rupee", "rupees"),
}  # fmt: skip


def _cents(match: re.Match[str]) -> str:
    _, _, one, many = MONEY[match[1]]
    return f"{cardinal(int(match[2]))} {one if int(match[2]) == 1 else many}"


def _coded(match: re.Match[str]) -> str:
    one, many = CODES[match["before"] or match["after"]]
    number = match["first"] or match["second"]
    scale = match["scale"] or match["scaled"]
    if scale:
        return f"{amount(number)} {SCALES.get(scale, scale)} {many}"
    return f"{amount(number)} {plural(number, one, many)}"


def _feet_inches(match: re.Match[str]) -> str:
    feet, inches = int(match[1]), int(match[2])
    end = "." if match.group().endswith(".") and not match.string[match.end() :].strip() else ""
    return (
        f"{cardinal(feet)} {'foot' if feet == 1 else 'feet'} "
        f"{cardinal(inches)} {'inch' if inches == 1 else 'inches'}{end}"
    )


def _unit_of_part(match: re.Match[str]) -> str:
    """``1/2 km`` is of one, ``1 1/2 km`` of several."""
    mixed = _MIXED.search(earlier(match))
    return " " + UNITS[match["unit"]][1 if mixed else 0]


_MIXED = lazy(r"\d(?:[ -]\d+/\d+|[½⅓⅔¼¾⅕⅛⅜⅝⅞])$")


def _ordinal_part(match: re.Match[str]) -> str:
    return parts(int(match[1]), int(match[2]))


def _money_after(match: re.Match[str]) -> str:
    number, sign = match.group("number", "sign")
    return _sum(sign, number, match["scale"])


def _unit(unit: str, power: str | None, number: str) -> str:
    one, many = UNITS[unit]
    name = plural(number, one, many)
    return f"{POWERS[power]} {name}" if power else name


def _measured(match: re.Match[str]) -> str:
    sign, number, second, unit, power = match.group("sign", "number", "second", "unit", "power")
    lead = "minus " if sign else ""
    ends = unit == "in." and not match.string[match.end() :].strip()
    said = f"{amount(number)} to {amount(second)}" if second else amount(number)
    of = f"{POWERS[match['of']]} " if match["of"] else ""
    each = f" per {of}{_PER[match['per']]}" if match["per"] else ""
    beside = match["gap"] == "-" and not each and _BESIDE.match(match.string, match.end())
    return f"{lead}{said} {_unit(unit, power, '1' if beside else second or number)}{each}" + (
        "." if ends else ""
    )


_BESIDE = lazy(
    r"\s(?!(?:and|or|per|each|in|on|for|to|a|an|the|is|was|are|were|more|less|from|will|would|at|by|with|if|but|"
    r"as|of|than|that|it)\b)[a-z]{2,}"
)
"""A noun that a measure with a hyphen is said of: «a 20-min. walk»."""


def _bare_unit(match: re.Match[str]) -> str:
    return _unit(match["unit"], match["power"], "2")


def _feet(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} foot {cardinal(int(match[2]))}"


def parts(top: int, bottom: int) -> str:
    """A fraction: "one half", "three quarters", "two thirds"."""
    if bottom == 2:
        return f"{cardinal(top)} {'half' if top == 1 else 'halves'}"
    if bottom == 4:
        return f"{cardinal(top)} {'quarter' if top == 1 else 'quarters'}"
    if not 2 < bottom <= 100:
        return f"{cardinal(top)} over {cardinal(bottom)}"
    return f"{cardinal(top)} {ordinal(bottom)}{'' if top == 1 else 's'}"


def _mixed(whole: str, top: int, bottom: int) -> str:
    part = parts(top, bottom)
    return f"{amount(whole)} and {'a' + part[3:] if top == 1 and not part.startswith('one eigh') else part}"


def _vulgar(match: re.Match[str]) -> str:
    top, bottom = VULGAR[match["sign"]]
    return _mixed(match["whole"], top, bottom) if match["whole"] else parts(top, bottom)


def _fraction(match: re.Match[str]) -> str | None:
    whole, top, bottom = match["whole"], int(match["top"]), int(match["bottom"])
    if whole:
        return _mixed(whole, top, bottom) if top < bottom else None
    return _SPOKEN_AS_PAIR.get((top, bottom)) or parts(top, bottom)


_FUNCTIONS = {"sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log"}


def _power(match: re.Match[str]) -> str | None:
    if (
        len(match["base"]) > 1
        and match["base"] not in _FUNCTIONS
        and re.search("[aeiouy]", match["base"], re.I)
    ):
        return None  # the number of a note: «it²»
    base, raised = match["base"], "".join(SUPERSCRIPTS[c] for c in match["power"])
    said = amount(base) if base[0].isdecimal() else _FUNCTIONS.get(base) or " ".join(base)
    if raised in ("2", "3"):
        return f"{said} {'squared' if raised == '2' else 'cubed'}"
    return f"{said} to the {ordinal(int(raised))}"


def _per(match: re.Match[str]) -> str:
    return f" per {_PER[match['unit']]}"


def _comma_decimal(match: re.Match[str]) -> str:
    return decimal(match[1], match[2])


SLASHED = Rule("measure", lazy(rf"(?<![\w/])(?P<unit>{_SLASHED})(?P<power>)(?![\w/²³])"), _bare_unit, "/")
"""A unit such as ``km/h`` without a number."""
RULES = (
    Rule(
        "money",
        lazy(
            rf"(?<![A-Za-z])(?P<country>US|CA|C|AU|A|HK|NZ)?(?P<sign>[{_SIGNS}])\s?(?P<number>{_EURO}|{NUMBER})"
            rf"(?:\s?[-–—]\s?[{_SIGNS}]?(?P<second>{NUMBER}))?{_SCALE}"
        ),
        _money,
        "".join(MONEY),
    ),
    Rule(
        "money",
        lazy(rf"(?<![\w.,])(?P<number>{_EURO}|{NUMBER}){_SCALE}\s?(?P<sign>[{_SIGNS}])"),
        _money_after,
        "".join(MONEY),
    ),
    Rule(
        "measure",
        lazy(rf"(?<=\d)\s?/\s?(?P<unit>{_EACH})(?![\w/²³])"),
        _per,
        "/",
    ),
    Rule("measure", lazy(r"(?<![\w.])(\d+)\s?['′’]\s?(\d{1,2})\s?(?:[\"″”]|'')"), _feet, "'′’"),
    Rule("money", lazy(r"(?<!\w)([$£€])\.(\d{2})(?![\d.])"), _cents, "$£€"),
    Rule(
        "money",
        lazy(
            rf"\b(?P<before>{'|'.join(CODES)})\s?(?P<first>{NUMBER})(?!\d|\s?[-–—]\s?\d)(?:\s?(?P<scale>million|billion|trillion|[kKMB]|bn)\b)?"
            rf"|(?<![\w.,−–-])(?P<second>{NUMBER})(?:\s?(?P<scaled>million|billion|trillion|[kKMB]|bn))?\s?(?P<after>{'|'.join(CODES)})\b"
        ),
        _coded,
        "UEGJCAIR",
    ),
    Rule(
        "measure",
        lazy(
            r"(?<![\w.])(\d+)[\s-]?(?:ft|feet|foot)\.?[\s-](\d{1,2})[\s-]?in\b"
            rf"(?!\s(?:\d+|the|an?|th[ei]s[e]?|that|those|front|my|your|his|her|its|our|their)\b)(?:\.(?=\s*$)|{_NO_END})"
        ),
        _feet_inches,
    ),
    Rule("fraction", lazy(r"(?<![\w/.,])(\d{1,3})/(\d{1,3})(?:rds|ths|nds|rd|th|nd)\b"), _ordinal_part, "/"),
    Rule(
        "measure",
        lazy(rf"(?:(?<=\d/\d)|(?<=\d/\d\d)|(?<=[½⅓⅔¼¾⅕⅛⅜⅝⅞]))\s(?P<unit>{_WORDED})(?!\w){_NO_END}"),
        _unit_of_part,
    ),
    Rule(
        "fraction",
        lazy(r"(?<![\w/.,])20/20(?=\s(?:vision|hindsight|eyesight)\b)|(?<=[Hh]indsight is )20/20(?![\w/])"),
        lambda m: "twenty twenty",
        "/",
    ),
    Rule(
        "fraction",
        lazy(r"(?<![\w/.,])(?:(?P<whole>\d+)[ -](?=\d{1,3}/))?(?P<top>\d{1,3})/(?P<bottom>\d{1,4})(?![\w/])"),
        _fraction,
        "/",
    ),
    Rule(
        "fraction",
        lazy(rf"(?:(?<!\w)(?P<whole>\d+)\s?)?(?P<sign>[{''.join(VULGAR)}])"),
        _vulgar,
        "".join(VULGAR),
    ),
    Rule(
        "measure",
        lazy(
            rf"(?:(?<![\w.%])(?P<sign>[-−–](?=\d)))?(?<![\w.])(?P<number>{NUMBER})(?:\s?(?:-|–|—|to)\s?(?P<second>{NUMBER}))?"
            rf"(?P<gap>[ -]?)(?P<unit>{_UNIT})(?P<power>[²³])?(?:/(?P<per>{_EACH})(?P<of>[²³])?)?(?![\w²³])"
            rf"{_NO_END}"
        ),
        _measured,
    ),
    Rule("measure", lazy(rf"(?<!\w)(?P<unit>{_UNIT})(?P<power>[²³])(?!\w)"), _bare_unit, "²³"),
    SLASHED,
    Rule(
        "power",
        lazy(rf"(?<![A-Za-z])(?P<base>{NUMBER}|[A-Za-z]{{1,3}})(?P<power>[{''.join(SUPERSCRIPTS)}]+)"),
        _power,
        "".join(SUPERSCRIPTS),
    ),
    Rule("decimal", lazy(r"(?<![\w,.])(\d+),(\d{1,2})(?![\d,])"), _comma_decimal, ","),
)
