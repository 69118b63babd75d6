# SPDX-License-Identifier: Apache-2.0
"""VCTK: ``wav48*/SPEAKER/ID[_mic1].{wav,flac}`` and ``txt/SPEAKER/ID.txt``."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import find_audio, recordings, transcript
from synthkit.recognise import Evidence


class Vctk(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """Its two folders."""
        there = (folder / "txt").is_dir() and _audio_folder(folder).is_dir()
        return Evidence.CONTENT if there else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; of two microphones the first is taken."""
        found = Collector(folder, language)
        wavs = _audio_folder(folder)
        texts = sorted((folder / "txt").glob("*/*.txt"))
        for path in texts:
            speaker, id = path.parent.name, path.stem
            tries = [wavs / speaker / name for name in (f"{id}_mic1", id, f"{id}_mic2")]
            audio = next((a for stem in tries if (a := find_audio(stem))), None)
            found.add(id, transcript(path), audio, speaker, "en")
        known = {path.stem for path in texts}
        for audio in recordings(wavs):
            id = re.sub(r"_mic\d$", "", audio.stem)
            if id not in known and not audio.stem.endswith("_mic2"):
                found.leave_out(id, "no transcript")
        return found.corpus()


def _audio_folder(folder: Path) -> Path:
    names = ("wav48_silence_trimmed", "wav48", "wav16")
    return next((folder / name for name in names if (folder / name).is_dir()), folder / "wav48")
