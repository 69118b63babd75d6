"""What listeners said: a tidy table of ratings, checked line by line.

One row a rating: ``listener, utterance, voice, score``, optionally ``metric`` (what was asked for, ``mos`` where
there is no such column) and ``against`` (the voice it was compared with: a comparison score).
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit.errors import ConfigError, MissingDependency, SynthkitError

REQUIRED = ("listener", "utterance", "voice", "score")
OPTIONAL = ("metric", "against")


class RatingsError(SynthkitError):
    """A file of ratings that cannot be used; the message names the line."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One listener's score of one voice's utterance.

    Attributes
    ----------
    listener, utterance, voice : str
    score : float
    metric : str
        What was asked for.
    against : str
        The voice it was compared with; empty where it was rated by itself.
    """

    listener: str
    utterance: str
    voice: str
    score: float
    metric: str = "mos"
    against: str = ""


def read_ratings(path: Path, voices: Sequence[str] | None = None) -> list[Rating]:
    """The ratings of a ``.csv`` (comma, semicolon or tab; UTF-8) or ``.parquet`` file.

    Parameters
    ----------
    path : Path
    voices : sequence of str, optional
        The voices there are; any is taken when left out.

    Raises
    ------
    RatingsError
        A column is missing, a cell is empty, a score is no number, a voice is unknown, or a rating is there twice;
        the message names the line (of a parquet file, the row).
    MissingDependency
        A parquet file without pyarrow.
    """
    columns, rows = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise RatingsError(
            f"has no column {', '.join(map(repr, missing))}",
            where=str(path),
            hint=f"its columns are {', '.join(columns) or 'none'}; needed are {', '.join(REQUIRED)}, and "
            f"{' and '.join(OPTIONAL)} may be there",
        )
    out: list[Rating] = []
    seen: dict[tuple[str, ...], str] = {}
    for place, row in rows:
        where = f"{path}, {place}"
        rating = _rating(row, where)
        for voice in (rating.voice, *([rating.against] if rating.against else [])):
            if voices is not None and voice not in voices:
                _unknown(voice, voices, where)
        if rating.against == rating.voice:
            raise RatingsError(f"compares the voice {rating.voice!r} with itself", where=where)
        pair = sorted((rating.voice, rating.against)) if rating.against else [rating.voice]
        key = (rating.metric, rating.listener, rating.utterance, *pair)
        if key in seen:
            raise RatingsError(
                f"listener {rating.listener!r} rates utterance {rating.utterance!r} of {' and '.join(pair)} again "
                f"(first on {seen[key]})",
                where=where,
                hint="keep one rating, or their mean",
            )
        seen[key] = place
        out.append(rating)
    if not out:
        raise RatingsError("holds no ratings", where=str(path))
    for metric in {r.metric for r in out}:
        kinds = {bool(r.against) for r in out if r.metric == metric}
        if len(kinds) > 1:
            raise RatingsError(
                f"some ratings of {metric!r} name a voice in 'against' and some do not",
                where=str(path),
                hint="give comparison scores a metric of their own, such as 'cmos'",
            )
    return out


def _rating(row: dict[str, Any], where: str) -> Rating:
    cells = {}
    for name in REQUIRED:
        value = row.get(name)
        text = "" if value is None else str(value).strip()
        if not text:
            raise RatingsError(f"the column {name!r} is empty", where=where)
        cells[name] = text
    try:
        score = float(cells["score"])
    except ValueError:
        raise RatingsError(
            f"the score {cells['score']!r} is not a number", where=where, hint="decimals take a point: 3.5"
        ) from None
    if not math.isfinite(score):
        raise RatingsError(f"the score {cells['score']!r} is not a number", where=where)
    against = str(row.get("against") or "").strip()
    metric = str(row.get("metric") or "").strip() or ("cmos" if against else "mos")
    if "/" in metric:
        raise RatingsError(f"the metric {metric!r} has a slash in its name", where=where)
    return Rating(cells["listener"], cells["utterance"], cells["voice"], score, metric, against)


def _unknown(voice: str, voices: Sequence[str], where: str) -> None:
    close = difflib.get_close_matches(voice, voices, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise RatingsError(
        f"there is no voice {voice!r}", where=where, hint=f"{meant}there are {', '.join(voices)}"
    )


def _csv(path: Path) -> tuple[list[str], Iterable[tuple[str, dict[str, Any]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RatingsError(
            f"is not UTF-8 text (byte {error.start})",
            where=str(path),
            hint="save it as CSV UTF-8, or as parquet",
        ) from None
    except OSError as error:
        raise RatingsError(f"cannot be read: {error.strerror}", where=str(path)) from None
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    columns = [str(name).strip() for name in reader.fieldnames or []]
    reader.fieldnames = columns

    def rows() -> Iterable[tuple[str, dict[str, Any]]]:
        for row in reader:
            if any(v for v in row.values()):
                yield f"line {reader.line_num}", row

    return columns, rows()


def _parquet(path: Path) -> tuple[list[str], Iterable[tuple[str, dict[str, Any]]]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "a parquet file needs the package 'pyarrow'", where=str(path), hint="pip install pyarrow"
        ) from error
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise RatingsError(f"cannot be read: {str(error).splitlines()[0]}", where=str(path)) from None
    return table.column_names, ((f"row {k}", row) for k, row in enumerate(table.to_pylist(), 1))


def require_metric_names_are_free(ratings: Sequence[Rating], taken: Iterable[str], path: Path) -> None:
    """Refuse ratings whose metric bears the name of a measured one.

    Raises
    ------
    ConfigError
    """
    for metric in sorted({r.metric for r in ratings} & set(taken)):
        raise ConfigError(
            f"the ratings' metric {metric!r} is also the name of a figure that is measured",
            where=str(path),
            hint="name it otherwise in the column 'metric'",
        )
