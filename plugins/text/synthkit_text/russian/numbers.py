# SPDX-License-Identifier: Apache-2.0
"""Russian numerals in words, in the case their neighbours ask for.

``num2words`` makes the numerals and ``pymorphy3`` reads the noun beside them; both are imported at the
first digit a text has, so that text without digits costs nothing.
"""

# ruff: noqa: SIM905
from __future__ import annotations

from functools import lru_cache
from typing import Any

CASES = {
    "nomn": "n",
    "gent": "g",
    "datv": "d",
    "accs": "a",
    "ablt": "i",
    "loct": "p",
    "gen2": "g",
    "loc2": "p",
}
LARGEST = 10**36
NAMES = {"gen2": "gent", "loc2": "loct"}
"""Cases of nouns that adjectives have not."""
AFTER_PREPOSITION = {
    "g": frozenset(
        "из от до без у около после для вокруг ото изо кроме среди против свыше более менее больше меньше "
        "помимо ради вне мимо вместо внутри вдоль путём путем течение продолжение протяжении исключением "
        "порядка возрасте возраста старше младше моложе выше ниже дороже дешевле дольше длиннее короче "
        "раньше позже позднее тяжелее легче быстрее".split()
    ),
    "d": frozenset("к ко благодаря согласно вопреки навстречу".split()),
    "i": frozenset("над перед между надо передо".split()),
    "p": frozenset({"при", "о", "об"}),
}  # fmt: skip


@lru_cache(maxsize=1)
def _numerals() -> Any:
    from num2words.lang_RU import Num2Word_RU

    return Num2Word_RU()


@lru_cache(maxsize=1)
def _morphology() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=4096)
def parses(word: str) -> tuple[Any, ...]:
    """Readings of a word, the likeliest first."""
    return tuple(_morphology().parse(word.lower().replace("+", "")))


@lru_cache(maxsize=4096)
def cardinal(number: int, case: str = "n", gender: str = "m", animate: bool = False) -> str:
    """``5, "g"`` → «пяти». Case is one of ``n g d a i p``; from 10³⁶ on the digits are read one by one."""
    if abs(number) >= LARGEST:
        return digits(str(number))
    if case == "a" and not animate and abs(number) % 10 in (1, 2, 3, 4) and gender != "f":
        case = "n"
    words = _numerals().to_cardinal(number, case=case, gender=gender, animate=animate)
    first, _, rest = words.partition(" ")
    if rest.startswith(("тысяч",)) and first in ("одна", "одной", "одну"):
        return rest
    return words


@lru_cache(maxsize=4096)
def ordinal(number: int, case: str = "n", gender: str = "m", plural: bool = False) -> str:
    """``5, "g"`` → «пятого»."""
    if abs(number) >= LARGEST:
        return digits(str(number))
    return _numerals().to_ordinal(number, case=case, gender=gender, plural=plural)


def digits(text: str) -> str:
    """Each digit by its name."""
    return " ".join("минус" if c == "-" else cardinal(int(c)) for c in text)


def agree(number: int, one: str, few: str, many: str) -> str:
    """The form of a noun that goes with `number`: 1 рубль, 2 рубля, 5 рублей."""
    tail = abs(number) % 100
    if 10 < tail < 20 or tail % 10 in (0, 5, 6, 7, 8, 9):
        return many
    return one if tail % 10 == 1 else few


COMPARED = frozenset(
    "старше младше моложе выше ниже дороже дешевле дольше длиннее короче раньше позже позднее тяжелее легче "
    "быстрее".split()
)
"""Comparatives, which are adverbs of their own, too."""
_ONE = {"n": "ая", "a": "ую"}
_SEVERAL = {"d": "ым", "i": "ыми"}


def _part(number: int, stem: str, case: str) -> str:
    """«одна целая», «двух десятых»: how many of a part, in `case`."""
    one = agree(number, "1", "", "")
    ending = _ONE.get(case, "ой") if one else _SEVERAL.get(case, "ых")
    return f"{cardinal(number, case, 'f')} {stem}{ending}"


def decimal(whole: str, fraction: str, case: str = "n") -> str:
    """``"3", "14"`` → «три целых четырнадцать сотых»; more than six decimals are read digit by digit."""
    said = _part(int(whole), "цел", case)
    if len(fraction) > 6:
        return f"{said} и {digits(fraction)}"
    places = ("десят", "сот", "тысячн", "десятитысячн", "стотысячн", "миллионн")[len(fraction) - 1]
    return f"{said} {_part(int(fraction), places, case)}"


_DATIVE = AFTER_PREPOSITION["d"] | {"по"}


_LIKE_ADJECTIVES = ("ый", "ий", "ой", "ая", "яя", "ое", "ее")


def _may_be_subject(noun: str) -> bool:
    """«осталась 1 ночь»: a form that is the nominative's as well as the accusative's."""
    return any("NOUN" in p.tag and p.tag.case == "nomn" and p.tag.number == "sing" for p in parses(noun))


def _counted_in_genitive(parse: Any) -> bool:
    tag = parse.tag
    if "Pltm" in tag or (parse.word.endswith(("ых", "их")) and parse.normal_form.endswith(_LIKE_ADJECTIVES)):
        return False  # «два суток», «три учёных» have no other form
    asked = tag.case == "gent" or (tag.case == "accs" and "anim" in tag)
    return bool(tag.number == "plur" and asked and parse.score > 0.3)


def before_noun(number: int, noun: str, preposition: str) -> str:
    """A cardinal in the case and gender that the noun after it and the preposition before it ask for."""
    tail = number % 100
    case, gender, animate = "n", "m", False
    for name, words in AFTER_PREPOSITION.items():
        if preposition in words:
            case = name
    for parse in parses(noun) if noun else ():
        tag = parse.tag
        if "NOUN" not in tag and "ADJF" not in tag:
            continue
        if tag.gender == "femn":
            gender = "f"
        elif tag.gender == "neut":
            gender = "n"
        animate = "anim" in tag
        if gender == "m" and "ADJF" in tag and tag.number == "plur":
            gender = "m"
        noun_case = CASES.get(str(tag.case), "n")
        if noun_case == "p" and preposition in _DATIVE and any(p.tag.case == "datv" for p in parses(noun)):
            noun_case = "d"  # «по 1 таблетке»
        if noun_case in ("d", "i", "p") and not (tag.number == "sing" and tail % 10 != 1):
            if noun_case == "p" and preposition not in ("в", "во", "на", "о", "об", "при"):
                break
            if noun_case == "d" and preposition not in _DATIVE:
                break
            case = noun_case
        elif (
            case == "n"
            and noun_case == "a"
            and tail % 10 == 1
            and gender == "f"
            and not _may_be_subject(noun)
        ):
            case = "a"
        elif case == "n" and agree(number, "", "2", "") and "NOUN" in tag and _counted_in_genitive(parse):
            case = "g"  # «возраст 3 лет», «видел 3 кошек»: it would be «3 года», «3 кошки» otherwise
        break
    if preposition in ("через", "за", "на", "в", "во") and case == "n" and gender == "f":
        case = "a" if tail % 10 == 1 and tail != 11 else "n"
    return cardinal(number, case, gender, animate)
