# SPDX-License-Identifier: Apache-2.0
"""The layout synthkit writes: ``corpus.json`` (about the corpus) and ``utterances.tsv`` (one line each).

Paths in the table are relative to the folder, so the folder can be moved.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Layout
from synthkit.errors import CorpusError, reason
from synthkit.paths import PathError, input_path, json_of, read_bytes, why_no_id
from synthkit.recognise import Evidence
from synthkit.types import Utterance

ABOUT, TABLE = "corpus.json", "utterances.tsv"
_COLUMNS = ("id", "text", "audio", "language", "speaker", "labels", "start", "end", "phones")


def save(corpus: Corpus, folder: Path) -> None:
    """Write the two files into `folder`; audio and labels must already lie inside it.

    Parameters
    ----------
    corpus : Corpus
    folder : Path
        That is there.
    """
    extras = list(dict.fromkeys(key for u in corpus.utterances for key in u.extra))
    with open(folder / TABLE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, dialect=_Tabs)
        writer.writerow([*_COLUMNS, *(f"extra.{key}" for key in extras)])
        for u in corpus.utterances:
            row: list[Any] = [
                u.id,
                u.text,
                _inside(u.audio, folder),
                u.language,
                u.speaker,
                _inside(u.labels, folder) if u.labels else "",
                "" if u.start is None else repr(u.start),
                "" if u.end is None else repr(u.end),
                "" if u.phones is None else " ".join(u.phones),
            ]
            writer.writerow([*row, *(u.extra.get(key, "") for key in extras)])
    about = {
        "name": corpus.name,
        "languages": list(corpus.languages),
        "licence": corpus.licence,
        "attribution": corpus.attribution,
        "left_out": [list(pair) for pair in corpus.left_out],
    }
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def is_stored(folder: Path) -> bool:
    """Whether `folder` holds a corpus in this layout.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    bool
    """
    return (folder / ABOUT).is_file() and (folder / TABLE).is_file()


def load(folder: Path) -> Corpus:
    """Read the layout; audio is not opened.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError
        A file is missing or damaged; names it and the line.
    """
    folder = folder.resolve()
    try:
        about = json_of(read_bytes(folder / ABOUT))
        name, languages = str(about["name"]), tuple(about["languages"])
        left_out = [(str(i), str(r)) for i, r in about["left_out"]]
        licence, attribution = str(about["licence"]), str(about["attribution"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, PathError) as error:
        reason(error)
        raise CorpusError(
            f"damaged: {error}", where=str(folder / ABOUT), hint="get the corpus again"
        ) from error
    utterances = []
    where = str(folder / TABLE)
    try:
        with open(folder / TABLE, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, dialect=_Tabs):
                utterances.append(_utterance(row, folder))
    except (OSError, ValueError, KeyError, TypeError, csv.Error, PathError) as error:
        reason(error)  # a fault of the machine is not the table's
        line = f"line {len(utterances) + 2}: " if not isinstance(error, OSError) else ""
        told = error.message if isinstance(error, PathError) else error
        raise CorpusError(f"damaged: {line}{told}", where=where, hint="get the corpus again") from error
    return Corpus(name, languages, licence, attribution, folder, utterances, left_out)


class Stored(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """Both files."""
        return Evidence.OWN if is_stored(folder) else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `load`; the table says each utterance's language."""
        return load(folder)


class _Tabs(csv.Dialect):
    delimiter, lineterminator, quoting, quotechar, doublequote = "\t", "\n", csv.QUOTE_MINIMAL, '"', True


def _utterance(row: dict[str, str], folder: Path) -> Utterance:
    def seconds(text: str) -> float | None:
        value = float(text) if text else None
        if value is not None and not math.isfinite(value):
            raise ValueError(f"{text!r} is no time")
        return value

    if None in row or None in row.values():
        raise ValueError("wrong number of columns")
    wrong = why_no_id(row["id"])
    if wrong is not None:
        raise ValueError(f"the id {row['id'][:60]!r} {wrong}")
    return Utterance(
        id=row["id"],
        text=row["text"],
        audio=input_path(folder, row["audio"]),
        language=row["language"],
        speaker=row["speaker"],
        labels=input_path(folder, row["labels"]) if row["labels"] else None,
        start=seconds(row["start"]),
        end=seconds(row["end"]),
        phones=tuple(row["phones"].split()) if row["phones"] else None,
        extra={k[6:]: v for k, v in row.items() if k.startswith("extra.") and v},
    )


def _inside(path: Path, folder: Path) -> str:
    return path.resolve().relative_to(folder.resolve()).as_posix()
