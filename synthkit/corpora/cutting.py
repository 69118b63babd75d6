# SPDX-License-Identifier: Apache-2.0
"""A long recording and its text, to a corpus: what an aligner found, written as clips and lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from synthkit import audio
from synthkit.atomic import check_free, made_at_once, sweep, write_text
from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.files import safe_id
from synthkit.corpora.layouts.stored import save
from synthkit.errors import CorpusError
from synthkit.types import Utterance

if TYPE_CHECKING:
    from synthkit.types.session import Said

MARGIN = 0.12
"""Seconds of the pauses around a sentence that stay with it, at most half of each."""
SHORT = 25
"""Words of a line that is read in one breath or two, and is not parted."""
LONGEST = 60
"""Words of a sentence; more cannot be cut at pauses."""
PLAYED = 100
TOLD = 160
"""Letters of a sentence in a list."""
LABELS, PAGE, METADATA = "labels.txt", "doubts.html", "metadata.csv"
_END = re.compile(r"(?<=[.!?…])[\"'»”)\]]*\s+(?=[\"'«„“(\[—–-]*\s*[^\W\d_]|\d)")
"""Where a sentence ends and another begins; what begins with a small letter goes on."""


def sentences(text: str, where: str = "") -> list[str]:
    """Sentences of a text: its lines, and of a line of more than `SHORT` words the parts that end with a full
    stop or the like.

    Parameters
    ----------
    text : str
    where : str
        The file, for messages.

    Returns
    -------
    list of str
        None of them empty.

    Raises
    ------
    CorpusError
        There is none, or one goes on for more than `LONGEST` words.
    """
    out = parted(text)
    if not out:
        raise CorpusError("holds no sentence", where=where)
    for s in out:
        if len(s.split()) > LONGEST:
            raise CorpusError(
                f"a sentence of {len(s.split())} words: {s[:60]!r} …",
                where=where,
                hint="put a line break where the reader paused",
            )
    return out


def parted(text: str) -> list[str]:
    """`sentences`, however long they are.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
    """
    out: list[str] = []
    for line in text.splitlines():
        start = 0
        for end in _END.finditer(line) if len(line.split()) > SHORT else ():
            rest = line[end.end() :].lstrip("\"'«„“([—–- ")
            if rest[:1].islower():
                continue
            out.append(line[start : end.end()].strip())
            start = end.end()
        out.append(line[start:].strip())
    return [s for s in out if any(c.isalnum() for c in s)]


@dataclass(frozen=True)
class Cut:
    """One recording with its sentences and what became of them."""

    recording: Path
    texts: list[str]
    found: list[Said]

    @property
    def good(self) -> list[Said]:
        """Sentences that are said as they stand."""
        return [s for s in self.found if s.sentence is not None and s.start is not None and not s.doubt]

    @property
    def doubtful(self) -> list[Said]:
        """Everything else, in order of time; what is not said last."""
        return [s for s in self.found if s.doubt]

    def describe(self, said: Said) -> str:
        """One line for a list.

        Parameters
        ----------
        said : Said
            One of `found`.

        Returns
        -------
        str
            Seconds from and to, the doubt, and the text.
        """
        when = "" if said.start is None or said.end is None else f"{said.start:.2f}–{said.end:.2f} s: "
        which = said.sentence if said.sentence is not None else said.again
        text = "" if which is None else f": {shorten(self.texts[which], TOLD, placeholder=' …')}"
        return f"{when}{said.doubt}{text}"


def write(
    cuts: Sequence[Cut], out: Path, *, language: str, speaker: str, licence: str = "", name: str = ""
) -> Corpus:
    """Write the corpus: clips, its table, ``metadata.csv``, a label track and a page per recording.

    Parameters
    ----------
    cuts : sequence of Cut
    out : Path
        Made, all of it or nothing; there must be none.
    language : str
        BCP-47.
    speaker, licence : str
    name : str
        The folder's when left out.

    Returns
    -------
    Corpus
        As it stands in `out`.

    Raises
    ------
    CorpusError
        There is something at `out`, or nothing was found.
    """
    check_free(out, CorpusError)
    if not any(cut.good for cut in cuts):
        raise CorpusError("no sentence is said as it stands", where=str(cuts[0].recording))
    sweep(out.parent, out.name)
    with made_at_once(out) as folder:
        utterances: list[Utterance] = []
        left_out: list[tuple[str, str]] = []
        for cut in cuts:
            stem = safe_id(cut.recording.stem)
            edges = sorted(t for s in cut.found if s.start is not None for t in (s.start, s.end or s.start))
            track = []
            for said in cut.found:
                if said.sentence is None or said.start is None or said.doubt:
                    left_out.append((f"{stem}_{(said.sentence or 0) + 1:04}", cut.describe(said)))
                    if said.start is not None:
                        track.append((said.start, said.end, f"? {said.doubt}"))
                    continue
                assert said.end is not None
                id = f"{stem}_{said.sentence + 1:04}"
                clip = folder / "wavs" / f"{id}.flac"
                audio.write(clip, audio.read(cut.recording, None, *_with_margin(said.start, said.end, edges)))
                utterances.append(Utterance(id, cut.texts[said.sentence], clip, language, speaker))
                track.append((said.start, said.end, id))
            lines = "".join(f"{max(a, 0.0):.6f}\t{b:.6f}\t{label}\n" for a, b, label in sorted(track))
            write_text(folder / f"{stem}.{LABELS}", lines)
            write_text(folder / f"{stem}.{PAGE}", _page(cut))
        corpus = Corpus(name or out.name, (language,), licence, "", folder, utterances, left_out)
        save(corpus, folder)
        write_text(folder / METADATA, "".join(table_row(u) for u in utterances))
    return replace(corpus, root=out)


def table_row(utterance: Utterance) -> str:
    """A line of ``metadata.csv``, as LJSpeech has it.

    Parameters
    ----------
    utterance : Utterance

    Returns
    -------
    str
    """
    return f"{utterance.id}|{_cell(utterance.text)}|{_cell(utterance.text)}\n"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "|" in text else text


def _with_margin(start: float, end: float, edges: Sequence[float]) -> tuple[float, float]:
    before = max((t for t in edges if t < start - 1e-6), default=0.0)
    after = min((t for t in edges if t > end + 1e-6), default=end + 2 * MARGIN)
    return max(0.0, start - min(MARGIN, (start - before) / 2)), end + min(MARGIN, (after - end) / 2)


def _page(cut: Cut) -> str:
    """The doubtful cuts of a recording with players."""
    from synthkit.encoding import sound

    rows = []
    for said in cut.doubtful[:PLAYED]:
        player = ""
        if said.start is not None and said.end is not None:
            first = max(0.0, said.start - MARGIN)
            clip = audio.read(cut.recording, None, first, min(said.end, first + 60.0))
            player = f'<audio controls preload="none" src="data:audio/flac;base64,{sound(clip)}"></audio>'
        rows.append(f"<tr><td>{player}<td>{escape(cut.describe(said))}")
    more = len(cut.doubtful) - PLAYED
    rest = f"<p>… and {more} more, in the label track.</p>" if more > 0 else ""
    title = escape(cut.recording.name)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "td{vertical-align:top;padding:.4rem .6rem;border-top:1px solid #8884}</style>"
        f"<h1>{title}</h1><p>{len(cut.good)} of {len(cut.texts)} sentences were cut. These were not:</p>"
        "<table>" + "\n".join(rows) + f"</table>{rest}</html>\n"
    )
