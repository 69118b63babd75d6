# SPDX-License-Identifier: Apache-2.0
"""Whether labels are those of a recording and its text, or of another's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from synthkit.types import Alignment

LEAST_ALIKE = 0.7
"""Share of words that labels and text have in common, in order, below which they are of two sentences."""
LEAST_ALIKE_SPELT = 0.45
"""The same where the text is as written, and holds numbers that the labels have in words."""


def misfit(
    alignment: Alignment,
    text: str,
    seconds: float,
    *,
    exact: bool = False,
    read: Sequence[str] | None = None,
) -> str | None:
    """Why labels cannot be of a recording, in one line, or None.

    Parameters
    ----------
    alignment : Alignment
        What the label file says.
    text : str
        What is said in the recording, as written.
    seconds : float
        The recording's duration.
    exact : bool
        Whether the file says how long its recording is (a TextGrid), or just when its last label ends.
    read : sequence of str, optional
        The words of the text as they are read, where they are known.

    Returns
    -------
    str or None
    """
    ends = alignment.duration
    if ends > seconds + 0.1:
        return f"labels end at {ends:.2f} s, the recording at {seconds:.2f} s"
    if exact and ends < seconds - max(0.05, 0.01 * seconds):
        return f"labels are of a recording of {ends:.2f} s, this one has {seconds:.2f} s"
    said = [w for i in alignment.words if "<" not in i.label for w in words(i.label)]
    wanted = words(" ".join(read)) if read is not None else words(text)
    if not said or not wanted:
        return None
    spelt = read is None and any(c.isdigit() for c in text)
    if alike(said, wanted) < (LEAST_ALIKE_SPELT if spelt else LEAST_ALIKE):
        return f"labels of another text: they say {' '.join(said)[:50]!r}, the text {text[:50]!r}"
    return None


def words(text: str) -> list[str]:
    """Words of a text, in lower case, without what is no letter or digit; letters of a script without
    spaces.

    Parameters
    ----------
    text : str
        As written; stress marks (``+``, U+0301), apostrophes and hyphens do not count.

    Returns
    -------
    list of str
    """
    plain = text.lower().replace("ё", "е").replace("+", "").replace("\u0301", "")
    found = re.findall(r"\w+", re.sub(r"['’\-]", "", plain))
    return [w for word in found for w in (word if _unspaced(word) else [word])]


def _unspaced(word: str) -> bool:
    return any("\u3040" <= c <= "\u9fff" or "\u0e00" <= c <= "\u0e7f" for c in word)


def alike(one: Sequence[str], other: Sequence[str]) -> float:
    """How much of two sequences is the same, in order, 0 to 1.

    Parameters
    ----------
    one, other : sequence of str

    Returns
    -------
    float
        Ratcliff and Obershelp's ratio (1988).
    """
    return SequenceMatcher(None, list(one), list(other), autojunk=False).ratio()
