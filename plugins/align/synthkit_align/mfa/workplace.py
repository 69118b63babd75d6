# SPDX-License-Identifier: Apache-2.0
"""The folder in which MFA works. Below the folder that was asked for there is one of our own, and only that
is touched."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from synthkit.atomic import make_folder
from synthkit.errors import ConfigError, reason

NAME = "synthkit-mfa"
MARK = "MADE-BY-SYNTHKIT.txt"
LOCK = "lock"
STALE = 3600.0
"""Seconds after which a run's folder that never got its lock is one that died at birth."""


class Workplace:
    """A fresh folder of one run, held by a lock that the system frees when the process ends.

    Folders that earlier runs left and nobody holds are taken away first. Two runs at once each have their
    own.

    Attributes
    ----------
    folder : Path
        Has ``corpus/``, ``out/`` and ``root/``, empty.

    Raises
    ------
    ConfigError
        What stands in our folder's place was not made by us.
    """

    def __init__(self, base: Path) -> None:
        home = base.resolve() / NAME
        mark = home / MARK
        if home.exists() and not mark.is_file() and (not home.is_dir() or any(home.iterdir())):
            raise ConfigError(
                "is in the way and was not made by synthkit; nothing in it was touched",
                where=str(home),
                hint="move it, or set alignment.folder to another folder",
            )
        make_folder(home)
        mark.write_text(
            "synthkit lets the Montreal Forced Aligner work here, and clears it.\n", encoding="utf-8"
        )
        for old in home.glob("run-*"):
            _sweep(old)
        while True:
            self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=home))
            self._lock = (self.folder / LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if (self.folder / LOCK).exists():
                break
            self._lock.close()  # another run swept before it was locked
        for part in ("corpus", "out", "root"):
            (self.folder / part).mkdir()

    @property
    def log(self) -> Path:
        """Takes what MFA prints; it stays until the next run."""
        return self.folder / "mfa.log"

    @property
    def model(self) -> Path:
        """Takes the model that is trained; it stays as long as this object."""
        return self.folder / "model.zip"

    def clear(self) -> None:
        """Take away the copy of the corpus, what MFA wrote and its state; the log and the model stay."""
        for part in ("corpus", "out", "root"):
            shutil.rmtree(self.folder / part, ignore_errors=True)

    def close(self) -> None:
        """Let the next run take the folder away."""
        self._lock.close()


def _sweep(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        return  # no run's
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        with suppress(FileNotFoundError):  # another run's sweeping was quicker
            if time.time() - os.stat(folder).st_mtime > STALE:
                shutil.rmtree(folder, ignore_errors=True)
        return
    except OSError as error:  # a folder or a link: not what a run makes
        reason(error)
        return
    try:
        if stat.S_ISREG(os.fstat(lock).st_mode):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return  # another run's
    finally:
        os.close(lock)
