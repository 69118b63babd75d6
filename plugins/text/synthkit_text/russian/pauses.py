# SPDX-License-Identifier: Apache-2.0
"""Which commas and dashes are pauses: a small model of the speaker of ``msu-ru-nsh``.

Fitted by ``tools/fit_ru_pauses.py`` to the labels of 558 utterances (62 held out): seven in ten of the
corpus's commas are pauses. A comma that is not gets ``break_after`` 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

from synthkit_text.scan import Token

WEIGHTS = {
    "bias": -0.85,
    "after a function word": -1.17,
    "log syllables since the last mark": 1.18,
    "one word to the next mark": -0.88,
    "dash": 1.32,
    "at most two syllables to the next mark": -0.23,
    "before а": 0.76,
}
_SURE = frozenset(".!?…:;()[]\n")


def features(
    before: int, after: int, words_after: int, function: bool, mark: str, following: str
) -> dict[str, float]:
    """Features of one comma or dash; syllables and words count from and to the neighbouring marks."""
    return {
        "bias": 1.0,
        "after a function word": float(function),
        "log syllables since the last mark": log1p(before),
        "one word to the next mark": float(words_after == 1),
        "dash": float(any(c in "-–—" for c in mark)),
        "at most two syllables to the next mark": float(after <= 2),
        "before а": float(following == "а"),
    }


def weigh(tokens: list[Token], syllables: Sequence[int], function: Sequence[bool]) -> list[int]:
    """Breaks after each word: those of punctuation, with unlikely commas lowered to 1."""
    breaks = [token.break_after for token in tokens]
    for index, before, after, words_after in commas(tokens, syllables):
        token, following = tokens[index], tokens[index + 1].text.lower()
        named = features(before, after, words_after, function[index], token.after, following)
        if sum(WEIGHTS[name] * value for name, value in named.items()) <= 0:
            breaks[index] = 1
    return breaks


def commas(tokens: list[Token], syllables: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """For each comma or dash: word index, syllables since the last mark, to the next, words to the next."""
    marks = [i for i, token in enumerate(tokens) if token.break_after >= 2]
    out = []
    previous = -1
    for number, index in enumerate(marks):
        following = marks[number + 1] if number + 1 < len(marks) else len(tokens) - 1
        token = tokens[index]
        if index < len(tokens) - 1 and token.break_after == 2 and not _SURE.intersection(token.after):
            out.append(
                (
                    index,
                    sum(syllables[previous + 1 : index + 1]),
                    sum(syllables[index + 1 : following + 1]),
                    following - index,
                )
            )
        previous = index
    return out
