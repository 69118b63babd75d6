"""Russian letters to sounds within a word, before stress and neighbours have their say.

A word becomes a list of symbols: consonants as the phone set has them (``t`` hard, ``tt`` palatalised)
and vowels as the six letters of the phonology, ``a o e i y u``, whose quality `context` decides.
"""

from __future__ import annotations

import re
from functools import lru_cache

VOWELS = "аеёиоуыэюя"
SOFTENERS = frozenset("яёюиье")
IOTATED = {"я": "a", "ё": "o", "ю": "u", "е": "e"}
PLAIN = {"а": "a", "о": "o", "у": "u", "э": "e", "ы": "y", "и": "i"}
PAIRED = {
    "б": "b", "в": "v", "г": "g", "д": "d", "з": "z", "к": "k", "л": "l", "м": "m",
    "н": "n", "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "h",
}  # fmt: skip
UNPAIRED = {"ж": "zh", "ш": "sh", "ц": "c", "ч": "ch", "щ": "sch", "й": "j"}

# Respellings: what is written but not said, or said otherwise. Each keeps the number of vowels.
# «Ъ» at the end of a replacement would soften nothing, «ʰ» marks a consonant that stays hard before е.
_HARD = "ʰ"
_RESPELL: tuple[tuple[str, str], ...] = (
    (r"^что", "што"),
    (r"(?<=и)чная", "шная"),
    (r"(?<=о)чник", "шник"),
    (r"(?<=не|ро)чно", "шно"),
    (r"^сегодня", "севодня"),
    (r"(?<=[ео])го$", "во"),
    (r"(?<=е)гося$", "вося"),
    (r"^бог$", "бох"),
    (r"гк", "хк"),
    (r"вств", "ств"),
    (r"сть?с", "сс"),
    (r"(?<=[рн])дц", "ц"),
    (r"рдч", "рч"),
    (r"лнц", "нц"),
    (r"стц", "сц"),
    (r"здц", "зц"),
    (r"нтц", "нц"),
    (r"ндш", "нш"),
    (r"стн", "сн"),
    (r"здн", "зн"),
    (r"н[тд]с", "нс"),
    (r"нгт", "нт"),
    (r"сшест", "шест"),
    (r"сч", "щ"),
    (r"чш", "тш"),
    (r"дц", "ц"),
    (r"тся", "ца"),
    (r"([брнмскп])\1", r"\1"),
)
_KEEP_G = frozenset(
    [
        "полого",
        "строго",
        "немного",
        "намного",
        "много",
        "дорого",
        "убого",
        "лого",
        "благо",
        "отлого",
        "недорого",
        "нестрого",
        "ого",
    ]
)
_FOREIGN_HARD = (
    ("синтез", "т"), ("интерв", "т"), ("интерф", "т"), ("интерп", "т"), ("эстет", "т"),
    ("тоннел", "н"), ("туннел", "н"), ("бейкер", "б"), ("экзем", "з"),
)  # fmt: skip
_RULES = [(re.compile(pattern), replacement) for pattern, replacement in _RESPELL]


@lru_cache(maxsize=8192)
def sounds(word: str) -> tuple[str, ...]:
    """Sounds of a lower-case word of Russian letters and hyphens.

    >>> sounds("день")
    ('dd', 'e', 'nn')
    >>> sounds("объятья")
    ('o', 'b', 'j', 'a', 'tt', 'j', 'a')
    """
    keep_g = word in _KEEP_G
    for pattern, replacement in _RULES:
        if keep_g and pattern.pattern.endswith("го$"):
            continue
        word = pattern.sub(replacement, word)
    out: list[str] = []
    last = len(word) - 1
    for index, letter in enumerate(word):
        after = word[index + 1] if index < last else ""
        if letter in PAIRED:
            sound = PAIRED[letter]
            out.append(sound * 2 if after in SOFTENERS and after else sound)
        elif letter in PLAIN:
            out.append(PLAIN[letter])
        elif letter in IOTATED:
            before = word[index - 1] if index else ""
            if not before or before in "ъьаоёуюэеиыя-":
                out.append("j")
            out.append(IOTATED[letter])
        elif letter in UNPAIRED:
            out.append(UNPAIRED[letter])
    return tuple(out)
