"""Latin words in Russian text: through the English front end, then respelt in Russian letters."""

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
_VOWELS = {
    "aa": "а", "ae": "э", "ah": "а", "ao": "о", "aw": "ау", "ay": "ай", "eh": "э", "er": "эр", "ey": "эй",
    "ih": "и", "iy": "и", "ow": "о", "oy": "ой", "uh": "у", "uw": "у",
}  # fmt: skip
_CONSONANTS = {
    "b": "б", "ch": "ч", "d": "д", "dh": "з", "f": "ф", "g": "г", "hh": "х", "jh": "дж", "k": "к", "l": "л",
    "m": "м", "n": "н", "ng": "нг", "p": "п", "r": "р", "s": "с", "sh": "ш", "t": "т", "th": "с", "v": "в",
    "w": "в", "z": "з", "zh": "ж",
}  # fmt: skip
_AFTER_Y = {"а": "я", "э": "е", "о": "ё", "у": "ю", "и": "и"}


@lru_cache(maxsize=4096)
def respell(word: str) -> str:
    """A Latin word in Russian letters with stress marks; "" when it has nothing to say.

    >>> respell("iphone")
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
        if phone.symbol in _CONSONANTS:
            out.append(_CONSONANTS[phone.symbol])
            glide = False
            continue
        letters = _VOWELS[phone.symbol]
        if phone.symbol == "ah" and phone.stress == 0 and out and out[-1] != "и":
            letters = "э" if len(out) > 1 else "а"
        if glide:
            letters = _AFTER_Y[letters[0]] + letters[1:]
        if phone.stress == strongest:
            letters = "+" + letters
        out.append(letters)
        glide = False
    return "".join(out)
