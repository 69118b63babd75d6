# SPDX-License-Identifier: Apache-2.0
"""One process makes a result, whoever else wants the same waits for it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from synthkit.atomic import disk_errors, make_folder


@contextmanager
def turn(path: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file `path`, which is there for as long as somebody holds it; wait while another does.

    The kernel frees it where its process dies.

    Parameters
    ----------
    path : Path
    waits : callable
        Called once, before it is waited.

    Yields
    ------
    None

    Raises
    ------
    MachineError
        The disk is full or may not be written.
    """
    with _held(path, waits):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)  # while it is held: see `_held`


def _held(path: Path, waits: Callable[[], None]) -> IO[str]:
    """The lock file, opened and locked, and still the one that others find."""
    told = False
    while True:
        with disk_errors(path):
            make_folder(path.parent)
            file = path.open("a")
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told:
                    waits()
                    told = True
                fcntl.flock(file, fcntl.LOCK_EX)
            if _is_there(path, file):
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # who held it has taken it away: another is made


def _is_there(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
