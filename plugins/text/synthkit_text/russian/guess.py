# SPDX-License-Identifier: Apache-2.0
"""Stress of Russian words that no dictionary has: a linear model over the letters around each vowel.

Each vowel is a candidate; features are the word's ends, its beginnings and the letters near the vowel; the
candidate with the largest sum of weights wins. Trained by ``tools/train_ru_stress.py`` (averaged
perceptron) on the stress dictionary; the weights are a `Blob` of small integers.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from synthkit_text.blob import Blob

VOWELS = frozenset("аеёиоуыэюя")
LONGEST = 60
"""Letters. What is longer is no word; the model would take a second a thousand letters."""
DATA = Path(__file__).parents[1] / "data"


def features(word: str) -> list[list[str]]:
    """For every vowel of `word` the names of its features."""
    positions = [i for i, letter in enumerate(word) if letter in VOWELS]
    count, length = len(positions), len(word)
    framed = "##" + word + "##"
    out = []
    for k, p in enumerate(positions):
        r = count - 1 - k
        names = [f"{min(count, 7)}{min(r, 7)}", "l" + framed[p + 1 : p + 4], "m" + framed[p : p + 5]]
        names += [f"{r}{word[-m:]}" for m in range(1, min(7, length + 1))]
        names += [f"^{k}{word[:m]}" for m in range(1, min(6, length + 1))]
        names.append("s" + word[max(0, p - 1) : p + 8] if length - p < 9 else "t" + word[p : p + 4])
        names.append("p" + word[max(0, p - 5) : p + 2])
        names.append(f"c{r}{framed[p + 1 : p + 4]}")
        out.append(names)
    return out


@lru_cache(maxsize=1)
def _weights() -> Blob:
    return Blob.open(DATA / "ru_stress_guess.bin")


@lru_cache(maxsize=4096)
def guess_stress(word: str) -> int:
    """Number of the stressed vowel from 1 (0 in a word without vowels).

    >>> guess_stress("зёрна")
    1
    """
    vowels = [letter for letter in word if letter in VOWELS]
    if "ё" in vowels:
        return vowels.index("ё") + 1
    if len(vowels) <= 1:
        return len(vowels)
    if len(word) > LONGEST:
        return len(vowels) - 1
    weights = _weights()
    best, choice = float("-inf"), 0
    for k, names in enumerate(features(word)):
        total = 0
        for name in names:
            value = weights.get(name.encode("koi8-r"))
            if value:
                total += int(value)
        if total > best:
            best, choice = total, k
    return choice + 1
