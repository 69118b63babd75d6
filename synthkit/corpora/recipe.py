# SPDX-License-Identifier: Apache-2.0
"""`CorpusRecipe`: how a named corpus is obtained, and where corpora live."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from synthkit.atomic import lock, writing_folder
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts import stored
from synthkit.errors import CorpusError

Log = Callable[[str], None]
OnProgress = Callable[[str, float], None]
"""Called with what is being done and how much of it is done, 0 to 1."""


def data_folder() -> Path:
    """Where fetched corpora live: ``$SYNTHKIT_DATA``, or ``synthkit/corpora`` in the user's data folder."""
    chosen = os.environ.get("SYNTHKIT_DATA")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "synthkit" / "corpora"


class CorpusRecipe(ABC):
    """A corpus with a name. Subclass it and register the subclass with ``register_corpora``.

    Attributes
    ----------
    name, title : str
        The registered name and a line for people.
    languages : tuple of str
        BCP-47.
    licence, attribution : str
        As in `Corpus`.
    megabytes : int
        Disk that `get` needs, downloads included.
    held_out : tuple of str
        Ids that those who judge leave out, where it is not the first of every ten: for a part of a corpus on
        the rest of which weights were trained.
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    languages: ClassVar[tuple[str, ...]]
    licence: ClassVar[str] = ""
    attribution: ClassVar[str] = ""
    megabytes: ClassVar[int] = 0
    held_out: ClassVar[tuple[str, ...]] = ()

    def folder(self) -> Path:
        """Where it is, or would be put."""
        return data_folder() / self.name

    def available(self) -> bool:
        """Whether it is there and complete."""
        return stored.is_stored(self.folder())

    @abstractmethod
    def make(self, folder: Path, source: Path | None, log: Log, progress: OnProgress) -> Corpus:
        """Put the corpus's files into the empty `folder` and describe them.

        `source` is a folder that already holds the downloads, when the user has them.

        Parameters
        ----------
        folder : Path
            Empty.
        source : Path or None
            With the downloads.
        log : callable
            Told what is done, a line each.
        progress : callable
            Called with what is done and how much of it, 0 to 1.

        Returns
        -------
        Corpus
            Whose recordings and labels lie in `folder`.

        Raises
        ------
        CorpusError
            Something cannot be fetched, or is not what it should be.
        """

    def get(
        self,
        folder: Path | None = None,
        log: Log = lambda message: None,
        *,
        progress: OnProgress = lambda what, done: None,
        source: Path | None = None,
        force: bool = False,
    ) -> Path:
        """Obtain the corpus; all of it or nothing is left in `folder`.

        Parameters
        ----------
        folder : Path, optional
            Where to put it; `CorpusRecipe.folder` if left out.
        log, progress
            Told what happens.
        source : Path, optional
            A folder with the files to be downloaded, for machines without a network.
        force : bool
            Replace a corpus that is already there.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        CorpusError
            It cannot be fetched or unpacked, or the disk is full.
        MissingDependency
            A system program it needs is not there.
        """
        target = Path(folder) if folder is not None else self.folder()
        if stored.is_stored(target) and not force:
            log(f"{self.name} is already in {target}")
            return target
        if target.exists() and not stored.is_stored(target) and any(target.iterdir()):
            raise CorpusError(
                "the folder is not empty and holds no corpus", where=str(target), hint="choose another folder"
            )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with lock(target.parent / f".{target.name}.lock", f"getting corpus {self.name!r}"):
                for stale in target.parent.glob(f".{target.name}.*.part"):
                    shutil.rmtree(stale)  # of a run that was killed: nobody else holds the lock
                free = shutil.disk_usage(target.parent).free / 1e6
                if free < self.megabytes:
                    raise CorpusError(
                        f"{self.name} needs {self.megabytes} MB of disk, {free:.0f} MB are free",
                        where=str(target.parent),
                        hint="free some space, or set SYNTHKIT_DATA to a folder on another disk",
                    )
                with writing_folder(target) as scratch:
                    corpus = self.make(scratch, source, log, progress)
                    stored.save(replace(corpus, root=scratch), scratch)
        except OSError as error:
            raise CorpusError(
                f"{self.name} could not be stored: {error.strerror or error}", where=str(target)
            ) from error
        log(f"{self.name}: {len(corpus)} utterances in {target}, {len(corpus.left_out)} left out")
        return target

    def load(self, folder: Path | None = None) -> Corpus:
        """Open the corpus.

        Parameters
        ----------
        folder : Path, optional
            Where it is; `folder` of the recipe if left out.

        Returns
        -------
        Corpus

        Raises
        ------
        CorpusError
            It is not there (the hint says how to get it) or is damaged.
        """
        target = Path(folder) if folder is not None else self.folder()
        if not stored.is_stored(target):
            raise CorpusError(
                f"corpus {self.name!r} is not on this machine",
                where=str(target),
                hint=f"synthkit corpora get {self.name}",
            )
        return stored.load(target)
