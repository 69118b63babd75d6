# SPDX-License-Identifier: Apache-2.0
"""What the formats share: silence labels, and tiers without gaps."""

from __future__ import annotations

import math
from collections.abc import Iterable

from synthkit.errors import AlignmentError
from synthkit.types import PAUSE, Interval

SILENCES = frozenset(
    {"", "pau", "sil", "sp", "ssil", "silence", "<eps>", "<sil>", "<s>", "</s>", "h#", "#", "_", "<p:>"}
)
"""Labels (lower case) that mean silence: Praat's and MFA's empty label, HTK, Kaldi, TIMIT, WebMAUS."""


def is_silence(label: str, silences: Iterable[str] = SILENCES) -> bool:
    """Whether `label` stands for silence, whatever its case.

    Parameters
    ----------
    label : str
    silences : iterable of str
        In lower case.

    Returns
    -------
    bool
    """
    return label.strip().lower() in silences


def phone_tier(
    intervals: Iterable[Interval],
    *,
    duration: float = 0.0,
    tolerance: float = 1e-4,
    silences: Iterable[str] = SILENCES,
    where: str = "",
) -> tuple[Interval, ...]:
    """Phones made contiguous from 0 to the end; silences are labelled `PAUSE`.

    A gap of more than `tolerance` seconds becomes a pause, a smaller one or an overlap within it is
    closed at the later phone's start.

    Parameters
    ----------
    intervals : iterable of Interval
        In order of time, seconds.
    duration : float
        Seconds; a pause goes on to it where the last phone ends before.
    tolerance : float
        Seconds.
    silences : iterable of str
        Labels, lower case, that mean silence.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of Interval
        Empty where there are none.

    Raises
    ------
    AlignmentError
        Intervals overlap by more than `tolerance`, run backwards or last no time at all.
    """
    found = [
        Interval(i.start, i.end, PAUSE if is_silence(i.label, silences) else i.label.strip(), i.score)
        for i in intervals
    ]
    out: list[Interval] = []
    edge = 0.0
    for interval in found:
        if not (math.isfinite(interval.start) and math.isfinite(interval.end)):
            raise AlignmentError(f"label {_show(interval)} has no time", where=where)
        if interval.end == interval.start and interval.label == PAUSE:
            continue  # a silence of no length is none
        if interval.end <= interval.start:
            raise AlignmentError(f"label {_show(interval)} has no duration", where=where)
        if interval.start < -tolerance:
            raise AlignmentError(f"label {_show(interval)} begins before the recording", where=where)
        if interval.start - edge > tolerance:
            out.append(Interval(edge, interval.start, PAUSE))
        elif edge - interval.start > tolerance:
            before = f" with {_show(out[-1])}" if out else ""
            raise AlignmentError(f"label {_show(interval)} overlaps{before}", where=where)
        elif out:
            last = out[-1]
            start = interval.start if interval.start > last.start else last.end
            out[-1] = Interval(last.start, start, last.label, last.score)
        start = out[-1].end if out else 0.0
        out.append(Interval(start, interval.end, interval.label, interval.score))
        edge = interval.end
    if not out:
        return ()
    if duration - edge > tolerance:
        out.append(Interval(edge, duration, PAUSE))
    return tuple(out)


def word_tier(
    intervals: Iterable[Interval],
    phones: tuple[Interval, ...] = (),
    *,
    tolerance: float = 1e-4,
    silences: Iterable[str] = SILENCES,
    where: str = "",
) -> tuple[Interval, ...]:
    """Spoken words only, their edges moved onto phone edges that lie within `tolerance` seconds.

    Parameters
    ----------
    intervals : iterable of Interval
        In order of time, seconds.
    phones : tuple of Interval
        Whose edges attract those of the words; none move if left out.
    tolerance : float
        Seconds, by which words may overlap too.
    silences : iterable of str
        Labels, lower case, that are no words.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of Interval

    Raises
    ------
    AlignmentError
        A word lasts no time, or words overlap by more than `tolerance`.
    """
    edges = sorted({i.start for i in phones} | {i.end for i in phones})
    out: list[Interval] = []
    for interval in intervals:
        if is_silence(interval.label, silences):
            continue
        if not (math.isfinite(interval.start) and interval.start < interval.end < math.inf):
            raise AlignmentError(f"word {_show(interval)} has no duration", where=where)
        if out and out[-1].end - interval.start > tolerance:
            raise AlignmentError(f"word {_show(interval)} overlaps with {_show(out[-1])}", where=where)
        start, end = (_nearest(edges, t, tolerance) for t in (interval.start, interval.end))
        out.append(Interval(start, end, interval.label.strip(), interval.score))
    return tuple(out)


def _nearest(edges: list[float], time: float, tolerance: float) -> float:
    import bisect

    at = bisect.bisect_left(edges, time)
    close = [e for e in edges[max(at - 1, 0) : at + 1] if abs(e - time) <= tolerance]
    return min(close, key=lambda e: abs(e - time)) if close else time


def _show(interval: Interval) -> str:
    return f"{interval.label!r} ({interval.start:.4f}–{interval.end:.4f} s)"
