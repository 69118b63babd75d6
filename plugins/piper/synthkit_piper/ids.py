# SPDX-License-Identifier: Apache-2.0
"""Phones as Piper's models are given them: ids of single characters of IPA, with a pad after each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from synthkit_espeak.written import Written

PAD, BEGIN, END = "_", "^", "$"


def to_ids(said: Written, table: Mapping[str, Sequence[int]]) -> tuple[list[int], list[int], list[str]]:
    """Ids of what is to be spoken, and the characters that the model has none for.

    A character with marks that is not in the table goes as its parts.

    Parameters
    ----------
    said : Written
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
