# SPDX-License-Identifier: Apache-2.0
"""Festvox (xwaves) labels: a header ended by ``#``, then ``END_SECONDS COLOUR LABEL`` per line."""

from __future__ import annotations

from synthkit.errors import AlignmentError
from synthkit.labels.format import Choice, LabelFile, LabelFormat, Labels, is_number, is_whole, seconds, shown
from synthkit.recognise import Evidence
from synthkit.types import Alignment, Interval


def parse(text: str, where: str = "") -> list[Interval]:
    """Intervals of a festvox label file; the first begins at 0.

    Parameters
    ----------
    text : str
        All of the file.
    where : str
        The file, for messages.

    Returns
    -------
    list of Interval
        Seconds, contiguous.

    Raises
    ------
    AlignmentError
        A line is not ``time number label`` (whose label may be empty) or the times run backwards; names
        the line.
    """
    lines = text.splitlines()
    header = next((n for n, line in enumerate(lines) if line.strip() == "#"), -1)
    out: list[Interval] = []
    edge = 0.0
    for number, line in enumerate(lines[header + 1 :], header + 2):
        if not line.strip():
            continue

        def wrong(what: str, line: str = line, number: int = number) -> AlignmentError:
            return AlignmentError(f"line {number}: {shown(line)} {what}", where=where)

        parts = line.split(";")[0].split(maxsplit=2)
        try:
            end = seconds(parts[0])
        except (ValueError, IndexError):
            raise wrong("does not begin with a time") from None
        if len(parts) < 2:
            raise wrong("has no label")
        if not is_number(parts[1]):
            raise wrong("has no number as its second column: a line is TIME NUMBER LABEL")
        if end < edge:
            raise wrong(f"ends before {edge}")
        if end == edge and not out:
            continue  # a mark at 0.0 closes nothing
        if end == edge:
            raise wrong("has no duration")
        out.append(Interval(edge, end, parts[2].strip() if len(parts) == 3 else ""))
        edge = end
    return out


def render(alignment: Alignment) -> str:
    """The phones as a festvox label file (words have no place in it).

    Parameters
    ----------
    alignment : Alignment

    Returns
    -------
    str
    """
    rows = [f"{interval.end:.7g} 125 {interval.label}" for interval in alignment.phones]
    return "\n".join(["#", *rows]) + "\n"


class Festvox(LabelFormat):
    """``.lab`` of festvox: phones alone."""

    suffix = ".lab"
    folders = ("lab",)

    def evidence(self, file: LabelFile) -> Evidence:
        """A line ``#``; without that header, a first line of a time, a whole number and a label."""
        if "#" in file.lines:
            return Evidence.CONTENT
        parts = file.lines[0].split() if file.lines else []
        timed = len(parts) == 3 and is_number(parts[0]) and is_whole(parts[1])
        return Evidence.LOOSE if timed else Evidence.NONE

    def read(self, file: LabelFile, choice: Choice) -> Labels:
        """See `LabelFormat.read`."""
        return Labels(parse(file.text, file.where))

    def render(self, alignment: Alignment) -> str:
        """See `LabelFormat.render`."""
        return render(alignment)
