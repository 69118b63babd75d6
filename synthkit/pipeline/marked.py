# SPDX-License-Identifier: Apache-2.0
"""SSML to what is spoken: passages, each with one language, speed and pitch, and the pause after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from synthkit.errors import ConfigError, TextError
from synthkit.pipeline.from_ipa import phones_of
from synthkit.pipeline.pieces import Piece
from synthkit.pipeline.spoken import chunks
from synthkit.ssml import Break, Marked, Stretch, parse
from synthkit.stages import Segmenter, Vocoder
from synthkit.types import Segmentation, Word

RUN_ON = 0.02
"""Seconds of pause that are left where speed or pitch change within a phrase."""
_LEADING = re.compile(r"\s*([.,:;!?…»)\"”]+)(?=\s|$)")
_CLOSES = re.compile(r"[.!?…]")
_PAUSES = re.compile(r"[,:;)—–]")

Segment = Callable[[str, "str | None"], Segmentation]


@dataclass(frozen=True)
class Passage:
    """A part of a text that is spoken in one way.

    Attributes
    ----------
    segmentation : Segmentation
    language : str or None
    rate : float
        Factor on the speed.
    pitch : float
        Semitones more.
    before : float
        Seconds of silence before it.
    after : float or None
        Seconds of the pause after it; None: as the voice makes it.
    """

    segmentation: Segmentation
    language: str | None = None
    rate: float = 1.0
    pitch: float = 0.0
    before: float = 0.0
    after: float | None = None


@dataclass
class _Open:
    """A passage that is being put together."""

    way: Stretch
    phone_set: str
    words: list[Word]
    notes: list[str]
    before: float = 0.0
    after: float | None = None


def passages_of(
    marked: Marked, segment: Segment, segmenter: Segmenter, languages: list[str]
) -> list[Passage]:
    """Segment every stretch and put those together that are spoken alike.

    Parameters
    ----------
    marked : Marked
    segment : callable
        `Voice.segment`.
    segmenter : Segmenter
        Reads ``say-as`` and names the phones of ``phoneme``.
    languages : list of str
        Those of the voice.

    Returns
    -------
    list of Passage

    Raises
    ------
    TextError
        Nothing can be spoken, or a mark cannot be obeyed; it is named.
    """
    made: list[_Open] = []
    ahead = 0.0
    for item in marked.items:
        last = made[-1] if made else None
        if isinstance(item, Break):
            if last is None:
                ahead += item.seconds or 0.0
            else:
                last.words[-1] = _broken(last.words[-1], item.strength)
                if item.seconds is not None:
                    last.after = item.seconds + (last.after or 0.0)
            continue
        text = item.text if not last else _closed(last, item)
        found = _words(replace(item, text=text), segment, segmenter, languages)
        if found is None:
            continue
        way = replace(item, text="", read_as="", phones="", alphabet="")
        if last is None or last.after is not None or last.way != way or last.phone_set != found.phone_set:
            made.append(_Open(way, found.phone_set, [], [], before=ahead if last is None else 0.0))
        made[-1].words += found.words
        made[-1].notes += found.notes
    if not made:
        raise TextError("there is no text in it that can be spoken", where="SSML")
    made[-1].words[-1] = replace(made[-1].words[-1], break_after=3)
    return [_passage(one, made[k + 1 : k + 2], marked, k) for k, one in enumerate(made)]


def marked_pieces(
    ssml: str,
    segment: Segment,
    segmenter: Segmenter,
    languages: list[str],
    adjusted: Callable[[float, float], tuple[dict[str, Any], Vocoder]],
) -> tuple[Segmentation, list[Piece]]:
    """The whole of a text in SSML, and the pieces that it is spoken in.

    Parameters
    ----------
    ssml : str
    segment, segmenter, languages
        As for `passages_of`; the first language is that of text of which none is said.
    adjusted : callable
        Of a factor on the speed and of semitones: the rest of the request, and the vocoder that can do it.

    Returns
    -------
    segmentation : Segmentation
    pieces : list of Piece

    Raises
    ------
    TextError
        As `synthkit.ssml.parse` and `passages_of`.
    ConfigError
        No part of the voice can change its speed or pitch so far.
    """
    marked = parse(ssml)
    passages = passages_of(marked, segment, segmenter, languages)
    pieces: list[Piece] = []
    for passage in passages:
        try:
            request, vocoder = adjusted(passage.rate, passage.pitch)
        except ConfigError as error:
            if passage.rate == 1 and passage.pitch == 0:
                raise
            raise ConfigError(error.message, where="<prosody>", hint=error.hint) from error
        parts = chunks(passage.segmentation)
        made = [Piece(part, None, None, passage.language, request, vocoder) for part in parts]
        made[0] = replace(made[0], before=passage.before or None)
        made[-1] = replace(made[-1], after=passage.after)
        pieces += made
    pieces[0] = replace(pieces[0], before=passages[0].before)
    words = tuple(word for passage in passages for word in passage.segmentation.words)
    notes = tuple(dict.fromkeys(note for passage in passages for note in passage.segmentation.notes))
    return replace(passages[0].segmentation, text=marked.text, words=words, notes=notes), pieces


def _passage(one: _Open, following: list[_Open], marked: Marked, number: int) -> Passage:
    text = " ".join(w.text + w.punctuation for w in one.words)
    notes = (*(marked.notes if number == 0 else ()), *dict.fromkeys(one.notes))
    language = one.way.language
    segmentation = Segmentation(text, language or "", one.phone_set, tuple(one.words), notes)
    after = one.after
    if after is None and following and one.words[-1].break_after < 2:
        after = RUN_ON
    return Passage(segmentation, language, one.way.rate, one.way.pitch, one.before, after)


def _closed(last: _Open, item: Stretch) -> str:
    """The text of `item` without the punctuation at its beginning, which is that of the word before."""
    match = None if item.read_as or item.phones else _LEADING.match(item.text)
    if match is None:
        return item.text
    word = last.words[-1]
    last.words[-1] = _ended(replace(word, punctuation=word.punctuation + match[1]))
    return item.text[match.end() :]


def _ended(word: Word) -> Word:
    """The break after a word that ends a stretch: what its punctuation says."""
    if _CLOSES.search(word.punctuation):
        return replace(word, break_after=3)
    return replace(word, break_after=2 if _PAUSES.search(word.punctuation) else 0)


def _broken(word: Word, strength: int) -> Word:
    """A break is punctuation to models that look at that."""
    sign = {2: ",", 3: "."}.get(strength, "")
    if _CLOSES.search(word.punctuation) or (strength == 2 and _PAUSES.search(word.punctuation)):
        sign = ""
    return replace(word, break_after=strength, punctuation=word.punctuation + sign)


def _words(
    item: Stretch, segment: Segment, segmenter: Segmenter, languages: list[str]
) -> Segmentation | None:
    """Words of a stretch; None where it is but space and punctuation."""
    language = _known(item.language, languages)
    text = item.text
    if not any(c.isalnum() or c in "{%&@#+=$€£₽°№" for c in text) and not item.phones:
        return None
    if item.read_as:
        said = segmenter.read_as(text.strip(), item.read_as, language or languages[0])
        if said is None:
            raise TextError(
                f"{text.strip()!r} cannot be read as {item.read_as!r} by this voice's segmentation",
                where="<say-as>",
            )
        text = said
    found = segment(text if not item.phones or text.strip() else "…", language)
    words = list(found.words)
    if item.phones:
        phones = phones_of(
            item.phones, item.alphabet, found.phone_set, segmenter.phones(language or languages[0])
        )
        words = [replace(words[-1], text=text.strip(), phones=phones, variants=(), function=False)]
    words[-1] = _ended(words[-1])
    return replace(found, words=tuple(words))


def _known(language: str | None, languages: list[str]) -> str | None:
    """The language as the voice names it: ``en-GB`` is spoken by a voice of ``en``."""
    if language is None or language in languages:
        return language
    base = language.lower().partition("-")[0]
    return base if base in languages else language
