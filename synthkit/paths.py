# SPDX-License-Identifier: Apache-2.0
"""Which files may be written for an id, which a corpus or a voice may name, and how an input is read.

Three decisions that are made here and nowhere else: `output_path` turns an id into a file inside a folder,
`input_path` a name in a table into a file that the table may name, and `read_bytes` opens what is read whole,
so that neither a pipe nor a device nor a file of gigabytes is waited for or taken in.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from synthkit.errors import SynthkitError, machine_fault

LONGEST_NAME = 255
"""Bytes of a file's name, as common file systems allow."""
_TEMPORARY = 20
"""Bytes that a file's name grows by while it is written."""
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)
"""Names that are devices on some systems, with any suffix."""
LIMIT = 64 << 20
"""Bytes of a text file that is read whole, where its reader says nothing else."""


class PathError(SynthkitError):
    """A name that no file may have here, or a file that cannot be read whole."""


def why_no_id(id: str) -> str | None:
    """Why `id` cannot name anything, or None: what no table of utterances may hold, whatever is made of
    it.

    Parameters
    ----------
    id : str

    Returns
    -------
    str or None
    """
    if not id.strip() or id.strip(".") == "":
        return "is no name"
    if "/" in id or "\\" in id:
        return "holds a slash: it is no name but a path"
    bad = next((c for c in id if ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000), None)
    if bad is not None:
        return f"holds the character U+{ord(bad):04X}"
    return None


def output_path(folder: Path, id: str, suffix: str = "") -> Path:
    """The file ``id + suffix`` in `folder`, to be written.

    Parameters
    ----------
    folder : Path
    id : str
        A plain name.
    suffix : str
        With its dot.

    Returns
    -------
    Path

    Raises
    ------
    PathError
        The file would lie outside `folder` (a path, ``..``, a folder that is a link elsewhere), or the name
        is one that file systems do not take: empty, with NUL or another control character, too long, or a
        device's.
    """
    where = str(folder)
    reason = why_no_id(id)
    if reason is not None:
        raise PathError(f"the id {_shown(id)} {reason}", where=where, hint="give it a plain name")
    if id.split(".")[0].strip().lower() in _RESERVED:
        raise PathError(
            f"the id {_shown(id)} is a device's name on some systems", where=where, hint="call it otherwise"
        )
    name = id + suffix
    size = len(os.fsencode(name))
    if size > LONGEST_NAME - _TEMPORARY:
        raise PathError(
            f"the id {_shown(id)} is too long for a file's name: {size} bytes with {suffix!r}",
            where=where,
            hint=f"at most {LONGEST_NAME - _TEMPORARY} bytes",
        )
    path = folder / name
    if path.is_dir():
        raise PathError("is a folder and in the way of a file", where=str(path))
    return path


def input_path(folder: Path, name: str) -> Path:
    """The file that a table in `folder` names; it has to lie inside, links followed.

    Parameters
    ----------
    folder : Path
    name : str
        Relative to it.

    Returns
    -------
    Path

    Raises
    ------
    PathError
        `name` is absolute, climbs out of the folder, or is a link to what lies outside it.
    """
    if "\x00" in name:
        raise PathError("a file's name holds a NUL byte", where=str(folder))
    path = folder / name
    root, real = os.path.realpath(folder), os.path.realpath(path)
    if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
        raise PathError(
            f"names {_shown(name)}, which lies outside the folder",
            where=str(folder),
            hint="what a folder's table names has to lie in the folder, so that it can be moved",
        )
    return path


def open_file(path: Path, *, pipes: bool = False) -> tuple[int, int]:
    """A file descriptor of a regular file and the file's size in bytes.

    Parameters
    ----------
    path : Path
    pipes : bool
        Whether a pipe or a terminal will do, too: what a user names on the command line.

    Returns
    -------
    descriptor : int
        To be closed.
    size : int
        Bytes.

    Raises
    ------
    PathError
        It is missing, cannot be opened, or is no file (a folder, a pipe, a device).
    """
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if pipes else os.O_NONBLOCK))
    except FileNotFoundError:
        raise PathError("no such file", where=str(path)) from None
    except ValueError:  # a NUL in the name
        raise PathError("is no file's name", where=_shown(str(path))) from None
    except OSError as error:
        raise _unreadable(error, path) from error
    status = os.fstat(file)
    kind = "a directory" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
    if not stat.S_ISREG(status.st_mode) and (kind == "a directory" or not pipes):
        os.close(file)
        raise PathError(f"cannot be opened: it is {kind}, not a file", where=str(path))
    return file, status.st_size


