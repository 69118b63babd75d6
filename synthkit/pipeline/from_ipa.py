# SPDX-License-Identifier: Apache-2.0
"""A pronunciation in IPA, or in the voice's own symbols, as phones of the voice's set."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from synthkit import phones as inventory
from synthkit.errors import TextError
from synthkit.pipeline.pronounced import STRESSED
from synthkit.types import Phone

_STRESS = {"ˈ": 1, "'": 1, "ˌ": 2}
NEAR = {True: 2.5, False: 0.5}
"""How far two sounds may be from a symbol that stands for both (`synthkit.phones.distance`): vowels, and a
stop with a sibilant, which rather stay two than become another."""
ALIKE = {"tʃ": "tɕ", "tɕ": "tʃ", "dʑ": "dʒ", "əʊ": "oʊ"}
"""What stands for what where a set has only the second: numbers alone would choose another."""
_BETWEEN = frozenset(" .‿|-")


def phones_of(written: str, alphabet: str, phone_set: str, known: Sequence[str]) -> tuple[Phone, ...]:
    """Phones of the voice that sound as what is written.

    Parameters
    ----------
    written : str
        IPA as in ``"pəˈɡodə"``; or in the alphabet of the voice's phone set, symbols with spaces between.
    alphabet : str
        ``"ipa"``, or the name of the voice's phone set, with or without ``x-`` before it.
    phone_set : str
    known : sequence of str
        Symbols of the set.

    Returns
    -------
    tuple of Phone

    Raises
    ------
    TextError
        Another alphabet, or a sign that is no sound; it is named.
    """
    if alphabet.lower() == "ipa":
        return _from_ipa(written, phone_set, known)
    if alphabet.removeprefix("x-") != phone_set:
        raise TextError(
            f"alphabet {alphabet!r} is not known",
            where="<phoneme>",
            hint=f'it is "ipa", or "x-{phone_set}", the voice\'s own',
        )
    out = []
    for symbol in written.split():
        stress = _STRESS.get(symbol[0], 0)
        plain = symbol[1:] if stress else symbol
        if plain not in known and plain[-1:] in "012" and plain[:-1] in known:
            plain, stress = plain[:-1], int(plain[-1])
        if plain not in known:
            raise TextError(
                f"{symbol!r} is no phone of {phone_set!r}",
                where="<phoneme>",
                hint=f"there are {' '.join(known)}",
            )
        out.append(Phone(plain, 1 if plain in STRESSED.get(phone_set, ()) else stress))
    return tuple(out)


def _from_ipa(written: str, phone_set: str, known: Sequence[str]) -> tuple[Phone, ...]:
    out: list[Phone] = []
    stress, at, segments = 0, 0, _segments(written)
    while at < len(segments):
        if segments[at] in _STRESS:
            stress = _STRESS[segments[at]]
            at += 1
            continue
        sound = segments[at]
        made = inventory.features("ipa", sound)
        if made is None:
            raise TextError(
                f"{sound!r} of {written!r} is no sound of IPA", where="<phoneme>", hint='as in ph="həˈləʊ"'
            )
        vowel = made[0] > 0.5
        own = STRESSED.get(phone_set)
        among = [s for s in known if own is None or (s in own) == (vowel and stress == 1)]
        # An affricate or a diphthong is one symbol where the set has one for it.
        double = _double(sound, "".join(segments[at + 1 : at + 2]), phone_set, among)
        symbol = double or inventory.nearest(sound, among, "ipa", phone_set)
        if symbol is None:
            raise TextError(f"no phone of {phone_set!r} is near {sound!r}", where="<phoneme>")
        out.append(Phone(symbol, stress if vowel else 0))
        stress = 0 if vowel else stress
        at += 2 if double else 1
    if not out:
        raise TextError(f"{written!r} has no phones", where="<phoneme>")
    return tuple(out)


def _double(one: str, other: str, phone_set: str, among: Sequence[str]) -> str | None:
    """The symbol that is near both sounds at once, two vowels or a stop and a sibilant; None where the set
    has no such."""
    first, second = (inventory.features("ipa", sound) for sound in (one, other))
    if first is None or second is None:
        return None
    have = dict(zip(inventory.NAMES, zip(first, second, strict=True), strict=True))
    vowels = min(have["vowel"]) > 0.5
    affricate = have["continuant"] == (0.0, 1.0) and have["sibilant"][1] and not max(have["sonorant"])
    if not vowels and not affricate:
        return None
    named = {s: inventory.canonical(phone_set, s) for s in among}
    doubles = {s: ipa for s, ipa in named.items() if sum(c.isalpha() and c not in "ʲʰʷ" for c in ipa) > 1}
    both = one + other
    if both not in doubles.values():
        both = ALIKE.get(both, both)
    near = inventory.nearest(both, doubles, "ipa", phone_set)
    found = inventory.features(phone_set, near) if near else None
    wanted = inventory.features("ipa", both)
    if found is None or wanted is None or inventory.distance(wanted, found) > NEAR[vowels]:
        return None
    voiced = inventory.NAMES.index("voiced")
    return near if found[voiced] == wanted[voiced] else None


def _segments(written: str) -> list[str]:
    """Stress marks, and letters each with the marks that follow it; what a tie joins is one."""
    out: list[str] = []
    tied = False
    for c in unicodedata.normalize("NFD", written):
        if c in _BETWEEN:
            continue
        mark = bool(unicodedata.combining(c)) or c in "ːˑʲʰʷˠˤ˞ʼ:"
        if out and out[-1] not in _STRESS and (mark or tied):
            out[-1] += c
        else:
            out.append(c)
        tied = c in "\u0361\u035c"
    return out
