# SPDX-License-Identifier: Apache-2.0
"""English numerals in words. ``num2words`` is imported at the first digit a text has."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

LARGEST = 10**36
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?"
"""A number as written: ``1,234.5``, ``1 000``, ``12``."""
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@lru_cache(maxsize=1)
def _numerals() -> Any:
    from num2words.lang_EN import Num2Word_EN

    return Num2Word_EN()


def digits(text: str) -> str:
    """Each digit by its name, "oh" for zero between others left as "zero"."""
    return " ".join(_DIGITS[int(c)] for c in text if c.isdecimal())


@lru_cache(maxsize=4096)
def cardinal(number: int) -> str:
    """``125`` → "one hundred and twenty five"."""
    if abs(number) >= LARGEST:
        return digits(str(number))
    return _numerals().to_cardinal(number).replace(",", "").replace("-", " ")


@lru_cache(maxsize=4096)
def ordinal(number: int) -> str:
    """``21`` → "twenty first"."""
    if abs(number) >= LARGEST:
        return digits(str(number))
    return _numerals().to_ordinal(number).replace(",", "").replace("-", " ")


def year(number: int) -> str:
    """``1984`` → "nineteen eighty four", ``2005`` → "two thousand and five", ``1906`` → "nineteen oh six"."""
    if not 1000 <= number <= 2999 or 2000 <= number <= 2009 or number % 1000 == 0:
        return cardinal(number)
    return pair(number)


def pair(number: int) -> str:
    """Four digits by two: ``1080`` → "ten eighty", ``1906`` → "nineteen oh six", ``720`` → "seven twenty"."""
    high, low = divmod(number, 100)
    if not low:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def decimal(whole: str, fraction: str) -> str:
    """``"3", "14"`` → "three point one four"."""
    return f"{whole_number(whole or '0')} point {digits(fraction)}"


def whole_number(text: str) -> str:
    """Digits as a cardinal; one by one where there are too many for a numeral."""
    return cardinal(int(text)) if len(text) <= 36 else digits(text)


def amount(text: str) -> str:
    """A number as written (``1,234``, ``1 000`` or ``2.5``) in words."""
    whole, _, fraction = text.replace(",", "").replace(" ", "").partition(".")
    return decimal(whole, fraction) if fraction else whole_number(whole)


def letters(text: str) -> str:
    """Letters to be read by their names, one word each: ``"am"`` → "A M"."""
    return " ".join(text.upper())
