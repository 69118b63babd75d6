# SPDX-License-Identifier: Apache-2.0
"""Phones as Kokoro's network is given them: one number a character, of its own way of writing IPA."""

from __future__ import annotations

import re
from collections.abc import Mapping

ENGLISH = {
    "ʔn̩": "tn", "tʃ": "ʧ", "dʒ": "ʤ", "eɪ": "A", "aɪ": "I", "aʊ": "W", "oʊ": "O", "ɔɪ": "Y",
    "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɚ": "əɹ", "ɐ": "ə", "x": "k", "ç": "k", "ɾ": "T", "ʔ": "t", "ː": "",
}  # fmt: skip
"""What American English is written with where espeak-ng writes otherwise: one letter for a diphthong or an
affricate, its own for the t of "water", and no length. As in the table of phones that is published with the
model (misaki's, for en-us); what holds another stands before it."""
ELSEWHERE = {"tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ"}
"""In other languages."""
SYLLABIC = "\u0329"
"""The mark below a consonant that is a syllable; English is written with a short vowel before it."""
LONGEST = 510
"""Tokens of an utterance: the styles that a voice has."""


def spelt(text: str, language: str) -> str:
    """`text` as `synthkit.ipa_transcription` gives it, in Kokoro's letters."""
    english = language.startswith("en")
    for theirs, ours in (ENGLISH if english else ELSEWHERE).items():
        text = text.replace(theirs, ours)
    return re.sub(f"(.){SYLLABIC}", r"ᵊ\1", text) if english else text


def to_tokens(text: str, vocabulary: Mapping[str, int]) -> tuple[list[int], list[str]]:
    """Numbers of the characters, and those that the network has none for, once each."""
    tokens = [vocabulary[c] for c in text if c in vocabulary]
    return tokens, list(dict.fromkeys(c for c in text if c not in vocabulary))
