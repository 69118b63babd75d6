# SPDX-License-Identifier: Apache-2.0
"""Praat TextGrid, long and short text form, and the conventions of the Montreal Forced Aligner.

Both forms are read the way Praat reads them: only free-standing numbers, "quoted strings" and <flags>
count, everything else is decoration (Praat manual, "TextGrid file formats").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from synthkit.errors import AlignmentError
from synthkit.labels.format import LONGEST, Choice, LabelFile, LabelFormat, Labels, is_number, shown
from synthkit.labels.tiers import is_silence
from synthkit.recognise import Evidence
from synthkit.types import Alignment, Interval

R = TypeVar("R")
_NEAR = 0.02
"""Seconds by which an interval may end after its TextGrid: times are written rounded."""
_FLAG = re.compile(r"<\w+>")


def _tokens(text: str) -> tuple[list[str | float], list[int]]:
    """Strings, numbers and flags in order, and the place of each in the text."""
    out: list[str | float] = []
    places: list[int] = []
    at, size = 0, len(text)
    word = re.compile(r"\S+")
    while (found := word.search(text, at)) is not None:
        begin, at = found.span()
        if text[begin] == "!":
            at = text.find("\n", begin)
            at = size if at < 0 else at
            continue
        token: str | float | None = None
        if text[begin] == '"':
            end = _closing(text, begin)
            if end is not None:
                token, at = text[begin + 1 : end].replace('""', '"'), end + 1
        elif is_number(found[0]):
            token = float(found[0])
        elif _FLAG.fullmatch(found[0]) and found[0] != "<exists>":
            token = found[0]
        if token is not None:
            out.append(token)
            places.append(begin)
    return out, places


def _closing(text: str, begin: int) -> int | None:
    """Where the string that begins at `begin` ends, before white space; a quote in it is doubled."""
    at = text.find('"', begin + 1)
    while 0 <= at < len(text) - 1 and text[at + 1] == '"':
        at = text.find('"', at + 2)
    free = at >= 0 and (at == len(text) - 1 or text[at + 1].isspace())
    return at if free else None


@dataclass(frozen=True)
class Tier:
    """One tier as it stands in the file: intervals, or points where `of_points`."""

    name: str
    intervals: tuple[Interval, ...] = ()
    points: tuple[tuple[float, str], ...] = ()
    of_points: bool = False


def parse(text: str, where: str = "") -> tuple[float, list[Tier]]:
    """Duration in seconds and the tiers of a TextGrid.

    Times are shifted so that the grid starts at 0, whatever its ``xmin``.

    Parameters
    ----------
    text : str
        All of the file.
    where : str
        The file, for messages.

    Returns
    -------
    duration : float
        Seconds.
    tiers : list of Tier
        In the order of the file.

    Raises
    ------
    AlignmentError
        It is not a TextGrid, or it is cut short.
    """
    tokens, places = _tokens(text)
    reader = _Reader(tokens, places, text, where)
    if tokens[:2] != ["ooTextFile", "TextGrid"]:
        if tokens[:1] == ["Praat chronological TextGrid text file"]:
            raise AlignmentError(
                "a chronological TextGrid", where=where, hint="save it in Praat with Save as text file…"
            )
        raise AlignmentError("not a Praat TextGrid", where=where)
    reader.at = 2
    first, last = reader.time(), reader.time()
    if reader.at < len(tokens) and tokens[reader.at] == "<absent>":
        return last - first, []
    tiers: list[Tier] = []
    promised = reader.count()
    while len(tiers) < promised or not reader.ended():
        kind, name = reader.string(), reader.string()
        reader.time(), reader.time()
        if kind == "IntervalTier":
            rows = reader.rows(name, lambda: (reader.time(), reader.time(), reader.string()))
            tiers.append(Tier(name, tuple(Interval(a - first, b - first, label) for a, b, label in rows)))
        elif kind == "TextTier":
            marks = reader.rows(name, lambda: (reader.time() - first, reader.string()))
            tiers.append(Tier(name, points=tuple(marks), of_points=True))
        else:
            raise AlignmentError(f"tier {name!r} is of unknown class {kind!r}", where=where)
    return last - first, tiers


class _Reader:
    def __init__(self, tokens: list[str | float], places: list[int], text: str, where: str) -> None:
        self.tokens, self.places, self.text, self.where, self.at = tokens, places, text, where, 0

    def _next(self) -> str | float:
        if self.at >= len(self.tokens):
            raise AlignmentError("the TextGrid is cut short", where=self.where)
        self.at += 1
        return self.tokens[self.at - 1]

    def _wrong(self, what: str) -> AlignmentError:
        line = self.text.count("\n", 0, self.places[self.at - 1]) + 1
        return AlignmentError(f"line {line}: {what}", where=self.where)

    def _number(self) -> float:
        token = self._next()
        if not isinstance(token, float):
            raise self._wrong(f"expected a number, found {shown(token)}")
        return token

    def time(self) -> float:
        value = self._number()
        if not abs(value) <= LONGEST:
            raise self._wrong(f"{value:g} is no time in a recording")
        return value

    def count(self) -> int:
        value = self._number()
        if not 0 <= value <= len(self.tokens):
            raise self._wrong(
                f"{value:g} intervals or tiers are promised, {len(self.tokens)} values are there"
            )
        return int(value)

    def ended(self) -> bool:
        """Whether nothing follows."""
        return self.at >= len(self.tokens)

    def rows(self, name: str, row: Callable[[], R]) -> list[R]:
        """The rows of a tier: those that are there, more than its ``size`` says if there are.

        Raises
        ------
        AlignmentError
            There are fewer.
        """
        size = self.count()
        line = self.text.count("\n", 0, self.places[self.at - 1]) + 1
        found: list[R] = []
        while not self.ended() and isinstance(self.tokens[self.at], float):
            found.append(row())
        if len(found) < size and not self.ended():
            raise AlignmentError(
                f"line {line}: tier {name!r} promises {size} rows, {len(found)} are there",
                where=self.where,
                hint="put the number right, or save the file again in Praat",
            )
        if len(found) < size:
            raise AlignmentError("the TextGrid is cut short", where=self.where)
        return found

    def string(self) -> str:
        token = self._next()
        if not isinstance(token, str):
            raise self._wrong(f"expected a quoted string, found {token!r}")
        return token


PHONE_TIERS = ("phones", "phone", "phonemes", "phoneme", "segments", "segment", "mau")
WORD_TIERS = ("words", "word", "ort-mau", "ort", "orthography")


def choose(
    tiers: list[Tier], names: tuple[str, ...], *, speaker: str | None = None, where: str = ""
) -> Tier | None:
    """The interval tier with one of the `names`; ``SPEAKER - words`` counts as ``words`` of that speaker.

    Parameters
    ----------
    tiers : list of Tier
    names : tuple of str
        In lower case; of several that are there the first one's tier is taken.
    speaker : str, optional
        Whose.
    where : str
        The file, for messages.

    Returns
    -------
    Tier or None
        Never one of points.

    Raises
    ------
    AlignmentError
        Several speakers have such a tier and none was chosen, or two tiers of one name say different things.
    """
    found: list[tuple[str, Tier]] = []
    for tier in tiers:
        if tier.of_points:
            continue
        who, _, what = tier.name.rpartition(" - ")
        if what.strip().lower() in names or tier.name.strip().lower() in names:
            found.append((who.strip(), tier))
    if speaker is not None and any(who for who, _ in found):
        found = [(who, tier) for who, tier in found if who == speaker]
    if len({who for who, _ in found}) > 1:
        speakers = ", ".join(repr(who) for who, _ in found)
        raise AlignmentError(f"several speakers: {speakers}", where=where, hint="choose one with speaker=")
    for who, tier in found:
        same = [t for w, t in found if w == who and t.name.strip().lower() == tier.name.strip().lower()]
        if len({t.intervals for t in same}) > 1:
            raise AlignmentError(
                f"{len(same)} tiers are called {tier.name!r}, and say different things",
                where=where,
                hint="call the others by another name",
            )
    order = {name: rank for rank, name in enumerate(names)}
    found.sort(key=lambda f: order.get(f[1].name.rpartition(" - ")[2].strip().lower(), len(order)))
    return found[0][1] if found else None


def render(alignment: Alignment, *, short: bool = False) -> str:
    """A TextGrid with tiers ``words`` and ``phones``, as MFA names them; silence is the empty label.

    Parameters
    ----------
    alignment : Alignment
    short : bool
        Praat's short text form.

    Returns
    -------
    str
    """
    duration = alignment.duration or (alignment.phones[-1].end if alignment.phones else 0.0)
    tiers = []
    for name, intervals in (("words", alignment.words), ("phones", alignment.phones)):
        rows: list[tuple[float, float, str]] = []
        edge = 0.0
        for i in intervals:
            if i.start > edge:
                rows.append((edge, i.start, ""))
            rows.append((i.start, i.end, "" if is_silence(i.label) else i.label))
            edge = i.end
        if edge < duration or not rows:
            rows.append((edge, duration, ""))
        tiers.append((name, rows))
    if short:
        lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", _time(duration)]
        lines += ["<exists>", str(len(tiers))]
        for name, rows in tiers:
            lines += ['"IntervalTier"', _quote(name), "0", _time(duration), str(len(rows))]
            for start, end, label in rows:
                lines += [_time(start), _time(end), _quote(label)]
        return "\n".join(lines) + "\n"
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += [
        "xmin = 0 ",
        f"xmax = {_time(duration)} ",
        "tiers? <exists> ",
        f"size = {len(tiers)} ",
        "item []: ",
    ]
    for number, (name, rows) in enumerate(tiers, 1):
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier" ',
            f"        name = {_quote(name)} ",
        ]
        lines += ["        xmin = 0 ", f"        xmax = {_time(duration)} "]
        lines += [f"        intervals: size = {len(rows)} "]
        for index, (start, end, label) in enumerate(rows, 1):
            lines += [f"        intervals [{index}]:", f"            xmin = {_time(start)} "]
            lines += [f"            xmax = {_time(end)} ", f"            text = {_quote(label)} "]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _time(seconds: float) -> str:
    return "0" if seconds == 0 else repr(float(seconds))


class TextGrid(LabelFormat):
    """Praat's TextGrid: phones and words."""

    suffix = ".TextGrid"
    folders = ("TextGrid", "textgrids")
    has_words = True

    def evidence(self, file: LabelFile) -> Evidence:
        """Its header, or its suffix."""
        if b"TextGrid" in file.data[:400].replace(b"\0", b""):  # UTF-16 has a zero in each letter
            return Evidence.OWN
        return Evidence.NAME if file.path.suffix.lower() == ".textgrid" else Evidence.NONE

    def read(self, file: LabelFile, choice: Choice) -> Labels:
        """See `LabelFormat.read`.

        Raises
        ------
        AlignmentError
            A binary TextGrid, no phone tier, or several speakers and none chosen.
        """
        if file.data.startswith(b"ooBinaryFile"):
            raise AlignmentError(
                "a binary TextGrid", where=file.where, hint="save it in Praat with Save as text file…"
            )
        whole, tiers = parse(file.text, file.where)
        phone_names = (choice.phones.lower(),) if choice.phones else PHONE_TIERS
        word_names = (choice.words.lower(),) if choice.words else WORD_TIERS
        phones = choose(tiers, phone_names, speaker=choice.speaker, where=file.where)
        words = choose(tiers, word_names, speaker=choice.speaker, where=file.where)
        if phones is None:
            names = ", ".join(repr(t.name) for t in tiers) or "none"
            wanted = set(phone_names) & {t.name.strip().lower() for t in tiers if t.of_points}
            if wanted:
                raise AlignmentError(
                    f"tier {sorted(wanted)[0]!r} is of points, not of intervals",
                    where=file.where,
                    hint="phones need a beginning and an end: make it an interval tier",
                )
            whose = f" of speaker {choice.speaker!r}" if choice.speaker else ""
            raise AlignmentError(
                f"no phone tier{whose}", where=file.where, hint=f"its tiers are {names}; choose with phones="
            )
        for tier in (t for t in (phones, words) if t is not None):
            for interval in tier.intervals:
                if interval.end > whole + _NEAR:
                    raise AlignmentError(
                        f"tier {tier.name!r}: {interval.label!r} ends at {interval.end:g} s, and the "
                        f"TextGrid (its xmax) at {whole:g} s",
                        where=file.where,
                    )
        return Labels(phones.intervals, words.intervals if words else (), whole)

    def render(self, alignment: Alignment) -> str:
        """See `LabelFormat.render`."""
        return render(alignment)
