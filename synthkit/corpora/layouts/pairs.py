# SPDX-License-Identifier: Apache-2.0
"""Pairs: one ``.txt`` or plain-text ``.lab`` beside each recording, or all in a folder of their own."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.files import (
    Recordings,
    folders_of,
    nfc,
    read_text,
    recordings,
    safe_id,
    transcript,
    without_suffix,
)
from synthkit.errors import CorpusError
from synthkit.labels import is_label_file
from synthkit.recognise import Evidence

SUFFIXES = (".lab", ".txt", ".original.txt", ".normalized.txt")
"""Of transcripts, in lower case; the last one found wins. LibriTTS has the last two."""
_SUBTITLE = re.compile(r"(?m)^\s*\[?(?:\d+:)?\d+:\d{2}[.,]\d+\s*-->\s*\d|^\s*\[\d+:\d{2}\.\d+\]")
"""When a line of subtitles is shown (SubRip's, WebVTT's, Whisper's) or sung (LRC): no text is written so."""
_STAMP = re.compile(
    r"\s*(?:[\[(<](?P<in>(?:\d+:)?\d+:\d{2}(?:[.,:]\d+)?)[\])>]"
    r"|(?P<alone>(?:\d+:)?\d+:\d{2}(?:[.,]\d+)?)\s*$|(?P<part>(?:\d+:)?\d+:\d{2}[.,]\d+)\s"
    r"|(?P<full>\d+:\d{2}:\d{2}|0?0:\d{2})\s)"
)
"""What may be a time of a transcript with times, and may be a time that is said: in brackets, alone on its
line, with a part of a second, with hours, minutes and seconds, or in the first minute."""
_AFTER = re.compile(r"[^\t]*\S[\t ]+(-?\d+[.,]\d+)[\t ]+(-?\d+[.,]\d+)\s*")
"""A line whose times stand after its label."""
_CTM = re.compile(r"\S+\s+\S+\s+(\d+\.\d+)\s+(\d+\.\d+)\s+\S+(?:\s+[\d.]+)?\s*")
"""A line of NIST's CTM: recording, channel, begin, length, word."""
_MARKED = (
    (re.compile(r"\s*\{\\rtf"), "is RTF, a word processor's"),
    (
        re.compile(r"(?i)\s*(<!doctype\b|<(html|head|body)\b|<(p|div|span)\b.*</(p|div|span)>\s*$)", re.S),
        "is HTML",
    ),
    (re.compile(r"\s*<\?xml\b"), "is XML"),
    (re.compile(r'\s*(File type\s*=\s*"ooTextFile|"?ooTextFile)'), "is a TextGrid"),
)
"""What begins as no text does."""
_TIMES = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)[\t ]+(-?\d+(?:[.,]\d+)?)(?:[\t ]+(.*))?")
"""A line of a label track: when a label begins, when it ends, and what it is."""


