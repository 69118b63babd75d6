"""Russian words in English text: by the Russian front end, each phone to the nearest of ARPAbet."""

from __future__ import annotations

from synthkit.types import Phone

_VOWELS = {
    "aa": "aa", "a": "ah", "ay": "ah", "ae": "ih", "ee": "eh", "e": "eh", "ii": "iy", "i": "ih", "oo": "ao",
    "uu": "uw", "u": "uh", "ur": "uh", "yy": "ih", "y": "ih",
}  # fmt: skip
_CONSONANTS = {
    "c": ("t", "s"), "ch": ("ch",), "sch": ("sh",), "zh": ("zh",), "sh": ("sh",), "h": ("hh",), "hh": ("hh",),
    "j": ("y",),
}  # fmt: skip


def phones_of(word: str) -> tuple[Phone, ...]:
    """ARPAbet phones of a lower-case Russian word; empty when it is not one."""
    from synthkit_text.russian.abbreviations import spell
    from synthkit_text.russian.context import Spoken, realise
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
    for symbol in realise([Spoken(said, found.vowels)])[0]:
        if symbol in _VOWELS:
            stress = 1 if symbol in ("aa", "ee", "ii", "oo", "uu", "yy") else 0
            out.append(Phone(_VOWELS[symbol], stress))
        else:
            plain = symbol[0] if len(symbol) == 2 and symbol[0] == symbol[1] else symbol
            out += [Phone(s) for s in _CONSONANTS.get(symbol, (plain,))]
    return tuple(out)
