"""Russian sounds in context: vowel reduction by stress, voicing by neighbours, across words.

The phone set ``msu-ru`` has three grades of each vowel: stressed (``aa``), first degree (``a``) and
second degree (``ay`` after a hard consonant, ``ae`` after a soft one, ``ur`` for u).
"""

from __future__ import annotations

from dataclasses import dataclass

VOWELS = frozenset("aoeiyu")
STRESSED = {v: v + v for v in "aoeiyu"}
SOFT = frozenset(
    [
        "bb",
        "vv",
        "gg",
        "dd",
        "zz",
        "kk",
        "ll",
        "mm",
        "nn",
        "pp",
        "rr",
        "ss",
        "tt",
        "ff",
        "hh",
        "ch",
        "sch",
        "j",
    ]
)
SONORANTS = frozenset(["m", "mm", "n", "nn", "l", "ll", "r", "rr", "j"])
PAIRS = {
    "b": "p", "bb": "pp", "v": "f", "vv": "ff", "zh": "sh", "z": "s", "zz": "ss",
    "g": "k", "gg": "kk", "d": "t", "dd": "tt",
}  # fmt: skip
VOICED_OF = {voiceless: voiced for voiced, voiceless in PAIRS.items()}
VOICERS = frozenset(["b", "bb", "g", "gg", "d", "dd", "z", "zz", "zh"])
DEVOICERS = frozenset(["p", "pp", "sh", "s", "ss", "t", "tt", "k", "kk", "sch", "ch", "h", "hh"])


@dataclass(slots=True)
class Spoken:
    """A word on its way to phones."""

    sounds: tuple[str, ...]
    stress: int
    """Stressed vowel from 1; 0 for none."""
    clitic: bool
    pause_after: bool


def realise(words: list[Spoken]) -> list[list[str]]:
    """Phones of each word, given its neighbours and the pauses between them."""
    symbols: list[str] = []  # the whole utterance, "" for a pause
    word_of: list[int] = []
    stressed: list[bool] = []
    final: list[bool] = []  # last sound of a word that is not a clitic
    beats: list[tuple[int, bool]] = []  # syllables: position (or -1) and whether stressed
    symbols.append("")
    word_of.append(-1)
    stressed.append(False)
    final.append(False)
    for number, word in enumerate(words):
        count = 0
        for sound in word.sounds:
            accent = False
            if sound in VOWELS:
                count += 1
                accent = count == word.stress
                beats.append((len(symbols), accent))
            symbols.append(sound)
            word_of.append(number)
            stressed.append(accent)
            final.append(False)
        if not count:
            beats.append((-1, False))
        final[-1] = not word.clitic
        if word.pause_after or number == len(words) - 1:
            symbols.append("")
            word_of.append(-1)
            stressed.append(False)
            final.append(False)
    pretonic = [False] * len(symbols)
    for (position, _), (_, accent) in zip(beats, beats[1:], strict=False):
        if position >= 0:
            pretonic[position] = accent
    _reduce(symbols, stressed, pretonic)
    _voice(symbols, final)
    out: list[list[str]] = [[] for _ in words]
    for symbol, number in zip(symbols, word_of, strict=True):
        if number >= 0:
            out[number].append(symbol)
    return out


def _reduce(symbols: list[str], stressed: list[bool], pretonic: list[bool]) -> None:
    for i, vowel in enumerate(symbols):
        if vowel not in VOWELS:
            continue
        before, after = symbols[i - 1], symbols[i + 1]
        if stressed[i]:
            symbols[i] = "yy" if vowel == "i" and before == "s" else STRESSED[vowel]
            continue
        open_ = not before or not after or before == "j" or before[0] in "aoeiyu"
        soft = before in SOFT
        if vowel in "ao":
            if open_ or pretonic[i]:
                symbols[i] = "a"
            else:
                symbols[i] = "ae" if soft else "ay"
        elif vowel == "e":
            if not open_:
                if pretonic[i]:
                    symbols[i] = "i" if soft else "y"
                else:
                    symbols[i] = "ae" if soft else "ay"
        elif vowel == "u":
            if not open_ and not pretonic[i]:
                symbols[i] = "ur"
        elif not open_ and not pretonic[i]:
            symbols[i] = "ae" if soft else "ay"


def _voice(symbols: list[str], final: list[bool]) -> None:
    last = len(symbols) - 1
    for i, symbol in enumerate(symbols):
        if not symbol or i == last:
            continue
        after = symbols[i + 1]
        beyond = symbols[i + 2] if i + 2 <= last else ""
        if not final[i]:
            if after in DEVOICERS:
                symbols[i] = PAIRS.get(symbol, symbol)
            elif after in VOICERS:
                symbols[i] = VOICED_OF.get(symbol, symbol)
            continue
        labial = after in ("v", "vv")
        if (
            not after
            or after in SONORANTS
            or after[0] in "aoeiyu"
            or (labial and beyond and (beyond[0] in "aoeiyu" or beyond in SONORANTS))
        ):
            symbols[i] = PAIRS.get(symbol, symbol)
        elif labial and beyond in VOICERS:
            symbols[i] = VOICED_OF.get(symbol, symbol)
        elif symbol == "z" and after in DEVOICERS:
            symbols[i] = "s"
