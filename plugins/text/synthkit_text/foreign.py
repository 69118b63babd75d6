# SPDX-License-Identifier: Apache-2.0
"""Words of the other language: Latin ones in Russian text, Russian ones in English text.

This module stands above both front ends, so that neither knows of the other: each takes its reader of
foreign words from `synthkit_text.segmenter`. The other language is loaded at the first word of it.
"""

from __future__ import annotations

from functools import lru_cache

from synthkit.types import Phone

NAMES = {
    "iphone": "айф+он", "ipad": "айп+ад", "google": "г+угл", "youtube": "ют+уб", "windows": "в+индоус",
    "linux": "л+инукс", "whatsapp": "вотс+ап", "telegram": "телегр+ам", "facebook": "фейсб+ук",
    "wi-fi": "вай-ф+ай", "wifi": "вай-ф+ай", "internet": "интерн+ет", "email": "им+ейл", "e-mail": "им+ейл",
    "python": "п+айтон", "android": "андр+оид", "microsoft": "майкрос+офт", "apple": "+эпл", "ok": "ок+ей",
    "bluetooth": "блют+уз", "online": "онл+айн", "twitter": "тв+иттер", "instagram": "инстагр+ам",
}  # fmt: skip
_TO_RUSSIAN_VOWELS = {
    "aa": "а", "ae": "э", "ah": "а", "ao": "о", "aw": "ау", "ay": "ай", "eh": "э", "er": "эр", "ey": "эй",
    "ih": "и", "iy": "и", "ow": "о", "oy": "ой", "uh": "у", "uw": "у",
}  # fmt: skip
_TO_RUSSIAN_CONSONANTS = {
    "b": "б", "ch": "ч", "d": "д", "dh": "з", "f": "ф", "g": "г", "hh": "х", "jh": "дж", "k": "к", "l": "л",
    "m": "м", "n": "н", "ng": "нг", "p": "п", "r": "р", "s": "с", "sh": "ш", "t": "т", "th": "с", "v": "в",
    "w": "в", "z": "з", "zh": "ж",
}  # fmt: skip
_AFTER_Y = {"а": "я", "э": "е", "о": "ё", "у": "ю", "и": "и"}
_TO_ENGLISH_VOWELS = {
    "aa": "aa", "a": "ah", "ay": "ah", "ae": "ih", "ee": "eh", "e": "eh", "ii": "iy", "i": "ih", "oo": "ao",
    "uu": "uw", "u": "uh", "ur": "uh", "yy": "ih", "y": "ih",
}  # fmt: skip
_TO_ENGLISH_CONSONANTS = {
    "c": ("t", "s"), "ch": ("ch",), "sch": ("sh",), "zh": ("zh",), "sh": ("sh",), "h": ("hh",), "hh": ("hh",),
    "j": ("y",),
}  # fmt: skip


@lru_cache(maxsize=4096)
def latin_in_russian(word: str) -> str:
    """A Latin word in Russian letters with stress marks, through English; "" when it has nothing to say.

    >>> latin_in_russian("iphone")
    'айф+он'
    """
    low = word.lower()
    if low in NAMES:
        return NAMES[low]
    from synthkit_text.english.frontend import pronounce

    return "-".join(filter(None, (cyrillic(phones) for phones in pronounce(word))))


def cyrillic(phones: tuple[Phone, ...]) -> str:
    """ARPAbet phones in Russian letters.

    >>> from synthkit_text.english.phones import parse
    >>> cyrillic(parse("HH AH0 L OW1"))
    'хал+о'
    """
    out: list[str] = []
    glide = False
    strongest = 1 if any(p.stress == 1 for p in phones) else 2
    for phone in phones:
        if phone.symbol == "y":
            glide = True
            continue
        if phone.symbol in _TO_RUSSIAN_CONSONANTS:
            out.append(_TO_RUSSIAN_CONSONANTS[phone.symbol])
            glide = False
            continue
        letters = _TO_RUSSIAN_VOWELS[phone.symbol]
        if phone.symbol == "ah" and phone.stress == 0 and out and out[-1] != "и":
            letters = "э" if len(out) > 1 else "а"
        if glide:
            letters = _AFTER_Y[letters[0]] + letters[1:]
        if phone.stress == strongest:
            letters = "+" + letters
        out.append(letters)
        glide = False
    return "".join(out)


def russian_in_english(word: str) -> tuple[Phone, ...]:
    """ARPAbet phones of a lower-case Russian word, each of its phones as the nearest; empty when it is none.

    >>> [phone.symbol for phone in russian_in_english("да")]
    ['d', 'aa']
    """
    from synthkit_text.russian.acronyms import spell
    from synthkit_text.russian.context import WordSounds, realise
    from synthkit_text.russian.frontend import LETTERS
    from synthkit_text.russian.letters import VOWELS, sounds
    from synthkit_text.russian.stress import stressed

    if not LETTERS.issuperset(word):
        return ()
    if len(word) > 1 and not any(letter in VOWELS for letter in word):
        word = spell(word)
    found = stressed(word)
    said = sounds(found.word)
    if not said:
        return ()
    out: list[Phone] = []
    for symbol in realise([WordSounds(said, found.vowels)])[0]:
        if symbol in _TO_ENGLISH_VOWELS:
            stress = 1 if symbol in ("aa", "ee", "ii", "oo", "uu", "yy") else 0
            out.append(Phone(_TO_ENGLISH_VOWELS[symbol], stress))
        else:
            plain = symbol[0] if len(symbol) == 2 and symbol[0] == symbol[1] else symbol
            out += [Phone(s) for s in _TO_ENGLISH_CONSONANTS.get(symbol, (plain,))]
    return tuple(out)
