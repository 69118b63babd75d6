# SPDX-License-Identifier: Apache-2.0
"""A running text, without sentence breaks: its words as they are read, and where they stand in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from synthkit.corpora.cutting import LONGEST, parted
from synthkit.errors import CorpusError, TextError, reason
from synthkit.types import Segmentation, Word

if TYPE_CHECKING:
    from synthkit.stages import Segmenter

PORTION = 120
"""Words of the text that are segmented together."""
_STOP = re.compile(r"[.!?…,;:][\"'»”)\]]*$")


def is_running(text: str) -> bool:
    """Whether a text goes on for longer than a sentence does: nobody can say where the reader paused.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        True where a line, or what stands between two full stops of it, has more than `LONGEST` words.
    """
    return any(len(sentence.split()) > LONGEST for sentence in parted(text))


@dataclass(frozen=True)
class Running:
    """A running text and its words.

    Attributes
    ----------
    text : str
        As it stands.
    segmentation : Segmentation
        All of it as it is read.
    begins : tuple of int
        Of each word, where what it is read from begins in `text`; -1 where a word before is of the same
        (``1998`` is four words) or it is not known what it is read from: no cut is made there.
    """

    text: str
    segmentation: Segmentation
    begins: tuple[int, ...]

    @property
    def whole(self) -> frozenset[int]:
        """Words after which the text may not be parted."""
        return frozenset(k for k, begin in enumerate(self.begins[1:]) if begin < 0)

    def part(self, ranges: Sequence[tuple[int, int]]) -> list[str]:
        """The text of each range of words.

        Parameters
        ----------
        ranges : sequence of (int, int)
            Half-open, one after the other, from the first word to the last.

        Returns
        -------
        list of str
            One line each; together they are the text.
        """
        starts = [0, *(self.begins[a] for a, _ in ranges[1:]), len(self.text)]
        return [" ".join(self.text[a:b].split()) for a, b in zip(starts, starts[1:], strict=False)]


def read(text: str, segmenter: Segmenter, language: str, where: str = "") -> Running:
    """Segment a text of any length.

    Parameters
    ----------
    text : str
    segmenter : Segmenter
    language : str
        BCP-47.
    where : str
        The file, for messages.

    Returns
    -------
    Running

    Raises
    ------
    CorpusError
        A portion of it cannot be segmented; the message has its first words.
    """
    tokens = [m.span() for m in re.finditer(r"\S+", text)]
    words, begins, notes = list[Word](), list[int](), list[str]()
    last: Segmentation | None = None
    for some in _portions(text, tokens):
        portion = text[some[0][0] : some[-1][1]]
        if not any(c.isalnum() for c in portion):
            continue
        try:
            last = segmenter.segment(portion, language)
        except TextError as error:
            raise CorpusError(
                f"cannot be segmented: {reason(error)}: {portion[:60]!r} …", where=where, hint=error.hint
            ) from error
        words += last.words
        notes += last.notes
        begins += _begins([text[a:b] for a, b in some], [a for a, _ in some], [w.text for w in last.words])
    if last is None:
        raise CorpusError("holds no words", where=where)
    whole = replace(last, text=text, words=tuple(words), notes=tuple(dict.fromkeys(notes)))
    return Running(text, whole, tuple(begins))


def _portions(text: str, tokens: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Tokens in portions of about `PORTION`, which end at a stop where there is one."""
    out: list[list[tuple[int, int]]] = [[]]
    for a, b in tokens:
        out[-1].append((a, b))
        full = len(out[-1]) >= PORTION
        if len(out[-1]) >= 2 * PORTION or (full and _STOP.search(text[a:b])):
            out.append([])
    return [some for some in out if some]


def _begins(tokens: Sequence[str], at: Sequence[int], words: Sequence[str]) -> list[int]:
    """Place of each word's token by the letters that they share, -1 where it is that of a word before."""
    written = [(c, k) for k, token in enumerate(tokens) for c in _letters(token)]
    spoken = [(c, k) for k, word in enumerate(words) for c in _letters(word)]
    matcher = SequenceMatcher(None, [c for c, _ in written], [c for c, _ in spoken], autojunk=False)
    shared: list[dict[int, int]] = [{} for _ in words]
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            token, word = written[block.a + k][1], spoken[block.b + k][1]
            shared[word][token] = shared[word].get(token, 0) + 1
    out: list[int] = []
    known = -1
    for said, found in zip(words, shared, strict=True):
        of = max(found, key=lambda k: (found[k], -k), default=-1)
        # What stands between two words has to be read between them too: nothing is left to the wrong side.
        alone = of > known and not any(map(_letters, tokens[known + 1 : of]))
        out.append(at[of] if alone and 2 * found[of] >= len(_letters(said)) else -1)
        known = max(known, of)
    if out:
        out[0] = at[0]
    return out


def _letters(text: str) -> str:
    return "".join(c for c in text.lower().replace("ё", "е") if c.isalnum())
