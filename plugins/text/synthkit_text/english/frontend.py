# SPDX-License-Identifier: Apache-2.0
"""English tokens to words with phones."""

# ruff: noqa: SIM905
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from synthkit.errors import TextError
from synthkit.types import Phone, Word
from synthkit_text.clean import name_of
from synthkit_text.english import letters
from synthkit_text.english.normalise import normalise, readings
from synthkit_text.english.phones import PHONES, VOWEL_SET, parse
from synthkit_text.english.weak import in_context
from synthkit_text.english.words import look_up
from synthkit_text.grammar import Reading
from synthkit_text.lexicon import UserLexicon
from synthkit_text.phrasing import cut_long
from synthkit_text.scan import Token

FUNCTION = frozenset(
    "a an the to of in on at by for from with and or but as is are was were be been am do does did has have "
    "had can could will would shall should may might must i you he she it we they me him her us them my your "
    "his its our their this that these those than then so if not no some any into onto upon".split()
)
LONGEST = 40
"""Letters; what is longer is no word and is spelt out."""
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz'-.+")
_PLAIN = str.maketrans({
    "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "th", "Ð": "Th", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T",
    "ŋ": "ng", "ı": "i", "ĳ": "ij", "ſ": "s", "ƒ": "f",
})  # fmt: skip
"""Letters that are no plain letter with a mark."""


def spell(word: str) -> tuple[Phone, ...]:
    """Letter names, the last one with primary stress."""
    names = [(_letter(c)) for c in word.lower() if c.isalpha()]
    out: list[Phone] = []
    for index, phones in enumerate(names):
        keep = index == len(names) - 1
        out += [Phone(p.symbol, p.stress if keep or p.stress != 1 else 2) for p in phones]
    return tuple(out)


def _letter(letter: str) -> tuple[Phone, ...]:
    if letter == "a":
        return parse("EY1")
    found = look_up(letter + ".") or look_up(letter)
    return found[0] if found else ()


@lru_cache(maxsize=4096)
def pronounce(word: str) -> tuple[tuple[Phone, ...], ...]:
    """Phones of each part of a Latin word: lexicon, acronym, inflection, then the letter model."""
    return tuple(part for piece in word.split("-") if (part := _part(piece)))


def _part(word: str) -> tuple[Phone, ...]:
    low = word.lower().strip("'")
    found = look_up(low) or look_up(word.lower())
    if found and not (word.isupper() and 1 < len(word) <= 3 and low in FUNCTION):
        return found[0]
    if word.isupper() and 1 < len(word) <= 5:
        return spell(word)
    if len(word) > LONGEST or not any(c in "aeiouy" for c in low):
        return spell(low)
    derived = _inflected(low) or _camel(word)
    return derived or letters.pronounce(low)


def _inflected(word: str) -> tuple[Phone, ...]:
    """A lexicon word with ``'s``, ``s``, ``ed`` or ``ing``."""
    for ending, stems in (
        ("'s", (word[:-2],)),
        ("s'", (word[:-1],)),
        ("s", (word[:-1],)),
        ("ed", (word[:-2], word[:-1])),
        ("ing", (word[:-3], word[:-3] + "e")),
        ("ly", (word[:-2],)),
        ("ness", (word[:-4],)),
        ("less", (word[:-4],)),
    ):
        if not word.endswith(ending) or len(word) < len(ending) + 3:
            continue
        for stem in stems:
            found = look_up(stem)
            if found:
                return found[0] + _suffix(ending, found[0][-1].symbol)
    return ()


def _suffix(ending: str, last: str) -> tuple[Phone, ...]:
    if ending in ("'s", "s'", "s"):
        if last in ("s", "z", "sh", "zh", "ch", "jh"):
            return parse("IH0 Z")
        return parse("S" if last in ("p", "t", "k", "f", "th") else "Z")
    if ending == "ed":
        if last in ("t", "d"):
            return parse("IH0 D")
        return parse("T" if last in ("p", "k", "f", "th", "s", "sh", "ch") else "D")
    return parse({"ing": "IH0 NG", "ly": "L IY0", "ness": "N AH0 S", "less": "L AH0 S"}[ending])


def _camel(word: str) -> tuple[Phone, ...]:
    """``iPhone``, ``YouTube``: parts by capitals, a lone letter by its name."""
    parts = re.findall(r"[A-Z]?[a-z']+|[A-Z]+(?![a-z])", word)
    if len(parts) < 2:
        return ()
    out: list[Phone] = []
    for part in parts:
        out += spell(part) if len(part) == 1 or part.isupper() else _part(part)
    primary = [i for i, p in enumerate(out) if p.stress == 1]
    for i in primary[1:]:
        out[i] = Phone(out[i].symbol, 2)
    return tuple(out)


