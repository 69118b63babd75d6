# SPDX-License-Identifier: Apache-2.0
"""Files and folders that are either whole or not there, whenever a process dies."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from synthkit.errors import MachineError, SynthkitError, begins_anew, machine_fault


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block ends well.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path

    Raises
    ------
    MachineError
        The disk is full or the folder cannot be written; nothing is left behind.
    """
    with disk_errors(path):
        make_folder(path.parent, asked_for=path)
        fd, name = tempfile.mkstemp(prefix=prefix(path), suffix=".part" + path.suffix[:20], dir=path.parent)
        os.close(fd)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            _sync(temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def made_at_once(path: Path) -> Iterator[Path]:
    """`writing_folder` of what is made in one go: begun again, it does not go on from where it was, and a
    fault of the machine says so.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path

    Raises
    ------
    MachineError
        As `writing_folder`; names `path`, and never a file in a folder that is gone.
    """
    inside = str(path)
    try:
        with writing_folder(path) as folder:
            inside = str(folder)
            yield folder
    except MachineError as error:
        gone = not error.where or error.where.startswith(inside)
        raise begins_anew(error, str(path) if gone else error.where) from error


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder beside `path` that takes its place when the block ends well.

    An older `path` is replaced as a whole. What killed processes left of the same is taken away first.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path

    Raises
    ------
    MachineError
        The disk is full or may not be written; nothing is left behind.
    """
    with disk_errors(path):
        make_folder(path.parent, asked_for=path)
        sweep(path.parent, path.name)
        temporary = Path(tempfile.mkdtemp(prefix=prefix(path), suffix=".part", dir=path.parent))
        try:
            yield temporary
            temporary.chmod(0o755)
            for file in sorted(temporary.rglob("*")):
                if (
                    file.is_file() and file.stat().st_nlink == 1
                ):  # a link's file was synced under its first name
                    _sync(file)
            old = None
            if path.exists():
                old = Path(tempfile.mkdtemp(prefix=prefix(path), suffix=".old", dir=path.parent))
                os.rename(path, old / path.name)
            os.rename(temporary, path)
            if old is not None:
                shutil.rmtree(old)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def check_free(path: Path, error: type[SynthkitError] = SynthkitError) -> None:
    """Refuse a place for a new folder where something lies already; an empty folder is none.

    Parameters
    ----------
    path : Path
    error : type
        What is raised.

    Raises
    ------
    SynthkitError
        A file, a link, or a folder that is not empty lies there.
    """
    if os.path.lexists(path) and not (path.is_dir() and not any(path.iterdir())):
        raise error("is there already", where=str(path), hint="give another folder, or delete it")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically.

    Parameters
    ----------
    path : Path
    text : str
    """
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, data: Any) -> None:
    """Write JSON atomically, keys in the order given.

    Parameters
    ----------
    path : Path
    data : object
        JSON-ready.
    """
    write_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(status: os.stat_result) -> list[int]:
    """What a file that nobody has touched still has: size, inode, times of content and of inode.

    Parameters
    ----------
    status : os.stat_result

    Returns
    -------
    list of int
    """
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


def stamps(statuses: Mapping[str, os.stat_result]) -> dict[str, list[int]]:
    """The `stamp` of each file, by name.

    Parameters
    ----------
    statuses : mapping of str to os.stat_result

    Returns
    -------
    dict of str to list of int
    """
    return {name: stamp(status) for name, status in statuses.items()}


