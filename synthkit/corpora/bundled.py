# SPDX-License-Identifier: Apache-2.0
"""``bundled-ru`` and ``bundled-en``: the small corpora that lie in the repository's ``corpora/`` folder."""

from __future__ import annotations

from pathlib import Path

from synthkit.corpora import owners
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts import stored
from synthkit.corpora.recipe import CorpusRecipe, Log, OnProgress, data_folder
from synthkit.errors import CorpusError


class Bundled(CorpusRecipe):
    """A corpus that comes with the source tree; a folder of its name under ``$SYNTHKIT_DATA`` goes before."""

    def folder(self) -> Path:
        """In the data folder if it is there, else in the source tree."""
        own = data_folder() / self.name
        if stored.is_stored(own):
            return own
        return Path(__file__).resolve().parents[2] / "corpora" / self.name

    def get(self, folder: Path | None = None, log: Log = print, **options: object) -> Path:
        """Nothing to do where the source tree is; an error that says so elsewhere."""
        self.load(folder)
        log(f"{self.name} comes with synthkit, in {folder or self.folder()}")
        return folder or self.folder()

    def make(self, folder: Path, source: Path | None, log: Log, progress: OnProgress) -> Corpus:
        """Not made by ``get``: ``corpora/make_bundled.py`` remakes it."""
        raise CorpusError(f"{self.name} is remade by corpora/make_bundled.py", where=str(folder))

    def load(self, folder: Path | None = None) -> Corpus:
        """Open it.

        Raises
        ------
        CorpusError
            synthkit was installed without its source tree.
        """
        target = folder or self.folder()
        if not stored.is_stored(target):
            raise CorpusError(
                f"{self.name} comes with synthkit's source tree, not with the installed package",
                where=str(target),
                hint="set SYNTHKIT_DATA to the `corpora` folder of a checkout, "
                "or fetch a whole corpus: synthkit corpora list",
            )
        return stored.load(target)


class BundledRu(Bundled):
    """Russian: a part of ``msu-ru-nsh``."""

    name = "bundled-ru"
    title = "Russian, one male speaker, a part of msu-ru-nsh, with phone labels"
    languages = ("ru",)
    licence, attribution = owners.MSU_RU_NSH


class BundledEn(Bundled):
    """English: a part of ``asterisk-en``."""

    name = "bundled-en"
    title = "English telephone prompts, one female speaker, a part of asterisk-en"
    languages = ("en",)
    licence, attribution = owners.ALLISON_SMITH
