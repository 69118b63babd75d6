# SPDX-License-Identifier: Apache-2.0
"""The English lexicon."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from synthkit.types import Phone
from synthkit_text.blob import Blob
from synthkit_text.english.phones import decode, parse

DATA = Path(__file__).parents[1] / "data"
_WORDS = {"covid": "K OW1 V IH0 D"}
"""Acronyms younger than the lexicon that are read as words."""


@lru_cache(maxsize=1)
def dictionary() -> Blob:
    """cmudict (see ``data/LICENSE.cmudict``)."""
    return Blob.open(DATA / "en_lexicon.bin")


@lru_cache(maxsize=8192)
def look_up(word: str) -> tuple[tuple[Phone, ...], ...]:
    """Pronunciations of a lower-case word in the lexicon; empty when it is not there."""
    if word in _WORDS:
        return (parse(_WORDS[word]),)
    found = dictionary().get(word.encode("utf-8"))
    return tuple(decode(code) for code in found.decode("ascii").split()) if found else ()
