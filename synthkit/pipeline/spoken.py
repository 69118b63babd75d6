# SPDX-License-Identifier: Apache-2.0
"""What speaking leaves: the waveform, and what each stage gave; and the pieces that a text is spoken in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from synthkit.types import Item, Segmentation, Waveform
from synthkit.types.shown import Shown

if TYPE_CHECKING:
    from synthkit.types import Alignment

CHUNK_PHONES = 400
"""A text is spoken in pieces of whole sentences of about this many phones at most."""
FIRST_PHONES = 30
"""A text of several pieces begins with one of about this many, and each of the next may be twice as long as
the one before: the first is heard soon, and while it is heard the next is made."""


LONG = 2000
"""Characters: a longer text is segmented in `portions`."""
SOON = 400
"""Characters that the first of them has at least."""
_ENDLESS = re.compile(r"\S{100}")
"""A stretch that may be read as one word longer than any is taken to be."""
_ENDS = re.compile(r"(?<=[a-zа-яё]{7}[.!?…])\s+(?=[«\"„“]?[A-ZА-ЯЁ])|\n\s*\n")


@dataclass(frozen=True, repr=False)
class Spoken(Shown):
    """An utterance as it was spoken, with what the pipeline knows about how.

    Attributes
    ----------
    waveform : Waveform
    segmentation : Segmentation
    predictions : tuple
        What the acoustic model gave for each chunk: frames, a unit path or a waveform.
    seconds : dict of str to float
        Time spent in each stage.
    lengths : tuple of float
        Seconds of speech that came of each prediction.
    latency : float
        Seconds until the first of them could be heard.
    parts : tuple of Segmentation
        What each prediction says; empty: as `chunks` cuts the whole.
    last : bool
        Of a piece: nothing comes after it.
    trims : tuple of (float, float)
        Seconds by which the beginning and the end of what came of each prediction were cut; negative where
        silence was added. Empty: none.
    """

    waveform: Waveform
    segmentation: Segmentation
    predictions: tuple[Item, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    lengths: tuple[float, ...] = ()
    latency: float = 0.0
    parts: tuple[Segmentation, ...] = ()
    trims: tuple[tuple[float, float], ...] = ()
    last: bool = True

    def __repr__(self) -> str:
        text = self.segmentation.text
        return f"Spoken({text[:40] + '…' if len(text) > 40 else text!r}, {self.waveform.duration:.2f} s)"

    @property
    def alignment(self) -> Alignment | None:
        """When each phone and each word is said, None where the acoustic model does not tell.

        Times are those of the model, stretched to what the vocoder made of them; a word's are those of its
        phones.
        """
        from synthkit.pipeline.said import said

        parts = [self.segmentation] if len(self.predictions) == 1 else chunks(self.segmentation)
        return said(self.parts or parts, self.predictions, self.lengths, self.trims)

    @property
    def places(self) -> list[tuple[float, float]]:
        """When what came of each prediction begins and how many seconds it lasts, as if nothing had been cut
        off or added: what the prediction says of time is on this clock."""
        out, start = [], 0.0
        for k, seconds in enumerate(self.lengths):
            before, after = self.trims[k] if self.trims else (0.0, 0.0)
            out.append((start - before, seconds + before + after))
            start += seconds
        return out


def portions(text: str) -> list[str]:
    """A long text in two: a beginning that is soon segmented, so that it is heard while the rest still is.

    It is cut where a paragraph ends, or a sentence that no abbreviation ends: after a word of seven small
    letters at least, before a capital. A text without such a place near its beginning stays whole, and so
    does one whose rest may be refused: that has to be said before its beginning is heard.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        One or two; together they are the text, but for white space.
    """
    match = _ENDS.search(text, SOON) if len(text) > LONG else None
    if match is None or match.start() > LONG or _doubtful(text[: match.start()], text[match.end() :]):
        return [text]
    return [text[: match.start()], text[match.end() :]]


def _doubtful(first: str, rest: str) -> bool:
    """Whether segmentation may refuse `rest` though it takes `first`: nothing in it is written as `first` is,
    or a word of it has no end."""
    letters = {c for c in first.casefold() if c.isalpha()}
    if not any(c in letters for c in rest.casefold()):
        return True
    return _ENDLESS.search(rest) is not None


def chunks(
    segmentation: Segmentation, limit: int = CHUNK_PHONES, first: int = FIRST_PHONES
) -> list[Segmentation]:
    """Cut a long segmentation at sentence ends into pieces of about `limit` phones, the first of about
    `first` and each of the next up to twice as long as the one before.

    A sentence that alone is longer is cut at a phrase break, and where it has none, between words.

    Parameters
    ----------
    segmentation : Segmentation
    limit, first : int
        Phones.

    Returns
    -------
    list of Segmentation
    """
    words = segmentation.words
    pieces: list[Segmentation] = []
    start, size = 0, 0
    whole = sum(len(word.phones) for word in words) <= limit
    soon = limit if whole else min(limit, first)
    for index, word in enumerate(words):
        size += len(word.phones)
        following = len(words[index + 1].phones) if index + 1 < len(words) else 0
        last = index == len(words) - 1
        full = size + following > soon and word.break_after == 3
        full = full or (size > 1.5 * limit and word.break_after == 2) or size > 2 * limit
        if last or full:
            part = words[start : index + 1]
            if start == 0 and last:
                pieces.append(segmentation)
            else:
                text = " ".join(w.text + w.punctuation for w in part)
                pieces.append(replace(segmentation, text=text, words=part, notes=()))
            start, size, soon = index + 1, 0, min(limit, 2 * soon)
    return pieces
