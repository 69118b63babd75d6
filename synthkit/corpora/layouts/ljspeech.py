# SPDX-License-Identifier: Apache-2.0
"""LJSpeech and its relatives: ``metadata.csv`` parted by bars, and ``wavs/``.

LJSpeech itself has ``id|text|text as it is read``. Coqui's, Piper's, XTTS's and others' have the recording,
a speaker, a length, a language, in any order, with a header or without: `synthkit.corpora.layouts.roles`.
"""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import Recordings, first_line
from synthkit.corpora.layouts.table import add_table, read_table
from synthkit.corpora.layouts.tables import is_table
from synthkit.recognise import Evidence


class LJSpeech(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """``metadata.csv`` with a bar in its first line, outside of an M-AILABS tree."""
        path = folder / "metadata.csv"
        if not path.is_file() or "by_book" in folder.parts:
            return Evidence.NONE
        if "|" in first_line(path):
            return Evidence.CONTENT
        return Evidence.NONE if is_table(path, Recordings(folder)) else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; LJSpeech's own ids tell speaker and language."""
        found = Collector(folder, language)
        read_metadata(folder / "metadata.csv", found, "speaker", None)
        return found.corpus()


def read_metadata(path: Path, found: Collector, speaker: str, language: str | None) -> None:
    """Add every line of a ``metadata.csv`` and list the recordings in its folder that no line names.

    Parameters
    ----------
    path : Path
    found : Collector
    speaker, language : str
        Of lines that do not tell.

    Raises
    ------
    CorpusError
        What the columns are is not plain, or a line does not fit them; names the line.
    """
    table = read_table(path)
    lj = bool(re.match(r"(wavs/)?LJ\d{3}-", table.rows[0][1][0])) if table.rows else False
    if lj:
        speaker, language = "lj", language or "en"
    known = Recordings(path.parent)
    add_table(table, found, known, speaker=speaker, language=language)
    found.leave_out_unused(known)
