# SPDX-License-Identifier: Apache-2.0
"""One inventory of phones: whatever set a symbol is from, its sound in IPA and what the mouth does for it.

Sets spell sounds in ways of their own: ``yy`` of ``msu-ru``, ``ɨ`` of eSpeak and of gruut are one sound,
``y`` of ``ipa`` is another. `canonical` gives the IPA of a symbol, `features` some twenty numbers of how it
is made, and `distance` says how far two sounds are from each other, over languages and sets.

IPA as of the chart of 2020 (International Phonetic Association); ties are left out, length and secondary
articulation are features, stress is none (it is a property of the syllable, `Phone.stress`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

PAUSES = frozenset({"pau", "sil", "#", "", "_"})

NAMES = (
    "vowel", "sonorant", "continuant", "nasal", "lateral", "rhotic", "affricate", "sibilant", "voiced",
    "aspirated", "labial", "coronal", "retracted", "palatal", "velar", "glottal", "height", "back", "round",
    "glide_height", "glide_back", "long",
)  # fmt: skip
"""What the numbers of `features` mean, each from 0 to 1. ``height`` and ``back`` are of vowels and glides,
and ``glide_height`` and ``glide_back`` of where a diphthong ends; ``retracted`` is post-alveolar or
retroflex."""
WEIGHTS = (4, 2, 1.5, 2, 1.5, 1.5, 1, 1.5, 1, 0.3, 1.8, 1.5, 1, 1, 1.5, 1, 2.5, 2, 1, 0.8, 0.6, 0.3)
"""How much each counts in `distance`."""

# How close (1) or open (0), how far back, whether rounded.
_VOWELS = {
    "i": (1, 0, 0), "y": (1, 0, 1), "ɨ": (1, 0.5, 0), "ʉ": (1, 0.5, 1), "ɯ": (1, 1, 0), "u": (1, 1, 1),
    "ɪ": (0.83, 0.2, 0), "ʏ": (0.83, 0.2, 1), "ᵻ": (0.83, 0.5, 0), "ʊ": (0.83, 0.85, 1),
    "e": (0.67, 0, 0), "ø": (0.67, 0, 1), "ɘ": (0.67, 0.5, 0), "ɵ": (0.67, 0.5, 1), "ɤ": (0.67, 1, 0),
    "o": (0.67, 1, 1), "ə": (0.5, 0.5, 0), "ɚ": (0.5, 0.5, 0), "ɛ": (0.33, 0, 0), "œ": (0.33, 0, 1),
    "ɜ": (0.33, 0.5, 0), "ɝ": (0.33, 0.5, 0), "ɞ": (0.33, 0.5, 1), "ʌ": (0.33, 1, 0), "ɔ": (0.33, 1, 1),
    "æ": (0.17, 0, 0), "ɐ": (0.17, 0.5, 0), "a": (0, 0.3, 0), "ɶ": (0, 0, 1), "ɑ": (0, 1, 0), "ɒ": (0, 1, 1),
}  # fmt: skip
# Place and manner; capitals of the manner are voiced.
_CONSONANTS = {
    "p": "lab stop", "b": "lab STOP", "t": "cor stop", "d": "cor STOP", "ʈ": "ret stop", "ɖ": "ret STOP",
    "c": "pal stop", "ɟ": "pal STOP", "k": "vel stop", "ɡ": "vel STOP", "q": "uvu stop", "ɢ": "uvu STOP",
    "ʔ": "glo stop", "m": "lab NASAL", "ɱ": "lab NASAL", "n": "cor NASAL", "ɳ": "ret NASAL", "ɲ": "pal NASAL",
    "ŋ": "vel NASAL", "ɴ": "uvu NASAL", "r": "cor TRILL", "ʀ": "uvu TRILL", "ʙ": "lab TRILL",
    "ɾ": "cor TRILL",
    "ɽ": "ret TRILL", "ɸ": "lab fric", "β": "lab FRIC", "f": "lab fric", "v": "lab FRIC", "θ": "cor fric",
    "ð": "cor FRIC", "s": "cor sib", "z": "cor SIB", "ʃ": "ret sib", "ʒ": "ret SIB", "ʂ": "ret sib",
    "ʐ": "ret SIB", "ɕ": "apa sib", "ʑ": "apa SIB", "ç": "pal fric", "ʝ": "pal FRIC", "x": "vel fric",
    "ɣ": "vel FRIC", "χ": "uvu fric", "ʁ": "uvu FRIC", "ħ": "glo fric", "ʕ": "glo FRIC", "h": "glo fric",
    "ɦ": "glo FRIC", "ɬ": "cor lfric", "ɮ": "cor LFRIC", "ʋ": "lab APPR", "ɹ": "cor RHOT", "ɻ": "ret RHOT",
    "j": "pal APPR", "ɰ": "vel APPR", "l": "cor LAT", "ɫ": "cor LATV", "ɭ": "ret LAT", "ʎ": "pal LAT",
    "ʟ": "vel LAT", "w": "vel APPRW", "ʍ": "vel apprw", "ɥ": "pal APPRW",
}  # fmt: skip

ARPABET = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ", "b": "b",
    "ch": "tʃ", "d": "d", "dh": "ð", "dx": "ɾ", "eh": "ɛ", "el": "l̩", "em": "m̩", "en": "n̩", "er": "ɝ",
    "ey": "eɪ", "f": "f", "g": "ɡ", "hh": "h", "ih": "ɪ", "ix": "ɨ", "iy": "i", "jh": "dʒ", "k": "k",
    "l": "l",
    "m": "m", "n": "n", "ng": "ŋ", "ow": "oʊ", "oy": "ɔɪ", "p": "p", "q": "ʔ", "r": "ɹ", "s": "s", "sh": "ʃ",
    "t": "t", "th": "θ", "uh": "ʊ", "uw": "u", "ux": "ʉ", "v": "v", "w": "w", "wh": "ʍ", "y": "j", "z": "z",
    "zh": "ʒ",
}  # fmt: skip
"""ARPAbet, in small letters and without stress."""
MSU_RU = {
    "aa": "a", "ee": "e", "ii": "i", "oo": "o", "uu": "u", "yy": "ɨ",  # stressed
    "a": "ɐ", "e": "ɛ", "i": "ɪ", "o": "o", "u": "ʊ", "y": "ᵻ", "ae": "ɪ", "ay": "ə", "ur": "ʊ",  # not
    "p": "p", "pp": "pʲ", "b": "b", "bb": "bʲ", "t": "t", "tt": "tʲ", "d": "d", "dd": "dʲ", "k": "k",
    "kk": "kʲ", "g": "ɡ", "gg": "ɡʲ", "c": "ts", "ch": "tɕ", "f": "f", "ff": "fʲ", "v": "v", "vv": "vʲ",
    "s": "s", "ss": "sʲ", "z": "z", "zz": "zʲ", "sh": "ʂ", "sch": "ɕː", "zh": "ʐ", "h": "x", "hh": "xʲ",
    "m": "m", "mm": "mʲ", "n": "n", "nn": "nʲ", "l": "ɫ", "ll": "lʲ", "r": "r", "rr": "rʲ", "j": "j",
}  # fmt: skip
"""The set of the Russian recordings of Moscow State University: two letters are a soft consonant or a
stressed vowel."""
SETS = {"arpabet": ARPABET, "msu-ru": MSU_RU}
"""Sets that are no IPA, by the name that a `Segmentation` gives."""
_SAME = {
    "g": "ɡ",
    "ʦ": "ts",
    "ʣ": "dz",
    "ʧ": "tʃ",
    "ʤ": "dʒ",
    "ʨ": "tɕ",
    "ʥ": "dʑ",
    ":": "ː",
    "'": "ʲ",
    "\u0303": "\u0303",
}
_LEFT_OUT = frozenset("ˈˌ͜͡‿.|ʼ\u032f\u031a\u032a\u033a\u033b\u0320\u031f\u0318\u0319\u031e\u031d\u0308")
"""Stress, ties, and marks finer than the features."""


def canonical(phone_set: str, symbol: str) -> str:
    """The IPA of a symbol: composed of letters and marks that every set shares, without stress and ties.

    Parameters
    ----------
    phone_set : str
        As `Segmentation.phone_set` has it; a set that is not in `SETS` is taken for IPA.
    symbol : str

    Returns
    -------
    str
        ``""`` for a pause. A symbol that no table knows comes back as it is.
    """
    if symbol in PAUSES:
        return ""
    table = SETS.get(phone_set)
    if table is not None:
        return table.get(symbol.lower().rstrip("012"), symbol)
    text = "".join(_SAME.get(c, c) for c in unicodedata.normalize("NFD", symbol) if c not in _LEFT_OUT)
    return text.replace("c\u0327", "ç")


@lru_cache(maxsize=4096)
def features(phone_set: str, symbol: str) -> tuple[float, ...] | None:
    """How a sound is made: numbers from 0 to 1, as `NAMES` has them; None for a pause or what is no sound."""
    values = dict.fromkeys(NAMES, 0.0)
    vowels: list[tuple[float, float, float]] = []
    stops = 0
    consonants = 0
    syllabic = False
    for c in canonical(phone_set, symbol):
        if c in _VOWELS:
            vowels.append(_VOWELS[c])
            if c in "ɚɝ":
                values["rhotic"] = 1.0
        elif c in _CONSONANTS:
            consonants += 1
            stops += _CONSONANTS[c].split()[1].lower() == "stop"
            _consonant(values, _CONSONANTS[c])
        elif c == "ː":
            values["long"] = 1.0
        elif c == "ˑ":
            values["long"] = 0.5
        elif c == "ʲ":
            values["palatal"] = 1.0
        elif c == "ʰ":
            values["aspirated"] = 1.0
        elif c == "ʷ":
            values["round"] = 1.0
        elif c in "ˠˤ\u0334":
            values["velar"] = max(values["velar"], 0.5)
        elif c == "\u0303":
            values["nasal"] = 1.0
        elif c in "˞":
            values["rhotic"] = 1.0
        elif c == "\u0329":
            syllabic = True
        elif c in "\u0325\u030a":
            values["voiced"] = 0.0
        elif c == "\u032c":
            values["voiced"] = 1.0
        else:
            return None
    if not vowels and not consonants:
        return None
    if consonants > 1 and stops and values["continuant"]:
        values["affricate"], values["continuant"] = 1.0, 0.0
    if vowels:
        height, back, rounded = vowels[0]
        values |= {"vowel": 1.0, "sonorant": 1.0, "continuant": 1.0, "voiced": 1.0, "height": height}
        values |= {"back": back, "round": max(values["round"], rounded)}
        values |= {"glide_height": vowels[-1][0], "glide_back": vowels[-1][1]}
        for place in ("labial", "coronal", "retracted", "velar", "glottal", "palatal"):
            values[place] = 0.0
    elif syllabic:
        values["vowel"] = 0.5
    return tuple(float(values[name]) for name in NAMES)


def _consonant(values: dict[str, float], kind: str) -> None:
    place, manner = kind.split()
    values["voiced"] = 1.0 if manner.isupper() else 0.0
    manner = manner.lower()
    where = {
        "lab": ("labial",), "cor": ("coronal",), "ret": ("coronal", "retracted"), "pal": ("palatal",),
        "apa": ("coronal", "retracted", "palatal"), "vel": ("velar",), "uvu": ("velar", "retracted"),
        "glo": ("glottal",),
    }[place]  # fmt: skip
    for name in ("labial", "coronal", "retracted", "velar", "glottal"):
        values[name] = 0.0
    for name in where:
        values[name] = 1.0
    what = {
        "stop": (), "nasal": ("sonorant", "nasal"), "trill": ("sonorant", "continuant", "rhotic"),
        "fric": ("continuant",), "sib": ("continuant", "sibilant"), "lfric": ("continuant", "lateral"),
        "appr": ("sonorant", "continuant"), "rhot": ("sonorant", "continuant", "rhotic"),
        "lat": ("sonorant", "continuant", "lateral"), "latv": ("sonorant", "continuant", "lateral"),
        "apprw": ("sonorant", "continuant", "round", "labial"),
    }[manner]  # fmt: skip
    for name in what:
        values[name] = 1.0
    if manner == "latv":
        values["velar"] = 0.5
    if manner.startswith("appr"):
        values["height"] = values["glide_height"] = 1.0
        values["back"] = values["glide_back"] = 1.0 if place == "vel" else 0.0


def distance(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> float:
    """How far two sounds are from each other, 0 for the same; a pause is far from every sound.

    Parameters
    ----------
    one, other : tuple of float or None
        As `features` gives them.

    Returns
    -------
    float
    """
    if one is None or other is None:
        return 0.0 if one is other else float(sum(WEIGHTS))
    return sum(w * abs(a - b) for w, a, b in zip(WEIGHTS, one, other, strict=True))


def nearest(symbol: str, candidates: Iterable[str], phone_set: str, own_set: str | None = None) -> str | None:
    """The candidate that sounds most like `symbol`; None where its sound is not known.

    Parameters
    ----------
    symbol : str
        Of the set `phone_set`.
    candidates : iterable of str
        Of the set `own_set`, or of the same; pauses are passed over.
    phone_set, own_set : str

    Returns
    -------
    str or None
    """
    wanted = features(phone_set, symbol)
    if wanted is None:
        return None
    found = [
        (distance(wanted, f), c) for c in candidates if (f := features(own_set or phone_set, c)) is not None
    ]
    return min(found)[1] if found else None
