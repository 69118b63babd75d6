# SPDX-License-Identifier: Apache-2.0
"""Label files to alignments and back, whatever their format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from synthkit.atomic import writing
from synthkit.errors import AlignmentError, PluginError
from synthkit.labels import ctm, textgrid
from synthkit.labels.format import Choice, LabelFile, LabelFormat, Labels, shown
from synthkit.labels.tiers import SILENCES, phone_tier, word_tier
from synthkit.plugins import registry
from synthkit.recognise import strongest
from synthkit.types import Alignment


def label_format(name: str) -> LabelFormat:
    """The format registered as `name`; an `AlignmentError` that lists them if there is none.

    Parameters
    ----------
    name : str
        As in ``synthkit plugins``.

    Returns
    -------
    LabelFormat

    Raises
    ------
    AlignmentError
        There is none of that name; the message lists those there are.
    """
    try:
        found: LabelFormat = registry().load("label_format", name)()
    except PluginError as error:
        raise AlignmentError(error.message, where=error.where, hint=error.hint) from error
    return found


def read_alignment(
    path: str | Path,
    *,
    id: str | None = None,
    format: str | None = None,
    duration: float | None = None,
    speaker: str | None = None,
    phones: str | None = None,
    words: str | None = None,
    silences: Iterable[str] = SILENCES,
) -> Alignment:
    """Read one utterance's labels.

    Parameters
    ----------
    path : path
        A file in any registered format: Praat TextGrid, festvox or HTK/HTS ``.lab``, CTM, or a plugin's.
    id : str, optional
        The utterance's id; the file's stem if left out. In a CTM file it chooses the utterance.
    format : str, optional
        Name of the format, as in ``synthkit plugins``; found from the file's content if left out.
    duration : float, optional
        Seconds of the recording, where the labels may end before it.
    speaker : str, optional
        Whose tiers, in a TextGrid with several speakers.
    phones, words : str, optional
        Names of the TextGrid's tiers, where they are not called something usual.
    silences : iterable of str
        Labels, lower case, that become `PAUSE` in the phones and are left out of the words.

    Returns
    -------
    Alignment
        Phones contiguous from 0 to the duration. Words are empty where the format knows none.

    Raises
    ------
    AlignmentError
        The file is missing, cut short, in no known format or in one of two, or its times make no sense.
    """
    file = LabelFile.open(Path(path))
    chosen = label_format(format or _detect(file))
    labels = chosen.read(file, Choice(id, speaker, phones, words))
    labels = replace(labels, duration=max(labels.duration, duration or 0.0))
    name = id if id is not None else labels.id
    return _alignment(file.path.stem if name is None else name, labels, frozenset(silences), file.where)


def read_alignments(
    phones: str | Path,
    words: str | Path | None = None,
    *,
    durations: dict[str, float] | None = None,
    silences: Iterable[str] = SILENCES,
) -> dict[str, Alignment]:
    """All utterances of a CTM file of phones and, optionally, one of words.

    Parameters
    ----------
    phones : path
        The CTM file of phones.
    words : path, optional
        That of words.
    durations : dict of str to float, optional
        Seconds of each recording, where its labels may end before it.
    silences : iterable of str
        As for `read_alignment`.

    Returns
    -------
    dict of str to Alignment
        By utterance id, in the order of `phones`.

    Raises
    ------
    AlignmentError
        A file cannot be read, or a line or the times of an utterance make no sense.
    """
    table = ctm.parse(LabelFile.open(Path(phones)).text, str(phones))
    word_table = ctm.parse(LabelFile.open(Path(words)).text, str(words)) if words is not None else {}
    silent, lengths = frozenset(silences), durations or {}
    return {
        id: _alignment(
            id, Labels(rows, word_table.get(id, ()), lengths.get(id, 0.0), ctm.ROUNDING), silent, str(phones)
        )
        for id, rows in table.items()
    }


_LONGEST_LABEL = 1000
"""Characters; no phone or word is as long."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def _alignment(id: str, labels: Labels, silences: frozenset[str], where: str) -> Alignment:
    for interval in (*labels.phones, *labels.words):
        label = interval.label
        if len(label) > _LONGEST_LABEL or _CONTROL.search(label):
            raise AlignmentError(
                f"the label {shown(label)} at {interval.start:g} s is no phone and no word: it has control "
                f"characters or is longer than {_LONGEST_LABEL}",
                where=where,
            )
    tier = phone_tier(
        labels.phones, duration=labels.duration, tolerance=labels.tolerance, silences=silences, where=where
    )
    if not tier:
        raise AlignmentError("holds no labels", where=where)
    tolerance = max(labels.tolerance, 5e-4)
    spoken = word_tier(labels.words, tier, tolerance=tolerance, silences=silences, where=where)
    return Alignment(id, tier, spoken, tier[-1].end)


