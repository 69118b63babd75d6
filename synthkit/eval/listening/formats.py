# SPDX-License-Identifier: Apache-2.0
"""Answers of listening tests as other tools keep them, and as we do: a file or a folder to `Heard`.

webMUSHRA's ``mushra.csv``, ``lss.csv``, ``lms.csv`` and ``paired_comparison.csv``; BeaqleJS's result files
(JSON, one a listener) and the table its own script makes of them; the rating tables of the Web Audio
Evaluation Tool (WAET); and the tables of `synthkit.eval.ratings`.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from synthkit.errors import reason
from synthkit.eval.listening.heard import Conduct, Heard, join, where_named
from synthkit.eval.listening.tidy import conduct_of
from synthkit.eval.ratings import Rating, check_score, read_table, require_voice
from synthkit.eval.ratings_files import RatingsError
from synthkit.eval.scales import REFERENCE, role_of
from synthkit.paths import read_text

_WEBMUSHRA_OWN = {
    "session_test_id", "trial_id", "rating_stimulus", "rating_score", "rating_time", "rating_comment",
    "stimuli_rating", "stimuli", "choice_reference", "choice_non_reference", "choice_answer", "choice_time",
    "choice_comment",
}  # fmt: skip


AGAINST = " against "
"""In the name of a stimulus of webMUSHRA's paired comparison as we write it: before it the voice, behind it
that of the reference, which webMUSHRA itself calls ``reference`` whatever it is."""


TEST = "test.json"
"""In the folder of a listening test of ours: what a command of its own reads."""


def read_heard(path: Path, voices: Sequence[str] | None = None, *, metric: str | None = None) -> Heard:
    """What listeners said, from a file or a folder of files of one test.

    Parameters
    ----------
    path : Path
    voices : sequence of str, optional
        The voices there are; any is taken when left out.
    metric : str, optional
        What was asked for, where the file does not say.

    Returns
    -------
    Heard

    Raises
    ------
    RatingsError
        It is of no kind that is known, or something in it cannot be; the message names the line.
    """
    if path.is_dir():
        if (path / TEST).is_file():
            raise RatingsError(
                "is a listening test, whose answers lie in its database",
                where=str(path),
                hint=f"synthkit listen analyse {path} --csv ratings.csv writes them as a table",
            )
        kinds = (".csv", ".txt", ".json", ".parquet")
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in kinds and not p.name.startswith("."))
        if not files:
            raise RatingsError(
                "holds no answers", where=str(path), hint="answers are .csv, .txt, .json or .parquet"
            )
        return join([_read(p, voices, metric) for p in files], str(path))
    return _read(path, voices, metric)


def _read(path: Path, voices: Sequence[str] | None, metric: str | None) -> Heard:
    try:
        return _by_kind(path, voices, metric)
    except (csv.Error, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        # Other tools' files are taken apart as those tools write them: what else is in one ends here.
        raise RatingsError(
            f"cannot be read: {type(error).__name__}: {reason(error)}", where=str(path)
        ) from error


def _by_kind(path: Path, voices: Sequence[str] | None, metric: str | None) -> Heard:
    if path.suffix.lower() == ".parquet":
        return _own(path, voices, metric)
    text = _text(path)
    start = text.lstrip()[:1]
    if start in ("[", "{"):
        return _checked(_beaqle_json(path, text), voices, path)
    first = text.split("\n", 1)[0]
    columns = [c.strip().strip('"') for c in first.split(max(",;\t", key=first.count))]
    for name, reader in _READERS.items():
        if name in columns:
            return _checked(reader(path, text), voices, path)
    if columns[0] == "file_keys":
        return _checked(_waet(path, text), voices, path)
    if path.suffix.lower() == ".csv" and "score" not in columns and _looks_like_beaqle(text):
        return _checked(_beaqle_table(path, text), voices, path)
    return _own(path, voices, metric)


def _own(path: Path, voices: Sequence[str] | None, metric: str | None) -> Heard:
    table = read_table(path, voices, metric=metric)
    return Heard(table.ratings, dict(table.roles), conduct_of(table), source=str(path), guesses=table.guesses)


def _checked(heard: Heard, voices: Sequence[str] | None, path: Path) -> Heard:
    unknown = sorted(set(heard.voices) - set(voices or heard.voices))
    if unknown:
        require_voice(unknown[0], voices or (), where_named(path, unknown[0]))
    return heard


def _text(path: Path) -> str:
    return read_text(path, RatingsError, hint="save it as CSV UTF-8")


class _Lines:
    """Rows of a table with the place of each, and numbers read from their cells."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        first = text.split("\n", 1)[0]
        self._reader = csv.DictReader(
            io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), restval=""
        )
        self.columns = [str(c).strip() for c in self._reader.fieldnames or []]
        self._reader.fieldnames = self.columns

    def __iter__(self) -> Iterator[dict[str, str]]:
        for row in self._reader:
            if any(v for v in row.values()):
                yield {k: str(v).strip() for k, v in row.items() if k is not None}

    @property
    def where(self) -> str:
        return f"{self.path}, line {self._reader.line_num}"

    def listener(self, row: dict[str, str]) -> str:
        """webMUSHRA: the session's id, else what participants entered."""
        if row.get("session_uuid"):
            return row["session_uuid"]
        own = [row[c] for c in self.columns if c not in _WEBMUSHRA_OWN and row.get(c)]
        if not own:
            raise RatingsError(
                "nothing tells listeners apart: there is no 'session_uuid' and no answer to a questionnaire",
                where=self.where,
                hint="add a column with a name or number for each listener",
            )
        return " ".join(own)


