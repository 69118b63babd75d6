# SPDX-License-Identifier: Apache-2.0
"""What listeners said: a tidy table of ratings, checked line by line.

One row a rating: ``listener, utterance, voice, score``, optionally ``metric`` (what was asked for; ``mos``
where there is no such column, and that is said), ``against`` (the voice it was compared with: a comparison
score), ``role`` (``voice``, ``reference`` or ``anchor``) and ``seconds`` (how long the listener took for the
page). A score that the scale of its metric does not have (`synthkit.eval.scales`) is refused, and so is a
metric that is nearly called as a scale is.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthkit.errors import ConfigError
from synthkit.eval.ratings_files import RatingsError, cell, csv_rows, parquet_rows
from synthkit.eval.scales import SCALES, Role, meant

REQUIRED = ("listener", "utterance", "voice", "score")
OPTIONAL = ("metric", "against", "role", "seconds", "least", "side", "attention")


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


@dataclass(frozen=True)
class Table:
    """A file of ratings.

    Attributes
    ----------
    ratings : list of Rating
    roles : dict of str to Role
        Of the voices whose rows say so.
    seconds : list of float or None
        How long the listener took for the page, for each rating.
    least : list of float or None
        How long the sounds of the page last, for each rating.
    sides : list of str
        Which of a pair was chosen, ``"A"`` or ``"B"``, for each rating; empty where that is not said.
    attention : dict of str to (int, int)
        By listener: attention pages answered as asked, and how many there were.
    guesses : list of str
        What was taken for granted where the file does not say, a sentence each.
    """

    ratings: list[Rating]
    roles: dict[str, Role] = field(default_factory=dict)
    seconds: list[float | None] = field(default_factory=list)
    least: list[float | None] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    attention: dict[str, tuple[int, int]] = field(default_factory=dict)
    guesses: list[str] = field(default_factory=list)


def read_table(path: Path, voices: Sequence[str] | None = None, *, metric: str | None = None) -> Table:
    """A ``.csv`` (comma, semicolon or tab; UTF-8) or ``.parquet`` file of ratings.

    Parameters
    ----------
    path : Path
    voices : sequence of str, optional
        The voices there are; any is taken when left out.
    metric : str, optional
        What was asked for, where the file has no such column.

    Returns
    -------
    Table

    Raises
    ------
    RatingsError
        A column is missing, a cell is empty, a score is no number or not on its scale, a comparison names no
        other voice, a voice is unknown, or a rating is there twice; the message names the line (of a parquet
        file, the row).
    MissingDependency
        A parquet file without pyarrow.
    """
    columns, rows = parquet_rows(path) if path.suffix.lower() == ".parquet" else csv_rows(path)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise RatingsError(
            f"has no column {', '.join(map(repr, missing))}",
            where=str(path),
            hint=f"its columns are {', '.join(columns) or 'none'}; needed are {', '.join(REQUIRED)}, and "
            f"{', '.join(OPTIONAL)} may be there",
        )
    for name in (*REQUIRED, *OPTIONAL):
        if columns.count(name) > 1:
            raise RatingsError(
                f"has {columns.count(name)} columns {name!r}",
                where=str(path), hint="delete or rename those that are not meant",
            )  # fmt: skip
    table = Table([])
    out = table.ratings
    seen: dict[tuple[str, ...], str] = {}
    unsaid: list[str] = []
    for place, row in rows:
        where = f"{path}, {place}"
        rating = _rating(row, where, metric)
        if not (metric or cell(row, "metric", where)):
            unsaid.append(rating.metric)
        for voice in (rating.voice, *([rating.against] if rating.against else [])):
            if voices is not None and voice not in voices:
                require_voice(voice, voices, where)
        if rating.against == rating.voice:
            raise RatingsError(f"compares the voice {rating.voice!r} with itself", where=where)
        pair = sorted((rating.voice, rating.against)) if rating.against else [rating.voice]
        key = (rating.metric, rating.listener, rating.utterance, *pair)
        if key in seen:
            raise RatingsError(
                f"listener {rating.listener!r} rates utterance {rating.utterance!r} of {' and '.join(pair)} "
                f"again (first on {seen[key]})",
                where=where,
                hint="keep one rating, or their mean",
            )
        seen[key] = place
        out.append(rating)
        table.seconds.append(_seconds(row, "seconds", where))
        table.least.append(_seconds(row, "least", where))
        table.sides.append(_side(row, where))
        passed = _attention(row, where)
        if passed is not None and table.attention.setdefault(rating.listener, passed) != passed:
            raise RatingsError(
                f"{rating.listener!r} passed other attention pages in a line before", where=where
            )
        role = _role(row, where)
        if role is not None and table.roles.setdefault(rating.voice, role) != role:
            raise RatingsError(
                f"{rating.voice!r} is a {role} here and a {table.roles[rating.voice]} in a line before",
                where=where,
            )
    if not out:
        raise RatingsError("holds no ratings", where=str(path))
    for name in {r.metric for r in out}:
        kinds = {bool(r.against) for r in out if r.metric == name}
        if len(kinds) > 1:
            raise RatingsError(
                f"some ratings of {name!r} name a voice in 'against' and some do not",
                where=str(path),
                hint="give comparison scores a metric of their own, such as 'cmos'",
            )
    table.guesses.extend(guesses(out, unsaid))
    return table


def guesses(ratings: Sequence[Rating], unsaid: Iterable[str]) -> list[str]:
    """What is taken for granted of these ratings, a sentence each.

    Parameters
    ----------
    ratings : sequence of Rating
    unsaid : iterable of str
        Metrics of ratings that do not say what was asked for.

    Returns
    -------
    list of str
    """
    out = []
    for name in dict.fromkeys(unsaid):
        scale = SCALES[name]
        out.append(
            f"nothing says what was asked for: taken as {name!r}, {scale.low:g} to {scale.high:g} (a column "
            "'metric' says it; so does --metric of `synthkit listeners`)"
        )
    for name in dict.fromkeys(r.metric for r in ratings if r.metric not in SCALES):
        out.append(f"{name!r} is no scale that is known ({', '.join(SCALES)}): its scores have no limits")
    return out


def people(count: int) -> str:
    """So many listeners, in words.

    Parameters
    ----------
    count : int

    Returns
    -------
    str
    """
    return f"{count} listener" if count == 1 else f"{count} listeners"


def check_score(rating: Rating, where: str, *, named: bool = True) -> None:
    """Refuse a score that its scale does not have, and a comparison with nothing.

    Parameters
    ----------
    rating : Rating
    where : str
        File and line.
    named : bool
        Whether the metric was given, and not taken for granted.

    Raises
    ------
    RatingsError
        The message names `where`; `named` says whether the metric was given or taken for granted.
    """
    scale = SCALES.get(rating.metric)
    if scale is None:
        return
    if not scale.low <= rating.score <= scale.high:
        others = [s.name for s in SCALES.values() if s.kind == scale.kind and s.low <= rating.score <= s.high]
        say = "" if named else "the file does not say what was asked for; "
        raise RatingsError(
            f"the score {rating.score:g} is not on the scale of {rating.metric!r}, {scale.low:g} to "
            f"{scale.high:g}",
            where=where,
            hint=f"{say}a column 'metric' names it"
            + (f" ({' or '.join(map(repr, others))} would have this score)" if others else "")
            + "; a name of your own has no limits",
        )
    if scale.kind == "discrimination" and rating.score not in (0, 1):
        raise RatingsError(f"an answer of {rating.metric!r} is 1 (right) or 0 (wrong)", where=where)
    if scale.kind != "score" and not rating.against:
        raise RatingsError(
            f"{rating.metric!r} compares two voices and the column 'against' names none",
            where=where,
            hint="write the other voice there; a positive score says that 'voice' is the better one",
        )
    if scale.kind == "score" and rating.against:
        raise RatingsError(
            f"{rating.metric!r} rates one voice by itself, and 'against' names {rating.against!r}",
            where=where,
            hint="comparisons are 'cmos', 'ab' or 'abx'",
        )


def _seconds(row: dict[str, Any], column: str, where: str) -> float | None:
    text = cell(row, column, where)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise RatingsError(f"{text!r} in the column {column!r} is no time", where=where)
    return seconds


def _side(row: dict[str, Any], where: str) -> str:
    text = cell(row, "side", where)
    if text not in ("", "A", "B"):
        raise RatingsError(f"{text!r} in the column 'side' is neither A nor B", where=where)
    return text


def _attention(row: dict[str, Any], where: str) -> tuple[int, int] | None:
    text = cell(row, "attention", where)
    if not text:
        return None
    passed, slash, asked = text.partition("/")
    good = slash and all(x.isascii() and x.isdecimal() and len(x) < 5 for x in (passed, asked))
    if not good or int(passed) > int(asked):
        raise RatingsError(
            f"{text!r} in the column 'attention' is no share of attention pages",
            where=where,
            hint="4/5: four of five were answered as asked",
        )
    return int(passed), int(asked)


def _role(row: dict[str, Any], where: str) -> Role | None:
    text = cell(row, "role", where)
    roles: dict[str, Role] = {"voice": "voice", "reference": "reference", "anchor": "anchor"}
    if text and text not in roles:
        raise RatingsError(
            f"there is no role {text!r}", where=where, hint="roles are voice, reference and anchor"
        )
    return roles.get(text)


def _rating(row: dict[str, Any], where: str, asked: str | None) -> Rating:
    cells = {}
    for name in REQUIRED:
        text = cell(row, name, where)
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
    against = cell(row, "against", where)
    said = cell(row, "metric", where)
    metric = said or asked or ("cmos" if against else "mos")
    metric = metric.lower() if metric.lower() in SCALES else metric
    if "/" in metric:
        raise RatingsError(f"the metric {metric!r} has a slash in its name", where=where)
    close = meant(metric)
    if close is not None:
        raise RatingsError(
            f"there is no scale {metric!r}",
            where=where,
            hint=f"did you mean {close!r}? scales are {', '.join(SCALES)}; a name of your own (it "
            "has no limits) is less like one of these",
        )
    rating = Rating(cells["listener"], cells["utterance"], cells["voice"], score, metric, against)
    check_score(rating, where, named=bool(said or asked))
    return rating


def require_voice(voice: str, voices: Sequence[str], where: str) -> None:
    """Refuse a voice that is not among `voices`, and say which was meant.

    Parameters
    ----------
    voice : str
    voices : sequence of str
    where : str
        File and line.

    Raises
    ------
    RatingsError
    """
    if voice in voices:
        return
    close = difflib.get_close_matches(voice, voices, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise RatingsError(
        f"there is no voice {voice!r}", where=where, hint=f"{meant}there are {', '.join(voices)}"
    )


def require_metric_names_are_free(ratings: Sequence[Rating], taken: Iterable[str], path: Path) -> None:
    """Refuse ratings whose metric bears the name of a measured one.

    Parameters
    ----------
    ratings : sequence of Rating
    taken : iterable of str
        Names of metrics that are measured.
    path : Path
        For the message.

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
