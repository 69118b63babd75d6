"""Label files to alignments and back, whatever their format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from synthkit.atomic import writing
from synthkit.errors import AlignmentError
from synthkit.labels import ctm, festvox, htk, textgrid
from synthkit.labels.tiers import SILENCES, phone_tier, word_tier
from synthkit.types import Alignment, Interval

FORMATS = ("textgrid", "festvox", "htk", "ctm")
"""Names of the formats, for ``format=``."""

_CTM_ROUNDING = 0.0101
"""CTM writers round start and duration apart to 10 ms, so neighbours may overlap by that."""


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
        A Praat TextGrid, a festvox or HTK/HTS ``.lab``, or a CTM file.
    id : str, optional
        The utterance's id; the file's stem if left out. In a CTM file it chooses the utterance.
    format : {"textgrid", "festvox", "htk", "ctm"}, optional
        Found from the file's content if left out.
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
        The file is missing, cut short, in no known format, or its times make no sense.
    """
    path = Path(path)
    text = _read_text(path)
    kind = format or detect_format(text, path)
    silent = frozenset(silences)
    where = str(path)
    phone_rows: Iterable[Interval]
    word_rows: Iterable[Interval] = ()
    tolerance, whole = 1e-4, 0.0
    if kind == "textgrid":
        whole, tiers = textgrid.parse(text, where)
        phone_names = (phones.lower(),) if phones else textgrid.PHONE_TIERS
        word_names = (words.lower(),) if words else textgrid.WORD_TIERS
        phone_found = textgrid.choose(tiers, phone_names, speaker=speaker, where=where)
        word_found = textgrid.choose(tiers, word_names, speaker=speaker, where=where)
        if phone_found is None:
            names = ", ".join(repr(t.name) for t in tiers) or "none"
            whose = f" of speaker {speaker!r}" if speaker else ""
            raise AlignmentError(
                f"no phone tier{whose}", where=where, hint=f"its tiers are {names}; choose with phones="
            )
        phone_rows = phone_found.intervals
        word_rows = word_found.intervals if word_found else ()
    elif kind == "festvox":
        phone_rows = festvox.parse(text, where)
    elif kind == "htk":
        phone_rows, word_rows = htk.parse(text, where)
    elif kind == "ctm":
        table = ctm.parse(text, where)
        if id is None and len(table) == 1:
            id = next(iter(table))
        wanted = id if id is not None else path.stem
        if wanted not in table:
            raise AlignmentError(f"no utterance {wanted!r} in its {len(table)}", where=where)
        phone_rows, tolerance = table[wanted], _CTM_ROUNDING
    else:
        raise AlignmentError(
            f"unknown label format {kind!r}", where=where, hint=f"one of {', '.join(FORMATS)}"
        )
    name = id if id is not None else path.stem
    return _alignment(name, phone_rows, word_rows, max(whole, duration or 0.0), tolerance, silent, where)


def read_alignments(
    phones: str | Path,
    words: str | Path | None = None,
    *,
    durations: dict[str, float] | None = None,
    silences: Iterable[str] = SILENCES,
) -> dict[str, Alignment]:
    """All utterances of a CTM file of phones and, optionally, one of words."""
    table = ctm.parse(_read_text(Path(phones)), str(phones))
    word_table = ctm.parse(_read_text(Path(words)), str(words)) if words is not None else {}
    silent, lengths = frozenset(silences), durations or {}
    return {
        id: _alignment(
            id, rows, word_table.get(id, ()), lengths.get(id, 0.0), _CTM_ROUNDING, silent, str(phones)
        )
        for id, rows in table.items()
    }


def _alignment(
    id: str,
    phones: Iterable[Interval],
    words: Iterable[Interval],
    duration: float,
    tolerance: float,
    silences: frozenset[str],
    where: str,
) -> Alignment:
    tier = phone_tier(phones, duration=duration, tolerance=tolerance, silences=silences, where=where)
    if not tier:
        raise AlignmentError("holds no labels", where=where)
    spoken = word_tier(words, tier, tolerance=max(tolerance, 5e-4), silences=silences, where=where)
    return Alignment(id, tier, spoken, tier[-1].end)


def write_alignment(
    path: str | Path, alignment: Alignment, *, format: str | None = None, short: bool = False
) -> None:
    """Write one utterance's labels, all of the file or nothing.

    Parameters
    ----------
    path : path
        ``.TextGrid``, ``.lab`` (festvox unless `format` says ``"htk"``) or ``.ctm`` (phones).
    format : {"textgrid", "festvox", "htk", "ctm"}, optional
        Found from the suffix if left out.
    short : bool
        Praat's short text form.
    """
    path = Path(path)
    kind = format or {".textgrid": "textgrid", ".lab": "festvox", ".ctm": "ctm"}.get(path.suffix.lower())
    if kind == "textgrid":
        text = textgrid.render(alignment, short=short)
    elif kind == "festvox":
        text = festvox.render(alignment)
    elif kind == "htk":
        text = htk.render(alignment)
    elif kind == "ctm":
        text = ctm.render(alignment.id, alignment.phones)
    else:
        raise AlignmentError(
            f"cannot tell a label format from {path.suffix!r}",
            where=str(path),
            hint=f"format= one of {FORMATS}",
        )
    _write_text(path, text)


def write_alignments(
    phones: str | Path, alignments: Iterable[Alignment], words: str | Path | None = None
) -> None:
    """Write many utterances into one CTM file of phones and, optionally, one of words."""
    items = list(alignments)
    _write_text(Path(phones), "".join(ctm.render(a.id, a.phones) for a in items))
    if words is not None:
        _write_text(Path(words), "".join(ctm.render(a.id, a.words) for a in items))


def detect_format(text: str, path: Path | None = None) -> str:
    """Which of `FORMATS` a label file is in.

    Raises
    ------
    AlignmentError
        None of them.
    """
    where = str(path or "")
    head = text[:200].lstrip()
    if "TextGrid" in head or (path is not None and path.suffix.lower() == ".textgrid"):
        return "textgrid"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise AlignmentError("the label file is empty", where=where)
    if "#" in lines:
        return "festvox"
    line = next((row for row in lines if not row.startswith((";;", "#!MLF", '"'))), "")
    parts = line.split()
    if len(parts) >= 3 and re.fullmatch(r"\d+", parts[0]) and re.fullmatch(r"\d+", parts[1]):
        return "htk"
    if len(parts) >= 5 and _number(parts[2]) and _number(parts[3]):
        return "ctm"
    if len(parts) == 3 and _number(parts[0]) and _number(parts[1]):
        return "festvox"
    raise AlignmentError(
        f"not a label file: begins {line[:40]!r}",
        where=where,
        hint="known formats: Praat TextGrid, festvox .lab, HTK/HTS .lab, CTM",
    )


def _number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d*\.?\d+(e[-+]?\d+)?", text, re.I) is not None


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AlignmentError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if data.startswith(b"ooBinaryFile"):
        raise AlignmentError(
            "a binary TextGrid", where=str(path), hint="save it in Praat with Save as text file…"
        )
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise AlignmentError(f"not {encoding.upper()} text: byte {error.start}", where=str(path)) from error


def _write_text(path: Path, text: str) -> None:
    try:
        with writing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise AlignmentError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