def write_alignment(
    path: str | Path, alignment: Alignment, *, format: str | None = None, short: bool = False
) -> None:
    """Write one utterance's labels, all of the file or nothing.

    Parameters
    ----------
    path : path
        ``.TextGrid``, ``.lab`` (festvox unless `format` says ``"htk"``), ``.ctm`` (phones), or the suffix of
        a plugin's format.
    alignment : Alignment
    format : str, optional
        Name of the format; found from the suffix if left out.
    short : bool
        Praat's short text form, for a TextGrid.

    Raises
    ------
    AlignmentError
        No format or more than one has the suffix, the format is only read, or the file cannot be written.
    """
    path = Path(path)
    chosen = label_format(format or _by_suffix(path))
    if short and isinstance(chosen, textgrid.TextGrid):
        _write_text(path, textgrid.render(alignment, short=True))
    else:
        _write_text(path, chosen.render(alignment))


def write_alignments(
    phones: str | Path, alignments: Iterable[Alignment], words: str | Path | None = None
) -> None:
    """Write many utterances into one CTM file of phones and, optionally, one of words.

    Parameters
    ----------
    phones : path
        The CTM file of phones, which is replaced.
    alignments : iterable of Alignment
    words : path, optional
        That of words.

    Raises
    ------
    AlignmentError
        A file cannot be written.
    """
    items = list(alignments)
    _write_text(Path(phones), "".join(ctm.render(a.id, a.phones) for a in items))
    if words is not None:
        _write_text(Path(words), "".join(ctm.render(a.id, a.words) for a in items))


def detect_format(path: str | Path) -> str:
    """Name of the registered format a label file is in, by its content.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        As in ``synthkit plugins``.

    Raises
    ------
    AlignmentError
        It cannot be read, or is in none of them, or could be in two.
    """
    return _detect(LabelFile.open(Path(path)))


def is_label_file(path: Path) -> bool:
    """Whether a file holds labels with times, and not a transcript (both are called ``.lab``).

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool
    """
    return bool(strongest("label_format", lambda known: known.evidence(LabelFile.open(path))))


def _detect(file: LabelFile) -> str:
    names = strongest("label_format", lambda known: known.evidence(file))
    if len(names) == 1:
        return names[0]
    known = ", ".join(registry().names("label_format"))
    if names:
        raise AlignmentError(
            f"could be labels of {' or '.join(names)}", where=file.where, hint="say which with format="
        )
    if not file.text.strip():
        raise AlignmentError("the label file is empty", where=file.where)
    line = file.lines[0]
    raise AlignmentError(
        f"not a label file: begins {line[:40]!r}", where=file.where, hint=f"known formats: {known}"
    )


def _by_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    names = registry().names("label_format")
    found = [n for n in names if (f := label_format(n)).by_suffix and f.suffix.lower() == suffix]
    if len(found) == 1:
        return found[0]
    raise AlignmentError(
        f"cannot tell a label format from {path.suffix!r}",
        where=str(path),
        hint=f"format= one of {', '.join(found or names)}",
    )


def _write_text(path: Path, text: str) -> None:
    try:
        with writing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise AlignmentError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
