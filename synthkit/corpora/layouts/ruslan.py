# SPDX-License-Identifier: Apache-2.0
"""RUSLAN: ``metadata_RUSLAN_22200.csv`` of ``id|text`` and ``RUSLAN/``."""

from __future__ import annotations

from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import find_audio, first_line, lines
from synthkit.errors import CorpusError
from synthkit.recognise import Evidence


class Ruslan(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """Its table's name, and a bar in the first line."""
        path = _table(folder)
        if path is None:
            return Evidence.NONE
        return Evidence.CONTENT if "|" in first_line(path) else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`."""
        path = _table(folder)
        if path is None:
            raise CorpusError("no metadata_RUSLAN*.csv", where=str(folder))
        found = Collector(folder, language)
        for number, line in lines(path):
            name, bar, text = line.partition("|")
            if not bar:
                raise CorpusError(f"line {number} is not 'id|text': {line[:60]}", where=str(path))
            places = (folder / d / name.strip() for d in ("RUSLAN", "wavs", "."))
            audio = next((a for stem in places if (a := find_audio(stem))), None)
            found.add(name, text, audio, "ruslan", "ru")
        return found.corpus()


def _table(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("metadata*RUSLAN*.csv"))), None)
