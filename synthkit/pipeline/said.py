# SPDX-License-Identifier: Apache-2.0
"""When everything that was spoken is said: phones and words with their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synthkit.types import PAUSE, Alignment, Interval, Item, Segmentation, Timing, UnitPath


def said(
    parts: Sequence[Segmentation],
    items: Sequence[Item],
    lengths: Sequence[float],
    trims: Sequence[tuple[float, float]] = (),
) -> Alignment | None:
    """When each phone and each word is said; see `synthkit.pipeline.spoken.Spoken.alignment`.

    Parameters
    ----------
    parts : sequence of Segmentation
        The pieces that were spoken.
    items : sequence of Item
        What the acoustic model gave for each.
    lengths : sequence of float
        Seconds of speech that came of each.
    trims : sequence of (float, float)
        As `synthkit.pipeline.spoken.Spoken.trims`.

    Returns
    -------
    Alignment or None
        None where the acoustic model does not tell.
    """
    phones: list[Interval] = []
    words: list[Interval] = []
    start = 0.0
    for part, item, seconds, (before, after) in zip(
        parts, items, lengths, trims or [(0.0, 0.0)] * len(parts), strict=True
    ):
        timing = item.timing
        if timing is None or not timing.phones:
            return None
        edges = timing.edges
        if isinstance(item, UnitPath):
            edges = np.cumsum([0.0, *durations_of(item, seconds + before + after)])
        edges = edges * ((seconds + before + after) / edges[-1]) - before
        edges[0], edges[-1] = 0.0, seconds  # a pause at an end is as long as it was made
        edges = start + np.clip(edges, 0.0, seconds)
        spans = [
            Interval(float(a), float(b), symbol)
            for a, b, symbol in zip(edges[:-1], edges[1:], timing.phones, strict=True)
        ]
        phones += spans
        words += _words(part, timing, spans)
        start += seconds
    return Alignment("spoken", tuple(_merged(phones)), tuple(words), start)


def durations_of(path: UnitPath, seconds: float) -> list[float]:
    """Seconds of each phone of `path` in a signal of `seconds`.

    What its units last; or that with what was given made exact, or what was asked for, where it sums up
    closer to the length of the signal (a vocoder that changes durations).

    Parameters
    ----------
    path : UnitPath
    seconds : float

    Returns
    -------
    list of float
        As long as the phones of its timing.
    """
    cut = np.zeros(len(path.phones))
    for unit in path.units:
        cut[unit.phone] += (unit.end - unit.start) / path.audio.sample_rate
    # Where one phone gained what another lost both sums are alike: then what was given was made.
    choice = [cut] if path.given is None else [path.given.seconds(cut), cut]
    if "duration" in path.targets:
        choice.append(path.targets["duration"])
    return [float(d) for d in min(choice, key=lambda ways: abs(float(ways.sum()) - seconds))]


def _words(part: Segmentation, timing: Timing, spans: list[Interval]) -> list[Interval]:
    ends: dict[int, tuple[float, float]] = {}
    for number, interval in zip(timing.words, spans, strict=True):
        if number >= 0:
            ends[number] = (ends.get(number, (interval.start, 0.0))[0], interval.end)
    return [Interval(*ends[k], word.text) for k, word in enumerate(part.words) if k in ends]


def _merged(phones: list[Interval]) -> Iterator[Interval]:
    """Where one piece ends and the next begins there is one pause, not two."""
    held: Interval | None = None
    for interval in phones:
        if held is not None and held.label == interval.label == PAUSE:
            held = Interval(held.start, interval.end, PAUSE)
            continue
        if held is not None:
            yield held
        held = interval
    if held is not None:
        yield held
