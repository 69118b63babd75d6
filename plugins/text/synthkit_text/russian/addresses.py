# SPDX-License-Identifier: Apache-2.0
"""Addresses of pages and of mail, read as a Russian speaker reads them aloud."""

from __future__ import annotations

import re

from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy
from synthkit_text.russian.numbers import cardinal, digits

SIGNS = {"@": "собака", ".": "точка", "/": "слэш", "-": "дефис", "_": "подчёркивание", ":": "двоеточие",
         "?": "вопросительный знак", "=": "равно", "&": "амперсанд", "#": "решётка", "%": "процент",
         "+": "плюс"}  # fmt: skip
KNOWN = {
    "com": "ком", "ru": "ру", "org": "орг", "net": "нэт", "info": "инфо", "www": "вэ-вэ-вэ", "vk": "вэ-ка",
    "id": "ай-ди", "me": "ми", "io": "ай-оу", "su": "су", "mail": "мэйл", "gmail": "джи-мэйл",
    "yandex": "яндекс", "google": "гугл", "youtube": "ютуб", "wiki": "вики", "html": "аш-тэ-эм-эль",
    "en": "эн", "t": "тэ", "ok": "ок", "ua": "ю-эй", "by": "бай",
}  # fmt: skip
"""Parts of addresses that have a Russian way to be said; others are read by the front end, letter by letter
if short."""
ENGLISH_NAMES = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        ("эй", "би", "си", "ди", "и", "эф", "джи", "эйч", "ай", "джей", "кей", "эл", "эм", "эн", "оу", "пи",
         "кью", "ар",
         "эс", "ти", "ю", "ви", "дабл-ю", "экс", "уай", "зэт"),
        strict=True,
    )
)  # fmt: skip
_TLD = "com|org|net|info|biz|ru|su|by|ua|kz|io|me|app|dev|tv|gov|edu|de|fr|eu|uk|us|рф"


def _say(match: re.Match[str]) -> str:
    whole = match.group()
    body = whole.rstrip(".,;:!?)")
    tail = whole[len(body) :]
    body = re.sub(r"^\w+://(www\.)?", "", body)
    said = []
    for piece in re.findall(r"[A-Za-z]+|[А-Яа-яЁё]+|\d+|[^\w]|_", body):
        if piece.isdigit():
            said.append(digits(piece) if piece[0] == "0" or len(piece) > 4 else cardinal(int(piece)))
        elif piece.lower() in KNOWN:
            said.append(KNOWN[piece.lower()])
        elif piece.isascii() and piece.isalpha() and len(piece) <= 2:
            said.append("-".join(ENGLISH_NAMES[c] for c in piece.lower()))
        else:
            said.append(SIGNS.get(piece, piece if piece.isalpha() else ""))
    return " ".join(filter(None, said)) + tail


RULES = (
    Rule(
        "address",
        lazy(
            rf"\b(?:https?|ftp)://\S+|\bwww\.\S+|(?<![\w.@-])(?:[A-Za-z0-9а-яё-]+\.)+(?:{_TLD})(?:/[^\s,;]*)?(?![\w-])"
        ),
        _say,
        ".:",
    ),
    Rule("address", lazy(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), _say, "@"),
)
