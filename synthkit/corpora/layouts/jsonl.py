# SPDX-License-Identifier: Apache-2.0
"""JSON lines: NeMo's manifests, Hugging Face's ``metadata.jsonl``, lhotse's recordings and supervisions."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.cuts import CUT_HINT, cut_of, seconds_in
from synthkit.corpora.layouts.files import Recordings
from synthkit.corpora.layouts.roles import named
from synthkit.errors import CorpusError
from synthkit.paths import PathError, read_bytes
from synthkit.recognise import Evidence

_NAMES = re.compile(r"(?i)[\w.-]*(manifest|metadata|train|val|dev|test|data|index)[\w.-]*\.(jsonl?|ndjson)")


class JsonLines(Layout):
    """One object a line, or a list of objects: a recording, its text, perhaps speaker, language and cut."""

    def evidence(self, folder: Path) -> Evidence:
        """A file called so, whose first object names a recording and has a place for a text, if empty."""
        return Evidence.CONTENT if _manifests(folder) else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`."""
        paths = _manifests(folder)
        if not paths:
            raise CorpusError("no manifest that begins with a recording and a text", where=str(folder))
        found, known = Collector(folder, language), Recordings(folder)
        for which, path in enumerate(paths):
            for number, row in objects(path):
                _add(row, f"{path}: line {number}", found, known, again=which > 0)
        found.leave_out_unused(known)
        return found.corpus()


def _add(row: dict[str, Any], where: str, found: Collector, known: Recordings, *, again: bool) -> None:
    fields = _fields(row)
    said, text = fields.get("audio", fields.get("id")), fields.get("read") or fields.get("text")
    texts = {str(row[name]).strip() for name in _texts(row)}
    if len(texts) > 1:
        raise CorpusError(
            f"each of {', '.join(_texts(row))} could be the text",
            where=where,
            hint="call the one that is meant text, and the others by another name",
        )
    lacking = "recording" if not isinstance(said, str) else "text"
    if not isinstance(said, str) or not isinstance(text, str):
        value = said if lacking == "recording" else text
        what = (
            f"no {lacking}" if value is None else f"its {lacking} is {json.dumps(value)[:40]}, not in quotes"
        )
        raise CorpusError(what, where=where, hint=f"its keys are {', '.join(row)}")
    audio, why = known.find(said)
    if audio is None:
        found.leave_out(Path(said).stem, why)
        return
    id, folder = known.name(audio, said)
    try:
        start, end = _cut(row, audio)
    except ValueError as error:
        raise CorpusError(str(error), where=where, hint=CUT_HINT) from None
    if start is not None:
        id = str(fields["id"]) if isinstance(fields.get("id"), str) else f"{id}_{start:09.3f}"
    if again and id in found.utterances and found.utterances[id].text == text.strip():
        return
    speaker = fields.get("speaker")
    spoken = fields.get("language")
    found.add(
        id,
        text,
        audio,
        str(speaker) if speaker not in (None, "") else folder or "speaker",
        spoken.replace("_", "-") if isinstance(spoken, str) and spoken else None,
        start=start,
        end=end,
    )


def _cut(row: dict[str, Any], audio: Path) -> tuple[float | None, float | None]:
    """The part of the recording; a duration alone asks for none."""
    there = [name for name, value in row.items() if value not in (None, "")]
    names = {role: there[indices[0]] for role, indices in named(there).items()}
    start, end = (seconds_in(names[r], row[names[r]]) if r in names else None for r in ("start", "end"))
    length = names.get("duration") if start is not None and end is None else None
    return cut_of(start, end, seconds_in(length, row[length]) if length is not None else None, audio)


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    there = [name for name, value in row.items() if value is not None]
    for role, indices in named(there).items():
        values = [row[there[i]] for i in indices]
        if role == "audio":  # {"path": …, "bytes": …}
            values = [value.get("path") if isinstance(value, dict) else value for value in values]
        value = next((value for value in values if value is not None), None)
        if value is not None:
            out[role] = value
    return out


def _texts(row: dict[str, Any]) -> list[str]:
    """Keys of a row that say with equal right that they are the text."""
    there = [name for name, value in row.items() if value is not None]
    return [there[i] for i in named(there).get("text", [])]


def _manifests(folder: Path) -> list[Path]:
    good = []
    for path in sorted([*folder.glob("*.json*"), *folder.glob("*.ndjson"), *folder.glob("*/*.jsonl")]):
        if _NAMES.fullmatch(path.name) and path.is_file():
            first = _first(path) or {}
            roles = named(list(first)).keys()
            if {"audio", "id"} & roles and {"text", "read"} & roles:
                good.append(path)
    return good


