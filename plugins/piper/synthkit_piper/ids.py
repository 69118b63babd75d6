# SPDX-License-Identifier: Apache-2.0
"""Phones as Piper's models are given them: ids of single characters of IPA, with a pad after each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from synthkit.ipa_transcription import Transcription
from synthkit.types import PAUSE

PAD, BEGIN, END = "_", "^", "$"


def to_ids(said: Transcription, table: Mapping[str, Sequence[int]]) -> tuple[list[int], list[int], list[str]]:
    """Ids of what is to be spoken, and the characters that the model has none for.

    A character with marks that is not in the table goes as its parts.

    Parameters
    ----------
    said : Transcription
    table : mapping of str to sequence of int
        The model's ``phoneme_id_map``.

    Returns
    -------
    ids : list of int
    owners : list of int
        For each id the phone that it is part of. A pad between two phones is of the second: networks begin
        to say that one in it (joe: a vowel ends 3 ms before it and 26 before the end of it, by the ear of
        what hisses after). Beside a pause it is of what stands before it.
    lacking : list of str
        Left out, once each.
    """
    signs: list[tuple[str, int]] = [(BEGIN, 0)]
    lacking: dict[str, None] = {}
    for character, owner in zip(said.text, said.owners, strict=True):
        for part in _parts(character, table):
            if part in table:
                signs.append((part, owner))
            else:
                lacking[part] = None
    signs.append((END, len(said.phones) - 1))
    ids: list[int] = []
    owners: list[int] = []

    def write(sign: str, owner: int) -> None:
        ids.extend(table[sign])
        owners.extend([owner] * len(table[sign]))

    for (sign, owner), (_, coming) in pairwise(signs):
        write(sign, owner)
        write(PAD, owner if PAUSE in (said.phones[owner], said.phones[coming]) else coming)
    write(*signs[-1])
    return ids, owners, list(lacking)


def _parts(character: str, table: Mapping[str, Sequence[int]]) -> Iterator[str]:
    if character in table:
        yield character
    else:
        yield from unicodedata.normalize("NFD", character)
