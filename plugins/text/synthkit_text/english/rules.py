# SPDX-License-Identifier: Apache-2.0
"""All the rules of English, in the order they are tried; loaded by the first text that is more than words."""

from __future__ import annotations

from functools import lru_cache

from synthkit_text.english import dates, figures, measures, signs
from synthkit_text.english.words import look_up
from synthkit_text.grammar import Rule


@lru_cache(maxsize=2)
def rules(numbers: bool) -> tuple[Rule, ...]:
    before, after = signs.rules(_is_word)
    if not numbers:
        signs_alone = (r for r in measures.RULES if r.needs and not r.needs.isascii())
        return (*before, *signs_alone, measures.SLASHED, *after)
    return (
        *before[:3],
        figures.SCALE,
        *dates.RULES[:6],
        *figures.CODES,
        *before[3:],
        *dates.RULES[6:],
        *measures.RULES,
        dates.YEAR,
        *figures.NUMBERS,
        *after,
    )


def _is_word(letters: str) -> bool:
    return len(letters) > 5 or (len(letters) > 2 and bool(look_up(letters.lower())))
