# SPDX-License-Identifier: Apache-2.0
"""Pairs: one ``.txt`` or plain-text ``.lab`` beside each recording, or all in a folder of their own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import recordings, safe_id, transcript
from synthkit.labels import is_label_file
from synthkit.recognise import Evidence

SUFFIXES = (".lab", ".txt", ".original.txt", ".normalized.txt")
"""Of transcripts; the last one found wins. LibriTTS has the last two."""
AUDIO_FOLDERS = ("wav", "wavs", "audio", "flac", "clips")
"""Names of folders that are no speaker's."""


class Pairs(Layout):
    """See the module; sub-folders are speakers."""

    def evidence(self, folder: Path) -> Evidence:
        """A transcript that has a recording: many folders of other layouts have some, too."""
        texts = _texts(folder)
        paired = (a.stem in texts or _inside(a, folder) in texts for a in recordings(folder))
        return Evidence.LOOSE if any(paired) else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`."""
        found = Collector(folder, language)
        texts = _texts(folder)
        audios = recordings(folder)
        stems = Counter(audio.stem for audio in audios)
        for audio in audios:
            text = texts.get(_inside(audio, folder)) or texts.get(audio.stem)
            parents = [p for p in audio.relative_to(folder).parts[:-1] if p.lower() not in AUDIO_FOLDERS]
            id = audio.stem if stems[audio.stem] == 1 else _inside(audio, folder)
            if text is None:
                found.leave_out(id, "no transcript")
            else:
                found.add(id, transcript(text), audio, safe_id(parents[0]) if parents else "speaker")
        there = {safe_id(stem) for stem in stems}
        for path in dict.fromkeys(texts.values()):
            if safe_id(path.name.split(".")[0]) not in there and safe_id(path.stem) not in there:
                found.leave_out(path.stem, "no recording")
        return found.corpus()


def _inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _texts(folder: Path) -> dict[str, Path]:
    """Transcripts by path without suffix, and by bare name where that is unique."""
    out: dict[str, Path] = {}
    bare: dict[str, list[Path]] = {}
    for suffix in SUFFIXES:
        for path in sorted(folder.rglob(f"*{suffix}")):
            if path.name.startswith(".") or (suffix == ".lab" and is_label_file(path)):
                continue
            name = path.name.removesuffix(suffix)
            if suffix == ".txt" and re.search(r"\.(original|normalized)$", name):
                continue
            out[(path.relative_to(folder).parent / name).as_posix()] = path
            bare.setdefault(name, []).append(path)
    for name, paths in bare.items():
        if len({p.parent for p in paths}) == 1:
            out.setdefault(name, paths[-1])
    return out
