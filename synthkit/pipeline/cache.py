# SPDX-License-Identifier: Apache-2.0
"""Results by the content of what they were made from. A key names one file or folder, written whole."""

from __future__ import annotations

import fcntl
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synthkit.atomic import disk_errors, make_folder, sweep
from synthkit.errors import SynthkitError
from synthkit.pipeline import checked
from synthkit.pipeline.turns import turn
from synthkit.places import default_root

KEY = 40
"""Letters of a key."""
MAKING = ".making"
"""Folder of locks, by key, of what is being made."""


def key(*parts: Any) -> str:
    """A stable hex key of JSON-ready parts (dicts in any order).

    An iterator stands for the list of what it gives, which is never there at once.

    Parameters
    ----------
    *parts : object
        Dicts, lists, texts, numbers, or iterators of such.

    Returns
    -------
    str
    """
    digest = hashlib.sha256()
    _hash(digest, iter(parts))
    return digest.hexdigest()[:KEY]


def _hash(digest: hashlib._Hash, rows: Iterator[Any]) -> None:
    """Put the JSON of a list into `digest`, element by element."""
    before = b"["
    for row in rows:
        digest.update(before)
        before = b","
        if isinstance(row, Iterator):
            _hash(digest, row)
        else:
            text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            digest.update(text.encode("utf-8", "surrogatepass"))
    digest.update(b"]" if before == b"," else b"[]")


class Cache:
    """A folder of results by key.

    Parameters
    ----------
    root : Path
        Made when something is first written.
    tell : callable, optional
        Told of results that are damaged and made again; a line on stderr if left out.
    """

    def __init__(self, root: Path | None = None, tell: Callable[[str], None] | None = None) -> None:
        self.root = root if root is not None else default_root()
        self.tell = tell

    def path(self, stage: str, key: str, suffix: str = "") -> Path:
        """Where the result of `key` is, or would be.

        Parameters
        ----------
        stage : str
        key : str
            As `key` gives it.
        suffix : str
            Of a file, with the dot.

        Returns
        -------
        Path
        """
        return self.root / stage / key[:2] / f"{key}{suffix}"

    def holds(self, path: Path) -> bool:
        """Whether the result that would be at `path` is there and whole; a damaged one is removed.

        Parameters
        ----------
        path : Path
            As `path` gives it.

        Returns
        -------
        bool
        """
        return checked.is_whole(path, self.tell)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Hold the cache while results are made and used: nothing is pruned. What killed processes left is
        swept."""
        with self._locked(fcntl.LOCK_SH, ""):
            sweep(self.root, below=True)
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the cache alone, to remove from it.

        Raises
        ------
        SynthkitError
            It is in use.
        """
        with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB, "is in use by a build or a comparison"):
            yield

    @contextmanager
    def _locked(self, how: int, otherwise: str) -> Iterator[None]:
        make_folder(self.root)
        with disk_errors(self.root):
            file = (self.root / ".lock").open("a")
        with file:
            try:
                fcntl.flock(file, how)
            except BlockingIOError:
                raise SynthkitError(
                    otherwise, where=str(self.root), hint="wait for it to end, or stop it"
                ) from None
            yield

    def file(self, stage: str, key: str, suffix: str, make: Callable[[Path], None]) -> Path:
        """The file of `key`; `make` writes it to the path it is given when it is not there yet.

        Parameters
        ----------
        stage : str
        key : str
            As `key` gives it.
        suffix : str
            With the dot.
        make : callable
            Given a path to write to.

        Returns
        -------
        Path
        """
        path = self.path(stage, key, suffix)
        if not self.holds(path):
            with checked.writing(path) as temporary:
                make(temporary)
        return path

    def folder(self, stage: str, key: str, make: Callable[[Path], None]) -> Path:
        """The folder of `key`; `make` fills the empty folder it is given when it is not there yet.

        One process at a time: another that wants the same says so, waits, and takes what was made. It may
        have hours of work in a scratch folder that two would spoil for one another.

        Parameters
        ----------
        stage : str
        key : str
            As `key` gives it.
        make : callable
            Given an empty folder to fill.

        Returns
        -------
        Path
        """
        path = self.path(stage, key)
        if not self.holds(path):
            waiting = f"{stage}: another process makes the same, waiting for it"
            with turn(self.root / MAKING / key, lambda: self._say(waiting)):
                if not self.holds(path):
                    with checked.writing_folder(path) as temporary:
                        make(temporary)
        return path

    def _say(self, line: str) -> None:
        if self.tell is None:
            print(line, file=sys.stderr)
        else:
            self.tell(line)
