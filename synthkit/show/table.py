# SPDX-License-Identifier: Apache-2.0
"""Rows under a head, which show themselves on a terminal, in a notebook and as a data frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synthkit.columns import columns
from synthkit.errors import ConfigError
from synthkit.types.shown import Shown

HINT = "pip install synthkit-speech[notebook]"
"""What draws, and what makes data frames."""


class NoRow(ConfigError, KeyError):
    """A row that a table does not have."""


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """Rows under a head.

    Attributes
    ----------
    head : tuple of str
    rows : tuple of tuple
        As long as the head each; what is not known is None.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __getitem__(self, name: str) -> Any:
        """The row that begins with `name`, as a dict by head; the metric of a figure ``metric/definition`` is
        enough where it has one alone.

        Raises
        ------
        NoRow
            There is none, or several; also a `KeyError`.
        """
        found = [row for row in self.rows if row[0] == name]
        found = found or [row for row in self.rows if str(row[0]).partition("/")[0] == name]
        if len(found) != 1:
            several = f"{len(found)} rows are of {name!r}" if found else f"there is no row {name!r}"
            names = dict.fromkeys(str(row[0]) for row in found or self.rows)
            raise NoRow(several, hint=f"there are {', '.join(names)}" if names else "the table is empty")
        return dict(zip(self.head, found[0], strict=True))

    def __repr__(self) -> str:
        return columns([tuple(map(cell, row)) for row in self.rows], self.head)


def cell(value: Any) -> str:
    """A value as a table shows it.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
    """
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
