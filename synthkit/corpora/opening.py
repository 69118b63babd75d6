"""`open_corpus`: a registered name or any folder, to a `Corpus`."""

from __future__ import annotations

from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.recipe import CorpusRecipe
from synthkit.errors import CorpusError, PluginError
from synthkit.plugins import registry


def find_recipe(name: str) -> CorpusRecipe:
    """The recipe registered as `name`; a `CorpusError` that suggests what was meant if there is none."""
    try:
        recipe: CorpusRecipe = registry().load("corpus", name)()
    except PluginError as error:
        raise CorpusError(error.message, where=error.where, hint=error.hint) from error
    return recipe


def open_corpus(source: str | Path, language: str | None = None) -> Corpus:
    """Open a corpus by its registered name, or a folder of recordings and transcripts.

    Parameters
    ----------
    source : str or Path
        ``"bundled-ru"``, or a folder in any layout of `synthkit.corpora.layouts`.
    language : str, optional
        BCP-47 language of a folder that does not tell its own.

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError
        There is no such corpus or folder, it was not fetched yet, or its layout is not recognised.
    """
    if isinstance(source, str) and source in registry().names("corpus"):
        return find_recipe(source).load()
    path = Path(source).expanduser()
    if path.is_dir():
        from synthkit.corpora.layouts import open_folder

        return open_folder(path, language)
    if path.exists():
        raise CorpusError("a corpus is a folder, this is a file", where=str(path))
    if isinstance(source, str) and "/" not in source and not source.startswith((".", "~")):
        find_recipe(source)
    raise CorpusError(
        "no such folder", where=str(source), hint="`synthkit corpora list` shows the known corpora"
    )
