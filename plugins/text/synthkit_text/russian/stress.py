# SPDX-License-Identifier: Apache-2.0
"""Which vowels of a Russian word are stressed: marks, dictionary, parts of a compound, then a model."""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from synthkit_text.blob import Blob
from synthkit_text.russian.letters import VOWELS

DATA = Path(__file__).parents[1] / "data"
UNSTRESSED_PARTS = frozenset("то ка таки нибудь либо с де тка кое кой по во".split())

_ADJECTIVE = "(?=(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$)"
# Families of words (numerals above all) whose stress a rule knows, for forms the dictionary lacks.
FAMILIES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"^од(?=иннадцат)", "од+"),
    (r"^чет(?=ырнадцат)", "чет+"),
    (r"н(?=адцат)", "н+"),
    (r"^(двадц|тридц)(?=ат)", r"\1+"),
    (r"дес(?=ят(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$)", "дес+"),
    (rf"^(шест|седьм|восьм|втор|сороков|нулев){_ADJECTIVE}", r"\1+"),
    (r"^(дев)(?=ят(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$)", r"\1+"),
    (r"девян(?=ост)", "девян+"),
    (r"т(?=ысячн)", "т+"),
    (r"(милли|трилли)(?=он|ард)", r"\1+"),
    (
        r"(?<![а-я])с(?=от(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$)|(?<=[хитьё])с(?=от(?:$|[ыоау]))",
        "с+",
    ),
    (r"(?<=[миьхю])ст(?=а(?:м|х|ми)$)", "ст+"),
    (r"(?<=ь)ю(?=десятью$)", "+ю"),
    (r"^п(?=ят(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$)", "п+"),
    (r"(?<=[ао])г(?=ерц)", "г+"),
    (r"б(?=айт(?:$|а|ов|ам|ы))|в(?=атт(?:$|а))", lambda match: match.group() + "+"),
    (r"^росс(?=и(?:я|и|ю|ей)$)", "росс+"),
    (r"^м(?=ая$)", "м+"),
    (r"^(?=евро$)", "+"),
)


@dataclass(frozen=True, slots=True)
class Stressed:
    """A word with its stress.

    Attributes
    ----------
    word : str
        Lower case, ё where the dictionary reads е so; no marks.
    vowels : tuple of int
        Stressed vowels, counted from 1; empty for a clitic.
    function : bool
        Particle, preposition or conjunction.
    known : bool
        False where a model guessed.
    """

    word: str
    vowels: tuple[int, ...]
    function: bool = False
    known: bool = True


@lru_cache(maxsize=1)
def dictionary() -> Blob:
    """The stress dictionary of festvox-ru (see ``data/LICENSE.ru_stress``)."""
    return Blob.open(DATA / "ru_stress.bin")


@lru_cache(maxsize=8192)
def stressed(word: str) -> Stressed:
    """Stress of a lower-case word, which may carry ``+`` before stressed vowels.

    >>> stressed("окна").vowels, stressed("+окна").vowels, stressed("по").vowels
    ((2,), (1,), ())
    """
    if "+" in word:
        return _marked(word)
    found = look_up(word)
    if found is not None:
        return found
    if "-" in word:
        return _compound(word)
    if "'" in word:
        plain = word.replace("'", "")
        return Stressed(word, _guessed(plain), known=False)
    vowels = count_vowels(word)
    if vowels <= 1:
        return Stressed(word, (1,) * vowels)
    for pattern, marked in FAMILIES:
        if re.search(pattern, word):  # compiled at its first use; re keeps it
            return _marked(re.sub(pattern, marked, word, count=1))
    return Stressed(word, _guessed(word), known="ё" in word)


def look_up(word: str) -> Stressed | None:
    """What the dictionary says, if it has the word; a lone ё overrules it."""
    try:
        value = dictionary().get(word.encode("koi8-r"))
    except UnicodeEncodeError:
        return None
    if value is None:
        return None
    number = int(value[:1])
    flags = value[1:]
    if b"e" in flags:
        word = _with_yo(word, number)
    elif word.count("ё") == 1:
        number = count_vowels(word[: word.index("ё")]) + 1
    return Stressed(word, (number,) if number else (), b"f" in flags)


def count_vowels(word: str) -> int:
    """Number of vowel letters."""
    return sum(letter in VOWELS for letter in word)


def _guessed(word: str) -> tuple[int, ...]:
    from synthkit_text.russian.guess import guess_stress  # most words are in the dictionary

    number = guess_stress(word)
    return (number,) if number else ()


def _marked(word: str) -> Stressed:
    plain, vowels, count, marked = [], [], 0, False
    for letter in word:
        if letter == "+":
            marked = True
            continue
        if letter in VOWELS:
            count += 1
            if marked:
                vowels.append(count)
                marked = False
        plain.append(letter)
    return Stressed("".join(plain), tuple(vowels))


def _compound(word: str) -> Stressed:
    parts = word.split("-")
    out, vowels, count, known = [], [], 0, True
    for part in parts:
        if part in UNSTRESSED_PARTS and len(parts) > 1:
            out.append(part)
        else:
            each = stressed(part) if part else Stressed("", ())
            out.append(each.word)
            vowels += [count + v for v in each.vowels]
            known = known and each.known
        count += count_vowels(part)
    return Stressed("-".join(out), tuple(vowels), known=known)


def _with_yo(word: str, stress: int) -> str:
    count = 0
    for index, letter in enumerate(word):
        if letter in VOWELS:
            count += 1
            if count == stress:
                return word[:index] + "ё" + word[index + 1 :] if letter == "е" else word
    return word
