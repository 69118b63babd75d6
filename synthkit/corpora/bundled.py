# SPDX-License-Identifier: Apache-2.0
"""``bundled-ru`` and ``bundled-en``: the small corpora that lie in the repository's ``corpora/`` folder."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from synthkit.corpora import owners
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts import stored
from synthkit.corpora.recipe import CorpusRecipe, Log, OnProgress, data_folder
from synthkit.errors import CorpusError

SOURCE_TREE = Path(__file__).resolve().parents[2] / "corpora"
"""Of a checkout; wheels hold no recordings, and beside an installed package there is no such folder."""


class Bundled(CorpusRecipe):
    """A corpus that comes with the source tree; a folder of its name under ``$SYNTHKIT_DATA`` goes before."""

    whole: ClassVar[str]
    """The corpus that it is a part of, which can be fetched."""

    def folder(self) -> Path:
        """In the source tree, unless it is in the data folder, or there is no source tree."""
        own, tree = data_folder() / self.name, SOURCE_TREE / self.name
        return tree if stored.is_stored(tree) and not stored.is_stored(own) else own

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
                f"{self.name} lies in the folder corpora/ of synthkit's source tree, not in the installed "
                f"package, and not here",
                where=str(target),
                hint=f"fetch the corpus that it is a part of: `synthkit corpora get {self.whole}`, and say "
                f"{self.whole}; name a folder of your own recordings; or set SYNTHKIT_DATA to the folder "
                "corpora/ of a source tree",
            )
        return stored.load(target)


class BundledRu(Bundled):
    """Russian: a part of ``msu-ru-nsh``."""

    name = "bundled-ru"
    whole = "msu-ru-nsh"
    title = "Russian, one male speaker, a part of msu-ru-nsh, with phone labels"
    held_out = (  # among the first of every ten of the whole: bundled weights learned from all others
        "ru_0012", "ru_0051", "ru_0084", "ru_0112", "ru_0143", "ru_0323", "ru_0362", "ru_0490",
        "ru_0508", "ru_0560", "ru_0626", "ru_0757", "ru_0772", "ru_0792", "ru_0832",
    )  # fmt: skip
    languages = ("ru",)
    licence, attribution = owners.MSU_RU_NSH


class BundledEn(Bundled):
    """English: a part of ``asterisk-en``."""

    name = "bundled-en"
    whole = "asterisk-en"
    title = "English telephone prompts, one female speaker, a part of asterisk-en"
    held_out = (  # of those of six words and more that the bundled weights have not heard, every fifth
        "conf-leaderhasleft", "dir-firstlast", "dir-usingkeypad", "followme_pls-hold-while-try",
        "priv-callpending", "privacy-unident", "queue-youarenext", "unidentified-no-callback",
        "vm-instructions", "vm-msgforwarded", "vm-nonumber", "vm-sorry", "vm-tomakecall",
    )  # fmt: skip
    languages = ("en",)
    licence, attribution = owners.ALLISON_SMITH
