# SPDX-License-Identifier: Apache-2.0
"""What a column of numbers in a table of utterances is: a measure of each row (seconds, samples, letters,
frames, a score), or the number of its speaker.

A measure follows the recording or the text that it measures. A speaker's number comes again and again: where
most rows have one of their own, nothing says that it is a speaker's, and the table is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

NUMBER = re.compile(r"[-+]?\d{1,18}([.,]\d+)?\s?(m?s|sec)?|(\d+:)?\d+:\d\d([.,]\d+)?")
"""A number, with seconds or milliseconds as its unit, or minutes and seconds."""
HEARD = 200
"""Rows whose recordings are measured."""
_UNITS = (1000, 8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)
"""What a second is written as, besides itself: milliseconds and samples; of which none is below `_LEAST`."""
_RATES = frozenset(unit for unit in _UNITS if unit >= 8000)
"""Sample rates: a column of them is nobody's number."""
_LEAST = 50
_NEAR = 0.05
"""Seconds by which a length that is written may be off."""
_LONG = 1000
"""Numbers all as large as this are samples or milliseconds, unless they come again and again."""
_ROWS, _VALUES, _FOLLOWS = 8, 4, 0.9
"""A count in a unit that is not known follows what it counts: over how many rows, of how many different
values, with which coefficient of correlation."""
_NO_NAME = re.compile(
    r"(?i)^(https?|ftp|s3|gs)://|^www\.|^[\w.+-]+@[\w-]+\.\w+$"
    r"|^\d{4}[-./]\d{1,2}[-./]\d{1,2}([t_]\S*)?$|^\d{1,2}[-./]\d{1,2}[-./](\d{2}){1,2}$"
    r"|^(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$"
    r"|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^\d+(\.\d+)?\s?(k?hz|kbps|kb|%)$"
)
"""What is no name: an address, a date, a hash, a number with a unit."""
_MARKS = frozenset(
    ("yes", "no", "y", "n", "true", "false", "ok", "good", "bad", "fair", "poor", "excellent", "train", "dev",
     "test", "val", "valid", "validation", "eval", "happy", "sad", "angry", "neutral", "none", "null", "n/a")
)  # fmt: skip
"""What marks a row, in lower case: whether it is good, which part it is of, how it is said."""


class Unsure(Exception):
    """A table that could be read in two ways; `index` is the row (from 0) that shows it."""

    def __init__(self, message: str, index: int = 0) -> None:
        super().__init__(message)
        self.message, self.index = message, index


