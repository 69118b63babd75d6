# SPDX-License-Identifier: Apache-2.0
"""LJSpeech: ``metadata.csv`` of ``id|text|normalised text`` and ``wavs/``."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import find_audio, first_line, has_audio, lines, recordings
from synthkit.errors import CorpusError
from synthkit.recognise import Evidence


class LJSpeech(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """``metadata.csv`` with a bar in its first line, outside of an M-AILABS tree."""
        path = folder / "metadata.csv"
        if not path.is_file() or "by_book" in folder.parts:
            return Evidence.NONE
        return Evidence.CONTENT if "|" in first_line(path) else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; LJSpeech's own ids tell speaker and language."""
        found = Collector(folder, language)
        read_metadata(folder / "metadata.csv", found, "speaker", None)
        return found.corpus()


def read_metadata(path: Path, found: Collector, speaker: str, language: str | None) -> None:
    """Add every line of a ``metadata.csv`` and list the recordings beside it that no line names.

    Parameters
    ----------
    path : Path
    found : Collector
    speaker, language : str
        Of lines whose id does not tell.

    Raises
    ------
    CorpusError
        A line has no bar; names it.
    """
    folder = path.parent
    wavs = next((d for d in (folder / "wavs", folder / "wav", folder) if d.is_dir() and has_audio(d)), folder)
    seen = set()
    for number, line in lines(path):
        parts = line.split("|")
        if number == 1 and parts[0].strip().lower() in ("id", "file", "filename", "file_id", "wav"):
            continue
        if len(parts) < 2:
            raise CorpusError(f"line {number} is not 'id|text': {line[:60]}", where=str(path))
        name = re.sub(r"\.(wav|flac)$", "", parts[0].strip())
        text = parts[2] if len(parts) > 2 and parts[2].strip() else parts[1]
        lj = "en" if re.match(r"LJ\d{3}-", name) else None
        seen.add(Path(name).name)
        found.add(name, text, find_audio(wavs / name), "lj" if lj else speaker, language or lj)
    for audio in recordings(wavs):
        if audio.stem not in seen:
            found.leave_out(audio.stem, "no transcript")
