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
RESPELL = (
    # г in endings and in single words
    (r"(?<=[ео])го(?=$|-|ся$)", "во"),
    (r"(?<=с)егодня", "еводня"),
    (r"^бог$", "бох"),
    (r"г(?=к)", "х"),
    # ч as ш
    (r"^ч(?=то)", "ш"),
    (r"(?<=^коне)ч(?=н)|(?<=^наро)ч(?=но)|(?<=^ску)ч(?=н)|(?<=яи)ч(?=ниц)|(?<=пустя)ч(?=н)", "ш"),
    # silent and merged consonants
    (r"в(?=ств)|д(?=ц)|(?<=с)т(?=[нц])|(?<=з)д(?=[нц])|(?<=н)[тд](?=[цс])|(?<=н)д(?=ш)", ""),
    (r"(?<=р)д(?=ч)|л(?=нц)|(?<=н)г(?=т)|с(?=шест)", ""),
    (r"сть?(?=с)", "с"),
    (r"сч", "щ"),
    (r"ч(?=ш)", "т"),
    (r"тс(?=я)", "ц"),
    # double consonants
    (r"(?<=^э)м(?=м)", "мʰ"),
    (r"(?<=арти)лл(?=ер)", "лʹ"),
    (r"([брнмскп])(?=\1)", ""),
    # consonants that е leaves hard, and one that a soft neighbour softens
    (r"(?<=ин)т(?=е(?:з|рв|рф|рп))|(?<=эс)т(?=ет)", "тʰ"),
    (r"(?<=а)н(?=еля)|(?<=^со)н(?=ет)|(?<=^э)н(?=ей)|(?<=т[оу])н(?=ель)", "нʰ"),
    (r"^б(?=екинг|ейкер)", "бʰ"),
    (r"(?<=^мо)д(?=ест)", "дʰ"),
    (r"(?<=^эк)з(?=ем)", "зʰ"),
    (r"(?<=^же)н(?=щин)", "нʹ"),
    # single letters
    (r"(?<=кремл)е(?=в)", "о"),
    (r"^ее$", "её"),
    (r"(?<=[лс]ь)о", "йо"),
    (r"^э(?=кскур|лектр)", "и"),
)
KEEP_G = frozenset(
    "полого строго немного намного много дорого убого благо отлого недорого ого того-то".split()
)
_RULES = [(re.compile(pattern), replacement) for pattern, replacement in RESPELL]


def respell(word: str) -> str:
    """`word` spelt nearer to its sound.

    >>> respell("красного"), respell("счастье"), respell("солнце")
    ('красново', 'щастье', 'сонце')
    """
    rules = _RULES[1:] if word in KEEP_G else _RULES
    for pattern, replacement in rules:
        word = pattern.sub(replacement, word)
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
