# SPDX-License-Identifier: Apache-2.0
"""A closed set of IPA symbols that espeak-ng's phonemes are cut into."""

from __future__ import annotations

VOWELS = "aeiouyæɑɒɐɔəɘɚɛɜɝɞɤɨɪɵøœɶʉʊʌʏɯᵻ"
CONSONANTS = "pbtdkgɡqɢʔmɱnɲŋɳɴrɾɽʀʙɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟɫwɥʍʜʢɕʑʈɖcɟɓɗɠɺɧ"
_AFFRICATES = ("ts", "dz", "tʃ", "dʒ", "tɕ", "dʑ", "ʈʂ", "ɖʐ", "tʂ", "dʐ", "pf", "kx", "tθ", "cç", "ɟʝ")
_GLIDES = "iɪuʊəjyɐæoaeɔʏɑɛœøʉw"


def _inventory() -> tuple[str, ...]:
    symbols = list(VOWELS)
    symbols += [v + m for v in VOWELS for m in ("ː", "\u0303", "\u0303ː", "ɹ", "˞", "ˑ")]
    symbols += [v + g for v in VOWELS for g in _GLIDES if v != g]
    symbols += [
        v + g + t
        for v in "aeouɑɔɛiʊə"
        for g in "ʊɪiuɛəoa"
        if v != g
        for t in ("ɹ", "ə", "ː", "ʊ", "ɪ", "\u0303")
    ]
    symbols += list(CONSONANTS)
    symbols += [
        c + m
        for c in (*CONSONANTS, *_AFFRICATES)
        for m in ("ː", "ʲ", "ʰ", "ʷ", "ˤ", "ʼ", "\u0329", "\u032a", "ʲː")
    ]
    symbols += _AFFRICATES
    symbols += [f"{t}" for t in ("əl", "ən", "əm", "əɹ", "˥", "˧", "˨", "˩", "˦")]
    return tuple(dict.fromkeys(symbols))


INVENTORY = _inventory()
_KNOWN = frozenset(INVENTORY)
_LONGEST = max(map(len, INVENTORY))


def split(phoneme: str, unknown: list[str]) -> list[str]:
    """The longest known symbols of `phoneme`, left to right; what is none goes to `unknown`.

    >>> split("oʊ", [])
    ['oʊ']
    """
    out = []
    position = 0
    while position < len(phoneme):
        for length in range(min(_LONGEST, len(phoneme) - position), 0, -1):
            if phoneme[position : position + length] in _KNOWN:
                out.append(phoneme[position : position + length])
                break
        else:
            length = 1
            if phoneme[position] not in "\u200d\u0361ˈˌ.-":
                unknown.append(phoneme[position])
        position += length
    return out
