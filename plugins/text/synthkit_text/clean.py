# SPDX-License-Identifier: Apache-2.0
"""Make any text safe to read: composed, without control characters, stress marks in one notation."""

from __future__ import annotations

import re
import unicodedata

ACUTE, GRAVE = "\u0301", "\u0300"
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u200e\u200f"))
_SPACES = {ord(c): " " for c in "\u00a0\u2007\u2009\u200a\u202f\u3000\t\r\x0b\x0c"}
_RUSSIAN_STRESS = re.compile(f"([аеёиоуыэюяАЕЁИОУЫЭЮЯ])[{ACUTE}]")
_WIDE = {c: unicodedata.normalize("NFKC", chr(c)) for c in (*range(0xFB00, 0xFB07), *range(0xFF01, 0xFF5F))}
_BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]+")


def name_of(character: str) -> str:
    """A character as a message shows it: itself where it can be shown, its code point and its name."""
    code = f"U+{ord(character):04X}"
    if "\ud800" <= character <= "\udfff":
        return (
            f"byte 0x{ord(character) - 0xDC00:02X} ({code}, not valid UTF-8)"
            if character >= "\udc80"
            else code
        )
    name = unicodedata.name(character, "")
    if not name:
        return "NUL (U+0000)" if character == "\0" else f"control character {code}"
    shown = "\u25cc" + character if unicodedata.combining(character) else character
    return f"{shown!r} ({code} {name})"


def unaccented(letter: str) -> str:
    """A letter without its marks: é → e."""
    if letter.isascii():
        return letter
    return "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))


def clean(text: str) -> tuple[str, list[str]]:
    """Text fit for the front ends, and a note for each kind of character left out.

    Stress given as a combining acute after a Russian vowel becomes ``+`` before it, as the corpus writes.
    """
    if text.isascii() and not _BAD.search(text):
        return text, []
    notes: list[str] = []
    text = unicodedata.normalize("NFC", text.translate(_SPACES).translate(_INVISIBLE).translate(_WIDE))
    bad = dict.fromkeys(_BAD.findall(text))
    if bad:
        notes.append(f"not text, left out: {', '.join(name_of(c) for c in bad)}")
        text = _BAD.sub(" ", text)
    text = _RUSSIAN_STRESS.sub(r"+\1", text)
    marks = dict.fromkeys(c for run in _COMBINING.findall(text) for c in run if c != GRAVE)
    if marks:
        notes.append(f"combining marks left out: {', '.join(name_of(c) for c in marks)}")
    return _COMBINING.sub("", text), notes
