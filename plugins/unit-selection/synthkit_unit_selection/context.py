# SPDX-License-Identifier: Apache-2.0
"""Context of each phone as a row of small integers: the one description that build and speech share."""

from __future__ import annotations

import difflib

import numpy as np

from synthkit.types import PAUSE
from synthkit_unit_selection.phone_row import BREAK_START, PhoneRow

EDGE = "#"
"""What stands beyond the first and the last phone."""

VOWEL_LETTERS = frozenset("aeiouyæɑɐɒɔəɘɚɛɜɝɞɤɨɪɯɵøœɶʉʊʌʏɷãẽĩõũ")
_CONSONANTS = {"arpabet": {"y"}}

FEATURES: dict[str, int] = {
    # name: number of values
    "prev2": 0, "prev": 0, "phone": 0, "next": 0, "next2": 0,  # 0: as many as the voice has phones
    "stress": 3, "tonic": 8, "word_fwd": 8, "word_back": 8, "word_length": 10, "function": 2, "break": 4,
    "words_fwd": 8, "words_back": 8, "syllables_fwd": 16, "syllables_back": 16, "since_stress": 6,
    "until_stress": 6, "phrases_fwd": 5, "phrases_back": 5, "phrase_start": 6, "phrase_end": 6,
}  # fmt: skip
"""Columns of a context row. `tonic` is the distance in syllables to the word's stressed vowel, plus 4
(0: the word has none); `*_fwd` counts from the beginning of word, phrase or utterance, `*_back` from its
end; a phrase reaches from pause to pause."""

NAMES = tuple(FEATURES)
COLUMN = {name: i for i, name in enumerate(NAMES)}


def is_vowel(symbol: str, phone_set: str) -> bool:
    """Whether `symbol` is a vowel, judged by its first letter (good for msu-ru, ARPAbet and IPA)."""
    return symbol[:1] in VOWEL_LETTERS and symbol not in _CONSONANTS.get(phone_set, ()) and symbol != PAUSE


def sizes(n_phones: int) -> np.ndarray:
    """Number of values of each column, for a voice of `n_phones` symbols (edge included)."""
    return np.array([n or n_phones for n in FEATURES.values()])


def context(spoken: PhoneRow, ids: dict[str, int], phone_set: str) -> np.ndarray:
    """Context rows of `spoken`.

    Parameters
    ----------
    ids : dict
        Phone symbol to its number; `EDGE` is 0. Every symbol of `spoken` must be in it.

    Returns
    -------
    ndarray, shape (P, F), int16
        Columns as `FEATURES`.
    """
    count = len(spoken.symbols)
    edge = ids[EDGE]
    phones = np.array([edge, edge] + [ids[s] for s in spoken.symbols] + [edge, edge], dtype=np.int16)
    out = np.zeros((count, len(NAMES)), dtype=np.int16)
    for offset in range(5):
        out[:, offset] = phones[offset : offset + count]
    out[:, COLUMN["stress"]] = spoken.stress
    vowels = np.array([is_vowel(s, phone_set) for s in spoken.symbols])
    stressed = vowels & (np.array(spoken.stress) == 1)
    word = np.array(spoken.word)
    is_pause = word < 0

    _words(out, spoken, word, vowels, stressed)
    _phrases(out, spoken, word, vowels, stressed, is_pause)
    return np.minimum(out, np.maximum(sizes(32767) - 1, 0)).astype(np.int16)


def _words(
    out: np.ndarray, spoken: PhoneRow, word: np.ndarray, vowels: np.ndarray, stressed: np.ndarray
) -> None:
    start = 0
    while start < len(word):
        end = start + 1
        while end < len(word) and word[end] == word[start]:
            end += 1
        if word[start] >= 0:
            length = end - start
            steps = np.arange(length)
            out[start:end, COLUMN["word_fwd"]] = steps
            out[start:end, COLUMN["word_back"]] = steps[::-1]
            out[start:end, COLUMN["word_length"]] = length
            out[start:end, COLUMN["function"]] = spoken.word_functions[word[start]]
            out[start:end, COLUMN["break"]] = spoken.word_breaks[word[start]]
            where = np.flatnonzero(stressed[start:end])
            if len(where):
                syllable = np.cumsum(vowels[start:end])
                out[start:end, COLUMN["tonic"]] = np.clip(syllable - syllable[where[0]] + 4, 1, 7)
        start = end


def _phrases(
    out: np.ndarray,
    spoken: PhoneRow,
    word: np.ndarray,
    vowels: np.ndarray,
    stressed: np.ndarray,
    is_pause: np.ndarray,
) -> None:
    pauses = np.flatnonzero(is_pause)
    bounds = np.concatenate([[-1], pauses, [len(word)]])
    spans = [(a + 1, b) for a, b in zip(bounds[:-1], bounds[1:], strict=True) if b > a + 1]
    for number, (start, end) in enumerate(spans):
        words = word[start:end] - word[start]
        syllables = np.cumsum(vowels[start:end])
        out[start:end, COLUMN["words_fwd"]] = words
        out[start:end, COLUMN["words_back"]] = words[-1] - words
        out[start:end, COLUMN["syllables_fwd"]] = syllables
        out[start:end, COLUMN["syllables_back"]] = syllables[-1] - syllables
        steps = np.arange(end - start)
        last = np.maximum.accumulate(np.where(stressed[start:end], steps, -1))
        since = np.where(last >= 0, syllables - syllables[np.maximum(last, 0)], 5)
        ahead = np.where(stressed[start:end], steps, len(steps))[::-1]
        ahead = np.minimum.accumulate(ahead)[::-1]
        until = np.where(ahead < len(steps), syllables[np.minimum(ahead, len(steps) - 1)] - syllables, 5)
        out[start:end, COLUMN["since_stress"]] = np.minimum(since, 5)
        out[start:end, COLUMN["until_stress"]] = np.minimum(until, 5)
        out[start:end, COLUMN["phrases_fwd"]] = number
        out[start:end, COLUMN["phrases_back"]] = len(spans) - 1 - number
        out[start:end, COLUMN["phrase_start"]] = spoken.breaks[start - 1] if start else BREAK_START
        out[start:end, COLUMN["phrase_end"]] = spoken.breaks[end] if end < len(word) else BREAK_START
    for pause in pauses:
        out[pause, COLUMN["phrase_start"]] = spoken.breaks[pause]
        out[pause, COLUMN["phrase_end"]] = spoken.breaks[pause]


def nearest_symbol(symbol: str, phones: list[str], phone_set: str) -> str:
    """The voice's own phone to say instead of one it does not have: a vowel for a vowel, the one that is made
    most alike (`synthkit.phones`); for a symbol that is no known sound, the one with most letters in common.
    """
    from synthkit.phones import nearest  # seldom needed, and never for a voice's own phones

    vowel = is_vowel(symbol, phone_set)
    real = [p for p in phones if p not in (EDGE, PAUSE)]
    same = [p for p in real if is_vowel(p, phone_set) == vowel] or real or [PAUSE]
    alike = nearest(symbol, same, phone_set)
    if alike is not None:
        return alike
    return max(same, key=lambda p: (p[:1] == symbol[:1], difflib.SequenceMatcher(None, p, symbol).ratio()))
