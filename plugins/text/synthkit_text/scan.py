# SPDX-License-Identifier: Apache-2.0
"""Cut a normalised text into tokens and decide the breaks between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synthkit_text.clean import name_of

WORD = re.compile(r"\{(?P<phones>[^{}]*)\}|(?P<word>\+?[^\W\d_]+(?:[+'’\u2010\u2011-]+[^\W\d_]+)*)")
SILENT = frozenset(" \n.,;:!?…-\u2010\u2011–—―()[]«»„“”\"'‘’‹›`´*_~|/\\•·<>¡¿")
ENDS = frozenset(".!?…")
COMMAS = frozenset(",;:—–―()[]")


@dataclass(slots=True)
class Token:
    """A word (or ``{phones}``) and what stands between it and the next."""

    text: str
    phones: bool
    after: str
    break_after: int


def scan(text: str, notes: list[str]) -> list[Token]:
    """Tokens of `text`; what is neither word nor punctuation is noted."""
    tokens: list[Token] = []
    unknown: dict[str, None] = {}
    position = 0
    for match in WORD.finditer(text):
        _gap(text[position : match.start()], tokens, unknown, text[match.start()])
        phones = match["phones"]
        tokens.append(Token(match["word"] or phones or "", phones is not None, "", 0))
        position = match.end()
    _gap(text[position:], tokens, unknown, "")
    if tokens:
        tokens[-1].break_after = 3
    if unknown:
        notes.append(f"not spoken: {', '.join(name_of(c) for c in unknown)}")
    return tokens


def _gap(gap: str, tokens: list[Token], unknown: dict[str, None], following: str) -> None:
    if gap == " ":
        return
    for character in gap:
        if character not in SILENT:
            unknown[character] = None
    if tokens:
        token = tokens[-1]
        token.after = "".join(c for c in gap if c in SILENT).strip()
        token.break_after = _break(gap, following)


def _break(gap: str, following: str) -> int:
    marks = set(gap)
    if "\n" in marks and re.search(r"\n\s*\n", gap):
        return 3
    if marks & ENDS:
        return 2 if following.islower() and ("…" in marks or ".." in gap) else 3
    if marks & COMMAS or " -" in gap or "- " in gap:
        return 2
    return 0