def number(text: str, what: str, where: str) -> float:
    """A finite number out of a cell.

    Parameters
    ----------
    text : str
    what : str
        What it should be, for the message.
    where : str
        File and line.

    Returns
    -------
    float

    Raises
    ------
    RatingsError
        It is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RatingsError(f"{what} {text!r} is not a number", where=where)
    return value


def _collect(
    lines: _Lines, read: Callable[[dict[str, str]], tuple[Rating, str]], time: str, per: str = "trial_id"
) -> Heard:
    out = Heard([], source=str(lines.path))
    pages: dict[tuple[str, str], float] = {}
    seen: dict[tuple[str, ...], str] = {}
    for row in lines:
        rating, comment = read(row)
        check_score(rating, lines.where)
        key = (rating.listener, rating.utterance, *sorted((rating.voice, rating.against)))
        if key in seen:
            raise RatingsError(
                f"listener {rating.listener!r} rates utterance {rating.utterance!r} of {rating.voice!r} "
                f"again (first on {seen[key]})",
                where=lines.where,
            )
        seen[key] = lines.where.rpartition(", ")[2]
        out.ratings.append(rating)
        if rating.metric == "mushra":
            out.roles[rating.voice] = role_of(rating.voice)
        if row.get(time):
            page = (rating.listener, row.get(per, ""))
            pages[page] = max(pages.get(page, 0.0), number(row[time], "the time", lines.where) / 1000)
        if comment:
            out.comments.append((rating.listener, comment))
    for who in out.listeners:
        times = tuple((s, 0.0) for (listener, _), s in pages.items() if listener == who)
        out.conduct[who] = Conduct(pages=times)
    if not out.ratings:
        raise RatingsError("holds no ratings", where=str(lines.path))
    return out


def _webmushra_mushra(path: Path, text: str) -> Heard:
    lines = _Lines(path, text)

    def read(row: dict[str, str]) -> tuple[Rating, str]:
        score = number(row["rating_score"], "the score", lines.where)
        who = lines.listener(row)
        return Rating(who, row["trial_id"], row["rating_stimulus"], score, "mushra"), row.get(
            "rating_comment", ""
        )

    return _collect(lines, read, "rating_time")


def _webmushra_likert(path: Path, text: str) -> Heard:
    lines = _Lines(path, text)

    def read(row: dict[str, str]) -> tuple[Rating, str]:
        score = number(row["stimuli_rating"], "the rating", lines.where)
        return Rating(lines.listener(row), row["trial_id"], row["stimuli"], score, "mos"), ""

    out = _collect(lines, read, "rating_time")
    out.guesses.append("webMUSHRA does not say what a Likert scale asked for: taken as 'mos', 1 to 5")
    return out


def _webmushra_pairs(path: Path, text: str) -> Heard:
    lines = _Lines(path, text)

    def read(row: dict[str, str]) -> tuple[Rating, str]:
        first, second, answer = row["choice_reference"], row["choice_non_reference"], row["choice_answer"]
        if first == REFERENCE and AGAINST in second:
            second, _, first = second.partition(AGAINST)
        said = answer.lower().replace("_", "").replace("-", "")
        who = lines.listener(row)
        comment = row.get("choice_comment", "")
        if said in ("correct", "incorrect"):
            return Rating(who, row["trial_id"], second, float(said == "correct"), "abx", first), comment
        if said in ("reference", first.lower()):
            score = 0.0
        elif said in ("nonreference", second.lower()):
            score = 1.0
        elif said in ("", "unsure", "undecided", "none"):
            score = 0.5
        else:
            raise RatingsError(
                f"the answer {answer!r} is neither {first!r} nor {second!r}",
                where=lines.where,
                hint="answers are reference, non_reference, a stimulus's name, unsure, correct or incorrect",
            )
        return Rating(who, row["trial_id"], second, score, "ab", first), comment

    return _collect(lines, read, "choice_time")


def _waet(path: Path, text: str) -> Heard:
    """WAET's ``PAGE-AXIS-ratings.csv``: a row a listener, a column a fragment, scores from 0 to 1."""
    lines = _Lines(path, text)
    name = path.stem.removesuffix("-ratings")
    page = name.removesuffix("-default")
    out = Heard([], source=str(path))
    for row in lines:
        who = row["file_keys"]
        for voice in lines.columns[1:]:
            if not row.get(voice):
                continue
            score = number(row[voice], f"the score of {voice!r}", lines.where)
            if not 0 <= score <= 1:
                raise RatingsError(
                    f"the score {score:g} of {voice!r} is not on the tool's scale, 0 to 1", where=lines.where
                )
            out.ratings.append(Rating(who, page, voice, 100 * score, "mushra"))
            out.roles[voice] = role_of(voice)
    if not out.ratings:
        raise RatingsError("holds no ratings", where=str(path))
    out.guesses.append(
        "WAET does not say what was asked for: its scores, 0 to 1, are taken as 'mushra', 0 to 100"
    )
    return out