def read_bytes(path: Path, *, limit: int = LIMIT, pipes: bool = False) -> bytes:
    """All of a regular file.

    Parameters
    ----------
    path, pipes
        As for `open_file`.
    limit : int
        Bytes; a longer file is an error before it is read.

    Returns
    -------
    bytes

    Raises
    ------
    PathError
        As `open_file`; or it cannot be read, or is longer than `limit`.
    """
    file, size = open_file(path, pipes=pipes)
    with os.fdopen(file, "rb") as stream:
        try:
            # Not limit + 1 at once: so much memory would be set aside for the shortest file.
            data = stream.read(size + 1) if size <= limit else b""
            if data and (more := stream.read(1 << 20)):  # it grows, or is a pipe, which has no size
                grown = bytearray(data)
                while more and len(grown) <= limit:
                    grown += more
                    more = stream.read(1 << 20)
                data = bytes(grown)
        except OSError as error:
            raise _unreadable(error, path) from error
    if size > limit or len(data) > limit:
        raise PathError(f"is too large: more than {limit >> 20} MiB", where=str(path))
    return data


def read_text(path: Path, kind: type[SynthkitError], *, hint: str = "", limit: int = LIMIT) -> str:
    """All of a UTF-8 text file, its byte order mark left out.

    Parameters
    ----------
    path : Path
    kind : type of SynthkitError
        What is raised.
    hint : str
        What to do where it is not UTF-8.
    limit : int
        Bytes; a longer file is an error before it is read.

    Returns
    -------
    str

    Raises
    ------
    SynthkitError
        Of the `kind` given: it cannot be read (`read_bytes`), or is not UTF-8; the message names the byte.
    """
    try:
        data = read_bytes(path, limit=limit)
    except PathError as error:
        raise kind(error.message, where=error.where) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise kind(
            f"is not UTF-8 text: byte {data[error.start]:#04x} at position {error.start}, line {line}",
            where=str(path),
            hint=hint or "convert it first, as in: iconv -f CP1251 -t UTF-8",
        ) from None


def read_json(path: Path, kind: type[SynthkitError], *, hint: str = "", limit: int = LIMIT) -> Any:
    """What a JSON file says, of any shape.

    Parameters
    ----------
    path, limit
        As for `read_bytes`.
    kind : type of SynthkitError
        What is raised.
    hint : str
        What to do about it.

    Returns
    -------
    object

    Raises
    ------
    SynthkitError
        Of the `kind` given: it cannot be read (`read_bytes`), or is no JSON.
    MachineError
        The disk cannot be read.
    """
    try:
        return json_of(read_bytes(path, limit=limit))
    except PathError as error:
        raise kind(error.message, where=error.where, hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise kind(f"is no valid JSON: {error}", where=str(path), hint=hint) from error


def _unreadable(error: OSError, path: Path) -> SynthkitError:
    fault = machine_fault(error)
    return fault or PathError(f"cannot be opened: {error.strerror}", where=str(path))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "…")


def json_of(raw: bytes) -> Any:
    """What JSON says, in whole characters.

    Python's reader takes half of one (a lone surrogate), escaped or as bytes that are no UTF-8; no file can
    be named so, and nothing that holds one be written or printed.

    Parameters
    ----------
    raw : bytes
        UTF-8; some editors and programs begin it with a mark (BOM), which is none of what is said.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        It is no JSON, no UTF-8, or holds half a character.
    RecursionError
        It is nested without end.
    """
    found = json.loads(raw.decode("utf-8-sig"))
    if b"\\u" in raw:
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    return found
