# SPDX-License-Identifier: Apache-2.0
"""What a check compares between the recordings of a corpus: their ids and their levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite
from statistics import median

from synthkit.compact import Places
from synthkit.types import Utterance


def same_ids(utterances: Sequence[Utterance]) -> dict[int, int]:
    """Utterances whose id others have, too.

    Parameters
    ----------
    utterances : sequence of Utterance
        Read one by one.

    Returns
    -------
    dict of int to int
        By their places, how many are called so.
    """
    out: dict[int, int] = {}
    for places in Places(u.id for u in utterances).doubled():
        ids = Counter(utterances[n].id for n in places)
        out |= {n: count for n in places if (count := ids[utterances[n].id]) > 1}
    return out


def middle_level(levels: Sequence[float]) -> float | None:
    """The speech level of the middle one of the recordings.

    Parameters
    ----------
    levels : sequence of float
        dB re full scale; nan or infinite where there is none.

    Returns
    -------
    float or None
        dB; None where fewer than three have one.
    """
    known = [level for level in levels if isfinite(level)]
    return median(known) if len(known) >= 3 else None


def odd_level(level: float, middle: float | None, most: float) -> str | None:
    """What is to be said of a recording that is louder or quieter than most.

    Parameters
    ----------
    level : float
        Its speech level, dB re full scale.
    middle : float or None
        From `middle_level`.
    most : float
        dB between them beyond which it is said.

    Returns
    -------
    str or None
        The sentence; None where there is nothing to say.
    """
    if middle is None or not isfinite(level) or abs(level - middle) <= most:
        return None
    return f"{abs(level - middle):.0f} dB {'quieter' if level < middle else 'louder'} than most"
