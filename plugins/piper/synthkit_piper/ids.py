# SPDX-License-Identifier: Apache-2.0
"""Phones as Piper's models are given them: ids of single characters of IPA, with a pad after each."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from synthkit.types import PAUSE, Segmentation, Word

PAD, BEGIN, END = "_", "^", "$"
STRESS = {0: "", 1: "ˈ", 2: "ˌ"}
PAUSES = {2: ",", 3: "."}
"""Punctuation that stands for a break which the text does not write."""
MARKS = ".,;:!?—…"


@dataclass(frozen=True)
class Spelling:
    """An utterance as espeak-ng would write it, and whose each character is.

    Attributes
    ----------
    text : str
        Stress before its vowel, a space between words, punctuation after.
    owners : tuple of int
        For each character the phone that it is part of.
    phones : tuple of str
        With `PAUSE` at both ends and wherever there is punctuation.
    words : tuple of int
        Each phone's word, -1 in a pause.
    """

    text: str
    owners: tuple[int, ...]
    phones: tuple[str, ...]
    words: tuple[int, ...]


def mark(word: Word) -> str:
    """The punctuation after a word that a model is given; empty where there is none."""
    return next((c for c in word.punctuation if c in MARKS), PAUSES.get(word.break_after, ""))


def own_pauses(segmentation: Segmentation) -> set[int]:
    """The words after which there is punctuation."""
    return {k for k, word in enumerate(segmentation.words) if mark(word)}


def spelling(segmentation: Segmentation, pauses: Collection[int]) -> Spelling:
    """What of an utterance is to be spoken.

    Parameters
    ----------
    segmentation : Segmentation
    pauses : collection of int
        The words that a pause follows, beside the last.

    Returns
    -------
    Spelling
    """
    text, owners, phones, words = "", list[int](), [PAUSE], [-1]
    final = len(segmentation.words) - 1

    def write(what: str) -> None:
        nonlocal text
        text += what
        owners.extend([len(phones) - 1] * len(what))

    for k, word in enumerate(segmentation.words):
        if k:
            write(" ")
        for phone in word.phones:
            phones.append(phone.symbol)
            words.append(k)
            write(STRESS[phone.stress] + phone.symbol)
        if k in pauses or k == final:
            phones.append(PAUSE)
            words.append(-1)
            write(mark(word) or PAUSES[3 if k == final else 2])
    return Spelling(text, tuple(owners), tuple(phones), tuple(words))


def to_ids(said: Spelling, table: Mapping[str, Sequence[int]]) -> tuple[list[int], list[int], list[str]]:
    """Ids of what is to be spoken, and the characters that the model has none for.

    A character with marks that is not in the table goes as its parts.

    Parameters
    ----------
    said : Spelling
    table : mapping of str to sequence of int
        The model's ``phoneme_id_map``.

    Returns
    -------
    ids : list of int
    owners : list of int
        For each id the phone that it is part of.
    lacking : list of str
        Left out, once each.
    """
    ids: list[int] = []
    owners: list[int] = []
    lacking: dict[str, None] = {}

    def write(sign: str, owner: int) -> None:
        ids.extend(table[sign])
        owners.extend([owner] * len(table[sign]))

    for sign in (BEGIN, PAD):
        write(sign, 0)
    for character, owner in zip(said.text, said.owners, strict=True):
        for part in _parts(character, table):
            if part in table:
                for sign in (part, PAD):
                    write(sign, owner)
            else:
                lacking[part] = None
    write(END, len(said.phones) - 1)
    return ids, owners, list(lacking)


def _parts(character: str, table: Mapping[str, Sequence[int]]) -> Iterator[str]:
    if character in table:
        yield character
    else:
        yield from unicodedata.normalize("NFD", character)
