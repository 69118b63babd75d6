# SPDX-License-Identifier: Apache-2.0
"""English words in context: weak forms and homographs, chosen by their neighbours."""

# ruff: noqa: SIM905
from __future__ import annotations

from synthkit.types import Phone
from synthkit_text.english.phones import VOWEL_SET, parse
from synthkit_text.scan import Token

Choices = tuple[tuple[Phone, ...], ...]
_WEAK = {
    "a": ("AH0", "EY1"), "an": ("AH0 N", "AE1 N"), "of": ("AH0 V", "AH1 V"), "and": ("AH0 N D", "AE1 N D"),
    "for": ("F ER0", "F AO1 R"), "from": ("F R AH0 M", "F R AH1 M"), "at": ("AE0 T", "AE1 T", "AH0 T"),
    "as": ("AE0 Z", "AE1 Z", "EH0 Z"), "but": ("B AH0 T", "B AH1 T"), "can": ("K AH0 N", "K AE1 N"),
    "than": ("DH AH0 N", "DH AE1 N"), "was": ("W AH0 Z", "W AA1 Z"), "were": ("W ER0", "W ER1"),
    "that": ("DH AE1 T", "DH AH0 T"), "them": ("DH AH0 M", "DH EH1 M"), "or": ("ER0", "AO1 R"),
    "your": ("Y ER0", "Y AO1 R"), "are": ("ER0", "AA1 R"), "us": ("AH0 S", "AH1 S"),
    "some": ("S AH0 M", "S AH1 M"),
}  # fmt: skip
_WEAK_PHONES = {word: tuple(parse(p) for p in forms) for word, forms in _WEAK.items()}
_THE = (parse("DH AH0"), parse("DH IY0"))
_TO = (parse("T AH0"), parse("T UW0"), parse("T UW1"))
# Homographs: (form by default, form after one of these words).
_AFTER = {
    "read": (
        parse("R EH1 D"),
        parse("R IY1 D"),
        frozenset("to will can could should would must may please i you we they".split()),
    ),
    "lead": (parse("L IY1 D"), parse("L EH1 D"), frozenset("of the".split())),
    "live": (parse("L IH1 V"), parse("L AY1 V"), frozenset("a the is are was were".split())),
    "close": (
        parse("K L OW1 Z"),
        parse("K L OW1 S"),
        frozenset("a is are was were so too very get stay".split()),
    ),
    "wind": (parse("W IH1 N D"), parse("W AY1 N D"), frozenset("to will can".split())),
    "tear": (parse("T IH1 R"), parse("T EH1 R"), frozenset("to will can".split())),
    "use": (
        parse("Y UW1 S"),
        parse("Y UW1 Z"),
        frozenset("to will can i you we they please not would".split()),
    ),
    "record": (
        parse("R EH1 K ER0 D"),
        parse("R IH0 K AO1 R D"),
        frozenset("to will can i you we they please".split()),
    ),
    "present": (
        parse("P R EH1 Z AH0 N T"),
        parse("P R IY0 Z EH1 N T"),
        frozenset("to will can i we they".split()),
    ),
    "object": (parse("AA1 B JH EH0 K T"), parse("AH0 B JH EH1 K T"), frozenset("to will i we they".split())),
    "content": (
        parse("K AA1 N T EH0 N T"),
        parse("K AH0 N T EH1 N T"),
        frozenset("is are was were be am".split()),
    ),
    "project": (
        parse("P R AA1 JH EH0 K T"),
        parse("P R AH0 JH EH1 K T"),
        frozenset("to will we they".split()),
    ),
    "permit": (parse("P ER1 M IH2 T"), parse("P ER0 M IH1 T"), frozenset("to will not we they".split())),
    "minute": (parse("M IH1 N AH0 T"), parse("M AY0 N UW1 T"), frozenset({"very"})),
}


def in_context(tokens: list[Token], choices: list[Choices]) -> list[Choices]:
    """The same pronunciations, the fitting one first in each."""
    out: list[Choices] = []
    last = len(tokens) - 1
    for index, (token, forms) in enumerate(zip(tokens, choices, strict=True)):
        word = token.text.lower()
        stranded = index == last or token.break_after >= 2
        following = choices[index + 1][0] if index < last else ()
        vowel = bool(following) and following[0].symbol in VOWEL_SET
        if token.phones:
            out.append(forms)
        elif word == "the":
            out.append(_THE[::-1] if vowel else _THE)
        elif word == "to":
            out.append((_TO[2], _TO[0]) if stranded else (_TO[1], _TO[0]) if vowel else (_TO[0], _TO[1]))
        elif word in _WEAK_PHONES:
            weak = _WEAK_PHONES[word]
            out.append((weak[1], weak[0], *weak[2:]) if stranded and word not in ("a", "an") else weak)
        elif word in _AFTER:
            usual, other, before = _AFTER[word]
            previous = tokens[index - 1].text.lower() if index else ""
            out.append((other, usual) if previous in before else (usual, other))
        else:
            out.append(forms)
    return out
