# SPDX-License-Identifier: Apache-2.0
"""An utterance as espeak-ng would write it, for networks that were trained on that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from synthkit.types import PAUSE, Segmentation, Word

STRESS = {0: "", 1: "ˈ", 2: "ˌ"}
PAUSES = {2: ",", 3: "."}
"""Punctuation that stands for a break which the text does not write."""
MARKS = ".,;:!?—…"


@dataclass(frozen=True)
class Transcription:
    """Text, and whose each of its characters is.

    Attributes
    ----------
    text : str
        Stress before its vowel, a space between words, punctuation after.
    owners : tuple of int
        For each character the phone that it is part of; a space is of the word that follows, or of the pause
        that it follows.
    phones : tuple of str
        With `PAUSE` at both ends and wherever there is punctuation.
    words : tuple of int
        Each phone's word, -1 in a pause.
    """

    text: str
    owners: tuple[int, ...]
    phones: tuple[str, ...]
    words: tuple[int, ...]


def punctuation_after(word: Word) -> str:
    """The punctuation after a word that a network is given.

    Parameters
    ----------
    word : Word

    Returns
    -------
    str
        Empty where there is none.
    """
    return next((c for c in word.punctuation if c in MARKS), PAUSES.get(word.break_after, ""))


def punctuated(segmentation: Segmentation) -> set[int]:
    """The words after which there is punctuation.

    Parameters
    ----------
    segmentation : Segmentation

    Returns
    -------
    set of int
    """
    return {k for k, word in enumerate(segmentation.words) if punctuation_after(word)}


def transcribe(segmentation: Segmentation, pauses: Collection[int]) -> Transcription:
    """What of an utterance is to be spoken.

    Parameters
    ----------
    segmentation : Segmentation
        Of IPA.
    pauses : collection of int
        The words that a pause follows, beside the last.

    Returns
    -------
    Transcription
    """
    text, owners, phones, words = "", list[int](), [PAUSE], [-1]
    final = len(segmentation.words) - 1

    def write(what: str, owner: int | None = None) -> None:
        nonlocal text
        text += what
        owners.extend([len(phones) - 1 if owner is None else owner] * len(what))

    for k, word in enumerate(segmentation.words):
        if k:
            write(" ", len(phones) - (phones[-1] == PAUSE))
        for phone in word.phones:
            phones.append(phone.symbol)
            words.append(k)
            write(STRESS[phone.stress] + phone.symbol)
        if k in pauses or k == final:
            phones.append(PAUSE)
            words.append(-1)
            write(punctuation_after(word) or PAUSES[3 if k == final else 2])
    return Transcription(text, tuple(owners), tuple(phones), tuple(words))
