"""Measures and money: a number with its unit, in the case that the words before it ask for."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.russian import numbers
from synthkit_text.russian.numbers import agree, cardinal

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
}
FEMININE = frozenset("т мин сек с мс тыс коп".split())
SCALES = frozenset("тыс млн млрд трлн".split())
NUMBER = r"(?:\d{1,3}(?:[ ]\d{3})+|\d+)"
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))


def measured(match: re.Match[str]) -> str:
    """«с 5 кг» → «с пятью килограммами»."""
    before, sign, whole, fraction, unit = match.group("before", "sign", "whole", "fraction", "unit")
    lead = (f"{before} " if before else "") + ("минус " if sign else "")
    names = UNITS.get(unit) or UNITS[unit.lower()]
    number = _int(whole)
    if fraction:
        return f"{lead}{numbers.decimal(whole.replace(' ', ''), fraction)} {names[1]}"
    gender = "f" if unit.lower() in FEMININE else "m"
    case = next(
        (c for c, words in numbers.AFTER_PREPOSITION.items() if before and before.lower() in words), "n"
    )
    if case == "n" or unit.lower() in SCALES or " " in names[0]:
        noun = agree(number, *names)
    else:
        noun = _inflected(names[0], case, number)
    return f"{lead}{cardinal(number, case, gender)} {noun}"


def _inflected(noun: str, case: str, number: int) -> str:
    back = {v: k for k, v in numbers.CASES.items() if k not in ("gen2", "loc2")}
    one = number % 10 == 1 and number % 100 != 11
    form = numbers.parses(noun)[0].inflect({back[case], "sing" if one else "plur"})
    return form.word if form else noun


def money(match: re.Match[str]) -> str:
    """«$5 млн» → «пять миллионов долларов»."""
    sign, whole, fraction, scale = match.groups()
    names = UNITS[sign]
    number = _int(whole)
    if not fraction and not scale:
        return f"{cardinal(number)} {agree(number, *names)}"
    said = numbers.decimal(whole.replace(" ", ""), fraction) if fraction else cardinal(number)
    if not scale:
        return f"{said} {names[1]}"
    return f"{said} {UNITS[scale][1] if fraction else agree(number, *UNITS[scale])} {names[2]}"


def _int(text: str) -> int:
    return int(text.replace(" ", ""))
