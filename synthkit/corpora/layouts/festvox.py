# SPDX-License-Identifier: Apache-2.0
"""Festvox: prompts in ``etc/txt.done.data`` (or beside it), ``wav/``, labels in ``lab/``; CMU ARCTIC is
one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import find_audio, first_line, lines, recordings, safe_id
from synthkit.errors import CorpusError
from synthkit.recognise import Evidence

_PROMPT = re.compile(r'\(\s*(\S+)\s+"((?:[^"\\]|\\.)*)"\s*\)')


class Festvox(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """A prompt file, by its name and its first line."""
        path = _prompt_file(folder)
        if path is None:
            return Evidence.NONE
        return Evidence.CONTENT if _PROMPT.fullmatch(first_line(path)) else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; CMU ARCTIC's folders tell speaker and language."""
        path = _prompt_file(folder)
        if path is None:
            raise CorpusError("no txt.done.data and no prompts.data", where=str(folder))
        found = Collector(folder, language)
        arctic = re.match(r"cmu_us_([a-z]+)_arctic", folder.name)
        speaker = arctic[1] if arctic else "speaker"
        for id, text in prompts(path):
            found.add(id, text, find_audio(folder / "wav" / id), speaker, "en" if arctic else None)
        known = {*found.utterances, *(id for id, _ in found.left_out)}
        for audio in recordings(folder / "wav"):
            if safe_id(audio.stem) not in known:
                found.leave_out(audio.stem, "no transcript")
        return found.corpus()


def prompts(path: Path) -> Iterator[tuple[str, str]]:
    """``(id, text)`` of a prompt file: ``( id "text" )`` per line, ``\\"`` for a quote.

    Raises
    ------
    CorpusError
        A line is not so; names it.
    """
    for number, line in lines(path):
        match = _PROMPT.fullmatch(line.strip())
        if match is None:
            raise CorpusError(f'line {number} is not ( id "text" ): {line.strip()[:60]}', where=str(path))
        yield match[1], re.sub(r"\\(.)", r"\1", match[2])


def _prompt_file(folder: Path) -> Path | None:
    names = ("etc/txt.done.data", "txt.done.data", "etc/prompts.data", "prompts.data")
    return next((path for name in names if (path := folder / name).is_file()), None)
