# SPDX-License-Identifier: Apache-2.0
"""Files of ratings as columns and rows, before anything in them is understood."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from synthkit.errors import MissingDependency, SynthkitError, reason
from synthkit.paths import LIMIT, PathError, open_file, read_text

MOST_ROWS = 1_000_000
"""Of a parquet file, whose header alone tells their number before memory is taken for them."""


class RatingsError(SynthkitError):
    """A file of ratings that cannot be used; the message names the line."""


def cell(row: dict[str, Any], column: str, where: str) -> str:
    """What stands in a column of a row, as text; empty where nothing does.

    Parameters
    ----------
    row : dict
    column : str
    where : str
        For the message.

    Returns
    -------
    str

    Raises
    ------
    RatingsError
        It is neither text nor a number: how a list, a struct, bytes or a date is printed is nobody's name.
    """
    value = row.get(column)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        kind = {"dict": "struct"}.get(type(value).__name__, type(value).__name__)
        raise RatingsError(f"the column {column!r} holds a {kind}, neither text nor a number", where=where)
    return str(value).strip()


def csv_rows(path: Path) -> tuple[list[str], Iterable[tuple[str, dict[str, Any]]]]:
    """The columns and rows of a CSV file, whose first line tells the delimiter: comma, semicolon or tab.

    Parameters
    ----------
    path : Path

    Returns
    -------
    columns : list of str
    rows : iterable of (str, dict)
        ``"line 2"`` and its cells; empty rows are passed over.

    Raises
    ------
    RatingsError
        It is not UTF-8, or not CSV; the latter also while rows are taken.
    """
    text = read_text(path, RatingsError, hint="save it as CSV UTF-8, or as parquet")
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    with table_errors(path, reader):
        columns = [str(name).strip() for name in reader.fieldnames or []]
    reader.fieldnames = columns

    def rows() -> Iterable[tuple[str, dict[str, Any]]]:
        with table_errors(path, reader):
            for row in reader:
                if any(v for v in row.values()):
                    yield f"line {reader.line_num}", row

    return columns, rows()


@contextmanager
def table_errors(path: Path, reader: Any) -> Iterator[None]:
    """Reading a table inside: what the csv module cannot read (a cell of more than 128 KiB) is our error.

    Parameters
    ----------
    path : Path
    reader : csv.reader or csv.DictReader
        It knows the line.

    Yields
    ------
    None

    Raises
    ------
    RatingsError
        It names the line.
    """
    try:
        yield
    except csv.Error as error:
        raise RatingsError(f"cannot be read: {error}", where=f"{path}, line {reader.line_num + 1}") from error


def parquet_rows(path: Path) -> tuple[list[str], Iterable[tuple[str, dict[str, Any]]]]:
    """The columns and rows of a parquet file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    columns : list of str
    rows : iterable of (str, dict)
        ``"row 1"`` and its cells.

    Raises
    ------
    RatingsError
        It is no such file, or has more than `MOST_ROWS` rows.
    MissingDependency
        pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "a parquet file needs the package 'pyarrow'", where=str(path), hint="pip install pyarrow"
        ) from error
    try:
        file, size = open_file(path)
        with os.fdopen(file, "rb") as stream:
            data = stream.read() if size <= LIMIT else b""
        # From memory and in this thread: Arrow's own, where they outlive Python, abort the process.
        if size > LIMIT or pq.read_metadata(pa.BufferReader(data)).num_rows > MOST_ROWS:
            raise RatingsError(f"is too large: more than {MOST_ROWS:,} rows", where=str(path))
        table = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)
        columns, found = table.column_names, table.to_pylist()
    except PathError as error:
        raise RatingsError(error.message, where=error.where) from error
    except (OSError, pa.ArrowException, UnicodeDecodeError, ValueError, TypeError, KeyError) as error:
        said = reason(error).splitlines() or [type(error).__name__]
        raise RatingsError(f"cannot be read: {said[0]}", where=str(path)) from error
    return columns, ((f"row {k}", row) for k, row in enumerate(found, 1))
