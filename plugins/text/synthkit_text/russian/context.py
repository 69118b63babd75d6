# SPDX-License-Identifier: Apache-2.0
"""Russian sounds in context: vowel reduction by stress, voicing by neighbours, across words.

The phone set ``msu-ru`` has three grades of each vowel: stressed (``aa``), first degree (``a``) and
second degree (``ay`` after a hard consonant, ``ae`` after a soft one, ``ur`` for u). A vowel keeps its
first degree before the stressed syllable, at a pause, after a vowel and after ``j``.
"""

# ruff: noqa: SIM905
from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

FULL = {v: v + v for v in "aoeiyu"}
VOWELS = frozenset(FULL) | frozenset(FULL.values())
SOFT = frozenset("bb vv gg dd zz kk ll mm nn pp rr ss tt ff hh ch sch j".split())
SONORANTS = frozenset("m mm n nn l ll r rr j".split())
VOICELESS_OF = {
    "b": "p", "bb": "pp", "v": "f", "vv": "ff", "zh": "sh", "z": "s", "zz": "ss",
    "g": "k", "gg": "kk", "d": "t", "dd": "tt",
}  # fmt: skip
VOICED_OF = {voiceless: voiced for voiced, voiceless in VOICELESS_OF.items()}
VOICERS = frozenset("b bb g gg d dd z zz zh".split())
DEVOICERS = frozenset("p pp sh s ss t tt k kk sch ch h hh".split())
PAUSE = ""


@dataclass(slots=True)
class WordSounds:
    """A word on its way to phones.

    Attributes
    ----------
    sounds : tuple of str
        From `letters.sounds`, or finished phones.
    vowels : tuple of int
        Stressed vowels, counted from 1.
    bound : bool
        A function word: its last consonant behaves as if inside a word.
    pause_after, beat_after : bool
        A pause follows; a dash follows, which takes a beat of its own.
    fixed : bool
        `sounds` are phones already, to be left as they are.
    """

    sounds: tuple[str, ...]
    vowels: tuple[int, ...]
    bound: bool = False
    pause_after: bool = False
    beat_after: bool = False
    fixed: bool = False


def realise(words: list[WordSounds]) -> list[list[str]]:
    """Phones of each word, given its neighbours and the pauses between them."""
    symbols = [PAUSE]
    spans: list[tuple[int, int]] = []
    final: set[int] = set()
    fixed: set[int] = set()
    beats: list[tuple[int, bool]] = []  # syllables in order: position of the vowel (-1: none), stressed?
    for word in words:
        start = len(symbols)
        count = 0
        accents = frozenset(word.vowels)
        for position, sound in enumerate(word.sounds, start):
            if sound in VOWELS:
                count += 1
                beats.append((position, count in accents))
        if not count:
            beats.append((-1, False))
        symbols += word.sounds
        spans.append((start, len(symbols)))
        if word.fixed:
            fixed.update(range(start, len(symbols)))
        if not word.bound:
            final.add(len(symbols) - 1)
        if word.pause_after or word is words[-1]:
            symbols.append(PAUSE)
            if word.beat_after:
                beats.append((-1, False))
    stressed = {position for position, accent in beats if accent}
    pretonic = {position for (position, _), (_, accent) in pairwise(beats) if accent}
    for position, _ in beats:
        if position >= 0 and position not in fixed:
            symbols[position] = _vowel(symbols, position, position in stressed, position in pretonic)
    for position in range(1, len(symbols) - 1):
        if position not in fixed:
            symbols[position] = _consonant(symbols, position, position in final)
    return [symbols[start:end] for start, end in spans]


def _vowel(symbols: list[str], i: int, stressed: bool, pretonic: bool) -> str:
    vowel, before, after = symbols[i], symbols[i - 1], symbols[i + 1]
    if len(vowel) == 2:
        return vowel
    if stressed:
        return "yy" if vowel == "i" and before == "s" else FULL[vowel]
    kept = not before or not after or before == "j" or before[0] in "aoeiyu"
    soft = before in SOFT
    if vowel in "ao":
        if kept or pretonic:
            return "a"
    elif vowel == "e":
        if kept:
            return "e"
        if pretonic:
            return "i" if soft else "y"
    elif kept or pretonic:
        return vowel
    if vowel == "u":
        return "ur"
    return "ae" if soft else "ay"


def _consonant(symbols: list[str], i: int, final: bool) -> str:
    symbol, after = symbols[i], symbols[i + 1]
    if symbol not in VOICELESS_OF and symbol not in VOICED_OF:
        return symbol
    if not final:
        if after in DEVOICERS:
            return VOICELESS_OF.get(symbol, symbol)
        return VOICED_OF.get(symbol, symbol) if after in VOICERS else symbol
    if after in ("v", "vv"):
        beyond = symbols[i + 2] if i + 2 < len(symbols) else PAUSE
        if beyond in VOICERS:
            return VOICED_OF.get(symbol, symbol)
        if beyond in SONORANTS or beyond in VOWELS or beyond[:1] in tuple("aoeiyu"):
            return VOICELESS_OF.get(symbol, symbol)
        return symbol
    if not after or after in SONORANTS or after[0] in "aoeiyu":
        return VOICELESS_OF.get(symbol, symbol)
    return "s" if symbol == "z" and after in DEVOICERS else symbol
