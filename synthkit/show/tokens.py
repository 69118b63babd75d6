# SPDX-License-Identifier: Apache-2.0
"""What stands in a text, token by token, and the words that each is read as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from synthkit.types import Word


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is written.

    Attributes
    ----------
    text : str
        Between spaces, punctuation and all; several where only together they are read as words.
    first, last : int
        It is read as words ``first`` to ``last - 1``.
    """

    text: str
    first: int
    last: int


def tokens_of(text: str, words: Sequence[Word]) -> list[Token]:
    """The tokens of `text`, in order, each with the words that it is read as.

    What segmentation leaves says what is read, not of what. A token that is written as a word is that word;
    what lies between two such is what lies between the words (the longest common subsequence of both, by
    `difflib`): ``1984 году`` is found though ``1984`` is four words.

    Parameters
    ----------
    text : str
        As it was given.
    words : sequence of Word
        Of it, all of them.

    Returns
    -------
    list of Token
        Every word is of one of them, unless there is no text.
    """
    written = text.split()
    if not written or not words:
        return []
    ours, theirs = [_plain(t) for t in written], [_plain(w.text) for w in words]
    out = list[Token]()
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal" or b - a == d - c:
            out += [Token(written[a + k], c + k, c + k + 1) for k in range(b - a)]
        elif c == d:  # a dash, a symbol that is not read: it stays with what it follows
            _extend(out, " ".join(written[a:b]), c)
        elif a == b:
            _extend(out, "", d)
        else:
            out.append(Token(" ".join(written[a:b]), c, d))
    return out


def within(tokens: Sequence[Token], first: int, last: int) -> list[Token]:
    """Of `tokens` those of the words ``first`` to ``last - 1``, counted from `first`.

    Parameters
    ----------
    tokens : sequence of Token
    first, last : int

    Returns
    -------
    list of Token
    """
    return [
        Token(t.text, max(t.first, first) - first, min(t.last, last) - first)
        for t in tokens
        if t.first < last and t.last > first
    ]


def _extend(out: list[Token], text: str, last: int) -> None:
    if out:
        out[-1] = Token(f"{out[-1].text} {text}".strip(), out[-1].first, last)
    else:
        out.append(Token(text, 0, last))


def _plain(text: str) -> str:
    """Letters and digits alone, small."""
    return "".join(c for c in text.casefold().replace("ё", "е") if c.isalnum())
