# SPDX-License-Identifier: Apache-2.0
"""Kaldi's data folder: ``wav.scp`` and ``text``, with ``segments`` and ``utt2spk`` where there are any."""

from __future__ import annotations

from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import Recordings, columns
from synthkit.errors import CorpusError
from synthkit.labels.format import seconds
from synthkit.recognise import Evidence


class Kaldi(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """The two tables that every one has."""
        both = (folder / "wav.scp").is_file() and (folder / "text").is_file()
        return Evidence.CONTENT if both else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; a recording that is a command and no file is left out."""
        found = Collector(folder, language)
        known = Recordings(folder)
        scp = dict(columns(folder / "wav.scp"))
        speakers = dict(columns(folder / "utt2spk")) if (folder / "utt2spk").is_file() else {}
        cuts = _segments(folder / "segments") if (folder / "segments").is_file() else {}
        for id, text in columns(folder / "text"):
            recording, start, end = cuts.get(id, (id, None, None))
            source = scp.get(recording, "")
            if source.endswith("|"):
                found.leave_out(id, f"the recording is a command, not a file: {source[:60]}")
                continue
            audio = _recording(folder, source, known)
            found.add(id, text, audio, speakers.get(id, "speaker"), start=start, end=end)
        return found.corpus()


def _recording(folder: Path, source: str, known: Recordings) -> Path | None:
    """What ``wav.scp`` names: a path from the folder, or from the one where the recipe was run."""
    if not source:
        return None
    path = (folder / source).resolve()
    return path if path.is_file() else known.find(source)[0]


def _segments(path: Path) -> dict[str, tuple[str, float | None, float | None]]:
    cuts: dict[str, tuple[str, float | None, float | None]] = {}
    for id, rest in columns(path):
        try:
            recording, start, end = rest.split()
            cuts[id] = recording, seconds(start), seconds(end)
        except ValueError:
            raise CorpusError(f"not 'id recording start end': {id} {rest}", where=str(path)) from None
    return cuts
