# SPDX-License-Identifier: Apache-2.0
"""English text in the phones that hibari's voices were trained on (misaki's alphabet)."""

from __future__ import annotations

import importlib.metadata
from functools import lru_cache
from typing import Any

from synthkit.errors import MissingDependency, TextError
from synthkit.stages import Segmenter
from synthkit.types import Phone, Segmentation, Word

PHONE_SET = "misaki-en-us"
VOWELS = frozenset("AIOQSWYTaeiouæɑɐɒɔəɚɛɜɝɪʊʌᵊᵻ")
STRESS = {"ˈ": 1, "ˌ": 2}
MARK = {1: "ˈ", 2: "ˌ", 0: ""}
_ENDS, _COMMAS = frozenset(".!?…"), frozenset(",;:—()")


@lru_cache(maxsize=1)
def engine() -> Any:
    """`hibari.Hibari`, without its network."""
    try:
        from hibari import Hibari
        from hibari.g2p import G2P
    except ImportError as error:
        raise MissingDependency("hibari needs hibari-tts", hint="pip install hibari-tts==0.2.1") from error
    made = Hibari.__new__(Hibari)  # its constructor would load the network, which reading does not need
    made._g2p = G2P(british=False)
    return made


class HibariSegmenter(Segmenter):
    """English alone; numbers and abbreviations are read by hibari's own rules."""

    version = "1"

    def languages(self) -> tuple[str, ...]:
        """English."""
        return ("en",)

    def fingerprint(self) -> str:
        """The package's version."""
        return importlib.metadata.version("hibari-tts")

    def phones(self, language: str) -> tuple[str, ...]:
        """Every phone it may give."""
        return tuple(sorted(c for c in _vocabulary() if c.isalpha() and c not in STRESS))

    def segment(self, text: str, language: str) -> Segmentation:
        """See `Segmenter.segment`."""
        if not text.strip():
            raise TextError("the text is empty: there is nothing to speak")
        words: list[Word] = []
        for sentence in engine().phonemize(text):
            for piece in sentence.split():
                word = _word(piece)
                if word.phones:
                    words.append(word)
                elif words:
                    words[-1] = _with(words[-1], piece)
            if words:
                words[-1] = _with(words[-1], "", 3)
        if not words:
            raise TextError(f"nothing in {text[:40]!r} can be spoken as English")
        return Segmentation(text, language, PHONE_SET, tuple(words))


def spelling(segmentation: Segmentation) -> str:
    """The segmentation in hibari's alphabet, as its network is given it."""
    said = []
    for word in segmentation.words:
        phones = "".join(MARK[p.stress] + p.symbol for p in word.phones)
        mark = word.punctuation or {2: ",", 3: "."}.get(word.break_after, "")
        said.append(phones + mark)
    return " ".join(said)


def _word(piece: str) -> Word:
    phones: list[Phone] = []
    marks, stress = "", 0
    for character in piece:
        if character in STRESS:
            stress = STRESS[character]
        elif character.isalpha() or character in "ːʰʲ":
            vowel = character in VOWELS
            if character in "ːʰʲ" and phones:
                phones[-1] = Phone(phones[-1].symbol + character, phones[-1].stress)
                continue
            phones.append(Phone(character, stress if vowel else 0))
            stress = 0 if vowel else stress
        else:
            marks += character
    text = "".join(p.symbol for p in phones)
    return Word(text, tuple(phones), _break(marks), marks)


def _with(word: Word, marks: str, at_least: int = 0) -> Word:
    both = word.punctuation + marks
    return Word(word.text, word.phones, max(_break(both), at_least), both)


def _break(marks: str) -> int:
    return 3 if _ENDS & set(marks) else 2 if _COMMAS & set(marks) else 0


def _vocabulary() -> dict[str, int]:
    import json
    import os

    from hibari.tts import ASSETS

    with open(os.path.join(ASSETS, "vocab.json"), encoding="utf-8") as file:
        return dict(json.load(file))
