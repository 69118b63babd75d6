# SPDX-License-Identifier: Apache-2.0
"""Russian letters to sounds within a word, before stress and neighbours have their say.

A word becomes a list of symbols: consonants as the phone set has them (``t`` hard, ``tt`` palatalised)
and vowels as the six letters of the phonology, ``a o e i y u``, whose quality `context` decides. The
letter ё is ``oo`` at once: it is stressed wherever it stands.

The conventions are those of the labels of ``msu-ru-nsh``, so that text asks for the units that recordings
have: «ться» is ``tt ss``, double consonants of seven letters are single, и after ь brings no ``j``.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from functools import lru_cache

VOWELS = frozenset("аеёиоуыэюя")
SOFTENERS = frozenset("яёюиье")
IOTATED = {"я": "a", "ё": "oo", "ю": "u", "е": "e"}
AFTER_VOWEL = frozenset("ъьаоёуюэеиыя-'")
PLAIN = {"а": "a", "о": "o", "у": "u", "э": "e", "ы": "y", "и": "i"}
PAIRED = {
    "б": "b", "в": "v", "г": "g", "д": "d", "з": "z", "к": "k", "л": "l", "м": "m",
    "н": "n", "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "h",
}  # fmt: skip
UNPAIRED = {"ж": "zh", "ш": "sh", "ц": "c", "ч": "ch", "щ": "sch", "й": "j"}

# What is written but not said, or said otherwise. A respelling keeps the number of vowels. Two letters of
# our own: «ʹ» softens the consonant before it and is silent, «ʰ» keeps it hard before a softening vowel.
RESPELL: tuple[tuple[str, str, str], ...] = (
    # г in endings and in single words
    ("го", r"(?<=[ео])го(?=$|-|ся$)", "во"),
    ("сегодня", r"(?<=с)егодня", "еводня"),
    ("бог", r"^бог$", "бох"),
    ("гк", r"г(?=к)", "х"),
    # ч as ш
    ("что", r"^ч(?=то)", "ш"),
    ("чн", r"(?<=^коне)ч(?=н)|(?<=^наро)ч(?=но)|(?<=^ску)ч(?=н)|(?<=яи)ч(?=ниц)|(?<=пустя)ч(?=н)", "ш"),
    # silent and merged consonants
    (
        "вств дц стн стц здн здц нтц нтс ндц ндс ндш",
        r"в(?=ств)|д(?=ц)|(?<=с)т(?=[нц])|(?<=з)д(?=[нц])|(?<=н)[тд](?=[цс])|(?<=н)д(?=ш)",
        "",
    ),
    ("рдч лнц нгт сшест", r"(?<=р)д(?=ч)|л(?=нц)|(?<=н)г(?=т)|с(?=шест)", ""),
    ("стс стьс", r"сть?(?=с)", "с"),
    ("сч", r"сч", "щ"),
    ("чш", r"ч(?=ш)", "т"),
    ("тся", r"тс(?=я)", "ц"),
    # double consonants
    ("эмм", r"(?<=^э)м(?=м)", "мʰ"),
    ("артиллер", r"(?<=арти)лл(?=ер)", "лʹ"),
    ("бб рр нн мм сс кк пп", r"([брнмскп])(?=\1)", ""),
    # consonants that е leaves hard, and one that a soft neighbour softens
    ("инте эстет", r"(?<=ин)т(?=е(?:з|рв|рф|рп))|(?<=эс)т(?=ет)", "тʰ"),
    (
        "анеля сонет эней тонель тунель",
        r"(?<=а)н(?=еля)|(?<=^со)н(?=ет)|(?<=^э)н(?=ей)|(?<=т[оу])н(?=ель)",
        "нʰ",
    ),
    ("бекинг бейкер", r"^б(?=екинг|ейкер)", "бʰ"),
    ("модест", r"(?<=^мо)д(?=ест)", "дʰ"),
    ("экзем", r"(?<=^эк)з(?=ем)", "зʰ"),
    ("женщин", r"(?<=^же)н(?=щин)", "нʹ"),
    # single letters
    ("кремлев", r"(?<=кремл)е(?=в)", "о"),
    ("ее", r"^ее$", "её"),
    ("льо сьо", r"(?<=[лс]ь)о", "йо"),
    ("экскур электр", r"^э(?=кскур|лектр)", "и"),
)
"""Rules: letters of which a word that the rule changes has one group, an expression, and its replacement."""
KEEP_G = frozenset(
    "полого строго немного намного много дорого убого благо отлого недорого ого того-то".split()
)
_RULES = [(groups.split(), pattern, replacement) for groups, pattern, replacement in RESPELL]


def respell(word: str) -> str:
    """`word` spelt nearer to its sound.

    >>> respell("красного"), respell("счастье"), respell("солнце")
    ('красново', 'щастье', 'сонце')
    """
    rules = _RULES[1:] if word in KEEP_G else _RULES
    for groups, pattern, replacement in rules:
        if any(group in word for group in groups):
            word = re.sub(pattern, replacement, word)  # compiled at its first use; re keeps it
    return word


@lru_cache(maxsize=8192)
def sounds(word: str) -> tuple[str, ...]:
    """Sounds of a lower-case word of Russian letters, hyphens and apostrophes.

    >>> sounds("день")
    ('dd', 'e', 'nn')
    >>> sounds("объятья")
    ('o', 'b', 'j', 'a', 'tt', 'j', 'a')
    """
    word = respell(word)
    out: list[str] = []
    before = ""
    for letter, after in zip(word, word[1:] + " ", strict=True):
        if letter in PAIRED:
            sound = PAIRED[letter]
            out.append(sound * 2 if after in SOFTENERS or after == "ʹ" else sound)
        elif letter in PLAIN:
            out.append(PLAIN[letter])
        elif letter in IOTATED:
            if not before or before in AFTER_VOWEL:
                out.append("j")
            out.append(IOTATED[letter])
        elif letter in UNPAIRED:
            out.append(UNPAIRED[letter])
        before = letter
    return tuple(out)
