"""English text to plain words."""

from __future__ import annotations


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols in words."""
    return text
