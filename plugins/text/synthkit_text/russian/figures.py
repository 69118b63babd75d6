# SPDX-License-Identifier: Apache-2.0
"""Numbers in figures: endings, compounds, telephone numbers, ranges, codes, and numbers that stand alone."""

from __future__ import annotations

import re

from synthkit_text.grammar import Rule, earlier
from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.around import case_after, governed, is_genitive, noun_tag, word_after, word_before
from synthkit_text.russian.dates import SCORE
from synthkit_text.russian.numbers import cardinal, ordinal
from synthkit_text.russian.units import LATIN_NAMES, NUMBER, UNITS, to_int

_ORDINAL_ENDINGS = {
    "й": ("n", "m"), "ый": ("n", "m"), "ой": ("n", "m"), "ий": ("n", "m"), "я": ("n", "f"), "ая": ("n", "f"),
    "е": ("n", "n"), "ое": ("n", "n"), "го": ("g", "m"), "ого": ("g", "m"), "му": ("d", "m"),
    "ому": ("d", "m"), "м": ("p", "m"), "ом": ("p", "m"), "ю": ("a", "f"), "ую": ("a", "f"), "х": ("g", "p"),
    "ых": ("g", "p"), "ми": ("i", "p"), "ым": ("i", "m"), "им": ("i", "m"), "ые": ("n", "p"),
}  # fmt: skip
_CARDINAL_ENDINGS = {"ти": "g", "и": "g", "ух": "g", "ёх": "g", "ех": "g", "мя": "i", "ью": "i"}
_BETWEEN = lazy(r"(?i)между\s+\S+\s+и\s+$")
_INSTRUMENTAL = frozenset(("между", "перед", "над", "под", "с", "со", "за"))
_LETTERS = {
    "С": "эс",
    "C": "си",
    "D": "дэ",
    "Д": "дэ",
    "G": "джи",
    "K": "ка",
    "К": "ка",
    "M": "эм",
    "М": "эм",
}
_JOINED = {1: "одно", 40: "сорока", 90: "девяносто", 100: "сто", 1000: "тысяче"}
"""What a number is in a compound, where it is not its genitive: «одноэтажный», «девяностолетие»,
«тысячелетие»."""
_ADJECTIVE_TAIL = "процентн"


def _ending(match: re.Match[str]) -> str:
    number, ending = int(match.group(1)), match.group(2)
    following = word_after(match)
    tag = (
        next((p.tag for p in numbers.parses(following) if "NOUN" in p.tag or "ADJF" in p.tag), None)
        if following
        else None
    )
    plural_noun = tag is not None and tag.number == "plur"
    if ending == "х" and (number in (2, 3, 4)):
        return cardinal(number, case_after(word_before(match), "g"))
    if ending == "ю" and plural_noun and str(tag.case) == "ablt":
        return cardinal(number, "i")
    if ending == "м" and plural_noun and str(tag.case) == "datv":
        return cardinal(number, "d")
    if (
        ending == "ми"
        and number % 10 in (7, 8)
        and not (tag is not None and plural_noun and str(tag.case) == "ablt")
    ):
        return cardinal(number, "g")  # «с 8-ми утра»
    before = word_before(match)
    if ending == "м" and (before in _INSTRUMENTAL or (before == "и" and _BETWEEN.search(earlier(match)))):
        return ordinal(number, "i")
    if ending in _CARDINAL_ENDINGS and not (ending == "ми" and number > 100):
        return cardinal(number, _CARDINAL_ENDINGS[ending])
    case, gender = _ORDINAL_ENDINGS[ending]
    if ending == "е" and number % 10 == 0 and number >= 10:
        gender = "p"
    if ending == "й" and tag is not None and tag.gender == "femn" and tag.number == "sing":
        gender, case = "f", {"n": "p"}.get(numbers.CASES.get(str(tag.case), "g"), "g")
    plural = gender == "p"
    return ordinal(number, case, "m" if plural else gender, plural)


