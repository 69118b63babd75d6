# SPDX-License-Identifier: Apache-2.0
"""`open_corpus`: a registered name or any folder, to a `Corpus`, by the layout it has."""

from __future__ import annotations

from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Layout
from synthkit.corpora.layouts.files import AUDIO, not_read
from synthkit.corpora.recipe import CorpusRecipe
from synthkit.errors import CorpusError, PluginError
from synthkit.plugins import registry
from synthkit.recognise import strongest
from synthkit.unsupported_audio import conversions


def find_recipe(name: str) -> CorpusRecipe:
    """The recipe registered as `name`; a `CorpusError` that suggests what was meant if there is none.

    Parameters
    ----------
    name : str
        As ``synthkit corpora list`` has it.

    Returns
    -------
    CorpusRecipe

    Raises
    ------
    CorpusError
        There is none of that name.
    """
    try:
        recipe: CorpusRecipe = registry().load("corpus", name)()
    except PluginError as error:
        raise CorpusError(error.message, where=error.where, hint=error.hint) from error
    return recipe


def open_corpus(source: str | Path, language: str | None = None, *, layout: str | None = None) -> Corpus:
    """Open a corpus by its registered name, or a folder of recordings and transcripts.

    Parameters
    ----------
    source : str or Path
        ``"bundled-ru"``, or a folder in any registered layout (``synthkit plugins`` lists them);
        ``"hf:FOLDER"`` is an audio folder of Hugging Face's.
    language : str, optional
        BCP-47 language of a folder that does not tell its own.
    layout : str, optional
        Name of the folder's layout; found from what lies in it if left out.

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError
        There is no such corpus or folder, it was not fetched yet, or its layout is not recognised or could be
        one of two.
    """
    if isinstance(source, str) and source in registry().names("corpus"):
        return find_recipe(source).load()
    if isinstance(source, str) and source.startswith(HUGGING_FACE):
        source = source.removeprefix(HUGGING_FACE)
        layout = layout or _hugging_face(Path(source).expanduser())
    path = Path(source).expanduser()
    if path.is_dir():
        folder = path.resolve()
        return find_layout(layout or recognised(folder)).read(folder, language)
    if path.exists():
        raise CorpusError("a corpus is a folder, this is a file", where=str(path))
    if isinstance(source, str) and "/" not in source and not source.startswith((".", "~")):
        find_recipe(source)
    raise CorpusError(
        "no such folder", where=str(source), hint="`synthkit corpora list` shows the known corpora"
    )


HUGGING_FACE = "hf:"
"""Before a folder: it is one of Hugging Face's audio folders."""


def _hugging_face(folder: Path) -> str:
    """The layout of an audio folder: by its table."""
    if (folder / "metadata.csv").is_file():
        return "table"
    if any(folder.glob("**/metadata.jsonl")):
        return "json-lines"
    if any(folder.glob("**/metadata.csv")):
        return "table"
    raise CorpusError(
        "has no metadata.csv and no metadata.jsonl",
        where=str(folder),
        hint="data sets as parquet or arrow have to be written as an audio folder first",
    )


def find_layout(name: str) -> Layout:
    """The layout registered as `name`; a `CorpusError` that lists them if there is none.

    Parameters
    ----------
    name : str
        As in ``synthkit plugins``.

    Returns
    -------
    Layout

    Raises
    ------
    CorpusError
        There is none of that name.
    """
    try:
        layout: Layout = registry().load("layout", name)()
    except PluginError as error:
        raise CorpusError(error.message, where=error.where, hint=error.hint) from error
    return layout


def recognised(folder: Path) -> str:
    """Name of the layout that a folder has.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str

    Raises
    ------
    CorpusError
        None, or two with equally good evidence.
    """
    names = strongest("layout", lambda layout: layout.evidence(folder))
    if len(names) == 1:
        return names[0]
    if names:
        raise CorpusError(
            f"could be laid out as {' or as '.join(names)}",
            where=str(folder),
            hint=f"say which: --layout {names[0]} on the command line, voice.layout in a configuration, "
            f'layout="{names[0]}" in Python',
        )
    known = ", ".join(registry().names("layout"))
    files = [p for p in folder.rglob("*") if p.is_file()]
    unread = not_read(folder)
    if unread:
        first = unread[0]
        raise CorpusError(
            f"has {len(unread)} recording{'s' if len(unread) > 1 else ''} that cannot be read, {first.name} "
            f"the first: {first.suffix} is not read",
            where=str(folder),
            hint=conversions(unread),
        )
    heard = sum(p.suffix.lower() in AUDIO for p in files)
    if heard and all(p.suffix.lower() in AUDIO for p in files):
        raise CorpusError(
            f"holds {heard} recording{'s' if heard > 1 else ''} and no text",
            where=str(folder),
            hint="one NAME.txt beside each NAME.wav says what is spoken; `synthkit corpora transcribe` "
            "writes what a recogniser hears",
        )
    tables = sorted(
        p.relative_to(folder).as_posix()
        for p in files
        if p.suffix.lower() in (".csv", ".tsv", ".psv") and not p.name.startswith(".")
    )
    if heard and len(tables) == 1:
        raise CorpusError(
            f"{tables[0]} is not known to be the table of the recordings",
            where=str(folder),
            hint="call it metadata.csv if it is, with the recording's name and its text in each line; "
            "`synthkit corpora check` then says which column was read as what",
        )
    raise CorpusError(
        "no transcripts found that belong to recordings",
        where=str(folder),
        hint=f"known layouts: {known}; the simplest is one NAME.txt beside each NAME.wav",
    )
