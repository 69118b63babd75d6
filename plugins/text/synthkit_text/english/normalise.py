# SPDX-License-Identifier: Apache-2.0
"""English text to plain words: the classes of things that are written and not spelt out, in the order they
are tried."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.grammar import Reading, classify, spoken

_TICKS = re.compile(r"(?<=[A-Za-z])[`´ʼʹ](?=[A-Za-z])")
_FORMS = {ord(sub): digit for sub, digit in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)} | {
    0x2160 + i: roman for i, roman in enumerate("I II III IV V VI VII VIII IX X XI XII L C D M".split())
}


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols of `text` in words.

    >>> normalise("It cost $20 on May 5, 1984.")
    'It cost twenty dollars on May fifth, nineteen eighty four.'
    """
    return spoken(*readings(text))


def readings(text: str) -> tuple[str, list[Reading]]:
    """The text with other forms of letters and digits made plain, and what each stretch of it is read as."""
    text = _TICKS.sub("'", text) if not text.isascii() or "`" in text else text
    text = text if text.isascii() else text.translate(_FORMS)
    from synthkit_text.english.rules import rules

    return text, classify(text, rules(re.search(r"\d", text) is not None))