def make_folder(folder: Path, *, asked_for: Path | None = None) -> None:
    """Make `folder`, and those above it, unless they are there; errors name what is `asked_for` in it.

    Parameters
    ----------
    folder : Path
    asked_for : Path, optional
        What is to lie in it; `folder` itself if left out.

    Raises
    ------
    SynthkitError
        A file is in the way, or the name is none.
    MachineError
        The disk is full or may not be written.
    """
    with disk_errors(asked_for or folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise SynthkitError(
                f"cannot be made: {folder}, or a folder above it, is a file and in the way",
                where=str(asked_for or folder),
            ) from None


LAG = 30.0
"""Seconds that a file which another machine has written may take to appear here."""


def arrived(path: Path, lag: float = LAG) -> Path:
    """`path`, once it is there: shared storage may show a file later than the process that wrote it says.

    Parameters
    ----------
    path : Path
    lag : float
        Seconds that it may take.

    Returns
    -------
    Path

    Raises
    ------
    MachineError
        It does not appear.
    """
    waited = 0.0
    while not path.exists():
        if waited >= lag:
            raise MachineError(
                f"was written by a worker and has not appeared here in {lag:g} s",
                where=str(path),
                hint="the cache has to lie under the same path on a disk that all machines share; "
                "the same command goes on from where it was",
            )
        with suppress(OSError):  # asks a network file system for the folder anew
            os.scandir(path.parent).close()
        time.sleep(step := min(max(0.01, waited / 4), 1.0))
        waited += step
    return path


@contextmanager
def lock(path: Path, what: str) -> Iterator[None]:
    """Hold an exclusive lock on `path` (created if need be); the kernel frees it if the process dies.

    Parameters
    ----------
    path : Path
    what : str
        What is done while it is held, for who meets it.

    Yields
    ------
    None

    Raises
    ------
    SynthkitError
        Another process holds it; `what` names what it is doing. Or the folder cannot be written.
    """
    make_folder(path.parent, asked_for=path)
    with disk_errors(path):
        file = path.open("a+")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise SynthkitError(
                f"{what} is already running (process {holder})",
                where=str(path),
                hint="wait for it to end, or stop it; a lock never outlives its process",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def prefix(path: Path) -> str:
    """How the names of temporary files beside `path` begin; a long name is cut, so that they are not too
    long.

    They say which process of which machine writes them, so that `sweep` knows those that nobody will finish.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
    """
    return f".{os.fsdecode(os.fsencode(path.name)[:100])}.{_host()}-{os.getpid()}-"


def sweep(folder: Path, name: str = "", *, below: bool = False) -> int:
    """Remove what killed processes left of files and folders they were writing in `folder`; their number.

    A leftover is a temporary file whose process is gone, or, where another machine wrote it, one that is a
    day old. A folder that was on its way to being replaced is put back.

    Parameters
    ----------
    folder : Path
    name : str
        Only leftovers of what was to be called so.
    below : bool
        In every folder below as well.

    Returns
    -------
    int

    Raises
    ------
    MachineError
        They cannot be removed.
    """
    count = 0
    for root, folders, files in os.walk(folder):
        for entry in [*folders, *files]:
            match = _LEFTOVER.fullmatch(entry)
            path = Path(root, entry)
            if match is None or (name and match["name"] != name[: len(match["name"])]):
                continue
            if not _abandoned(match, path):
                continue
            with disk_errors(path):
                if match["kind"] == "old":
                    with suppress(FileNotFoundError):  # another process was quicker
                        _put_back(path)
                elif path.is_dir():
                    _remove(path)
                else:
                    path.unlink(missing_ok=True)
            count += 1
        folders[:] = [f for f in folders if not _LEFTOVER.fullmatch(f)] if below else []
    return count


_LEFTOVER = re.compile(
    r"\.(?P<name>.+)\.(?P<host>[0-9a-f]{6})-(?P<pid>\d+)-[^.]*\.(?P<kind>part|old)(\..*)?", re.DOTALL
)
_DAY = 86400.0


def _host() -> str:
    return hashlib.sha256(os.uname().nodename.encode()).hexdigest()[:6]


def _abandoned(match: re.Match[str], path: Path) -> bool:
    try:
        if path.lstat().st_uid != os.getuid():
            return False  # theirs to take away
        if match["host"] != _host():
            return time.time() - path.stat().st_mtime > _DAY
        os.kill(int(match["pid"]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except (FileNotFoundError, PermissionError):  # gone in the meantime, or another user's process
        return False
    return False


def _put_back(old: Path) -> None:
    """A folder was replaced as its process died: the old one is put back unless the new one is in place."""
    for content in old.iterdir():
        if not (old.parent / content.name).exists():
            os.rename(content, old.parent / content.name)
    _remove(old)


def _remove(folder: Path) -> None:
    """Whoever else sweeps here may take away parts of it in the meantime."""
    while folder.exists():
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """What keeps a file from being written is the machine's fault, and never that of what is written.

    Parameters
    ----------
    path : Path
        For messages.

    Yields
    ------
    None

    Raises
    ------
    MachineError
        Whatever the system says of the disk, inside.
    """
    try:
        yield
    except (OSError, MemoryError) as error:
        fault = machine_fault(error)
        if fault is not None:
            raise MachineError(fault.message, where=str(path), hint=fault.hint) from error
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
            raise MachineError(f"cannot be written: {error.strerror}", where=str(path)) from error
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise SynthkitError("cannot be written: the name is too long", where=str(path)) from error
        raise
    except ValueError as error:
        if "\x00" not in str(path):
            raise
        raise SynthkitError("cannot be written: the name holds a NUL byte", where=repr(str(path))) from error
