# SPDX-License-Identifier: Apache-2.0
"""Choose a small part of a corpus that keeps as many kinds of units as it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence


def diphones(phones: Sequence[str]) -> list[str]:
    """Phones and pairs of neighbours, the units of a concatenative voice.

    Parameters
    ----------
    phones : sequence of str
        Of one utterance, pauses included.

    Returns
    -------
    list of str
        ``"a"`` and ``"a-b"``, each as often as it comes.
    """
    return [*phones, *(f"{a}-{b}" for a, b in zip(phones, phones[1:], strict=False))]


def choose(
    units: Mapping[str, Sequence[str]], seconds: Mapping[str, float], limit: float, *, copies: int = 3
) -> list[str]:
    """Greedy choice of utterances for unit coverage per second (weighted greedy set cover, Chvátal 1979).

    Parameters
    ----------
    units : mapping of id to units
        What each utterance contains.
    seconds : mapping of id to float
        Its duration.
    limit : float
        Total duration not to be exceeded, seconds.
    copies : int
        The n-th copy of a unit is worth 1 / n up to this many, and nothing after.

    Returns
    -------
    list of str
        Chosen ids, in the order of `units`.
    """
    counts = {id: Counter(items) for id, items in units.items()}
    have: Counter[str] = Counter()
    chosen: set[str] = set()
    left = limit

    def gain(id: str) -> float:
        total = 0.0
        for unit, n in counts[id].items():
            for copy in range(have[unit] + 1, min(have[unit] + n, copies) + 1):
                total += 1 / copy
        return total / seconds[id]

    while True:
        candidates = [id for id in units if id not in chosen and seconds[id] <= left]
        best = max(candidates, key=gain, default=None)
        if best is None or gain(best) == 0:
            return [id for id in units if id in chosen]
        chosen.add(best)
        left -= seconds[best]
        have.update(counts[best])
