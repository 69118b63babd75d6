# SPDX-License-Identifier: Apache-2.0
"""The phones that are really spoken, pauses included: from a segmentation, or from a recording of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthkit.types import PAUSE, Segmentation

if TYPE_CHECKING:
    from synthkit.types import Interval

BREAK_NONE, BREAK_COMMA, BREAK_END, BREAK_QUESTION, BREAK_EXCLAMATION, BREAK_START = range(6)
"""What a pause stands for: nothing written, a comma and its like, the ends of sentences, the beginning."""


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """An utterance as a flat row of phones.

    Attributes
    ----------
    symbols : tuple of str
        Phones in order, `PAUSE` at both ends and wherever a pause is made.
    stress : tuple of int
    word : tuple of int
        Index into `words` per phone; -1 for pauses.
    breaks : tuple of int
        Per phone: for a pause what it stands for (``BREAK_*``), else `BREAK_NONE`.
    word_breaks, word_functions : tuple of int
        Per word: its ``break_after`` and whether it is a function word.
    """

    symbols: tuple[str, ...]
    stress: tuple[int, ...]
    word: tuple[int, ...]
    breaks: tuple[int, ...]
    word_breaks: tuple[int, ...]
    word_functions: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.symbols)


def break_kind(segmentation: Segmentation, word: int) -> int:
    """What a pause after `word` stands for, from the punctuation there (-1 is the beginning)."""
    if word < 0:
        return BREAK_START
    mark = segmentation.words[word].punctuation
    if "?" in mark:
        return BREAK_QUESTION
    if "!" in mark:
        return BREAK_EXCLAMATION
    last = word == len(segmentation.words) - 1
    if last or segmentation.words[word].break_after >= 3 or "." in mark or "…" in mark:
        return BREAK_END
    return BREAK_COMMA if mark or segmentation.words[word].break_after == 2 else BREAK_NONE


def _build(segmentation: Segmentation, rows: list[tuple[str, int, int]]) -> PhoneRow:
    """`rows` are (symbol, stress, word), word being that before the pause for pauses."""
    return PhoneRow(
        tuple(r[0] for r in rows),
        tuple(r[1] for r in rows),
        tuple(-1 if r[0] == PAUSE else r[2] for r in rows),
        tuple(break_kind(segmentation, r[2]) if r[0] == PAUSE else BREAK_NONE for r in rows),
        tuple(w.break_after for w in segmentation.words),
        tuple(int(w.function) for w in segmentation.words),
    )


def from_text(
    segmentation: Segmentation,
    pauses: list[bool],
    recorded: dict[int, tuple[int, list[tuple[str, int, int]]]] | None = None,
) -> PhoneRow:
    """Phones of `segmentation` with a pause after each word where `pauses` says so, and at both ends.

    `recorded` replaces words: from a first word to the word after the last and the rows (symbol, stress,
    word; for a pause, the word before it) that a recording of just these words has.
    """
    recorded = recorded or {}
    rows: list[tuple[str, int, int]] = []
    count, index = len(segmentation.words), 0
    while index < count:
        if index in recorded:
            index, said = recorded[index]
            rows += said
        else:
            rows += [(p.symbol, p.stress, index) for p in segmentation.words[index].phones]
            index += 1
        if pauses[index - 1] and rows[-1][0] != PAUSE:
            rows.append((PAUSE, 0, index - 1))
    if rows[0][0] != PAUSE:
        rows.insert(0, (PAUSE, 0, -1))
    if rows[-1][0] != PAUSE:
        rows.append((PAUSE, 0, count - 1))
    return _build(segmentation, rows)


def from_recording(
    segmentation: Segmentation, phones: tuple[Interval, ...]
) -> tuple[PhoneRow, list[Interval], list[str]]:
    """Join what the text says with what the recording's alignment says.

    Where text and alignment differ in one phone the text's symbol is kept, since that is what a text
    will ask for; phones that only the alignment has are kept, phones that only the text has are dropped.
    Neighbouring pauses are merged.

    Returns
    -------
    spoken : PhoneRow
    intervals : list of Interval
        Time of each phone of `spoken`.
    labels : list of str
        The alignment's own symbol of each phone.
    """
    from synthkit.types import Interval  # a text has none

    intervals: list[Interval] = []
    for phone in phones:
        if phone.label == PAUSE and intervals and intervals[-1].label == PAUSE:
            phone = Interval(intervals.pop().start, phone.end, PAUSE)
        if phone.end > phone.start:
            intervals.append(phone)
    said = [(p.symbol, p.stress, w) for w, word in enumerate(segmentation.words) for p in word.phones]
    heard = [i for i, p in enumerate(intervals) if p.label != PAUSE]
    pairs = dict(edit_path([s[0] for s in said], [intervals[i].label for i in heard]))
    rows: list[tuple[str, int, int]] = []
    at, word = 0, -1
    for interval in intervals:
        if interval.label == PAUSE:
            rows.append((PAUSE, 0, word))
            continue
        match = pairs.get(at)
        at += 1
        if match is not None:
            symbol, stress, word = said[match]
            rows.append((symbol, stress, word))
        else:
            word = max(word, 0)
            rows.append((interval.label, 0, word))
    return _build(segmentation, rows), intervals, [i.label for i in intervals]


def edit_path(text: list[str], labels: list[str]) -> list[tuple[int, int]]:
    """Pairs ``(label index, text index)`` of the cheapest alignment by edit distance."""
    if text == labels:
        return [(i, i) for i in range(len(text))]
    n, m = len(text), len(labels)
    cost = [list(range(m + 1))] + [[i + 1] + [0] * m for i in range(n)]
    for i in range(n):
        row, up = cost[i + 1], cost[i]
        for j in range(m):
            diagonal = up[j] + (text[i] != labels[j])
            row[j + 1] = min(diagonal, up[j + 1] + 1, row[j] + 1)
    pairs, i, j = [], n, m
    while i and j:
        if cost[i][j] == cost[i - 1][j - 1] + (text[i - 1] != labels[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((j, i))
        elif cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]