def _symbol(missing: object) -> str:
    return str(missing[0]) if isinstance(missing, tuple) else str(missing)


class English:
    """The English front end.

    Parameters
    ----------
    lexicon : UserLexicon
        Overrules everything else.
    cyrillic : callable
        A lower-case Russian word to ARPAbet, empty when it is none (`foreign.russian_in_english`).
    """

    name = "English"
    phone_set = "arpabet"
    phones = PHONES

    def __init__(self, lexicon: UserLexicon, cyrillic: Callable[[str], tuple[Phone, ...]]) -> None:
        self.lexicon = lexicon
        self.cyrillic = cyrillic

    def normalise(self, text: str, notes: list[str]) -> str:
        """Numbers, abbreviations and symbols in words."""
        return normalise(text)

    def readings(self, text: str) -> tuple[str, list[Reading]]:
        """What of a text is not words, and how it is read; see `normalise.readings`."""
        return readings(text)

    def words(self, tokens: list[Token], notes: list[str]) -> list[Word]:
        """Words with their phones."""
        kept: list[Token] = []
        choices: list[tuple[tuple[Phone, ...], ...]] = []
        for token in tokens:
            found = (self._given(token.text),) if token.phones else self._pronounce(token.text, notes)
            if found:
                kept.append(token)
                choices.append(found)
            elif kept and token.break_after > kept[-1].break_after:
                kept[-1].break_after = token.break_after
                kept[-1].after += token.after
        choices = in_context(kept, choices)
        function = [token.text.lower() in FUNCTION and not token.phones for token in kept]
        breaks = [token.break_after for token in kept]
        cut_long([sum(p.symbol in VOWEL_SET for p in forms[0]) for forms in choices], function, breaks)
        return [
            Word(token.text, phones[0], pause, token.after, phones[1:], bound)
            for token, phones, pause, bound in zip(kept, choices, breaks, function, strict=True)
        ]

    def _given(self, text: str) -> tuple[Phone, ...]:
        try:
            phones = parse(text)
        except KeyError as error:
            raise TextError(
                f"{{{text}}}: {_symbol(error.args[0])!r} is not a phone of arpabet",
                hint=f"its phones are {' '.join(PHONES)}; 0, 1 or 2 after a vowel is its stress",
            ) from None
        if not phones:
            raise TextError("{} holds no phones", hint="write phones between the braces: {HH AH0 L OW1}")
        return phones

    def _pronounce(self, text: str, notes: list[str]) -> tuple[tuple[Phone, ...], ...]:
        word = text.replace("’", "'").replace("\u2010", "-").replace("\u2011", "-")
        entries = self.lexicon.entries.get(word.lower())
        if entries:
            return tuple(self._entry(entry) for entry in entries)
        if not LETTERS.issuperset(word.lower()):
            return self._foreign(word, notes)
        if not (word.isupper() and 1 < len(word) <= 3 and word.lower() in FUNCTION and len(word) != 2):
            found = look_up(word.lower())
            if found:
                return found
        parts = pronounce(word)
        phones = tuple(p for part in parts for p in part)
        if phones and "-" not in word and not word.isupper():
            notes.append(f"{word!r} is not in the lexicon; its pronunciation was guessed")
        if not phones:
            notes.append(f"{word!r} was not spoken: nothing in it has a sound")
        return (phones,) if phones else ()

    def _entry(self, entry: str) -> tuple[Phone, ...]:
        if entry.startswith("{"):
            return self._given(entry.strip("{} "))
        return tuple(p for word in entry.split() for part in pronounce(word) for p in part)

    def _foreign(self, word: str, notes: list[str]) -> tuple[tuple[Phone, ...], ...]:
        plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        plain = plain.translate(_PLAIN)
        if LETTERS.issuperset(plain.lower()):
            return self._pronounce(plain, notes)
        phones = self.cyrillic(word.lower())
        if phones:
            notes.append(f"{word!r} was read by Russian rules with English sounds")
            return (phones,)
        unknown = dict.fromkeys(c for c in word if c.lower() not in LETTERS)
        notes.append(f"{word!r} was not spoken: {', '.join(name_of(c) for c in unknown)}")
        return ()
