"""Which vowel of a Russian word is stressed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from synthkit_text.blob import Blob
from synthkit_text.russian.letters import VOWELS

DATA = Path(__file__).parents[1] / "data"


@lru_cache(maxsize=1)
def dictionary() -> Blob:
    """The stress dictionary of festvox-ru (see ``data/LICENSE.ru_stress``)."""
    return Blob.open(DATA / "ru_stress.bin")


def lookup(word: str) -> tuple[str, int] | None:
    """Word (with ё where the dictionary knows it) and its stressed vowel from 1, 0 for a clitic."""
    try:
        value = dictionary().get(word.encode("koi8-r"))
    except UnicodeEncodeError:
        return None
    if value is None:
        return None
    stress = int(value[:1])
    if value.endswith(b"e"):
        word = with_yo(word, stress)
    return word, stress


def with_yo(word: str, stress: int) -> str:
    """`word` with its stressed е written ё."""
    count = 0
    for index, letter in enumerate(word):
        if letter in VOWELS:
            count += 1
            if count == stress and letter == "е":
                return word[:index] + "ё" + word[index + 1 :]
    return word


def count_vowels(word: str) -> int:
    """Number of vowel letters."""
    return sum(letter in VOWELS for letter in word)


def guess(word: str) -> int:
    """Stressed vowel of a word that no dictionary has."""
    vowels = [letter for letter in word if letter in VOWELS]
    if "ё" in vowels:
        return vowels.index("ё") + 1
    if len(vowels) <= 1:
        return len(vowels)
    return len(vowels) - 1 if word[-1] in VOWELS else len(vowels)
