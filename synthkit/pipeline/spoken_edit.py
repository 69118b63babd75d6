# SPDX-License-Identifier: Apache-2.0
"""How a text was spoken, phone by phone, as an edit that can be changed and spoken again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from synthkit.pipeline.edit import Edit
from synthkit.pipeline.spoken import Spoken, chunks
from synthkit.types import PAUSE, Interval, Item, Phone, Segmentation, Waveform
from synthkit.types.given import Place, spoken_places

Tracker = Callable[[Waveform], tuple[np.ndarray, np.ndarray]]
"""Times (T,) in s and F0 (T,) in Hz of a waveform, 0 where it is unvoiced."""


@dataclass(frozen=True)
class Said:
    """A phone or pause as it was spoken.

    Attributes
    ----------
    interval : Interval
    place : (int, int) or None
        Its word and phone as in `Edit`; ``(word, -1)`` of the pause after a word, None where what was spoken
        has other phones than the text (a recording used whole).
    phone : Phone or None
        As the segmentation has it; None for pauses and where there is no place.
    """

    interval: Interval
    place: Place | None
    phone: Phone | None


def phones_said(spoken: Spoken) -> list[Said]:
    """Every phone and pause of `spoken` in order; empty where the acoustic model does not tell its times.

    Parameters
    ----------
    spoken : Spoken

    Returns
    -------
    list of Said
    """
    parts = spoken.parts or chunks(spoken.segmentation)
    if len(spoken.predictions) == 1:
        parts = (spoken.segmentation,)
    alignment = spoken.alignment
    if alignment is None:
        return []
    found = list[Place | None]()
    first = 0
    for part, item in zip(parts, spoken.predictions, strict=True):
        own = _places(part, item)
        if found and own and found[-1] is not None and found[-1][1] < 0:
            own = own[1:]  # where one piece ends and the next begins there is one pause, the first one's
        found += [
            None if place is None else (place[0] + first if place[0] >= 0 else -1, place[1]) for place in own
        ]
        first += len(part.words)
    words = spoken.segmentation.words
    out = []
    for interval, place in zip(alignment.phones, found, strict=True):
        phone = words[place[0]].phones[place[1]] if place is not None and place[1] >= 0 else None
        out.append(Said(interval, place, phone))
    return out


def _places(part: Segmentation, item: Item) -> list[Place | None]:
    timing = item.timing
    assert timing is not None, "there is an alignment"
    places = spoken_places(timing.words)
    spoken = [
        [s for s, w in zip(timing.phones, timing.words, strict=True) if w == k]
        for k in range(len(part.words))
    ]
    same = [s == [p.symbol for p in word.phones] for s, word in zip(spoken, part.words, strict=True)]
    return [place if place[1] < 0 or same[place[0]] else None for place in places]


def as_spoken(pieces: Iterable[Spoken], tracker: Tracker) -> Edit:
    """The edit that says all of how a text was spoken: phones, durations, pauses, and F0 at the middle of
    each voiced phone.

    Parameters
    ----------
    pieces : iterable of Spoken
        Of one text in order, as `Voice.stream` gives them.
    tracker : callable
        Times (T,) in s and F0 (T,) in Hz, 0 where it is unvoiced, of a waveform.

    Returns
    -------
    Edit
    """
    edit, first = Edit(), 0
    phones, pauses, durations, f0 = dict(edit.phones), dict(edit.pauses), dict(edit.durations), dict(edit.f0)
    for spoken in pieces:
        times, hertz = tracker(spoken.waveform)
        for row in phones_said(spoken):
            if row.place is None:
                continue
            word, seconds = row.place[0] + first, round(row.interval.duration, 4)
            if row.interval.label == PAUSE:
                if row.place[0] >= 0 or not first:
                    pauses[word if row.place[0] >= 0 else -1] = seconds
                continue
            durations[word, row.place[1]] = seconds
            level = middle(row.interval, times, hertz)
            if level:
                f0[word, row.place[1]] = ((0.5, level),)
        for k, said_word in enumerate(spoken.segmentation.words):
            phones[first + k] = said_word.phones
        first += len(spoken.segmentation.words)
    return Edit(phones, {}, pauses, durations, f0)


def middle(interval: Interval, times: np.ndarray, hertz: np.ndarray) -> float:
    """F0 about the middle of a phone, Hz: the median of its middle half; 0 where most of it is unvoiced.

    Parameters
    ----------
    interval : Interval
    times : ndarray, shape (T,)
        Seconds.
    hertz : ndarray, shape (T,)
        0 where it is unvoiced.

    Returns
    -------
    float
    """
    quarter = interval.duration / 4
    inside = hertz[(times >= interval.start + quarter) & (times <= interval.end - quarter)]
    if not len(inside):
        nearest = np.argmin(np.abs(times - (interval.start + interval.end) / 2)) if len(times) else None
        return 0.0 if nearest is None else round(float(hertz[nearest]), 1)
    voiced = inside[inside > 0]
    return round(float(np.median(voiced)), 1) if 2 * len(voiced) >= len(inside) else 0.0
