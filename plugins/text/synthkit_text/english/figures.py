# SPDX-License-Identifier: Apache-2.0
"""Telephone numbers, addresses of machines, versions, codes of letters and digits, and numbers that stand
alone."""

from __future__ import annotations

import re

from synthkit_text.english.numbers import (
    NUMBER,
    cardinal,
    decimal,
    digits,
    letters,
    ordinal,
    pair,
    whole_number,
)
from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy


def _grouped(match: re.Match[str]) -> str:
    lead = "plus " if match.group().startswith("+") else ""
    return lead + ", ".join(digits(g) for g in re.findall(r"\d+", match.group()))


def _emergency(match: re.Match[str]) -> str:
    return f"{match[1]} {digits(match[2])}"


def _dotted(match: re.Match[str]) -> str:
    named = match.group()[0] in "vV"
    first, *rest = match.group().lstrip("vV").split(".")
    if named:
        return "V " + " point ".join(whole_number(part) for part in (first, *rest))
    if len(rest) == 3 and all(len(part) <= 3 and int(part) < 256 for part in (first, *rest)):
        number = int(first)
        said = pair(number) if number > 109 and number % 100 >= 10 else cardinal(number)
        return " dot ".join([said, *(digits(part) for part in rest)])
    return " point ".join(whole_number(part) for part in (first, *rest))


def _ratio(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} to {cardinal(int(match[2]))}"


def _scale(match: re.Match[str]) -> str:
    """``1:50,000``, of a map."""
    return f"one to {cardinal(int(match['whole'].replace(',', '')))}"


SCALE = Rule(
    "ratio", lazy(r"(?<![\w.,:])1\s?:\s?(?P<whole>\d{1,3}(?:,\d{3})+|\d{3,9})(?![\w:]|[.,]\d)"), _scale, ":"
)
"""A scale: ``1:50,000`` is no time of day."""


def _product(match: re.Match[str]) -> str:
    """``5 × 3 =``: of what is reckoned, not of a size."""
    return " times ".join(whole_number(n) for n in re.findall(r"\d+", match.group()))


def _by(match: re.Match[str]) -> str:
    return " by ".join(whole_number(n) for n in re.findall(r"\d+", match.group()))


def _times(match: re.Match[str]) -> str:
    number = match[1]
    said = decimal(*number.split(".")) if "." in number else whole_number(number)
    return f"{said} times"


def _lines(match: re.Match[str]) -> str:
    return f"{pair(int(match[1]))} {letters(match[2])}"


def _code(match: re.Match[str]) -> str:
    """Letters and digits in one: ``H2O``, ``AB12``, ``4K``; a word in it stays one."""
    said = []
    for part in re.findall(r"\d+|[A-Za-z]+", match.group()):
        if part.isdecimal():
            said.append(digits(part) if len(part) > 4 or part[0] == "0" else whole_number(part))
        elif part.isupper() or len(part) == 1:
            said.append(letters(part))
        else:
            said.append(part)
    return " ".join(said)


def _plural(match: re.Match[str]) -> str:
    said = _number(match[1]).removeprefix("one ")
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def _ordinal(match: re.Match[str]) -> str:
    return ordinal(int(match[1].replace(",", ""))) if len(match[1]) <= 40 else digits(match[1])


def _range(match: re.Match[str]) -> str:
    return f"{_number(match['first'])} to {_number(match['second'])}"


def _plain(match: re.Match[str]) -> str:
    sign = match["sign"]
    lead = {"+": "plus ", "": "", None: ""}.get(sign, "minus ")
    return lead + _number(match["number"])


def _number(text: str) -> str:
    whole, _, fraction = text.replace(",", "").replace(" ", "").partition(".")
    if fraction:
        return decimal(whole, fraction)
    if whole[0] == "0" and len(whole) > 1:
        return digits(whole)
    return whole_number(whole)


CODES = (
    Rule("telephone", lazy(r"(?<![\w.+-])\+\d{1,3}(?:[ .-]?\(?\d{2,4}\)?){2,5}(?![\w-])"), _grouped, "+"),
    Rule(
        "telephone",
        lazy(r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\)\s?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])|"
             r"(?<![\w.$-])\d{3}-\d{4}(?![\w-]|[.,]\d)"),
        _grouped,
    ),
    Rule("number", lazy(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), _grouped, "-"),
    Rule("telephone",
         lazy(r"\b([Cc]all|[Dd]ial|[Pp]hone)\s(911|112|999|411|311|100|101|102|103)\b"), _emergency),
    Rule("number", lazy(r"(?<![\w-])\d+(?:-\d+){3,}(?![\w-])"), _grouped, "-"),
    Rule("number", lazy(r"(?<![\w.,$€£])(\d{1,3}(?:,\d{3})+|[1-9]\d?00)s\b(?<!1[1-9]00s)"), _plural, "s"),
    Rule("version", lazy(r"(?<![\w.$€£¥₽])[vV]?\d+(?:\.\d+){2,}(?![\w]|\.\d)"), _dotted, "."),
)  # fmt: skip
"""What looks like numbers and is none; tried before them."""
NUMBERS = (
    Rule("number", lazy(r"(?<![\w.,)$£€¥₽])\.(\d+)(?![\w.])"), lambda m: f"point {digits(m[1])}", "."),
    Rule("ratio", lazy(r"(?<![\w.:])(\d+):(\d+)(?![\w:])"), _ratio, ":"),
    Rule("symbol", lazy(r"(?<![\w.,])\d+(?:\s?×\s?\d+)+(?=\s?=)"), _product, "×"),
    Rule("size", lazy(r"(?<!\w)\d+(?:\s?[x×]\s?\d+)+(?!\w)"), _by, "x×"),
    Rule("size", lazy(r"(?<!\w)(\d+(?:\.\d+)?)\s?[x×](?!\w)"), _times, "x×"),
    Rule("code", lazy(r"(?<!\w)(\d{3,4})([pi])(?!\w)"), _lines, "pi"),
    Rule("ordinal", lazy(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b"), _ordinal),
    Rule("code", lazy(r"(?<![\w.])(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]+(?!\w)"), _code),
    Rule(
        "range",
        lazy(rf"(?<![\w.,-])(?P<first>{NUMBER})\s?(?:[–—]|-(?=\d)|\s-\s)\s?(?P<second>{NUMBER})(?![\w-])"),
        _range,
        "-–—",
    ),
    Rule("number", lazy(rf"(?:(?<!\w)(?P<sign>[-−–+](?=\d)))?(?P<number>{NUMBER})"), _plain),
)
"""Numbers, the plain one last."""