def is_measure(
    numbers: Sequence[str],
    texts: Sequence[str],
    named: Sequence[str],
    seconds_of: Callable[[str], float | None],
) -> bool:
    """Whether a column of numbers measures its rows.

    Parameters
    ----------
    numbers, texts, named : sequence of str
        Cells of the column, of the text's and of the recording's; an empty number is passed over.
    seconds_of : callable
        How long the recording is that a cell names, or None.

    Returns
    -------
    bool
        True for fractions, numbers with a sign or a unit, letters or words of the text, the recording's
        length in seconds, milliseconds or samples, and what rises and falls with one of them.
    """
    rows = [(n, t, name) for n, t, name in zip(numbers, texts, named, strict=True) if n]
    if not all(n.isdecimal() for n, _, _ in rows):
        return True
    values = [int(n) for n, _, _ in rows]
    near = sum(abs(v - len(t)) <= 2 or v == len(t.split()) for v, (_, t, _) in zip(values, rows, strict=True))
    if near * 10 >= 9 * len(rows):
        return True
    if min(values) >= _LONG and not come_again(values):
        return True
    if _follow(values, [float(len(t)) for _, t, _ in rows]):
        return True
    step = -(-len(rows) // HEARD)
    heard = [
        (v, s) for v, (_, _, name) in list(zip(values, rows, strict=True))[::step] if (s := seconds_of(name))
    ]
    if not heard:
        return False
    some, lengths = [v for v, _ in heard], [s for _, s in heard]
    return _rounded(some, lengths) or _follow(some, lengths)


def _rounded(values: list[int], lengths: list[float]) -> bool:
    """Whether whole numbers are the lengths of recordings in one of the known units.

    A few small numbers are whole seconds by chance, those of speakers 1 and 2 say: they prove nothing.
    """
    pairs = list(zip(values, lengths, strict=True))
    enough = len(set(values)) >= _VALUES or (len(values) >= _ROWS and len(set(values)) > 1)
    if enough and sum(v in (int(s), round(s)) for v, s in pairs) * 10 >= 9 * len(pairs):
        return True
    return any(
        sum(abs(v - s * unit) <= 0.02 * v for v, s in pairs) * 10 >= 9 * len(pairs)
        for unit in _UNITS
        if min(values) >= _LEAST
    )


def _follow(values: list[int], sizes: list[float]) -> bool:
    """Whether numbers rise and fall with `sizes`, over enough rows that it is no chance."""
    if len(values) < _ROWS or len(set(values)) < _VALUES or len(set(sizes)) < _VALUES:
        return False
    return bool(np.corrcoef(values, sizes)[0, 1] >= _FOLLOWS)


def come_again(values: Sequence[int] | Sequence[str]) -> bool:
    """Whether each value stands in two rows or more, on average.

    Parameters
    ----------
    values : sequence of int or of str

    Returns
    -------
    bool
    """
    return len(set(values)) * 2 <= len(values)


def speaker_column(columns: Mapping[int, Sequence[str]], guessed: str) -> int | None:
    """The column that holds a number of each row's speaker.

    Parameters
    ----------
    columns : mapping of int to sequence of str
        Cells of the columns (from 0) of whole numbers that measure nothing.
    guessed : str
        What all columns are taken for, for messages.

    Returns
    -------
    int or None
        None: there is none, rows that are numbered aside.

    Raises
    ------
    Unsure
        Two columns may be it, or one is neither plainly a speaker's nor a measure.
    """
    plain, varied, unsure = [], [], []
    for index, column in columns.items():
        values = [int(c) for c in column if c]
        different = set(values)
        if different <= _RATES:
            continue
        ordinal = different in ({*range(len(different))}, {*range(1, len(different) + 1)})
        if len(values) > 1 and len(different) == len(values) and ordinal and values == sorted(values):
            continue  # rows, numbered
        if len(different) == 1:
            plain.append(index)
        elif come_again(values) or (ordinal and len(different) < len(values)):
            varied.append(index)
        else:
            unsure.append(index)
    if len(varied) > 1:
        raise Unsure(
            f"each of columns {', '.join(str(i + 1) for i in varied)} could be the speaker's number "
            f"(guessed: {guessed})"
        )
    if varied or not unsure:
        return next(iter(varied or plain), None)
    index = unsure[0]
    shown = [c for c in columns[index] if c][:3]
    raise Unsure(
        f"column {index + 1} is a number that is neither a length nor plainly a speaker's: most of its rows "
        f"have one of their own ({', '.join(shown)}; guessed: {guessed})"
    )


def cut_columns(
    columns: Mapping[int, Sequence[str]],
    named: Sequence[str],
    seconds_of: Callable[[str], float | None],
    guessed: str,
) -> tuple[int, int] | None:
    """The columns that say when each row begins and ends in its recording.

    Parameters
    ----------
    columns : mapping of int to sequence of str
        Cells of the columns (from 0) of numbers.
    named : sequence of str
        Cells of the recording's column.
    seconds_of : callable
        How long the recording is that a cell names, or None.
    guessed : str
        What all columns are taken for, for messages.

    Returns
    -------
    (int, int) or None
        Two columns side by side that rise in every row, where recordings come again.

    Raises
    ------
    Unsure
        Two such columns lie in recordings that come once: they may be other measures.
    """
    for index in columns:
        if index + 1 not in columns:
            continue
        try:
            rows = [(float(a), float(b)) for a, b in zip(columns[index], columns[index + 1], strict=True)]
        except ValueError:
            continue
        if not all(0 <= a < b for a, b in rows) or all(a == int(a) and b == int(b) for a, b in rows):
            continue
        if len({*named}) < len(named):
            return index, index + 1
        lengths = [seconds_of(name) for name in named[:HEARD]]
        inside = [(a, b, s) for (a, b), s in zip(rows, lengths, strict=False) if s]
        if not inside or any(b > s + _NEAR for _, b, s in inside):
            continue
        if all(abs(b - s) <= _NEAR for _, b, s in inside):
            continue  # a length, after another measure
        raise Unsure(
            f"columns {index + 1} and {index + 2} could be where a part of the recording begins and ends "
            f"(guessed: {guessed})"
        )
    return None


def is_mark(column: Sequence[str]) -> bool:
    """Whether a column of names holds what is nobody's name: dates, addresses, hashes, numbers with a unit;
    or marks, as ``good`` and ``bad``, ``train`` and ``test``.

    Parameters
    ----------
    column : sequence of str

    Returns
    -------
    bool
    """
    cells = [c for c in column if c]
    return all(_NO_NAME.search(c) for c in cells) or all(c.lower() in _MARKS for c in cells)


def name_column(column: Sequence[str], index: int, guessed: str) -> None:
    """Refuse names that are no speakers': most of the rows, if they are not few, have one of their own.

    Parameters
    ----------
    column : sequence of str
        Cells of the column that is taken for the speaker's.
    index : int
        Which it is, from 0.
    guessed : str
        What all columns are taken for, for messages.

    Raises
    ------
    Unsure
        They are none.
    """
    cells = [c for c in column if c]
    if len(cells) >= _ROWS and not come_again(cells):
        raise Unsure(
            f"column {index + 1} is not plainly a speaker's: most of its rows have a name of their own "
            f"({', '.join(c[:30] for c in cells[:3])}; guessed: {guessed})"
        )
