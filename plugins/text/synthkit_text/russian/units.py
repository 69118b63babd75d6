# SPDX-License-Identifier: Apache-2.0
"""Measures and money: a number with its unit, in the case that the words before it ask for."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.grammar import Rule, earlier
from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.around import EARLIER, at_end, case_after, negated, word_after, word_before
from synthkit_text.russian.numbers import agree, cardinal, ordinal

UNITS = {
    "%": ("процент", "процента", "процентов"),
    "‰": ("промилле", "промилле", "промилле"),
    "кг": ("килограмм", "килограмма", "килограммов"),
    "г": ("грамм", "грамма", "граммов"),
    "мг": ("миллиграмм", "миллиграмма", "миллиграммов"),
    "т": ("тонна", "тонны", "тонн"),
    "км": ("километр", "километра", "километров"),
    "м": ("метр", "метра", "метров"),
    "см": ("сантиметр", "сантиметра", "сантиметров"),
    "мм": ("миллиметр", "миллиметра", "миллиметров"),
    "км/ч": ("километр в час", "километра в час", "километров в час"),
    "м/с": ("метр в секунду", "метра в секунду", "метров в секунду"),
    "л": ("литр", "литра", "литров"),
    "мл": ("миллилитр", "миллилитра", "миллилитров"),
    "га": ("гектар", "гектара", "гектаров"),
    "ч": ("час", "часа", "часов"),
    "мин": ("минута", "минуты", "минут"),
    "сек": ("секунда", "секунды", "секунд"),
    "с": ("секунда", "секунды", "секунд"),
    "мс": ("миллисекунда", "миллисекунды", "миллисекунд"),
    "тыс": ("тысяча", "тысячи", "тысяч"),
    "млн": ("миллион", "миллиона", "миллионов"),
    "млрд": ("миллиард", "миллиарда", "миллиардов"),
    "трлн": ("триллион", "триллиона", "триллионов"),
    "долл": ("доллар", "доллара", "долларов"),
    "евро": ("евро", "евро", "евро"),
    "руб": ("рубль", "рубля", "рублей"),
    "р": ("рубль", "рубля", "рублей"),
    "коп": ("копейка", "копейки", "копеек"),
    "₽": ("рубль", "рубля", "рублей"),
    "$": ("доллар", "доллара", "долларов"),
    "€": ("евро", "евро", "евро"),
    "£": ("фунт", "фунта", "фунтов"),
    "°C": ("градус цельсия", "градуса цельсия", "градусов цельсия"),
    "°С": ("градус цельсия", "градуса цельсия", "градусов цельсия"),
    "°": ("градус", "градуса", "градусов"),
    "гц": ("герц", "герца", "герц"),
    "кгц": ("килогерц", "килогерца", "килогерц"),
    "мгц": ("мегагерц", "мегагерца", "мегагерц"),
    "ггц": ("гигагерц", "гигагерца", "гигагерц"),
    "вт": ("ватт", "ватта", "ватт"),
    "квт": ("киловатт", "киловатта", "киловатт"),
    "кб": ("килобайт", "килобайта", "килобайт"),
    "мб": ("мегабайт", "мегабайта", "мегабайт"),
    "гб": ("гигабайт", "гигабайта", "гигабайт"),
    "тб": ("терабайт", "терабайта", "терабайт"),
    "бит/с": ("бит в секунду", "бита в секунду", "бит в секунду"),
    "кбит/с": ("килобит в секунду", "килобита в секунду", "килобит в секунду"),
    "мбит/с": ("мегабит в секунду", "мегабита в секунду", "мегабит в секунду"),
    "гбит/с": ("гигабит в секунду", "гигабита в секунду", "гигабит в секунду"),
    "об/мин": ("оборот в минуту", "оборота в минуту", "оборотов в минуту"),
    "в": ("вольт", "вольта", "вольт"),
    "кв": ("киловольт", "киловольта", "киловольт"),
    "а": ("ампер", "ампера", "ампер"),
    "ма": ("миллиампер", "миллиампера", "миллиампер"),
    "мач": ("миллиампер-час", "миллиампер-часа", "миллиампер-часов"),
    "квт·ч": ("киловатт-час", "киловатт-часа", "киловатт-часов"),
    "квт*ч": ("киловатт-час", "киловатт-часа", "киловатт-часов"),
    "мвт": ("мегаватт", "мегаватта", "мегаватт"),
    "дж": ("джоуль", "джоуля", "джоулей"),
    "кдж": ("килоджоуль", "килоджоуля", "килоджоулей"),
    "ккал": ("килокалория", "килокалории", "килокалорий"),
    "дб": ("децибел", "децибела", "децибел"),
    "ом": ("ом", "ома", "ом"),
    "шт": ("штука", "штуки", "штук"),
    "экз": ("экземпляр", "экземпляра", "экземпляров"),
    "чел": ("человек", "человека", "человек"),
    "ц": ("центнер", "центнера", "центнеров"),
    "мм рт. ст": ("миллиметр ртутного столба", "миллиметра ртутного столба", "миллиметров ртутного столба"),
    **{
        short: (
            f"{kind}{'ый' if kind[-1] == 'н' else 'ий'} {one}",
            f"{kind}{'ых' if kind[-1] == 'н' else 'их'} {two}",
            f"{kind}{'ых' if kind[-1] == 'н' else 'их'} {many}",
        )
        for one, two, many, letter in (
            ("метр", "метра", "метров", "м"),
            ("километр", "километра", "километров", "км"),
            ("сантиметр", "сантиметра", "сантиметров", "см"),
        )
        for kind, mark in (("квадратн", "кв"), ("кубическ", "куб"))
        for short in (f"{mark}. {letter}", f"{mark}.{letter}", f"{letter} {mark}")
    },
    **{
        short: (f"{kind}ая ложка", f"{kind}ые ложки", f"{kind}ых ложек")
        for kind, mark in (("столов", "ст"), ("чайн", "ч"))
        for short in (f"{mark}. л", f"{mark}.л")
    },
}
POWERS = {"²": ("квадратный", "квадратных"), "³": ("кубический", "кубических")}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_CAPITAL_ONLY = {"в": "В", "а": "А"}
"""Units that are a preposition or a conjunction when they are written small."""
FEMININE = frozenset("т мин сек с мс тыс коп ккал шт".split()) | {"ст. л", "ст.л", "ч. л", "ч.л"}
SCALES = frozenset("тыс млн млрд трлн".split())
NUMBER = r"(?:\d{1,3}(?:[ ]\d{3})+|\d{1,3}(?:\.\d{3}){2,}|[1-9]\d{0,2}\.000(?![\d.])|\d+)"
_COUNTED = r"руб|р|долл|евро|чел|шт|т|экз|км|м|кг|л|га|кв\.\ км|кв\.\ м|куб\.\ м"
"""What thousands are counted of, shortened."""
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_WITH_PENCE = {"₽": ("копейка", "копейки", "копеек"), "$": ("цент", "цента", "центов"),
               "€": ("цент", "цента", "центов"),
               "£": ("пенс", "пенса", "пенсов")}  # fmt: skip


def to_int(text: str) -> int:
    """``1 500`` or ``1.500.000`` as a number."""
    return int(text.replace(" ", "").replace(".", ""))


_ONWARDS = lazy(r"\.?\s+(?:до|по)\s+[$€£₽]?\s?\d")


def quantity_case(match: re.Match[str], number: int, *, feminine: bool = False, with_what: str = "i") -> str:
    """The case that the word before a quantity asks for.

    Parameters
    ----------
    match : re.Match
    number : int
    feminine : bool
        Whether what is counted is: «за 1 тыс.» has an accusative of its own.
    with_what : str
        The case after «с» where no «до» follows: «с 5 кг» is together with them, «с 5 ₽» is from them on.
    """
    before = word_before(match)
    if before in EARLIER and not negated(match) and match.groupdict().get("unit") not in _TIMES:
        return "n"  # «раньше 5 кг стоили…»
    if before in ("с", "со"):
        return "g" if _ONWARDS.match(match.string, match.end()) else with_what
    if before in ("в", "во") and word_after(match) in _DISTANT:
        return "p"  # «в 5 км от города», «в 5 мин. ходьбы»
    if feminine and before in _ACCUSATIVE and agree(number, "1", "", ""):
        return "a"
    if before == "и" and _BETWEEN.search(earlier(match)):
        return "i"
    return case_after(before)


_TIMES = frozenset("ч мин сек с".split())
_BETWEEN = lazy(r"(?i)(?<!\w)между\s+[\d.,]+(?:\s[^\s\d]+)?\s+и\s+$")
_DISTANT = frozenset("от к ходьбы езды севернее южнее западнее восточнее".split())
_LENGTHS = frozenset(("м", "км", "см", "мм"))
"""What «с» is from rather than with: «упал с 5 м»."""
_ACCUSATIVE = frozenset("в во на за через про спустя".split())


def counted(number: int, names: tuple[str, str, str], case: str, gender: str = "m") -> str:
    """«пять рублей», «с пятью рублями»: how many, with what is counted."""
    noun = agree(number, *names) if case == "n" else inflected(names[0], case, number)
    return f"{cardinal(number, case, gender)} {noun}"


def _measured(match: re.Match[str]) -> str | None:
    """«с 5 кг» → «с пятью килограммами»; «5 тыс. руб.» → «пять тысяч рублей»."""
    sign, whole, fraction, second, other, unit, then, power = match.group(
        "sign", "whole", "fraction", "second", "other", "unit", "then", "power"
    )
    names = UNITS.get(unit) or UNITS[unit.lower()]
    if unit.lower() in _CAPITAL_ONLY and unit != _CAPITAL_ONLY[unit.lower()]:
        return None
    if unit == "С" or (
        unit == "с"
        and match["gap"] == ""
        and not fraction
        and re.match(r"\s?[А-Я]", match.string[match.end() :])
    ):
        return None
    lead = {None: "", "+": "плюс "}.get(sign, "минус ")
    if unit.lower() in ("руб", "р") and fraction and len(fraction) == 2 and not then and not second:
        pence, number = int(fraction), to_int(whole)
        kopecks = (
            f" {cardinal(pence, gender='f')} {agree(pence, 'копейка', 'копейки', 'копеек')}" if pence else ""
        )
        end = "." if match.group().endswith(".") and at_end(match) else ""
        return f"{lead}{cardinal(number)} {agree(number, *names)}{kopecks}{end}"
    ends = match.group().endswith(".") and at_end(match)
    ranged = second and (fraction or other)
    said = lead + (
        _range(match, unit, names, power)
        if ranged
        else _quantity(match, whole, fraction, second, unit, names, power)
    )
    if then:
        money = UNITS[then.lower()]
        if not second and fraction == "5" and whole == "1" and unit.lower() in SCALES:
            said = (
                f"{lead}полтора {names[1]}" if unit.lower() not in FEMININE else f"{lead}полторы {names[1]}"
            )
        said += f" {money[2]}"
    return said + ("." if ends else "")


def _quantity(
    match: re.Match[str],
    whole: str,
    fraction: str | None,
    second: str | None,
    unit: str,
    names: tuple[str, str, str],
    power: str | None,
) -> str:
    adjective = POWERS[power] if power else None
    if fraction:
        case = quantity_case(match, 0, with_what="g" if unit in _LENGTHS else "i")
        said = numbers.decimal(whole.replace(" ", "").replace(".", ""), fraction, case)
        noun = f"{adjective[0][:-2]}ого {names[1]}" if adjective else inflected(names[0], "g", 1)
        return f"{said} {noun}"
    number = to_int(second or whole)
    gender = "f" if unit.lower() in FEMININE else "m"
    case = quantity_case(match, number, feminine=gender == "f", with_what="g" if unit in _LENGTHS else "i")
    if adjective:
        names = (f"{adjective[0]} {names[0]}", f"{adjective[1]} {names[1]}", f"{adjective[1]} {names[2]}")
    said = counted(number, names, case, gender)
    return f"{cardinal(to_int(whole), case, gender)} — {said}" if second else said


def _range(match: re.Match[str], unit: str, names: tuple[str, str, str], power: str | None) -> str:
    """«1,5–2 кг» → «одна целая пять десятых — два килограмма»: the noun goes with the number it stands by."""
    whole, fraction, second, other = match.group("whole", "fraction", "second", "other")
    gender = "f" if unit.lower() in FEMININE else "m"
    with_what = "g" if unit in _LENGTHS else "i"
    number = 0 if other else to_int(second)
    case = quantity_case(match, number, feminine=gender == "f" and not other, with_what=with_what)
    low = (
        numbers.decimal(str(to_int(whole)), fraction, case)
        if fraction
        else cardinal(to_int(whole), case, gender)
    )
    adjective = POWERS[power] if power else None
    if other:
        noun = f"{adjective[0][:-2]}ого {names[1]}" if adjective else inflected(names[0], "g", 1)
        return f"{low} — {numbers.decimal(str(to_int(second)), other, case)} {noun}"
    if adjective:
        names = (f"{adjective[0]} {names[0]}", f"{adjective[1]} {names[1]}", f"{adjective[1]} {names[2]}")
    return f"{low} — {counted(number, names, case, gender)}"


def inflected(noun: str, case: str, number: int) -> str:
    """`noun` in `case`, in the number that goes with `number`; adjectives before it and what follows stay."""
    back = {v: k for k, v in numbers.CASES.items() if k not in ("gen2", "loc2")}
    one = number % 10 == 1 and number % 100 != 11
    said = noun.split(" ")
    for index, word in enumerate(said):
        known = [p for p in numbers.parses(word) if p.tag.case in (None, "nomn")]
        before_noun = (
            p for p in known if "ADJF" in p.tag and index + 1 < len(said)
        )  # «столовая» is a room, too
        parse = next(before_noun, None) or known[0]
        form = parse.inflect({back[case], "sing" if one else "plur"})
        said[index] = form.word if form else word
        if "ADJF" not in parse.tag:
            break
    return " ".join(said)


def _money(match: re.Match[str]) -> str:
    """«$5 млн» → «пять миллионов долларов»; «1 500,50 ₽» → «тысяча пятьсот рублей пятьдесят копеек»."""
    sign, whole, fraction, scale = match.group("sign", "whole", "fraction", "scale")
    names = UNITS[sign]
    number = to_int(whole)
    case = quantity_case(match, number, with_what="g")
    if not scale and fraction and len(fraction) == 2:
        small = int(fraction)
        pence = _WITH_PENCE[sign]
        gender = "f" if sign == "₽" else "m"
        said = counted(number, names, case)
        return said + (f" {counted(small, pence, case, gender)}" if small else "")
    if not fraction and not scale:
        return counted(number, names, case)
    if scale and not fraction:
        scaled = "f" if scale in FEMININE else "m"
        case = quantity_case(match, number, feminine=scaled == "f", with_what="g")
        return f"{counted(number, UNITS[scale], case, scaled)} {names[2]}"
    said = numbers.decimal(whole.replace(" ", ""), fraction, case)
    if not scale:
        return f"{said} {names[1]}"
    if fraction == "5" and whole == "1":
        return f"{'полторы' if scale == 'тыс' else 'полтора'} {UNITS[scale][1]} {names[2]}"
    return f"{said} {UNITS[scale][1]} {names[2]}"


def _rate(match: re.Match[str]) -> str:
    above = ("оборот", "оборота", "оборотов") if match[1] == "об" else UNITS[match[1].lower()]
    below = UNITS[match[2].lower()]
    if match[3]:
        return f"{above[2]} за {POWERS[match[3]][0]} {below[0]}"
    per = numbers.parses(below[0])[0].inflect({"accs", "sing"})
    joined = "в" if match[2].lower() in ("ч", "мин", "сек", "с") else "за"
    return f"{above[2]} {joined} {per.word if per else below[0]}"


def _bare(match: re.Match[str]) -> str:
    names = UNITS[match["unit"].lower()]
    if match["power"]:
        return f"{POWERS[match['power']][1]} {names[2]}"
    return names[2]


def _fraction_words(top: int, bottom: int, case: str = "n") -> str:
    one = top % 10 == 1 and top % 100 != 11
    below = "g" if case in ("n", "a") and not one else case
    return f"{cardinal(top, case, 'f')} {ordinal(bottom, below, 'f', not one)}"


def _pressure(match: re.Match[str]) -> str:
    """«120/80 мм рт. ст.»: of blood."""
    low = int(match[2])
    said = f"{cardinal(int(match[1]))} на {counted(low, UNITS['мм рт. ст'], 'n')}"
    return said + ("." if at_end(match) else "")


def _spoons(match: re.Match[str]) -> str:
    """«1/2 ч. л. соли»: of one."""
    return " " + inflected(UNITS[match["unit"]][0], "g", 1) + ("." if at_end(match) else "")


def _vulgar(match: re.Match[str]) -> str:
    whole = match["whole"]
    top, bottom = VULGAR[match["sign"]]
    if not whole:
        return {"½": "половина", "¼": "четверть", "¾": "три четверти"}.get(match["sign"]) or _fraction_words(
            top, bottom
        )
    if (top, bottom) == (1, 2):
        return "полтора" if whole == "1" else f"{cardinal(int(whole))} с половиной"
    return (
        f"{cardinal(int(whole), gender='f')} {agree(int(whole), 'целая', 'целых', 'целых')} "
        f"{_fraction_words(top, bottom)}"
    )


def _fraction(match: re.Match[str]) -> str | None:
    whole, top, bottom = match["whole"], int(match["top"]), int(match["bottom"])
    if whole:
        if not 0 < top < bottom:
            return None
        count = int(whole)
        return (
            f"{cardinal(count, gender='f')} {agree(count, 'целая', 'целых', 'целых')} "
            f"{_fraction_words(top, bottom)}"
        )
    if (top, bottom) == (24, 7) or (top >= bottom and top + bottom == 100):
        return f"{cardinal(top)} на {cardinal(bottom)}"
    if not bottom or bottom > 1000:
        return f"{cardinal(top)} дробь {cardinal(bottom)}"
    before = word_before(match)
    asked = {"в": "p", "во": "p", "на": "a", "за": "a", "с": "i"}.get(before)
    return _fraction_words(top, bottom, asked or case_after(before))


def _power(match: re.Match[str]) -> str:
    base, raised = match["base"], int("".join(SUPERSCRIPTS[c] for c in match["power"]))
    said = cardinal(to_int(base)) if base[0].isdigit() else " ".join(LATIN_NAMES[c] for c in base.lower())
    if raised in (2, 3):
        return f"{said} в {'квадрате' if raised == 2 else 'кубе'}"
    return f"{said} в {ordinal(raised, 'p', 'f')} степени"


LATIN_NAMES = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "а бэ цэ дэ е эф гэ аш и йот ка эль эм эн о пэ ку эр эс тэ у вэ дубль-вэ икс игрек зет".split(),
        strict=True,
    )
)
"""Names of Latin letters as mathematics has them."""
_SCALE = r"(?:\s?(?P<scale>тыс|млн|млрд|трлн)\b\.?)?"
RULES = (
    Rule("money",
         lazy(rf"(?P<sign>[$€£₽])\s?(?P<whole>{NUMBER})(?:[.,](?P<fraction>\d+))?{_SCALE}"), _money, "$€£₽"),
    Rule(
        "money",
        lazy(rf"(?<![\w.,])(?P<whole>{NUMBER})(?:[.,](?P<fraction>\d{{2}}))?(?P<scale>)\s?(?P<sign>[$€£₽])(?![\w])"),
        _money,
        "$€£₽",
    ),
    Rule("fraction",
         lazy(rf"(?:(?<!\w)(?P<whole>\d+)\s?)?(?P<sign>[{''.join(VULGAR)}])"), _vulgar, "".join(VULGAR)),
    Rule("measure", lazy(r"(?<![\w/.,])(\d{2,3})/(\d{2,3})\s?мм\s?рт\.\s?ст\.?"), _pressure, "/"),
    Rule(
        "fraction",
        lazy(r"(?<![\w/.,])(?:(?P<whole>\d+)[ ](?=\d{1,3}/))?(?P<top>\d{1,3})/(?P<bottom>\d{1,4})(?![\w/])"),
        _fraction,
        "/",
    ),
    Rule("measure",
         lazy(r"(?:(?<=\d/\d)|(?<=[½⅓⅔¼¾]))\s(?P<unit>ст\.\s?л|ч\.\s?л)\.?(?![а-яё])"), _spoons, "л"),
    Rule(
        "measure",
        lazy(
            rf"(?<![\w.,])(?P<sign>[-−–+](?=\d))?(?P<whole>{NUMBER})(?:[.,](?P<fraction>\d+))?"
            rf"(?:\s?[-–—]\s?(?P<second>{NUMBER})(?:[.,](?P<other>\d+))?)?(?P<gap>\s?)(?P<unit>{UNIT})(?P<power>[²³])?(?![\w²³/])"
            rf"(?:(?<=[а-я])\.(?=\s*(?-i:[^\sА-ЯЁ])|\s*$))?(?:\s?(?!(?-i:[А-ЯЁ])\.\s?(?-i:[А-ЯЁ]))(?P<then>(?:{_COUNTED})(?!\w))(?:\.(?=\s*(?-i:[^\sА-ЯЁ])|\s*$))?)?",
            re.IGNORECASE,
        ),
        _measured,
    ),
    Rule("measure",
         lazy(r"(?<![\w.])(руб|р|км|м|об|кг|г|л|шт|т)\.?/(кг|г|л|м|ч|сек|с|мин|шт|км|см)([²³])?(?![\w²³])\.?"),
         _rate, "/"),
    Rule("measure", lazy(rf"(?<!\w)(?P<unit>{UNIT})(?P<power>[²³])(?!\w)", re.IGNORECASE), _bare, "²³"),
    Rule(
        "power",
        lazy(rf"(?<![A-Za-zА-Яа-я])(?P<base>{NUMBER}|[A-Za-z]{{1,3}})(?P<power>[{''.join(SUPERSCRIPTS)}]+)"),
        _power,
        "".join(SUPERSCRIPTS),
    ),
)  # fmt: skip
