# SPDX-License-Identifier: Apache-2.0
"""NIST CTM: ``UTTERANCE CHANNEL START DURATION LABEL [CONFIDENCE]`` per line, seconds, many utterances a
file."""

from __future__ import annotations

from synthkit.errors import AlignmentError
from synthkit.labels.format import Choice, LabelFile, LabelFormat, Labels, is_number, number, seconds, shown
from synthkit.recognise import Evidence
from synthkit.types import Alignment, Interval

ROUNDING = 0.0101
"""Seconds. Writers round start and duration apart to 10 ms, so neighbours may overlap by that."""


def parse(text: str, where: str = "") -> dict[str, list[Interval]]:
    """Intervals by utterance id, each in order of time.

    Parameters
    ----------
    text : str
        All of the file.
    where : str
        The file, for messages.

    Returns
    -------
    dict of str to list of Interval
        Seconds; in order of time, with the confidence as score where there is one.

    Raises
    ------
    AlignmentError
        A line has fewer than five columns or times that are no numbers; names the line.
    """
    out: dict[str, list[Interval]] = {}
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(";;"):
            continue
        parts = line.split()
        try:
            start, length = seconds(parts[2]), seconds(parts[3])
            label = parts[4]
            score = number(parts[5]) if len(parts) > 5 else None
        except (ValueError, IndexError):
            raise AlignmentError(
                f"line {row}: {shown(line)} is not 'utterance channel start duration label'",
                where=where,
            ) from None
        out.setdefault(parts[0], []).append(Interval(start, round(start + length, 9), label, score))
    for intervals in out.values():
        intervals.sort(key=lambda i: (i.start, i.end))
    return out


def render(id: str, intervals: tuple[Interval, ...]) -> str:
    """Lines of one utterance.

    Parameters
    ----------
    id : str
        Of the utterance; one word.
    intervals : tuple of Interval
        Seconds.

    Returns
    -------
    str
        A line for each, to 0.1 µs.
    """
    rows = []
    for i in intervals:
        confidence = "" if i.score is None else f" {i.score:.6g}"
        rows.append(f"{id} 1 {i.start:.7f} {i.end - i.start:.7f} {i.label}{confidence}\n")
    return "".join(rows)


class Ctm(LabelFormat):
    """NIST CTM: phones of many utterances in a file."""

    suffix = ".ctm"

    def evidence(self, file: LabelFile) -> Evidence:
        """A first line of five columns or more, the third and fourth of them numbers."""
        parts = next((row for row in file.lines if not row.startswith(";;")), "").split()
        timed = len(parts) >= 5 and is_number(parts[2]) and is_number(parts[3])
        return Evidence.CONTENT if timed else Evidence.NONE

    def read(self, file: LabelFile, choice: Choice) -> Labels:
        """The only utterance, or the one that is chosen."""
        table = parse(file.text, file.where)
        id = choice.id
        if id is None:
            id = next(iter(table)) if len(table) == 1 else file.path.stem
        if id not in table:
            raise AlignmentError(f"no utterance {id!r} in its {len(table)}", where=file.where)
        return Labels(table[id], tolerance=ROUNDING, id=id)

    def render(self, alignment: Alignment) -> str:
        """The phones."""
        return render(alignment.id, alignment.phones)
