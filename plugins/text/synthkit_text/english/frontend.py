"""English tokens to words with phones."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from synthkit.errors import TextError
from synthkit.types import Phone, Word
from synthkit_text.blob import Blob
from synthkit_text.clean import name_of
from synthkit_text.english.phones import PHONES, decode, parse
from synthkit_text.lexicon import UserLexicon
from synthkit_text.scan import Token

DATA = Path(__file__).parents[1] / "data"
FUNCTION = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "and",
        "or",
        "but",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "am",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "me",
        "him",
        "her",
        "us",
        "them",
        "my",
        "your",
        "his",
        "its",
        "our",
        "their",
        "this",
        "that",
        "these",
        "those",
        "than",
        "then",
        "so",
        "if",
        "not",
        "no",
    ]
)


@lru_cache(maxsize=1)
def dictionary() -> Blob:
    """cmudict (see ``data/LICENSE.cmudict``)."""
    return Blob.open(DATA / "en_lexicon.bin")


class English:
    """The English front end."""

    name = "English"
    phone_set = "arpabet"
    phones = PHONES

    def __init__(self, lexicon: UserLexicon) -> None:
        self.lexicon = lexicon

    def normalise(self, text: str, notes: list[str]) -> str:
        """Numbers, abbreviations and symbols in words."""
        return text

    def words(self, tokens: list[Token], notes: list[str]) -> list[Word]:
        """Words with their phones."""
        out = []
        for token in tokens:
            if token.phones:
                choices = (self._given(token.text),)
            else:
                choices = self._pronounce(token.text.lower().replace("’", "'"), notes)
            if not choices:
                continue
            out.append(
                Word(
                    token.text,
                    choices[0],
                    token.break_after,
                    token.after,
                    choices[1:],
                    token.text.lower() in FUNCTION,
                )
            )
        return out

    def _given(self, text: str) -> tuple[Phone, ...]:
        try:
            phones = parse(text)
        except KeyError as error:
            raise TextError(
                f"{{{text}}}: {error} is not a phone of arpabet", hint=f"its phones are {' '.join(PHONES)}"
            ) from None
        if not phones:
            raise TextError("{} holds no phones")
        return phones

    def _pronounce(self, word: str, notes: list[str]) -> tuple[tuple[Phone, ...], ...]:
        found = dictionary().get(word.encode("utf-8"))
        if found:
            return tuple(decode(code) for code in found.decode().split())
        parts: list[Phone] = []
        for part in word.split("-"):
            found = dictionary().get(part.encode("utf-8"))
            if found:
                parts += decode(found.decode().split()[0])
                continue
            for letter in part:
                found = dictionary().get(letter.encode("utf-8"))
                if found is None:
                    notes.append(f"{word!r} was not spoken: {name_of(letter)}")
                    return ()
                parts += decode(found.decode().split()[0])
        notes.append(f"{word!r} is not in the lexicon and was spelt out")
        return (tuple(parts),) if parts else ()
