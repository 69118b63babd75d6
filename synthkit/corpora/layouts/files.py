# SPDX-License-Identifier: Apache-2.0
"""Small tools of the layouts: lines of a table, recordings of a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from synthkit.errors import CorpusError
from synthkit.paths import PathError, read_bytes

AUDIO = (".wav", ".flac")


def safe_id(text: str) -> str:
    """An utterance id that can be a file name: anything but letters, digits and ``_.+-`` becomes ``_``."""
    return re.sub(r"[^\w.+-]", "_", text.strip()).lstrip(".") or "_"


def find_audio(stem: Path) -> Path | None:
    """The recording ``stem.wav`` or ``stem.flac``, if there is one."""
    suffixes = (*AUDIO, *(s.upper() for s in AUDIO))
    return next((p for s in suffixes if (p := stem.parent / f"{stem.name}{s}").is_file()), None)


def recordings(folder: Path) -> list[Path]:
    """Every recording under `folder`, hidden ones aside, sorted."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in AUDIO and not p.name.startswith("."))


def has_audio(folder: Path) -> bool:
    """Whether a recording lies in `folder` itself."""
    return any(p.suffix.lower() in AUDIO for p in folder.iterdir())


def read_text(path: Path) -> str:
    """A file's text.

    Raises
    ------
    CorpusError
        It cannot be read or is not UTF-8; names the line.
    """
    try:
        data = read_bytes(path)
        return data.decode("utf-8-sig")
    except PathError as error:
        raise CorpusError(error.message, where=error.where) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"line {line} is not UTF-8 text",
            where=str(path),
            hint="convert it, for instance with iconv -t UTF-8",
        ) from error


def transcript(path: Path) -> str:
    """A whole file as one line of text."""
    return " ".join(read_text(path).split())


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with something on them, each with its number from 1."""
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            yield number, line


def columns(path: Path) -> Iterator[tuple[str, str]]:
    """Lines as ``(first word, the rest)``."""
    for _, line in lines(path):
        id, _, rest = line.strip().partition(" ") if " " in line else line.strip().partition("\t")
        yield id, rest.strip()


def first_line(path: Path) -> str:
    """The first line with something on it, for `Layout.evidence`; "" where there is none to be read."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return next((line.strip() for line in file if line.strip()), "")
    except OSError:
        return ""
