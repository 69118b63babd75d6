# SPDX-License-Identifier: Apache-2.0
"""Festvox: prompts in ``etc/txt.done.data`` (or beside it), ``wav/``, labels in ``lab/``; CMU ARCTIC is
one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import find_audio, first_line, read_text, recordings, safe_id
from synthkit.errors import CorpusError
from synthkit.recognise import Evidence

_TOKEN = re.compile(r';[^\n]*|"((?:[^"\\]|\\.)*)"|[()]|[^\s()";]+', re.S)
"""Of Scheme: a comment, a string, a bracket, a symbol."""


class Festvox(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """A prompt file, by its name and its first line."""
        path = _prompt_file(folder)
        if path is None:
            return Evidence.NONE
        return Evidence.CONTENT if first_line(path).startswith(("(", ";")) else Evidence.NAME

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
    """``(id, text)`` of a prompt file, which is Scheme: ``( id "text" )``, ``\\"`` for a quote, ``;`` before
    a comment, lines parted as one likes.

    Parameters
    ----------
    path : Path

    Yields
    ------
    (str, str)

    Raises
    ------
    CorpusError
        A form is not so: after a quote in the text that is not ``\\"`` there is more of it; names the line it
        begins on.
    """
    text = read_text(path)
    form: list[tuple[str, str]] = []
    open_at = depth = 0
    deeper = False
    at = 0
    for token in _TOKEN.finditer(text):
        if text[at : token.start()].strip():
            break
        at = token.end()
        if token[0] == "(":
            depth += 1
            if depth == 1:
                form, open_at, deeper = [], token.start(), False
            deeper = deeper or depth > 1
        elif token[0] == ")" and depth == 1:
            depth = 0
            if len(form) != 2 or form[1][0] != "string" or deeper:
                raise _no_prompt(path, text, open_at)
            yield form[0][1], " ".join(form[1][1].split())
        elif token[0] == ")" and depth:
            depth -= 1
        elif not token[0].startswith(";"):
            if depth == 0:
                raise _no_prompt(path, text, token.start())
            if depth == 1:
                string = token[1] is not None
                form.append(("string", re.sub(r"\\(.)", r"\1", token[1])) if string else ("symbol", token[0]))
    if depth or text[at:].strip():
        raise _no_prompt(path, text, open_at if depth else at + len(text[at:]) - len(text[at:].lstrip()))


def _no_prompt(path: Path, text: str, at: int) -> CorpusError:
    line = text.count("\n", 0, at) + 1
    begins = text[at:].split("\n")[0].strip()[:60]
    return CorpusError(
        f'line {line} is not ( id "text" ): {begins}',
        where=str(path),
        hint='write a quotation mark in the text as \\"' if begins.count('"') > 2 else "",
    )


def _prompt_file(folder: Path) -> Path | None:
    names = ("etc/txt.done.data", "txt.done.data", "etc/prompts.data", "prompts.data")
    return next((path for name in names if (path := folder / name).is_file()), None)
