# SPDX-License-Identifier: Apache-2.0
"""Other tables beside recordings: file lists of VITS and its relatives, CSS10's ``transcript.txt``, Hugging
Face's ``metadata.csv``, Coqui's ``metadata_train.csv`` and ``metadata_eval.csv``, Common Voice's ``.tsv``."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import Recordings, first_line, read_text
from synthkit.corpora.layouts.roles import is_header
from synthkit.corpora.layouts.table import add_table, cells, delimiter, read_table
from synthkit.errors import CorpusError
from synthkit.recognise import Evidence

_NAMES = re.compile(
    r"(metadata|train|val|valid|validation|dev|test|eval|file_?list|transcripts?|manifest|list|index|labels|"
    r"data|utterances|prompts|sentences|\w*_(train|val|test|eval|file_?list|transcripts?))"
    r"[\w.-]*\.(csv|tsv|txt|psv|list|lst)",
    re.I,
)
_PART = re.compile(r"(?i)(?<![a-z])(train|val|valid|validation|dev|test|eval)(?![a-z])")


class Tables(Layout):
    """See the module. Parts (train, validation, test) are read as one corpus."""

    def evidence(self, folder: Path) -> Evidence:
        """A table by its name whose header, or whose first line, is that of utterances that are here."""
        if "by_book" in folder.parts or (folder / "validated.tsv").is_file():
            return Evidence.NONE
        if "|" in first_line(folder / "metadata.csv"):
            return Evidence.NONE  # LJSpeech's
        tables = find_tables(folder)
        if not tables:
            return Evidence.NONE
        own = any("file_name" in first_line(path) or "|" in first_line(path) for path in tables)
        return Evidence.CONTENT if own else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`."""
        tables = find_tables(folder)
        if not tables:
            raise CorpusError("no table whose first line names a recording", where=str(folder))
        if len(tables) > 1 and not all(_PART.search(path.name) for path in tables):
            names = ", ".join(path.relative_to(folder).as_posix() for path in tables)
            raise CorpusError(
                f"several tables: {names}",
                where=str(folder),
                hint="leave the one that is meant in the folder, or call it metadata.csv",
            )
        found, known = Collector(folder, language), Recordings(folder)
        for number, path in enumerate(tables):
            add_table(read_table(path), found, known, again=number > 0)
        found.leave_out_unused(known)
        return found.corpus()


def find_tables(folder: Path) -> list[Path]:
    """Tables of utterances in `folder` or one of its folders, those called ``metadata.csv`` before all.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
    """
    named = [
        path
        for path in sorted([*folder.glob("*"), *folder.glob("*/*")])
        if _NAMES.fullmatch(path.name) and "RUSLAN" not in path.name and path.is_file()
    ][:50]
    known = Recordings(folder)
    good = [path for path in named if is_table(path, known)]
    if folder / "metadata.csv" in good:
        return [folder / "metadata.csv"]
    return good


def is_table(path: Path, known: Recordings) -> bool:
    """Whether the first line of a file names the columns of utterances, or a recording that is known.

    Parameters
    ----------
    path : Path
    known : Recordings
        All recordings of the folder.

    Returns
    -------
    bool
    """
    line = first_line(path)
    parted = delimiter(line)
    if parted is None or len(line) > 5000:
        return False
    row = cells(line, parted)
    if is_header(row):
        return True
    return any("/" in cell or "." in cell or parted == "|" for cell in row[:3]) and any(
        known.find(cell)[0] is not None for cell in row if cell.strip()
    )


class CommonVoice(Layout):
    """Common Voice: ``validated.tsv`` (or ``train.tsv`` …) and ``clips/``."""

    def evidence(self, folder: Path) -> Evidence:
        """One of its tables, with its columns."""
        path = _common_voice(folder)
        if not path:
            return Evidence.NONE
        names = first_line(path[0]).split("\t")
        return Evidence.CONTENT if {"path", "sentence", "client_id"} <= set(names) else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; what was not validated is not read."""
        tables = _common_voice(folder)
        if not tables:
            raise CorpusError("no validated.tsv, train.tsv, dev.tsv or test.tsv", where=str(folder))
        found, known = Collector(folder, language), Recordings(folder)
        for number, path in enumerate(tables):
            add_table(read_table(path), found, known, again=number > 0)
        return found.corpus(licence="CC0-1.0")


def _common_voice(folder: Path) -> list[Path]:
    if (folder / "validated.tsv").is_file():
        return [folder / "validated.tsv"]
    if not (folder / "clips").is_dir():
        return []
    return [p for name in ("train", "dev", "test") if (p := folder / f"{name}.tsv").is_file()]


class LibriSpeech(Layout):
    """LibriSpeech: ``SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt`` of ``ID TEXT`` beside the recordings."""

    def evidence(self, folder: Path) -> Evidence:
        """A ``.trans.txt``."""
        first = next(folder.rglob("*.trans.txt"), None)
        return Evidence.CONTENT if first is not None else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; capitals throughout are read as small letters."""
        found, known = Collector(folder, language), Recordings(folder)
        for path in sorted(folder.rglob("*.trans.txt")):
            for line in read_text(path).splitlines():
                id, _, text = line.strip().partition(" ")
                audio, why = known.find(id) if id else (None, "")
                if audio is not None:
                    said = text.lower() if text.isupper() else text
                    found.add(id, said, audio, id.split("-")[0], "en" if text.isascii() else None)
                elif id:
                    found.leave_out(id, why)
        found.leave_out_unused(known)
        return found.corpus()


class Jsut(Layout):
    """JSUT and its relatives: ``transcript_utf8.txt`` of ``ID:TEXT`` and ``wav/``, at any depth."""

    def evidence(self, folder: Path) -> Evidence:
        """A table called so."""
        first = next(folder.rglob("transcript*_utf8.txt"), None)
        if first is None:
            return Evidence.NONE
        return Evidence.CONTENT if ":" in first_line(first) else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; the language is Japanese where nobody says another."""
        found, known = Collector(folder, language), Recordings(folder)
        for path in sorted(folder.rglob("transcript*_utf8.txt")):
            for number, line in enumerate(read_text(path).splitlines(), 1):
                if not line.strip():
                    continue
                id, colon, text = line.partition(":")
                if not colon:
                    raise CorpusError(f"line {number} is not 'id:text': {line[:60]}", where=str(path))
                audio, why = known.find(f"{path.parent.name}/wav/{id}" if path.parent != folder else id)
                if audio is None:
                    found.leave_out(id, why)
                else:
                    speaker = "jsut" if re.match(r"BASIC5000|VOICEACTRESS", id) else "speaker"
                    found.add(id, text, audio, speaker, "ja")
        found.leave_out_unused(known)
        return found.corpus()
