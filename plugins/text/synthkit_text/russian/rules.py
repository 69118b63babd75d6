# SPDX-License-Identifier: Apache-2.0
"""All the rules of Russian, in the order they are tried; loaded by the first text that is more than words."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy
from synthkit_text.russian import abbreviations, addresses, dates, figures, roman, units
from synthkit_text.russian.units import LATIN_NAMES

SYMBOLS = {
    "№": "номер", "%": "процент", "‰": "промилле", "&": "и", "@": "собака", "§": "параграф", "=": "равно",
    "×": "умножить на", "÷": "разделить на", "±": "плюс минус", "≈": "примерно", "°": "градус", "$": "доллар",
    "€": "евро", "£": "фунт", "₽": "рубль", "#": "решётка", "∞": "бесконечность", "≠": "не равно",
    "<": "меньше",
    ">": "больше", "≤": "меньше или равно", "≥": "больше или равно", "−": "минус", "©": "копирайт", "→": "",
    "^": "в степени", "√": "корень из", "™": "", "®": "", "π": "пи",
}  # fmt: skip


def _entity(match: re.Match[str]) -> str | None:
    sign = html.unescape(match.group())
    return None if sign == match.group() else SYMBOLS.get(sign, sign if sign.isalnum() else " ")


def _symbol(match: re.Match[str]) -> str:
    return f" {SYMBOLS[match.group()]} "


def _vitamin(match: re.Match[str]) -> str:
    return f"{match[1]} {LATIN_NAMES[match[2].lower()]}"


def _sum(match: re.Match[str]) -> str:
    return " плюс ".join(LATIN_NAMES[c.lower()] for c in re.findall("[A-Za-z]", match.group()))


_BEFORE = (
    Rule("markup", lazy(r"</?[A-Za-z][^<>\n]{0,200}>|<!--.{0,400}?-->"), lambda m: " ", "<"),
    Rule("markup", lazy(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,6});"), _entity, "&"),
    *addresses.RULES,
    Rule("name", lazy(r"(?<!\w)[CС]\+\+"), lambda m: "си плюс плюс", "+"),
    Rule("name", lazy(r"(?<!\w)[CС]#(?!\w)"), lambda m: "си шарп", "#"),
    Rule("letters", lazy(r"\b([Вв]итамин(?:а|у|ом|е|ы|ов)?)\s([A-Za-z])(?!\w)"), _vitamin),
    Rule("letters", lazy(r"(?<![\w+])[A-Za-z](?:\s?\+\s?[A-Za-z])+(?![\w+])"), _sum, "+"),
    Rule("symbol", lazy(r"№№\s*(?=\d)"), lambda m: "номера ", "№"),
    Rule("symbol", lazy(r"№\s*(?=\d)"), lambda m: "номер ", "№"),
)
_PLUS = Rule("symbol", lazy(r"(?<=\d)\s?\+\s?(?=\d)"), lambda m: " плюс ", "+")
_AFTER = (
    Rule(
        "symbol",
        lazy(r"(?<=\d)\s?\+\s?(?=\d)|(?<![\w+])\+(?=\s*$|\s)|(?<=\s)\+(?=\s|\d)"),
        lambda m: " плюс ",
        "+",
    ),
    Rule("symbol", lazy("[" + re.escape("".join(SYMBOLS)) + "]"), _symbol, "".join(SYMBOLS)),
)


@lru_cache(maxsize=2)
def rules(figured: bool) -> tuple[Rule, ...]:
    without = (*abbreviations.RULES[4:], *roman.RULES)
    if not figured:
        marked = tuple(r for r in units.RULES if r.needs and not set(r.needs) <= set("$€£₽"))
        return (*_BEFORE, *without, *marked, *abbreviations.LATE, *_AFTER)
    return (
        *_BEFORE,
        figures.SCALE,
        *dates.RULES,
        *figures.CODES,
        _PLUS,
        *abbreviations.RULES,
        *roman.RULES,
        *units.RULES,
        *abbreviations.LATE,
        *figures.NUMBERS,
        *_AFTER,
    )
