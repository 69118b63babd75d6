# SPDX-License-Identifier: Apache-2.0
"""What segmentation says about a text: words, phones, stress, breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from synthkit.types.shown import Shown

PAUSE = "pau"
"""The pause symbol of every phone set."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone.

    Attributes
    ----------
    symbol : str
        Of a phone set.
    stress : int
        0 none, 1 primary, 2 secondary; only vowels carry stress.
    """

    symbol: str
    stress: int = 0


@lru_cache(maxsize=1024)
def _phone(symbol: str, stress: int) -> Phone:
    """One object for each phone: a corpus has tens of thousands of some fifty."""
    return Phone(symbol, stress)


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word.

    Attributes
    ----------
    text : str
        The word as it is read (numbers already in words).
    phones : tuple of Phone
        Chosen pronunciation; never empty.
    break_after : int
        0 no break, 1 possible short break, 2 phrase break (comma), 3 sentence end.
    punctuation : str
        Punctuation that follows the word in the text, as written.
    variants : tuple of tuple of Phone
        Other pronunciations an aligner may choose instead.
    function : bool
        True for clitics and function words, which form one prosodic word with a neighbour.
    """

    text: str
    phones: tuple[Phone, ...]
    break_after: int = 0
    punctuation: str = ""
    variants: tuple[tuple[Phone, ...], ...] = ()
    function: bool = False


@dataclass(frozen=True, slots=True)
class Segmentation(Shown):
    """The words and phones of one utterance.

    Attributes
    ----------
    text : str
        The text as given.
    language : str
        BCP-47 language of the text.
    phone_set : str
        Name of the phone set the symbols belong to (``"msu-ru"``, ``"arpabet"``, ``"ipa"``).
    words : tuple of Word
        In order; never empty.
    notes : tuple of str
        Everything of the text that was not spoken or was guessed, one sentence each.
    """

    text: str
    language: str
    phone_set: str
    words: tuple[Word, ...]
    notes: tuple[str, ...] = field(default=())

    def phones(self) -> list[Phone]:
        """Phones of all words in order, without pauses.

        Returns
        -------
        list of Phone
        """
        return [phone for word in self.words for phone in word.phones]

    def symbols(self, *, pauses: int = 2) -> list[str]:
        """Phone symbols with `PAUSE` at both ends and at every break of at least `pauses`.

        A pause after the last word is always there, once.

        Parameters
        ----------
        pauses : int
            Least `Word.break_after` that is a pause.

        Returns
        -------
        list of str
        """
        out = [PAUSE]
        for index, word in enumerate(self.words):
            out += [phone.symbol for phone in word.phones]
            if word.break_after >= pauses or index == len(self.words) - 1:
                out.append(PAUSE)
        return out

    def sentences(self) -> Iterator[Segmentation]:
        """The same segmentation cut after each word with ``break_after == 3``.

        Yields
        ------
        Segmentation
        """
        start = 0
        for index, word in enumerate(self.words):
            if word.break_after == 3 or index == len(self.words) - 1:
                words = self.words[start : index + 1]
                text = " ".join(w.text + w.punctuation for w in words)
                yield Segmentation(text, self.language, self.phone_set, words)
                start = index + 1

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and strings, for JSON.

        Returns
        -------
        dict
        """
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Segmentation:
        """Inverse of `to_dict`.

        Parameters
        ----------
        data : dict

        Returns
        -------
        Segmentation
        """

        def phones(items: list[dict[str, Any]]) -> tuple[Phone, ...]:
            return tuple(_phone(p["symbol"], p["stress"]) for p in items)

        words = tuple(
            Word(
                w["text"],
                phones(w["phones"]),
                w["break_after"],
                w["punctuation"],
                tuple(phones(v) for v in w["variants"]),
                w["function"],
            )
            for w in data["words"]
        )
        return cls(data["text"], data["language"], data["phone_set"], words, tuple(data["notes"]))
