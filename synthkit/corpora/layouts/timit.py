# SPDX-License-Identifier: Apache-2.0
"""TIMIT: ``…/DRn/SPEAKER/ID.WAV`` with ``ID.TXT`` of ``first-sample last-sample text``, ``.PHN`` and
``.WRD``."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import recordings, transcript
from synthkit.recognise import Evidence

_LINE = re.compile(r"\s*\d+\s+\d+\s+(.*)", re.S)


class Timit(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """A recording with a ``.PHN`` or ``.WRD`` beside it."""
        for audio in recordings(folder)[:20]:
            if _beside(audio, "phn") and _beside(audio, "txt"):
                return Evidence.CONTENT
        return Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; ids are ``SPEAKER_ID``, since sentences are shared."""
        found = Collector(folder, language)
        for audio in recordings(folder):
            if audio.name.lower().endswith(".wav.wav") or re.search(r"\.WAV\.wav$", audio.name):
                continue
            speaker = audio.parent.name if audio.parent != folder else "speaker"
            id = f"{speaker}_{audio.stem}"
            text = _beside(audio, "txt")
            said = _LINE.fullmatch(transcript(text)) if text is not None else None
            if text is None:
                found.leave_out(id, "no transcript")
            elif said is None:
                found.leave_out(id, f"{text.name} is not 'first-sample last-sample text'")
            else:
                found.add(id, said[1], audio, speaker, "en")
        return found.corpus()


def _beside(audio: Path, suffix: str) -> Path | None:
    tries = (audio.with_suffix(f".{s}") for s in (suffix.upper(), suffix))
    return next((path for path in tries if path.is_file()), None)
