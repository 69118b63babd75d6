# SPDX-License-Identifier: Apache-2.0
"""Phones as Piper's models are given them: ids of single characters of IPA, with a pad after each."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from synthkit.types import Segmentation, Word

PAD, BEGIN, END = "_", "^", "$"
STRESS = {0: "", 1: "ˈ", 2: "ˌ"}
PAUSES = {2: ",", 3: "."}
"""Punctuation that stands for a break which the text does not write."""


def characters(segmentation: Segmentation) -> str:
    """The utterance as espeak-ng would write it: stress before its vowel, a space between words, punctuation
    after."""
    words = [_word(word) for word in segmentation.words]
    last = segmentation.words[-1]
    if not last.punctuation.strip() and last.break_after < 3:
        words[-1] += PAUSES[3]
    return " ".join(words)


def _word(word: Word) -> str:
    said = "".join(STRESS[p.stress] + p.symbol for p in word.phones)
    mark = next((c for c in word.punctuation if c in ".,;:!?—…"), PAUSES.get(word.break_after, ""))
    return said + mark


def to_ids(text: str, table: Mapping[str, Sequence[int]]) -> tuple[list[int], list[str]]:
    """Ids of `text`, and the characters that the model has none for.

    A character with marks that is not in the table goes as its parts.

    Parameters
    ----------
    text : str
        As `characters` gives it.
    table : mapping of str to sequence of int
        The model's ``phoneme_id_map``.

    Returns
    -------
    ids : list of int
    lacking : list of str
        Left out, once each.
    """
    ids = [*table[BEGIN], *table[PAD]]
    lacking: dict[str, None] = {}
    for character in text:
        parts = [character] if character in table else list(unicodedata.normalize("NFD", character))
        for part in parts:
            if part in table:
                ids += [*table[part], *table[PAD]]
            else:
                lacking[part] = None
    return [*ids, *table[END]], list(lacking)
