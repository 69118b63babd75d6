# SPDX-License-Identifier: Apache-2.0
"""Tables of utterances: parted by bars, tabs, commas or semicolons, with a header or without one."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synthkit import audio
from synthkit.corpora.layouts.base import Collector
from synthkit.corpora.layouts.cuts import CUT_HINT, cut_of, seconds_in
from synthkit.corpora.layouts.files import Recordings, lines, read_text
from synthkit.corpora.layouts.numbers import Unsure, come_again
from synthkit.corpora.layouts.roles import Roles, by_content, by_header, is_header, is_phonemes, is_reading
from synthkit.errors import AudioError, CorpusError

DELIMITERS = ("|", "\t", ";", ",")
_CALLED = {"|": "bar", "\t": "tab", ";": "semicolon", ",": "comma"}
HINT = "name the columns in a first line, as in audio_file|text|speaker_name, or mend the line"
HEADER_HINT = "call the recording's column audio_file and the text's text, the speaker's speaker_name"
QUOTE_HINT = (
    'close the quotation mark, or write one that is of the text twice, and quotes around it: "He said ""so"""'
)


@dataclass(frozen=True)
class Table:
    """Rows of cells, each with its line, the header where there is one, and what parts the cells."""

    path: Path
    header: list[str] | None
    rows: list[tuple[int, list[str]]]
    parted: str = "|"

    def wrong(self, line: int, message: str, hint: str = HINT) -> CorpusError:
        """The error that names a line of it.

        Parameters
        ----------
        line : int
            Counted from 1.
        message : str
            What is wrong there.
        hint : str
            What to do.

        Returns
        -------
        CorpusError
            To be raised.
        """
        return CorpusError(f"line {line}: {message}", where=str(self.path), hint=hint)


def delimiter(line: str) -> str | None:
    """What parts the cells of a table whose first line is `line`; None where nothing does.

    Parameters
    ----------
    line : str

    Returns
    -------
    str or None
    """
    return next((d for d in DELIMITERS if d in line), None)


def cells(line: str, parted: str = "|") -> list[str]:
    """Cells of a line. A cell is quoted where the quote that opens it is closed before the next delimiter;
    a quotation that begins a sentence is none.

    Parameters
    ----------
    line : str
    parted : str
        What parts them, one character.

    Returns
    -------
    list of str
    """
    out: list[str] = []
    at = 0
    quoted = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=' + re.escape(parted) + "|$)")
    while True:
        found = quoted.match(line, at)
        if found is not None:
            out.append(found[1].replace('""', '"'))
            end = found.end()
        else:
            end = line.find(parted, at)
            end = len(line) if end < 0 else end
            out.append(line[at:end])
        if end >= len(line):
            return out
        at = end + 1


def read_table(path: Path) -> Table:
    """A table's rows.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Table

    Raises
    ------
    CorpusError
        It is no text, is empty, or a line has nothing that parts it; names the line.
    """
    numbered = list(lines(path))
    if not numbered:
        raise CorpusError("the table is empty", where=str(path))
    parted = delimiter(numbered[0][1])
    if parted is None:
        raise CorpusError(
            f"line {numbered[0][0]} is not 'id|text': {numbered[0][1][:60]}", where=str(path), hint=HINT
        )
    if parted in ",;":
        rows = _comma_separated(path, parted)
    else:
        rows = [(number, cells(line, parted)) for number, line in numbered]
    if not rows:
        raise CorpusError("the table holds nothing but what parts columns", where=str(path), hint=HINT)
    header = rows[0][1] if is_header(rows[0][1]) else None
    return Table(path, header, rows[1:] if header is not None else rows, parted)


def _comma_separated(path: Path, parted: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=parted, strict=True)
    rows = []
    try:
        before = 0
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((before + 1, row))
            before = reader.line_num
    except csv.Error as error:
        raise CorpusError(
            f"line {before + 1}: not {_CALLED[parted]}-separated: {error}", where=str(path), hint=QUOTE_HINT
        ) from error
    return rows