class Pairs(Layout):
    """See the module; sub-folders are speakers."""

    def evidence(self, folder: Path) -> Evidence:
        """A transcript that has a recording: many folders of other layouts have some, too."""
        texts = _texts(folder)
        paired = (nfc(a.stem) in texts or _inside(a, folder) in texts for a in recordings(folder))
        return Evidence.LOOSE if any(paired) else Evidence.NONE

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; a text that is none leaves out its recording."""
        found = Collector(folder, language)
        texts = _texts(folder)
        audios = recordings(folder)
        stems = Counter(nfc(audio.stem) for audio in audios)
        for audio in audios:
            text = texts.get(_inside(audio, folder)) or texts.get(nfc(audio.stem))
            parents = folders_of(audio.relative_to(folder))
            id = audio.stem if stems[nfc(audio.stem)] == 1 else "_".join([*parents, audio.stem])
            if text is None:
                found.leave_out(id, "no transcript")
                continue
            try:
                said = transcript(text)
                if is_label_track(text):
                    raise CorpusError("is a track of labels with times, not a transcript")
                if marked := marked_up(said):
                    raise CorpusError(f"{marked}, not plain text: save it as plain text in UTF-8")
            except CorpusError as error:
                found.leave_out(id, f"{text.name}: {error.message}")
                continue
            found.add(id, said, audio, safe_id(parents[0]) if parents else "speaker")
        known = Recordings(folder)
        there = {safe_id(stem) for stem in stems}
        for path in dict.fromkeys(texts.values()):
            if safe_id(path.name.split(".")[0]) not in there and safe_id(path.stem) not in there:
                found.leave_out(path.stem, known.why_none(path.stem))
        return found.corpus()


def marked_up(text: str) -> str:
    """What a file is that is no plain text, of which marks would be read as words; "" for a text.

    Parameters
    ----------
    text : str
        All of it.

    Returns
    -------
    str
        ``"is HTML"``, say.
    """
    for begins, what in _MARKED:
        if begins.match(text):
            return what
    if re.match(r'\s*(\{\s*["}]|\[\s*[\[{"])', text):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return ""
        return "is JSON"
    return ""


def is_label_track(path: Path) -> bool:
    """Whether a text file is a track of labels: lines that begin with two times, in their order.

    Audacity's have tabs between, TIMIT's are in samples; subtitles are tracks too, and so are lines that
    begin with one time each, if they are several and rise. A single line without a tab has to have a fraction
    of a second in it, or be of samples from 0 on: ``2 3 apples`` is a text.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool
    """
    text = read_text(path)
    if _SUBTITLE.search(text) or _has_times(text):
        return True
    if _after_labels(text):
        return True
    rows = [_TIMES.fullmatch(line) for line in text.splitlines() if line.strip()]
    if not rows or any(row is None for row in rows):
        return False
    times = [(float(r[1].replace(",", ".")), float(r[2].replace(",", "."))) for r in rows if r is not None]
    if any(start > end for start, end in times):
        return False
    if len(times) > 1:
        return all(a[0] <= b[0] for a, b in zip(times, times[1:], strict=False))
    first = text.strip()
    samples = times[0][0] == 0 and times[0][1] >= 1000
    return "\t" in first or bool(re.match(r"\d+[.,]\d+\s+\d+[.,]\d+", first)) or samples


def _has_times(text: str) -> bool:
    """Whether lines begin with time stamps: several that rise, at every second line or more. One is a time of
    day that is read, ``[10:15:30] The train is late.``"""
    rows = [line for line in text.splitlines() if line.strip()]
    found = [m["in"] or m["alone"] or m["part"] or m["full"] for line in rows if (m := _STAMP.match(line))]
    times = [[float(part.replace(",", ".")) for part in stamp.split(":")] for stamp in found]
    if len(times) < 2 or len(times) * 2 < len(rows) or len({len(t) for t in times}) > 2:
        return False
    seconds = [sum(part * 60.0**n for n, part in enumerate(reversed(t))) for t in times]
    return all(a < b for a, b in zip(seconds, seconds[1:], strict=False))


def _after_labels(text: str) -> bool:
    """Whether times stand after the labels, in every line: several, or one with tabs between."""
    lines = [line for line in text.splitlines() if line.strip()]
    for form, ends in ((_AFTER, True), (_CTM, False)):
        rows = [form.fullmatch(line) for line in lines]
        times = [
            (float(r[1].replace(",", ".")), float(r[2].replace(",", "."))) for r in rows if r is not None
        ]
        if not rows or len(times) < len(rows) or (ends and any(a > b for a, b in times)):
            continue
        rising = all(a[0] <= b[0] for a, b in zip(times, times[1:], strict=False))
        if rising and (len(times) > 1 or (ends and lines[0].count("\t") >= 2)):
            return True
    return False


def _inside(path: Path, folder: Path) -> str:
    return nfc(path.relative_to(folder).with_suffix("").as_posix())


def _texts(folder: Path) -> dict[str, Path]:
    """Transcripts by path without suffix, and by bare name where that is unique."""
    out: dict[str, Path] = {}
    bare: dict[str, list[Path]] = {}
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in (".lab", ".txt")]
    for suffix in SUFFIXES:
        for path in files:
            if not path.name.lower().endswith(suffix) or path.name.startswith(".") or not path.is_file():
                continue
            if suffix == ".lab" and is_label_file(path):
                continue
            name = nfc(path.name[: -len(suffix)])
            if suffix == ".txt" and re.search(r"\.(original|normalized)$", name):
                continue
            name = without_suffix(name)  # a.wav.txt
            out[nfc((path.relative_to(folder).parent / name).as_posix())] = path
            bare.setdefault(name, []).append(path)
    for name, paths in bare.items():
        if len({p.parent for p in paths}) == 1:
            out.setdefault(name, paths[-1])
    return out