def _first(path: Path) -> dict[str, Any] | None:
    try:
        return next(objects(path), (0, None))[1]
    except CorpusError:
        return None  # another program's file


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a file, each with its line: one a line, or all in one list; gzip by the suffix.

    Parameters
    ----------
    path : Path

    Yields
    ------
    (int, dict)
        The line, counted from 1.

    Raises
    ------
    CorpusError
        It cannot be read, or a line is no JSON object; names the line.
    """
    try:
        data = read_bytes(path, limit=1 << 30)
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except PathError as error:
        raise CorpusError(error.message, where=error.where) from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(f"cannot be read: {error}", where=str(path)) from error
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
            if "\\u" in text:
                rows = [_readable(row) if isinstance(row, dict) else row for row in rows]
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"is no JSON: {error}", where=str(path)) from error
        yield from ((n, row) for n, row in enumerate(rows, 1) if isinstance(row, dict))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if "\\u" in line and isinstance(row, dict):
                row = _readable(row)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"line {number} is no JSON: {error}", where=str(path)) from error
        if not isinstance(row, dict):
            raise CorpusError(f"line {number} is no JSON object", where=str(path))
        yield number, row


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row in which half a character, as JSON can escape and no text can hold, is one that could not be
    read (U+FFFD)."""
    written = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass")
    readable: dict[str, Any] = json.loads(written.decode("utf-8", "replace"))
    return readable


class Lhotse(Layout):
    """lhotse: ``*recordings*.jsonl[.gz]`` and ``*supervisions*.jsonl[.gz]`` side by side."""

    def evidence(self, folder: Path) -> Evidence:
        """Both manifests."""
        return Evidence.OWN if all(_lhotse(folder)) else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; recordings that are commands or URLs are left out."""
        found, known = Collector(folder, language), Recordings(folder)
        recordings, supervisions = _lhotse(folder)
        if not recordings or not supervisions:
            raise CorpusError("no recordings.jsonl and supervisions.jsonl", where=str(folder))
        sources: dict[str, tuple[str, str, float]] = {}
        for path in recordings:
            for number, row in objects(path):
                try:
                    source = row["sources"][0]
                    kind, name = str(source["type"]), str(source["source"])
                    sources[str(row["id"])] = kind, name, float(row["duration"])
                except (KeyError, IndexError, TypeError, ValueError) as error:
                    raise _no("recording", path, number, error) from None
        for path in supervisions:
            for number, row in objects(path):
                try:
                    id, recording = str(row["id"]), str(row["recording_id"])
                    start, length = float(row["start"]), float(row["duration"])
                except (KeyError, TypeError, ValueError) as error:
                    raise _no("supervision", path, number, error) from None
                kind, source, whole = sources.get(recording, ("file", recording, 0.0))
                if kind != "file":
                    found.leave_out(id, f"the recording is a {kind}, not a file: {source[:60]}")
                    continue
                audio, why = known.find(source)
                if audio is None and Path(source).is_absolute() and Path(source).is_file():
                    audio = Path(source)
                if audio is None:
                    found.leave_out(id, why)
                    continue
                part = start > 0.001 or length < whole - 0.01
                found.add(
                    id,
                    str(row.get("text") or ""),
                    audio,
                    str(row.get("speaker") or "speaker"),
                    _code(row.get("language")),
                    start=start if part else None,
                    end=start + length if part else None,
                )
        return found.corpus()


def _no(what: str, path: Path, line: int, error: Exception) -> CorpusError:
    return CorpusError(f"line {line} is no {what} ({error!r})", where=str(path))


def _code(name: Any) -> str | None:
    """A BCP-47 code of what a supervision calls its language: a code, or its English name."""
    text = str(name or "").strip()
    return _ENGLISH_NAMES.get(text.lower(), text) or None


_ENGLISH_NAMES = {
    "english": "en", "russian": "ru", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "chinese": "zh", "japanese": "ja", "portuguese": "pt", "polish": "pl", "dutch": "nl",
}  # fmt: skip


def _lhotse(folder: Path) -> tuple[list[Path], list[Path]]:
    return tuple(  # type: ignore[return-value]
        sorted(p for p in folder.glob(f"*{kind}*.jsonl*") if p.is_file())
        for kind in ("recordings", "supervisions")
    )