def roles_of(table: Table, known: Recordings) -> Roles:
    """What the columns of `table` are.

    Parameters
    ----------
    table : Table
    known : Recordings
        All recordings of the folder.

    Returns
    -------
    Roles

    Raises
    ------
    CorpusError
        It is not plain; names a line, and what was guessed.
    """
    if not table.rows:
        raise CorpusError("the table has a header and no rows", where=str(table.path))
    widths = Counter(len(row) for _, row in table.rows)
    try:
        if table.header is not None:
            wide = len(table.header)
            roles = by_header([name.strip() for name in table.header], [row for _, row in table.rows])
        else:
            wide = _width(table)
            fitting = [row for _, row in table.rows if len(row) <= wide]
            roles = by_content(fitting, _names(known), _seconds(known))
    except Unsure as error:
        shown = [number for number, row in table.rows if len(row) <= wide or table.header is not None]
        if table.header is not None:
            raise table.wrong(1, error.message, HEADER_HINT) from None
        called = _CALLED[table.parted]
        raise table.wrong(shown[error.index], error.message.replace("a bar in", f"a {called} in")) from None
    least = max(roles.audio, roles.text) + 1
    for number, row in table.rows:
        if len(row) < least:
            shown_as = f"id{table.parted}text"
            raise table.wrong(number, f"is not {shown_as!r}: {table.parted.join(row)[:60]}")
        if len(row) > wide:
            raise table.wrong(
                number,
                f"{len(row)} columns where {wide} are expected ({table.parted.join(row)[:60]}): is there a "
                f"{_CALLED[table.parted]} in the text?",
                f"put a text with a {_CALLED[table.parted]} in quotes, or take it out",
            )
    if widths and table.header is None:
        _no_phonemes(table, roles)
        _no_stray_column(table, roles, wide)
    return roles


def _no_stray_column(table: Table, roles: Roles, wide: int) -> None:
    """Refuse a last column that some rows lack, unless it is plain what it is: a stray delimiter in a text
    makes one, too, and what follows it is no speaker.

    It is plain where it is the text once more as it is read; or where most rows have it, and it is a length
    or its names come again.
    """
    last = wide - 1
    full = [(number, row[last].strip(), row) for number, row in table.rows if len(row) == wide]
    full = [(number, cell, row) for number, cell, row in full if cell]
    if not full or last == roles.text or not any(len(row) < wide for _, row in table.rows):
        return
    if last == roles.read:
        full = [(number, cell, row) for number, cell, row in full if not is_reading(row[roles.text], cell)]
        if not full:
            return
    elif len(full) * 2 > len(table.rows) and (last == roles.duration or come_again([c for _, c, _ in full])):
        return
    number, cell, row = full[0]
    raise table.wrong(
        number,
        f"{wide} columns where other lines have {wide - 1} ({table.parted.join(row)[:60]}): is {cell[:30]!r} "
        f"a column, or is the {_CALLED[table.parted]} one of the text?",
        f"put a text with a {_CALLED[table.parted]} in quotes, or give every line as many columns",
    )


def _width(table: Table) -> int:
    """Columns that the table has: those of most rows; one more where that is plainly the optional last."""
    widths = Counter(len(row) for _, row in table.rows)
    usual = min(widths, key=lambda w: (-widths[w], w))
    for number, row in table.rows:
        if len(row) < 2:
            shown_as = f"id{table.parted}text"
            raise table.wrong(number, f"is not {shown_as!r}: {table.parted.join(row)[:60]}")
    if usual == 2 and set(widths) == {2, 3}:
        return 3
    return usual


def _no_phonemes(table: Table, roles: Roles) -> None:
    texts = [row[roles.text] for _, row in table.rows]
    if sum(map(is_phonemes, texts)) * 2 > len(texts):
        raise table.wrong(table.rows[0][0], "phonemes and no text")


def _names(known: Recordings) -> Callable[[str], bool]:
    def is_recording(cell: str) -> bool:
        return _meant(known, cell) is not None

    return is_recording


