# SPDX-License-Identifier: Apache-2.0
"""Word and character errors, and the rule by which texts are made comparable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NORMALISATION = (
    "Unicode NFKC, lower case; combining acute and grave stress marks and '+' stress signs removed; Russian "
    "ё → е; digits read out in the language's words; hyphens and dashes → space; apostrophes inside words "
    "kept as '; every other character that is not a letter, digit or apostrophe → space; white space "
    "collapsed"
)
"""The stated rule of `normalise`."""

_STRESS = re.compile("[\u0300\u0301+]")
_APOSTROPHES = re.compile("[’ʼ`´]")
_NUMBER = re.compile(r"\d+")


def normalise(text: str, language: str, numbers: Callable[[str, str], str] | None = None) -> str:
    """`text` as it is compared, by the rule `NORMALISATION`.

    Parameters
    ----------
    text : str
    language : str
        BCP-47.
    numbers : callable, optional
        ``numbers(digits, language)`` reads digits out; without one digits stay as they are.

    Returns
    -------
    str

    Examples
    --------
    >>> normalise("Ещё раз: co-op, it's «за́мок»!", "ru")
    "еще раз co op it's замок"
    """
    text = unicodedata.normalize("NFKC", text).lower()
    if language.split("-")[0] == "ru":
        text = text.replace("ё", "е")
    text = unicodedata.normalize("NFD", text)
    # Only stress marks go: й and é keep theirs by composing again first.
    text = _strip_stress(text, language)
    if numbers is not None:
        text = _NUMBER.sub(lambda found: f" {numbers(found.group(), language)} ", text)
        text = text.lower().replace("ё", "е") if language.split("-")[0] == "ru" else text.lower()
    text = _APOSTROPHES.sub("'", text)
    text = "".join(c if c.isalnum() or c == "'" or unicodedata.combining(c) else " " for c in text)
    return " ".join(word.strip("'") for word in text.split() if word.strip("'"))


def _strip_stress(text: str, language: str) -> str:
    if language.split("-")[0] in ("ru", "uk", "be", "en"):
        text = _STRESS.sub("", text)
    else:
        text = text.replace("+", "")
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True, slots=True)
class Errors:
    """Edit counts of a hypothesis against a reference of `length` tokens."""

    substitutions: int
    deletions: int
    insertions: int
    length: int

    @property
    def total(self) -> int:
        """All errors."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per reference token; None without tokens. May exceed one."""
        return self.total / self.length if self.length else None

    def __add__(self, other: Errors) -> Errors:
        """Pooled counts."""
        return Errors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.length + other.length,
        )


def errors(reference: Sequence[str], hypothesis: Sequence[str]) -> Errors:
    """Levenshtein counts, unit costs; among cheapest alignments one with most substitutions.

    Parameters
    ----------
    reference, hypothesis : sequence of str

    Returns
    -------
    Errors

    Examples
    --------
    >>> errors("a b c".split(), "a x c d".split())
    Errors(substitutions=1, deletions=0, insertions=1, length=3)
    """
    # A row holds (cost, -substitutions, deletions, insertions) for each prefix of the hypothesis.
    row = [(j, 0, 0, j) for j in range(len(hypothesis) + 1)]
    for i, token in enumerate(reference, 1):
        above, row = row, [(i, 0, i, 0)]
        for j, other in enumerate(hypothesis, 1):
            c, s, d, n = above[j - 1]
            best = (c, s, d, n) if token == other else (c + 1, s - 1, d, n)
            c, s, d, n = above[j]
            best = min(best, (c + 1, s, d + 1, n))
            c, s, d, n = row[j - 1]
            row.append(min(best, (c + 1, s, d, n + 1)))
    _, s, d, n = row[-1]
    return Errors(-s, d, n, len(reference))


def word_errors(reference: str, hypothesis: str) -> Errors:
    """`errors` over words of normalised texts.

    Parameters
    ----------
    reference, hypothesis : str

    Returns
    -------
    Errors
    """
    return errors(reference.split(), hypothesis.split())


def character_errors(reference: str, hypothesis: str) -> Errors:
    """`errors` over characters of normalised texts, spaces left out.

    Parameters
    ----------
    reference, hypothesis : str

    Returns
    -------
    Errors
    """
    return errors(reference.replace(" ", ""), hypothesis.replace(" ", ""))
