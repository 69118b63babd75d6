"""Russian text to plain words: numbers, dates, units, abbreviations, symbols, acronyms.

A chain of substitutions over the whole text, each linear in its length and skipped where the text has
nothing for it. Words come out in lower or upper case as written; acronyms are spelt by letter names.
"""

from __future__ import annotations

import re

from synthkit_text.pattern import lazy
from synthkit_text.russian import abbreviations, figures, roman

SYMBOLS = {
    "№": " номер ", "%": " процент ", "‰": " промилле ", "&": " и ", "@": " собака ", "§": " параграф ",
    "=": " равно ", "×": " умножить на ", "÷": " разделить на ", "±": " плюс минус ", "≈": " примерно ",
    "°": " градус ", "$": " доллар ", "€": " евро ", "£": " фунт ", "₽": " рубль ", "#": " решётка ",
    "½": " половина ", "¼": " четверть ", "¾": " три четверти ", "∞": " бесконечность ", "≠": " не равно ",
    "<": " меньше ", ">": " больше ", "−": " минус ", "©": " копирайт ", "→": " ", "^": " в степени ",
}  # fmt: skip
_SYMBOL = lazy("[" + re.escape("".join(SYMBOLS)) + "]")


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols of `text` in words.

    >>> normalise("В 2024 году 3,14 и −5.")
    'В две тысячи двадцать четвёртом году три целых четырнадцать сотых и минус пять.'
    """
    if "." in text or "-" in text:
        text = abbreviations.expand(text)
        text = _addresses(text)
    if re.search(r"[IVXLCDM]", text):
        text = roman.in_words(text)
    if re.search(r"\d", text):
        text = figures.in_words(text)
    text = re.sub(r"(?<![\w+])\+(?=\s*$|\s)|(?<=\s)\+(?=\s|\d)", " плюс ", text) if "+" in text else text
    if _SYMBOL.search(text):
        text = _SYMBOL.sub(lambda m: SYMBOLS[m.group()], text)
    return abbreviations.acronyms(text)


def _addresses(text: str) -> str:
    if "@" not in text and "://" not in text and "www." not in text.lower():
        return text

    def say(match: re.Match[str]) -> str:
        body = re.sub(r"^\w+://(www\.)?", "", match.group().rstrip(".,;:!?)"))
        tail = match.group()[len(match.group().rstrip(".,;:!?)")) :]
        for sign, word in (
            ("@", "собака"),
            (".", "точка"),
            ("/", "слэш"),
            ("-", "дефис"),
            ("_", "подчёркивание"),
        ):
            body = body.replace(sign, f" {word} ")
        return body + tail

    return re.sub(r"\b(?:https?://|www\.)\S+|[\w.-]+@[\w-]+\.[\w.-]+", say, text)