def _seconds(known: Recordings) -> Callable[[str], float | None]:
    def seconds_of(cell: str) -> float | None:
        path = _meant(known, cell)
        try:
            rate, frames, _ = audio.info(path) if path is not None else (0, 0, 0)
        except AudioError:  # told when it is checked
            return None
        return frames / rate if rate else None

    return seconds_of


def _meant(known: Recordings, cell: str) -> Path | None:
    """The recording that a cell names, which is not used by that."""
    used = set(known.used)
    found = known.find(cell)[0]
    known.used = used
    return found


def add_table(
    table: Table,
    found: Collector,
    known: Recordings,
    *,
    speaker: str = "speaker",
    language: str | None = None,
    again: bool = False,
) -> None:
    """Add every row of `table` to `found`.

    Parameters
    ----------
    table : Table
    found : Collector
    known : Recordings
        Of the folder in which the recordings lie.
    speaker, language : str
        Of rows that do not tell.
    again : bool
        Whether rows may repeat what another table has said; those are passed over.

    Raises
    ------
    CorpusError
        What the columns are is not plain, or a row does not fit; names the line.
    """
    roles = roles_of(table, known)
    # CSS10's, without a header: recording, text, text as it is read, seconds. Folders are one reader's books.
    books = table.header is None and None not in (roles.read, roles.duration) and roles.speaker is None
    again_named = Counter(row[roles.audio].strip() for _, row in table.rows)
    for number, row in table.rows:
        _no_row_in_text(table, number, row, roles, known)

        def cell(index: int | None, row: list[str] = row) -> str:
            return row[index].strip() if index is not None and index < len(row) else ""

        said = cell(roles.audio)
        if not said:
            raise table.wrong(number, "says no recording")
        text = cell(roles.read) or cell(roles.text)
        path, why = known.find(said)
        id, folder = known.name(path, said) if path is not None else (_plain(said), "")
        own = cell(roles.speaker) or (folder if not books else "") or speaker
        spoken = cell(roles.language).replace("_", "-") or language
        start, end = _cut(table, number, roles, cell, path)
        if start is not None and again_named[said] > 1:
            id = f"{id}_{start:09.3f}"
        if again and id in found.utterances and found.utterances[id].text == text:
            continue
        if path is None:
            found.leave_out(id, why)
        else:
            found.add(id, text, path, own, spoken, start=start, end=end)


def _no_row_in_text(table: Table, number: int, row: list[str], roles: Roles, known: Recordings) -> None:
    """Refuse a cell over several lines of which one is a row of its own: a quotation mark was left open."""
    for text in row:
        for further, line in enumerate(re.split(r"\r\n|\n|\r", text)):
            parts = line.split(table.parted) if further else []
            if len(parts) > roles.audio and len(parts) > 1 and _meant(known, parts[roles.audio].strip(' "')):
                raise table.wrong(
                    number,
                    f"a quotation mark opens that is not closed before line {number + further}, which is of "
                    f"another recording, {parts[roles.audio].strip()[:40]}",
                    QUOTE_HINT,
                )


def _plain(said: str) -> str:
    """The id of a row without a recording."""
    name = re.split(r"[\\/]", said)[-1]
    return re.sub(r"\.\w{2,4}$", "", name)


def _cut(
    table: Table, line: int, roles: Roles, cell: Callable[[int | None], str], path: Path | None
) -> tuple[float | None, float | None]:
    """The cut that a row asks for; a duration alone asks for none."""

    def time(index: int | None) -> float | None:
        said = cell(index)
        if index is None or not said:
            return None
        name = table.header[index].strip() if table.header is not None else "start"
        return seconds_in(name, said)

    try:
        start, end = time(roles.start), time(roles.end)
        duration = time(roles.duration) if start is not None and end is None else None
        return cut_of(start, end, duration, path)
    except ValueError as error:
        raise table.wrong(line, str(error), CUT_HINT) from None
