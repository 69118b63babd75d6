# SPDX-License-Identifier: Apache-2.0
"""Statements held against each other field by field, and the table a message shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

Row = tuple[str, Any, Any]
"""A field, what one side says of it, and what the other does; None where it says nothing."""

ABOUT = ("kind", "sample_rate", "hop_length")
"""Fields that every spec has."""


class Open(Enum):
    """The type of `OPEN`."""

    OPEN = "any"

    def __repr__(self) -> str:
        return "OPEN"


OPEN = Open.OPEN
"""Stands for whatever is there, as long as something is."""


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any], *, closed: bool) -> list[Row]:
    """Fields of `theirs` that `ours` does not meet; where `closed`, also those that `theirs` does not
    have.

    Parameters
    ----------
    ours, theirs : mapping of str
        Values by field; `OPEN` in `theirs` is met by whatever is there.
    closed : bool

    Returns
    -------
    list of (field, ours, theirs)
        None for the side that says nothing; empty where all is met.
    """
    rows: list[Row] = []
    for name, wanted in theirs.items():
        have = ours.get(name)
        if (have is None) if wanted is OPEN else not _same(have, wanted):
            rows.append((name, have, wanted))
    if closed:
        rows += [(name, have, None) for name, have in ours.items() if name not in theirs]
    return rows


def cells_of(rows: Sequence[Row], ours: str, theirs: str) -> list[tuple[str, str, str]]:
    """`rows` in words, three cells each, under the headings ``field``, `ours` and `theirs`.

    Parameters
    ----------
    rows : sequence of (field, ours, theirs)
        As `differences` gives them.
    ours, theirs : str
        Headings of the two sides.

    Returns
    -------
    list of (str, str, str)
    """
    return [("field", ours, theirs), *((name, _show(a), _show(b)) for name, a, b in rows)]


def table(rows: Sequence[Row], ours: str, theirs: str) -> str:
    """`rows` under the headings ``field``, `ours` and `theirs`, a line each, indented by two spaces.

    Parameters
    ----------
    rows : sequence of (field, ours, theirs)
        As `differences` gives them.
    ours, theirs : str
        Headings of the two sides.

    Returns
    -------
    str
    """
    cells = cells_of(rows, ours, theirs)
    widths = [max(len(row[i]) for row in cells) for i in range(3)]
    return "\n".join(
        "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)  # True is no 1


def _show(value: Any) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, Open):
        return str(value.value)
    return ", ".join(map(_show, value)) if isinstance(value, tuple) else str(value)
