# SPDX-License-Identifier: Apache-2.0
"""Which boundaries are implausible: phones much longer, shorter or worse matched than their like."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from synthkit.types import PAUSE, Interval

LIMIT = 4.5
"""Robust standard deviations (median absolute deviation × 1.4826) from which a phone is flagged."""
FEW = 10
"""Examples of a phone below which nothing is said about it."""


def usual(tiers: Iterable[tuple[Interval, ...]], step: float = 0.0) -> dict[str, Any]:
    """What is usual in a corpus: median and spread of each phone's log-duration and score.

    Parameters
    ----------
    tiers : iterable of tuple of Interval
        Phones of each utterance, seconds.
    step : float
        Seconds to which boundaries are known. Where most of a phone last the same number of such steps, as
        reduced vowels do the three frames that an aligner gives at least, their spread is none, and every
        other duration would be implausible: it is taken to be a step at least.

    Returns
    -------
    dict
        Phone to ``{"duration": [median, spread], "score": [median, spread]}``; JSON-ready.
    """
    durations: dict[str, array[float]] = defaultdict(lambda: array("d"))
    scores: dict[str, array[float]] = defaultdict(lambda: array("d"))
    for tier in tiers:
        for phone in tier:
            durations[phone.label].append(float(np.log(phone.duration)))
            if phone.score is not None:
                scores[phone.label].append(phone.score)
    return {
        label: {
            "duration": _spread(values, step),
            **({"score": _spread(scores[label])} if scores[label] else {}),
        }
        for label, values in sorted(durations.items())
        if len(values) >= FEW
    }


def flags(tier: tuple[Interval, ...], known: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    """Indices of implausible phones, each with the reason. Pauses may last as long as they like.

    Parameters
    ----------
    tier : tuple of Interval
        Phones of one utterance.
    known : dict
        What `usual` gives; phones that it does not know are never implausible.

    Returns
    -------
    tuple of (int, str)
        As in `Alignment.flags`.
    """
    out: list[tuple[int, str]] = []
    for index, phone in enumerate(tier):
        if phone.label == PAUSE or phone.label not in known:
            continue
        middle, spread = known[phone.label]["duration"]
        off = (np.log(phone.duration) - middle) / spread
        if abs(off) > LIMIT:
            size = "long" if off > 0 else "short"
            out.append(
                (
                    index,
                    f"{phone.label} is {size}: {phone.duration * 1e3:.0f} ms, usually "
                    f"{np.exp(middle) * 1e3:.0f}",
                )
            )
        if phone.score is not None and "score" in known[phone.label]:
            middle, spread = known[phone.label]["score"]
            if (phone.score - middle) / spread < -LIMIT:
                out.append(
                    (index, f"{phone.label} fits badly: {phone.score:.1f} per frame, usually {middle:.1f}")
                )
    return tuple(out)


def _spread(values: array[float], step: float = 0.0) -> list[float]:
    middle = float(np.median(values))
    deviation = 1.4826 * float(np.median(np.abs(np.asarray(values) - middle)))
    # A step of the median duration, as its logarithm has it.
    return [round(middle, 6), round(max(deviation, 0.05, step and step / float(np.exp(middle))), 6)]