def _looks_like_beaqle(text: str) -> bool:
    """No header, and in every line one or more cells of text (or one of any kind) before numbers."""
    rows = [r for r in csv.reader(io.StringIO(text)) if r]
    return bool(rows) and all(len(r) > 1 and _numeric(r[-1]) for r in rows)


def _numeric(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _beaqle_table(path: Path, text: str) -> Heard:
    """BeaqleJS's ``TESTID.csv``: a line a stimulus, its name letter by letter, then a score a listener."""
    rows = [(k, [c.strip() for c in r]) for k, r in enumerate(csv.reader(io.StringIO(text)), 1) if r]
    # How many listeners there are is sure only of a name without digits: the reference's.
    sure = [sum(_numeric(c) for c in r) for _, r in rows if not any(_numeric(c) for c in r[:2])]
    listeners = sure[0] if sure else min(len(r) for _, r in rows) - 1
    out = Heard([], source=str(path))
    for line, row in rows:
        voice = "".join(row[:-listeners])
        if not voice or not all(map(_numeric, row[-listeners:])):
            raise RatingsError(f"is not a name and {listeners} scores", where=f"{path}, line {line}")
        for k, cell in enumerate(row[-listeners:], 1):
            rating = Rating(f"listener {k}", path.stem, voice, float(cell), "mushra")
            check_score(rating, f"{path}, line {line}")
            out.ratings.append(rating)
        out.roles[voice] = role_of(voice)
    return out


def _beaqle_json(path: Path, text: str) -> Heard:
    """A result file of BeaqleJS: a list with an object for each test set, and one that says who it was."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise RatingsError(f"is not JSON: {error}", where=str(path)) from None
    if not isinstance(data, list) or not all(isinstance(d, (dict, bool)) for d in data):
        raise RatingsError("is JSON of an unknown kind", where=str(path), hint="BeaqleJS's files are lists")
    about = next((d for d in data if isinstance(d, dict) and "UserName" in d), {})
    who = str(about.get("UserName") or "").strip() or path.stem
    out = Heard([], source=str(path))
    pages = []
    for k, entry in enumerate(data, 1):
        if isinstance(entry, bool):  # an ABX test keeps nothing else of a page
            out.ratings.append(Rating(who, f"page {k}", "B", float(entry), "abx", "A"))
            continue
        where = f"{path}, test set {entry.get('TestID', k)!r}"
        for voice, score in dict(entry.get("rating") or {}).items():
            rating = Rating(
                who, str(entry.get("TestID", k)), voice, number(str(score), "the score", where), "mushra"
            )
            check_score(rating, where)
            out.ratings.append(rating)
            out.roles[voice] = role_of(voice)
        if entry.get("Runtime"):
            pages.append((number(str(entry["Runtime"]), "the time", where) / 1000, 0.0))
    if str(about.get("UserComment") or "").strip():
        out.comments.append((who, str(about["UserComment"]).strip()))
    out.conduct[who] = Conduct(pages=tuple(pages))
    if not out.ratings:
        raise RatingsError("holds no ratings", where=str(path))
    return out


_READERS: dict[str, Callable[[Path, str], Heard]] = {
    "rating_stimulus": _webmushra_mushra,
    "stimuli_rating": _webmushra_likert,
    "choice_answer": _webmushra_pairs,
}
