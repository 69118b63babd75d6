# SPDX-License-Identifier: Apache-2.0
"""HTK and HTS labels: ``START END LABEL [SCORE [WORD]]``, times in units of 100 ns.

HTS full-context labels (``p1^p2-p3+p4=p5@…``) give their centre phone; a word in the fifth column
(as HVite writes it) starts a word.
"""

from __future__ import annotations

import re

from synthkit.errors import AlignmentError
from synthkit.labels.format import LONGEST, Choice, LabelFile, LabelFormat, Labels, is_whole, number, shown
from synthkit.labels.tiers import is_silence
from synthkit.recognise import Evidence
from synthkit.types import Alignment, Interval

UNIT = 1e-7
"""Seconds."""

_STATE = re.compile(r"(?P<phone>.+)\[(?P<state>\d{1,4})\]$")


def centre_phone(label: str) -> str:
    """The phone a label is about: the centre of a full-context label, the label itself otherwise.

    Parameters
    ----------
    label : str
        Such as ``"x^pau-a+b=c@1_2"``.

    Returns
    -------
    str
    """
    before, dash, rest = label.partition("-")
    phone, plus, after = rest.partition("+")
    return phone if "^" in before and dash and phone and plus and "=" in after else label


def parse(text: str, where: str = "", *, full_context: bool = False) -> tuple[list[Interval], list[Interval]]:
    """Phones and words of an HTK label file.

    State-level labels (``label[2]``, ``label[3]``…) are joined into one interval per phone.

    Parameters
    ----------
    text : str
        All of the file.
    where : str
        The file, for messages.
    full_context : bool
        Keep full-context labels whole instead of taking their centre phone.

    Returns
    -------
    phones : list of Interval
        Seconds.
    words : list of Interval
        Empty where the file has none.

    Raises
    ------
    AlignmentError
        A line is not ``start end label`` in whole units of 100 ns; names the line.
    """
    phones: list[Interval] = []
    words: list[Interval] = []
    state = -1
    previous = ""
    for row, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if not parts or line.startswith(("#!MLF", '"', ".")):
            continue
        try:
            start, end = _ticks(parts[0]) * UNIT, _ticks(parts[1]) * UNIT
            label = parts[2]
        except (ValueError, IndexError):
            raise AlignmentError(
                f"line {row}: {shown(line)} is not 'start end label' in 100 ns", where=where
            ) from None
        try:
            score = number(parts[3]) if len(parts) > 3 else None
        except ValueError:
            score = None
        match = _STATE.match(label)
        if match and match["phone"] == previous and int(match["state"]) > state:
            phones[-1] = Interval(phones[-1].start, end, phones[-1].label)
            state = int(match["state"])
        else:
            bare = match["phone"] if match else label
            phones.append(Interval(start, end, bare if full_context else centre_phone(bare), score))
            previous, state = (bare, int(match["state"])) if match else ("", -1)
        if len(parts) > 4 or (len(parts) == 4 and score is None):
            words.append(Interval(start, end, parts[-1]))
        elif words and not is_silence(phones[-1].label):
            words[-1] = Interval(words[-1].start, end, words[-1].label)
    return phones, words


def _ticks(text: str) -> int:
    if not is_whole(text) or int(text) * UNIT > LONGEST:
        raise ValueError(f"{text[:40]!r} is no time in a recording")
    return int(text)


def render(alignment: Alignment) -> str:
    """The phones as an HTK label file; words, where known, stand in the fifth column of their first phone.

    Parameters
    ----------
    alignment : Alignment

    Returns
    -------
    str
    """
    starts = {round(word.start / UNIT): word.label for word in alignment.words}
    rows = []
    for phone in alignment.phones:
        start, end = round(phone.start / UNIT), round(phone.end / UNIT)
        row = f"{start} {end} {phone.label}"
        if start in starts:
            row += f" {0.0 if phone.score is None else phone.score:.6f} {starts[start]}"
        elif phone.score is not None:
            row += f" {phone.score:.6f}"
        rows.append(row)
    return "\n".join(rows) + "\n"


class Htk(LabelFormat):
    """``.lab`` of HTK and HTS: phones, and words where HVite wrote them."""

    suffix = ".lab"
    by_suffix = False  # a .lab is festvox's when nobody says
    folders = ("lab",)
    has_words = True

    def evidence(self, file: LabelFile) -> Evidence:
        """A first line of two whole numbers, the second larger, and a label."""
        parts = next((row for row in file.lines if not row.startswith(("#!MLF", '"'))), "").split()
        whole = len(parts) >= 3 and all(map(is_whole, parts[:2]))
        return Evidence.CONTENT if whole and int(parts[0]) < int(parts[1]) else Evidence.NONE

    def read(self, file: LabelFile, choice: Choice) -> Labels:
        """See `LabelFormat.read`."""
        return Labels(*parse(file.text, file.where))

    def render(self, alignment: Alignment) -> str:
        """See `LabelFormat.render`."""
        return render(alignment)
