# SPDX-License-Identifier: Apache-2.0
"""Results that carry a checksum: nothing is believed because it is there.

Beside a result (a file or a folder) lies ``NAME.sum``: of each file the SHA-256 and what the file system said
of it when it was last found to have it. A result that has not been touched since is believed by that, one
that has is hashed again, and one that is damaged is removed with a line that says so, to be made again. The
sum is written before the result takes its place: a result without a sum is no whole one, whenever a process
died.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from synthkit import atomic
from synthkit.errors import SynthkitError, reason
from synthkit.paths import read_json

SUFFIX = ".sum"
_DAY = 86400.0


def sum_of(path: Path) -> Path:
    """Where the checksum of the result at `path` is.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Path
    """
    return path.with_name(path.name + SUFFIX)


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """`atomic.writing` for a result: its checksum is there when it is.

    Parameters
    ----------
    path : Path
        Of the result.

    Yields
    ------
    Path
        A temporary file to write, which takes its place at the end.
    """
    with atomic.writing(path) as temporary:
        yield temporary
        temporary.chmod(0o644)
        sums = _seal(path, temporary)
    # The rename touched the inode's time: without this, the first use would hash the file again.
    _write(path, {name: [row[0], *atomic.stamp(path.stat())] for name, row in sums.items()})


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """`atomic.writing_folder` for a result: the checksums of its files are there when it is.

    Parameters
    ----------
    path : Path
        Of the result.

    Yields
    ------
    Path
        A temporary folder to fill, which takes its place at the end.
    """
    with atomic.writing_folder(path) as temporary:
        yield temporary
        _seal(path, temporary)


def write_json(path: Path, data: Any) -> None:
    """JSON as a result; see `writing`.

    Parameters
    ----------
    path : Path
    data : object
        JSON-ready.
    """
    with writing(path) as temporary:
        temporary.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def is_whole(path: Path, tell: Callable[[str], None] | None = None) -> bool:
    """Whether the result at `path` is there and as it was written.

    A damaged one, and one without a checksum, is removed; `tell` (a line on stderr if left out) is told of
    it.

    Parameters
    ----------
    path : Path
    tell : callable, optional
        Told a line.

    Returns
    -------
    bool

    Raises
    ------
    MachineError
        The disk cannot be read.
    """
    if not os.path.lexists(path):
        return False
    kept = _read(path)
    wrong = "it has no checksum" if kept is None else None
    fresh: dict[str, list[Any]] = {}
    if kept is not None:
        try:
            there = _files(path)
            if there.keys() != kept.keys():
                odd = sorted(there.keys() ^ kept.keys())[0]
                wrong = f"{odd or path.name} is {'missing' if odd in kept else 'not of it'}"
            for name, file in there.items():
                if wrong:
                    break
                digest, *known = kept[name]
                now = atomic.stamp(file.stat())
                if now != known and (now[0] != known[0] or atomic.sha256(file) != digest):
                    wrong = f"{name or path.name} is not what was written"
                fresh[name] = [digest, *now]
        except OSError as error:
            wrong = f"it cannot be read ({reason(error)})"
    if wrong:
        said = f"a cached result is damaged and is made again: {path}: {wrong}"
        (tell or (lambda line: print(line, file=sys.stderr, flush=True)))(said)
        remove(path)
        return False
    if fresh != kept:
        _write(path, fresh)
    elif time.time() - sum_of(path).stat().st_mtime > _DAY:
        with suppress(OSError):  # when it was last used, for `synthkit cache`; no more depends on it
            os.utime(sum_of(path))
    return True


def remove(path: Path) -> None:
    """Remove a result and its checksum; the result first, since a sum alone is none.

    Parameters
    ----------
    path : Path
        Of a file or a folder; it may be gone already.
    """
    with atomic.disk_errors(path):
        for each in (path, sum_of(path)):
            if each.is_dir() and not each.is_symlink():
                with suppress(FileNotFoundError):  # another build found it damaged, too
                    shutil.rmtree(each)
            else:
                each.unlink(missing_ok=True)


def _files(path: Path) -> dict[str, Path]:
    """Files of a result by name within it; a result that is a file has one, called ""."""
    if not path.is_dir():
        return {"": path}
    return {f.relative_to(path).as_posix(): f for f in sorted(path.rglob("*")) if not f.is_dir()}


def _seal(path: Path, temporary: Path) -> dict[str, list[Any]]:
    sums = {name: [atomic.sha256(f), *atomic.stamp(f.stat())] for name, f in _files(temporary).items()}
    _write(path, sums)
    return sums


def _read(path: Path) -> dict[str, list[Any]] | None:
    try:
        # A pipe or a device in its place is neither waited for nor read to its end.
        found = read_json(sum_of(path), SynthkitError)
    except SynthkitError as error:
        reason(error)
        return None
    good = isinstance(found, dict) and all(isinstance(row, list) and len(row) == 5 for row in found.values())
    return found if good else None


def _write(path: Path, rows: dict[str, list[Any]]) -> None:
    # Not synced: a sum that a power cut lost only means that its result is made again.
    with atomic.disk_errors(path):
        file, name = tempfile.mkstemp(prefix=atomic.prefix(path), suffix=".part", dir=path.parent)
        try:
            with os.fdopen(file, "w", encoding="utf-8") as stream:
                json.dump(rows, stream, ensure_ascii=False)
            if sum_of(path).is_dir() and not sum_of(path).is_symlink():  # a file cannot take a folder's place
                shutil.rmtree(sum_of(path))
            os.replace(name, sum_of(path))
        except BaseException:
            os.unlink(name)
            raise
