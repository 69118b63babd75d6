# SPDX-License-Identifier: Apache-2.0
"""`EspeakSegmenter`: espeak-ng's phonemes as a `Segmentation`."""

from __future__ import annotations

import re
import unicodedata

from synthkit.errors import NoLanguage, TextError
from synthkit.settings import Settings
from synthkit.stages import Segmenter
from synthkit.types import Phone, Segmentation, Word
from synthkit_espeak.ipa import INVENTORY, split
from synthkit_espeak.library import SEPARATOR, library

VOICES = {"en": "en-us", "fr": "fr-fr", "pt": "pt", "zh": "cmn"}
LATIN = frozenset(
    [
        "af", "ca", "cs", "cy", "da", "de", "en", "eo", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu",
        "id", "is", "it", "lt", "lv", "ms", "nb", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw",
        "tr", "vi",
    ]
)  # fmt: skip
"""Languages in Latin letters: of others espeak-ng says the names, or nothing."""
_TOKEN = re.compile(r"[^\s.,;:!?…—–()\[\]{}\"«»„“”]+")
_CLAUSE_END = frozenset(".!?…。！？")
_CLAUSE_MARK = frozenset(",;:—–()[]、，")
_SWITCH = re.compile(r"\(([a-z-]+)\)")


class EspeakSettings(Settings):
    """Settings of ``espeak``."""

    voice: str = ""
    """espeak-ng's name of the language or dialect, such as ``"es-419"``; by default the text's language."""


class EspeakSegmenter(Segmenter):
    """Any language espeak-ng has, to IPA."""

    Config = EspeakSettings
    version = "1"

    def languages(self) -> tuple[str, ...]:
        """Any: espeak-ng says itself what it lacks."""
        return ("*",)

    def fingerprint(self) -> str:
        """espeak-ng's version."""
        return library().version

    def phones(self, language: str) -> tuple[str, ...]:
        """Every IPA symbol it may give; espeak-ng does not tell which of them a language has."""
        return INVENTORY

    def segment(self, text: str, language: str) -> Segmentation:
        """Words and phones of `text`; see `synthkit.stages.Segmenter.segment`."""
        if not text.strip():
            raise TextError("the text is empty: there is nothing to speak")
        voice = self.config.voice or VOICES.get(language.lower(), language.lower().replace("_", "-"))
        engine = library()
        if not engine.set_voice(voice) and not engine.set_voice(voice.split("-")[0]):
            raise NoLanguage(f"espeak-ng has no language {voice!r}", hint="`espeak-ng --voices` lists them")
        notes: list[str] = []
        clean = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
        if len(clean) != len(text) or clean != text.replace("\n", " "):
            notes.append("control characters and bytes that are not text were left out")
        words: list[Word] = []
        if voice.split("-")[0] in LATIN and (strange := foreign(clean)):
            said = ", ".join(map(repr, strange))
            notes.append(f"{said}: letters that {voice} has not; espeak-ng names them one by one")
        for tokens, mark in clauses(clean):
            words += self._clause(tokens, mark, notes)
        if not words:
            raise TextError(f"nothing in {text[:40]!r} can be spoken as {voice}", hint="; ".join(notes))
        last = words[-1]
        words[-1] = Word(last.text, last.phones, 3, last.punctuation)
        return Segmentation(text, language, "ipa", tuple(words), tuple(dict.fromkeys(notes)))

    def _clause(self, tokens: list[str], mark: str, notes: list[str]) -> list[Word]:
        engine = library()
        said = [w for w in self._plain(engine.phonemes(" ".join(tokens)), notes).split(" ") if w]
        # espeak-ng joins some words ("of the") and makes several of a number: then word by word.
        if len(said) != len(tokens) or not all(token.replace("'", "").isalpha() for token in tokens):
            said = [self._plain(engine.phonemes(token), notes).replace(" ", SEPARATOR) for token in tokens]
        out: list[Word] = []
        for token, ipa in zip(tokens, said, strict=True):
            phones, unknown = parse(ipa)
            if unknown:
                notes.append(
                    f"espeak-ng's {', '.join(map(repr, unknown))} in {token!r} is no phone and was left out"
                )
            if phones:
                out.append(Word(token, phones))
            else:
                notes.append(f"{token!r} was not spoken: espeak-ng gives it no phones")
        if out:
            value = 3 if _CLAUSE_END & set(mark) else 2 if _CLAUSE_MARK & set(mark) else 0
            out[-1] = Word(out[-1].text, out[-1].phones, value, mark.strip())
        return out

    def _plain(self, ipa: str, notes: list[str]) -> str:
        for language in _SWITCH.findall(ipa)[::2]:
            notes.append(f"espeak-ng read a word as {language}")
        return _SWITCH.sub("", ipa)


def foreign(text: str) -> list[str]:
    """Words with letters that are not Latin.

    >>> foreign("Hello, Привет and naïve")
    ['Привет']
    """
    own = ("LATIN", "MODIFIER")
    return [
        token
        for token in _TOKEN.findall(text)
        if any(c.isalpha() and not unicodedata.name(c, own[0]).startswith(own) for c in token)
    ]


def clauses(text: str) -> list[tuple[list[str], str]]:
    """Tokens between marks, with the mark that follows.

    >>> clauses("Si, claro.")
    [(['Si'], ','), (['claro'], '.')]
    """
    out: list[tuple[list[str], str]] = []
    tokens: list[str] = []
    position = 0
    for match in _TOKEN.finditer(text):
        gap = text[position : match.start()]
        if tokens and (_CLAUSE_END | _CLAUSE_MARK) & set(gap):
            out.append((tokens, gap.strip()))
            tokens = []
        tokens.append(match.group())
        position = match.end()
        # A number keeps its comma or point.
    if tokens:
        out.append((tokens, text[position:].strip()))
    return _joined_numbers(out)


def _joined_numbers(parts: list[tuple[list[str], str]]) -> list[tuple[list[str], str]]:
    out: list[tuple[list[str], str]] = []
    for tokens, mark in parts:
        if out and out[-1][1] in (",", ".") and out[-1][0][-1][-1:].isdigit() and tokens[0][:1].isdigit():
            before, joint = out.pop()
            tokens = [*before[:-1], before[-1] + joint + tokens[0], *tokens[1:]]
        out.append((tokens, mark))
    return out


def parse(ipa: str) -> tuple[tuple[Phone, ...], list[str]]:
    """Phones of one word's separated IPA, and what of it is no phone."""
    phones: list[Phone] = []
    unknown: list[str] = []
    stress = 0
    for part in ipa.split(SEPARATOR):
        body = part
        for mark, value in (("ˈ", 1), ("ˌ", 2)):
            if mark in body:
                stress = value
                body = body.replace(mark, "")
        for symbol in split(body, unknown):
            vowel = symbol[0] in "aeiouyæɑɒɐɔəɘɚɛɜɝɞɤɨɪɵøœɶʉʊʌʏɯᵻ"
            phones.append(Phone(symbol, stress if vowel else 0))
            if vowel:
                stress = 0
    return tuple(phones), unknown
