# SPDX-License-Identifier: Apache-2.0
"""A pronunciation as it is written by hand, and stress moved to another vowel of a word."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from synthkit import phones as inventory
from synthkit.errors import ConfigError, TextError
from synthkit.stages import Segmenter
from synthkit.types import PAUSE, Phone, Segmentation

MARKS = {"ˈ": 1, "'": 1, "ˌ": 2, ",": 2}
"""Of stress, before a vowel: IPA's, and what a keyboard has for them."""
STRESSED = {"msu-ru": frozenset({"aa", "ee", "ii", "oo", "uu", "yy"})}
"""Symbols that are stressed vowels, of phone sets that spell them otherwise than unstressed ones."""
VOWELS = frozenset("aeiouyаеёиоуыэюяіїєў")
"""Letters before which a stress mark may stand."""


def parsed(value: Any, where: str = "phones") -> tuple[Phone, ...]:
    """Phones of ``"h a r ˈoo sh"``, or of a sequence of such symbols.

    Parameters
    ----------
    value : str or sequence of str
        Stress marks stand before a vowel.
    where : str
        For messages.

    Returns
    -------
    tuple of Phone

    Raises
    ------
    ConfigError
        There is none, or a pause is among them.
    """
    symbols = value.split() if isinstance(value, str) else value
    if not isinstance(symbols, Sequence) or not symbols:
        raise ConfigError("a word has at least one phone", where=where, hint='such as "h a r ˈoo sh"')
    out = []
    for symbol in symbols:
        if isinstance(symbol, Phone):
            out.append(symbol)
            continue
        text = str(symbol)
        stress = MARKS.get(text[:1], 0)
        plain = text[1:] if stress else text
        if not plain or plain == PAUSE:
            raise ConfigError(
                f"{text!r} is no phone", where=where, hint="a pause is made by `pauses`" if plain else ""
            )
        out.append(Phone(plain, stress))
    return tuple(out)


def written(phones: Sequence[Phone]) -> str:
    """Inverse of `parsed`.

    Parameters
    ----------
    phones : sequence of Phone

    Returns
    -------
    str
    """
    return " ".join(f"{('', 'ˈ', 'ˌ')[p.stress]}{p.symbol}" for p in phones)


def heard_stress(phones: Sequence[Phone], phone_set: str) -> tuple[Phone, ...]:
    """`phones`, with the stress that symbols of `phone_set` say by themselves.

    Parameters
    ----------
    phones : sequence of Phone
    phone_set : str

    Returns
    -------
    tuple of Phone
    """
    own = STRESSED.get(phone_set)
    if own is None:
        return tuple(phones)
    return tuple(replace(p, stress=1 if p.symbol in own else 0) for p in phones)


def vowels(phones: Sequence[Phone], phone_set: str) -> list[int]:
    """Which of `phones` are vowels.

    Parameters
    ----------
    phones : sequence of Phone
    phone_set : str

    Returns
    -------
    list of int
        Places in `phones`.
    """
    found = (inventory.features(phone_set, p.symbol) for p in phones)
    return [k for k, f in enumerate(found) if f is not None and f[0] > 0.5]


def stressed(segmentation: Segmentation, word: int, vowel: int, segmenter: Segmenter) -> tuple[Phone, ...]:
    """Phones of a word with its stress on another vowel.

    The segmenter is asked with a mark (``+``) in the word, since a language may say all of its vowels
    otherwise then. Where it does not heed the mark, the stress alone moves, in phone sets whose symbols do
    not hold it.

    Parameters
    ----------
    segmentation : Segmentation
    word : int
        Index into ``segmentation.words``.
    vowel : int
        Which of its vowels, counted from 1.
    segmenter : Segmenter
        Which made it.

    Returns
    -------
    tuple of Phone

    Raises
    ------
    ConfigError
        It has no such vowel.
    TextError
        The stress cannot be moved in this phone set by this segmenter.
    """
    said, phone_set = segmentation.words[word], segmentation.phone_set
    own = vowels(said.phones, phone_set)
    if not 1 <= vowel <= len(own):
        raise ConfigError(
            f"word {word} ({said.text!r}) has no vowel {vowel}", where="stress", hint=f"it has {len(own)}"
        )
    if said.phones[own[vowel - 1]].stress == 1:
        return said.phones
    for text in _marked(said.text):
        texts = [w.text + w.punctuation for w in segmentation.words]
        texts[word] = text + said.punctuation
        try:
            found = segmenter.segment(" ".join(texts), segmentation.language)
        except TextError:
            continue  # to this segmenter the mark is no mark
        if len(found.words) != len(texts):
            continue
        phones = found.words[word].phones
        there = vowels(phones, phone_set)
        if len(there) == len(own) and phones[there[vowel - 1]].stress == 1:
            return phones
    if phone_set in STRESSED:
        raise TextError(
            f"the stress of {said.text!r} cannot be moved: its segmentation heeds no mark",
            where="stress",
            hint="give the word's phones",
        )
    place = own[vowel - 1]
    return tuple(
        replace(p, stress=1 if k == place else 0 if p.stress == 1 else p.stress)
        for k, p in enumerate(said.phones)
    )


def _marked(text: str) -> Iterator[str]:
    """`text` with a mark before each of its vowels in turn."""
    plain = text.replace("+", "").replace("\u0301", "")
    for k, letter in enumerate(plain):
        if unicodedata.normalize("NFD", letter.lower())[0] in VOWELS or letter.lower() in VOWELS:
            yield f"{plain[:k]}+{plain[k:]}"
