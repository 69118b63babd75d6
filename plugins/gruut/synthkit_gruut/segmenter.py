# SPDX-License-Identifier: Apache-2.0
"""`GruutSegmenter`: gruut's words and phonemes as a `Segmentation`."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from synthkit.errors import MissingDependency, NoLanguage, TextError
from synthkit.settings import Settings
from synthkit.stages import Segmenter
from synthkit.types import Phone, Segmentation, Word

STRESS = {"ˈ": 1, "ˌ": 2, "'": 1}
LANGUAGES = {
    "ar": "ar", "ca": "ca-ce", "cs": "cs-cz", "de": "de-de", "en": "en-us", "es": "es-es", "fa": "fa",
    "fr": "fr-fr", "it": "it-it", "lb": "lb", "nl": "nl", "pt": "pt", "ru": "ru-ru", "sv": "sv-se",
    "sw": "sw",
}  # fmt: skip
PACKAGE = "gruut_lang_{}"


class GruutSettings(Settings):
    """Settings of ``gruut``."""

    espeak_lexicon: bool = False
    """Use the lexicons that were made to agree with espeak-ng, where the language has them."""


class GruutSegmenter(Segmenter):
    """Any language gruut has, to IPA."""

    Config = GruutSettings
    version = "1"

    def languages(self) -> tuple[str, ...]:
        """Languages whose data package is installed."""
        return tuple(code for code in LANGUAGES if _installed(code))

    def segment(self, text: str, language: str) -> Segmentation:
        """Words and phones of `text`; see `synthkit.stages.Segmenter.segment`."""
        if not text.strip():
            raise TextError("the text is empty: there is nothing to speak")
        code = self._code(language)
        clean = "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in text)
        notes: list[str] = []
        if clean != text:
            notes.append("control characters and bytes that are not text were left out")
        words: list[Word] = []
        import gruut

        for sentence in gruut.sentences(clean, lang=LANGUAGES[code], espeak=self.config.espeak_lexicon):
            for token in sentence:
                if token.is_spoken and token.phonemes:
                    phones = tuple(split_stress(p) for p in token.phonemes)
                    words.append(Word(token.text, phones))
                elif token.is_spoken:
                    notes.append(f"{token.text!r} was not spoken: gruut gives it no phones")
                elif words and (token.is_major_break or token.is_minor_break or token.is_punctuation):
                    words[-1] = _after(words[-1], token)
            if words:
                words[-1] = _with_break(words[-1], 3)
        if not words:
            raise TextError(f"nothing in {text[:40]!r} can be spoken as {code}")
        return Segmentation(text, language, "ipa", tuple(words), tuple(dict.fromkeys(notes)))

    def phones(self, language: str) -> tuple[str, ...]:
        """Every symbol of the language's lexicon and of its letter model."""
        return _inventory(self._code(language))

    def _code(self, language: str) -> str:
        code = language.lower().replace("_", "-").split("-")[0]
        if code not in LANGUAGES:
            raise NoLanguage(f"gruut has no language {language!r}", hint=f"it has {', '.join(LANGUAGES)}")
        if not _installed(code):
            raise MissingDependency(
                f"gruut's data for {code!r} is not installed", hint=f"pip install gruut_lang_{code}"
            )
        return code


def split_stress(symbol: str) -> Phone:
    """``"ˈoʊ"`` → ``Phone("oʊ", 1)``."""
    stress = 0
    while symbol and symbol[0] in STRESS:
        stress = stress or STRESS[symbol[0]]
        symbol = symbol[1:]
    return Phone(symbol, stress)


def _installed(code: str) -> bool:
    from importlib.util import find_spec

    return find_spec(PACKAGE.format(code)) is not None


def _after(word: Word, token: Any) -> Word:
    value = 3 if token.is_major_break else 2 if token.is_minor_break else word.break_after
    mark = word.punctuation + token.text.strip()
    return Word(word.text, word.phones, max(value, word.break_after), mark, word.variants, word.function)


def _with_break(word: Word, value: int) -> Word:
    return Word(word.text, word.phones, value, word.punctuation, word.variants, word.function)


def _label(label: str) -> str:
    """A label of the letter model, which gruut keeps in base64."""
    import base64

    return base64.b64decode(label).decode()


@lru_cache(maxsize=16)
def _inventory(code: str) -> tuple[str, ...]:
    """Symbols of the lexicon (a table of the data package's SQLite file) and of the letter model's labels."""
    import importlib
    import sqlite3
    from contextlib import closing
    from pathlib import Path

    root = Path(importlib.import_module(PACKAGE.format(code)).__file__ or "").parent
    symbols: set[str] = set()
    for path in (root / "lexicon.db", root / "espeak" / "lexicon.db"):
        if path.exists():
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                for (phonemes,) in database.execute("SELECT DISTINCT phonemes FROM word_phonemes"):
                    symbols.update(phonemes.split())
    for path in (root / "g2p" / "model.crf", root / "espeak" / "g2p" / "model.crf"):
        if path.exists():
            import pycrfsuite

            tagger = pycrfsuite.Tagger()
            tagger.open(str(path))
            for label in tagger.labels():
                symbols.update(s for s in _label(label).replace("|", " ").replace("_", " ").split() if s)
    plain = {split_stress(s).symbol for s in symbols} - {"", "#"}
    return tuple(sorted(plain))