def joined(number: int) -> str:
    """A number as the first part of a compound: 5 → «пяти», 25 → «двадцатипяти», 100 → «сто»."""
    if number in _JOINED:
        return _JOINED[number]
    if number > 1000 and number % 1000 == 0:
        return joined(number // 1000) + "тысяче"
    parts = cardinal(number, "g").split()
    fixed = {"ста": "сто", "девяноста": "девяносто", "одного": "одно"}
    return "".join(fixed.get(part, part) for part in parts)


def _compound(match: re.Match[str]) -> str:
    """«10-летний» → «десятилетний», «2,5-литровый» → «двух-с-половиной-литровый»."""
    number, fraction, tail = match.group("number", "fraction", "tail")
    if fraction:
        if fraction == "5":
            said = "полутора" if number == "1" else f"{joined(int(number))}-с-половиной-"
            return f"{said}{tail}"
        return f"{numbers.decimal(number, fraction)} {tail}"
    if int(number) == 1000 and tail.startswith("лет"):
        return "тысяче" + tail
    return joined(int(number)) + tail


def _percent(match: re.Match[str]) -> str:
    ending = match["ending"].removeprefix("н")
    ending = {"й": "ый", "я": "ая", "е": "ое", "го": "ого", "му": "ому", "м": "ом", "х": "ых", "ю": "ую"}.get(
        ending, ending
    )
    return joined(int(match["number"])) + _ADJECTIVE_TAIL + ending


def _phone(match: re.Match[str]) -> str:
    plus, body = match.groups()
    groups = re.findall(r"\d+", body)
    if len(groups) == 1 and len(groups[0]) >= 10:
        whole = groups[0]
        head, rest = whole[:-10], whole[-10:]
        groups = [*([head] if head else []), rest[:3], rest[3:6], rest[6:8], rest[8:]]
    said = []
    for group in groups:
        parts = [group] if len(group) <= 3 else [group[i : i + 2] for i in range(0, len(group), 2)]
        for part in parts:
            zeros = len(part) - len(part.lstrip("0"))
            said.append(" ".join(["ноль"] * zeros + ([cardinal(int(part))] if zeros < len(part) else [])))
    return ("плюс " if plus else "") + ", ".join(said)


def _dotted(match: re.Match[str]) -> str:
    lead = "вэ " if match.group()[0] in "vV" else ""
    return lead + " точка ".join(cardinal(int(part)) for part in match.group().lstrip("vV").split("."))


def _by(match: re.Match[str]) -> str:
    sides = [int(n) for n in re.findall(r"\d+", match.group())]
    unit = f" {numbers.agree(sides[-1], *UNITS[match['unit'].lower()])}" if match["unit"] else ""
    return " на ".join(cardinal(n) for n in sides) + unit


def _numbered(match: re.Match[str]) -> str:
    """«версия 2.0», «п. 2.1»: a point parts them, and nothing is tenths."""
    return f"{cardinal(int(match[1]))} точка {cardinal(int(match[2]))}"


def _code(match: re.Match[str]) -> str:
    """«1С», «2ГИС», «4K»: number and letters apart; one letter goes by its name."""
    said = []
    for part in re.findall(r"\d+|[A-Za-z]+|[А-Яа-яЁё]+", match.group()):
        if part.isdigit():
            said.append(
                numbers.digits(part)
                if (part[0] == "0" and len(part) > 1) or len(part) > 6
                else cardinal(int(part))
            )
        elif len(part) == 1:
            said.append(_LETTERS.get(part.upper()) or LATIN_NAMES.get(part.lower()) or part)
        else:
            said.append(part)
    return " ".join(said)


_DECADES = {"годы": "n", "годов": "g", "годам": "d", "годами": "i", "годах": "p"}


def _range_of_decimals(match: re.Match[str]) -> str | None:
    """«1,5-2 часа» → «одна целая пять десятых — два часа»."""
    first, fraction, second, other = match.group("first", "fraction", "second", "other")
    if not fraction and not other:
        return None
    noun = word_after(match)
    before = word_before(match) if governed(match, 0 if other else to_int(second), noun) else ""
    case = "a" if before in ("через", "спустя", "про") else case_after(before)
    low = numbers.decimal(str(to_int(first)), fraction, case) if fraction else cardinal(to_int(first), case)
    if other:
        high = numbers.decimal(str(to_int(second)), other, case)
    else:
        high = (
            numbers.before_noun(to_int(second), noun, before)
            if noun
            else cardinal(to_int(second), case_after(before))
        )
    return f"{low} — {high}"


def _range(match: re.Match[str]) -> str | None:
    first, second = match.group("first", "second")
    low, high = to_int(first), to_int(second)
    noun = word_after(match)
    before = word_before(match) if governed(match, high, noun) else ""
    tag = noun_tag(noun)
    case = numbers.CASES.get(str(getattr(tag, "case", "")), "g")
    if (
        tag is not None
        and getattr(tag, "number", "") == "sing"
        and case in "npdi"
        and high % 10 != 1
        and high < 100
        and not (case == "n" and _of_several(noun))
    ):
        gender = {"femn": "f", "neut": "n"}.get(str(getattr(tag, "gender", "")), "m")  # «на 3-4 этаже»
        return f"{ordinal(low, case, gender)} {ordinal(high, case, gender)}"
    if noun in _DECADES and low % 10 == high % 10 == 0 and 10 <= low < high < 100:  # «60-70 годы»
        return " — ".join(ordinal(n, _DECADES[noun], plural=True) for n in (low, high))
    joiner = " " if not noun or (low <= 20 and high <= 20) else " — "
    if before in ("стр", "страницы", "страницах"):
        joiner = " — "
    said_low = numbers.before_noun(low, noun, before) if noun else cardinal(low, case_after(before))
    said_high = numbers.before_noun(high, noun, before) if noun else cardinal(high, case_after(before))
    return f"{said_low}{joiner}{said_high}"


def _of_several(noun: str) -> bool:
    """Whether a nominative is the genitive of several, too: «30-40 человек», «5-6 раз»."""
    return any("NOUN" in p.tag and p.tag.case in ("gent", "gen2") and p.tag.number == "plur"
               for p in numbers.parses(noun))  # fmt: skip


def _from_to(match: re.Match[str]) -> str | None:
    """«с 8» where «до 17 часов» follows."""
    return cardinal(to_int(match["whole"]), "g") if word_before(match) in ("с", "со", "от") else None


def _plain(match: re.Match[str]) -> str:
    sign, whole, fraction = match.group("sign", "whole", "fraction")
    lead = {None: "", "+": "плюс "}.get(sign, "минус ")
    compact = whole.replace(" ", "")
    if "." in compact:
        compact = compact.replace(".", "")
    if fraction:
        before = word_before(match)
        ranged = before in ("с", "со") and re.match(r"\s+(?:до|по)\s+\d", match.string[match.end() :])
        return lead + numbers.decimal(compact, fraction, "g" if ranged else case_after(before))
    if (compact[0] == "0" and len(compact) > 1) or len(compact) > 36:
        return lead + numbers.digits(compact)
    noun = re.match(r"\s+([а-яё]{2,})", match.string[match.end() : match.end() + 40])
    before = word_before(match)
    if noun is None and not before and not sign:
        return lead + cardinal(int(compact))
    if not governed(match, int(compact), noun.group(1) if noun else ""):
        before = ""
    if sign:
        previous = re.search(r"([А-Яа-яЁё]+)\s$", match.string[max(0, match.start() - 20) : match.start()])
        before = previous[1].lower() if previous else ""
    if before in ("с", "со") and noun and is_genitive(noun.group(1)) and not _is_instrumental(noun.group(1)):
        return lead + cardinal(int(compact), "g", _gender(noun.group(1)))  # «с 9 утра», «с 20 градусов»
    return lead + numbers.before_noun(int(compact), noun.group(1) if noun else "", before)


def _is_instrumental(word: str) -> bool:
    return any(str(p.tag.case) == "ablt" for p in numbers.parses(word))


def _gender(word: str) -> str:
    return {"femn": "f", "neut": "n"}.get(str(getattr(noun_tag(word), "gender", "")), "m")


_PROPORTION = lazy(r"(?i)масштаб|соотношени|отношени|пропорци|смеша|разве[сд]")


def _ratio(match: re.Match[str]) -> str:
    """«счёт 3:2», «масштаб 1:100»."""
    first, second = int(match[1]), int(match[2])
    context = match.string[max(0, match.start() - 40) : match.start()]
    if SCORE.search(context) and not _PROPORTION.search(context):
        return f"{cardinal(first)} {cardinal(second)}"
    return f"{cardinal(first)} к {cardinal(second, 'd')}"


def _scale(match: re.Match[str]) -> str:
    """«1:50 000»: of a map."""
    return f"один к {cardinal(to_int(match['whole']), 'd')}"


SCALE = Rule(
    "ratio",
    lazy(r"(?<![\w.,:])1\s?:\s?(?P<whole>\d{1,3}(?:[ .]\d{3})+|\d{3,9})(?![\w:]|[., ]\d)"),
    _scale,
    ":",
)
"""A scale, whose thousands are set apart: «1:50 000» is no ten to two."""
_ENDINGS = "|".join(sorted({**_ORDINAL_ENDINGS, **_CARDINAL_ENDINGS}, key=len, reverse=True))
CODES = (
    Rule("telephone",
         lazy(r"(?<![\w+])(\+)?((?:\d[ -]?)?\(?\d{3,4}\)?[ -]\d{2,3}[ -]\d{2}[ -]?\d{2})(?!\w)"), _phone),
    Rule("telephone", lazy(r"(?<![\w+.,])(\+)(\d{10,13})(?!\w)"), _phone, "+"),
    Rule("telephone", lazy(r"(?<![\w+.,])()([78]9\d{9})(?![\w]|[.,]\d)"), _phone),
    Rule("version",
         lazy(r"(?<![\w.])(?!\d{1,3}(?:\.\d{3}){2,}(?!\d|\.))[vV]?\d+(?:\.\d+){2,}(?!\w|\.\d)"),
         _dotted, "."),
    Rule("version",
         lazy(r"(?i)(?<![а-яё])(?:(?<=верси[яиюей]\s)|(?<=версией\s)|(?<=гост\s)|(?<=\bп\.\s)|(?<=рис\.\s)|(?<=разд\.\s)|"
              r"(?<=табл\.\s)|(?<=гл\.\s)|(?<=пункт\s)|(?<=пункта\s)|(?<=пункте\s)|(?<=пункту\s)|(?<=раздел\s)|"
              r"(?<=разделе\s)|(?<=раздела\s))(\d+)\.(\d+)(?![\w]|[.,]\d)"), _numbered, "."),
    Rule("size",
         lazy(r"(?<!\w)\d+(?:\s?[xх×]\s?\d+)+(?:\s?(?P<unit>мм|см|км|м)(?!\w))?(?!\w)", re.IGNORECASE),
         _by, "xхXХ×"),
    Rule("compound",
         lazy(r"(?<!\w)(?P<number>\d+)\s?%-?"
              r"(?P<ending>н?(?:ый|ая|ое|ые|ого|ой|ому|ую|ым|ом|ых|ыми)|(?<=-)(?:й|я|е|го|му|м|х|ю))(?!\w)"),
         _percent, "%"),
    Rule(
        "compound",
        lazy(r"(?<![\w.,-])(?P<number>\d+)(?:,(?P<fraction>\d+))?(?:-?(?:х|ти|и))?-(?P<tail>[а-яё]{4,})(?![\w])"),
        _compound,
        "-",
    ),
)  # fmt: skip
"""What looks like numbers and is none, or is part of a word; tried before measures."""
NUMBERS = (
    Rule("ratio", lazy(r"(?<![\w.,:])(\d+):(\d+)(?![\w:])"), _ratio, ":"),
    Rule("ordinal", lazy(rf"(?<![\w.,])(\d+)-?({_ENDINGS})(?!\w)"), _ending),
    Rule("code", lazy(r"(?<![\w.,])(?=\w*\d)(?=\w*[A-Za-zА-ЯЁ])\d+[A-Za-zА-ЯЁ]+\w*(?!\w)"), _code),
    Rule("range",
         lazy(rf"(?<![\w.,-])(?P<first>{NUMBER})(?:,(?P<fraction>\d+))?\s?[-–—]\s?"
              rf"(?P<second>{NUMBER})(?:,(?P<other>\d+))?(?![\w-]|[.,]\d)"),
         _range_of_decimals, "-–—"),
    Rule("range",
         lazy(rf"(?<![\w.,-])(?P<first>{NUMBER})\s?[-–—]\s?(?P<second>{NUMBER})(?![\w-]|[.,]\d)"),
         _range, "-–—"),
    Rule("number", lazy(rf"(?<![\w.,])(?P<whole>{NUMBER})(?=\s+(?:до|по)\s+\d)"), _from_to),
    Rule("symbol", lazy(r"(?<=\d)\+(?=\s|[,.!?]|$)"), lambda m: " плюс", "+"),
    Rule(
        "number",
        lazy(rf"(?:(?<![\w)])(?P<sign>[-−–+](?=\d)))?(?P<whole>{NUMBER})(?:[.,](?P<fraction>\d+))?"),
        _plain,
    ),
)  # fmt: skip
"""Numbers, the plain one last."""
