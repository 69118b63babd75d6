# SPDX-License-Identifier: Apache-2.0
"""The quality sheet at the end of a build: what the voice is made of, what to expect, what to record next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from synthkit import audio
from synthkit.atomic import write_text
from synthkit.corpora import prompting
from synthkit.corpora.prompting import Coverage, coverage, diphones, greedy
from synthkit.errors import AudioError, SynthkitError, reason
from synthkit.pipeline.state import Build
from synthkit.stages import TrainingData
from synthkit.types import Utterance

SENTENCE = 40
"""Neighbours of sounds in a sentence of middle length."""
PLAYED = 20
"""Utterances that the page plays."""
NEXT = 10


@dataclass(frozen=True)
class Doubt:
    """An utterance that is in the voice and should be listened to."""

    utterance: Utterance
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """See the module.

    Attributes
    ----------
    name : str
        Of the voice.
    minutes : float
        Of the recordings it is made of.
    utterances : int
    speakers : tuple of str
    left_out : list of (id, reason)
    held_out : int
        Utterances that stay out of it, to judge it by.
    doubts : list of Doubt
        Those with implausible boundaries or warnings of the check, the most doubtful first.
    covered : dict of str to Coverage
        By language, of those that have a list of ordinary sentences.
    record : dict of str to list of str
        By language, sentences that would add most.
    """

    name: str
    minutes: float
    utterances: int
    speakers: tuple[str, ...]
    left_out: list[tuple[str, str]]
    held_out: int
    doubts: list[Doubt]
    covered: dict[str, Coverage] = field(default_factory=dict)
    record: dict[str, list[str]] = field(default_factory=dict)
    pieces: bool = True
    """Whether it speaks with pieces of the recordings."""
    begun: str = ""
    """The weights that its acoustic model began with."""

    def expect(self) -> list[str]:
        """What to expect of it, one sentence each."""
        out = []
        for language, found in self.covered.items():
            rest = SENTENCE * (1 - found.share)
            made = "have to be made of other pieces" if self.pieces else "have to be inferred from others"
            out.append(
                f"{language}: {found.kinds} different neighbours of sounds recorded, {found.share:.1%} of "
                f"those in ordinary text; of the {SENTENCE} in a sentence about {rest:.1f} {made}"
            )
        if self.begun:
            out.append(
                f"it began with what {self.begun!r} has learned: words come from there, the voice from these "
                "recordings, the nearer the more of them"
            )
        elif not self.pieces:
            if self.minutes < 10:
                out.append("less than 10 minutes to learn from: `synthkit adapt` begins with another voice")
        elif self.minutes < 2:
            out.append(
                "less than 2 minutes: a sketch; the speaker can be heard, most words are patched together"
            )
        elif self.minutes < 10:
            out.append("less than 10 minutes: most words are patched together; expect rough joins")
        elif self.minutes < 60:
            out.append("less than an hour: everyday words hold together, rare ones have audible joins")
        return out

    def lines(self) -> list[str]:
        """The sheet in a few lines, for a terminal."""
        who = f", {len(self.speakers)} speakers" if len(self.speakers) > 1 else ""
        held = f", {self.held_out} held out to judge it by" if self.held_out else ""
        made_of = f"{self.minutes:.1f} min in {self.utterances} utterances{who}"
        out = [f"{made_of}, {len(self.left_out)} left out{held}"]
        out += [f"expect: {text}" for text in self.expect()]
        if self.doubts:
            first = "; ".join(f"{d.utterance.id}: {d.reasons[0]}" for d in self.doubts[:3])
            out.append(f"listen to {len(self.doubts)} doubtful utterances ({first} …)")
        for texts in self.record.values():
            out.append(f"record next: {' / '.join(texts[:3])}")
        return out


def sheet(state: Build, data: TrainingData) -> Sheet:
    """What a finished build says of its voice.

    Parameters
    ----------
    state : Build
        Finished.
    data : TrainingData
        What the voice learned from.

    Returns
    -------
    Sheet
    """
    reasons: dict[str, list[str]] = {}
    for id in state.flagged():
        alignment = state.alignments[id]
        for index, why in alignment.flags:
            phone = alignment.phones[index]
            reasons.setdefault(id, []).append(f"{phone.label} at {phone.start:.2f} s: {why}")
    for id, why in state.warnings:
        reasons.setdefault(id, []).append(why)
    by_id = {u.id: u for u in state.utterances if u.id in reasons} if reasons else {}
    doubts = [Doubt(by_id[id], tuple(said)) for id, said in reasons.items() if id in by_id]
    doubts.sort(key=lambda d: -len(d.reasons))
    covered: dict[str, Coverage] = {}
    record: dict[str, list[str]] = {}
    for language in data.languages:
        if language not in prompting.languages():
            continue
        segmenter = state.parts["segmentation"].get()
        ordinary = prompting.segmented(prompting.sentences(language), segmenter, language)
        units = {text: diphones(s) for text, s in ordinary.items()}
        common = sum(units.values(), Counter())
        have: set[tuple[str, str]] = set()
        for item in data.items:
            if item.utterance.language == language:
                have |= diphones(item.segmentation).keys()
        covered[language] = coverage(have, common)
        best = greedy(units, have, weights=common)
        record[language] = [next(best) for _ in range(min(NEXT, len(units)))]
    return Sheet(
        state.config.voice.name,
        sum(state.seconds(u.id) for u in state.training) / 60,
        len(data.items),
        data.speakers,
        [*state.corpus.left_out, *state.left_out],
        len(data.held_out),
        doubts,
        covered,
        record,
        pieces=_pieces(state, data),
        begun=str(getattr(state.parts["acoustic_model"].get().config, "start_from", "")),
    )


def _pieces(state: Build, data: TrainingData) -> bool:
    """Whether the acoustic model gives units of recordings."""
    return bool(state.parts["acoustic_model"].get().produces(data.spec).kind == "units")


def write_page(made: Sheet, path: Path) -> None:
    """The sheet as one HTML page with players; an error of the machine is raised, of a recording shown.

    Parameters
    ----------
    made : Sheet
    path : Path

    Raises
    ------
    SynthkitError
        It cannot be written.
    """
    rows = []
    for doubt in made.doubts[:PLAYED]:
        said = "".join(f"<li>{escape(why)}</li>" for why in doubt.reasons[:6])
        rows.append(
            f"<tr><td>{escape(doubt.utterance.id)}<td>{_player(doubt.utterance)}<td>{escape(doubt.utterance.text)}"
            f"<ul>{said}</ul>"
        )
    more = len(made.doubts) - PLAYED
    blocks = [
        f"<h1>{escape(made.name)}</h1>",
        _list([made.lines()[0], *(f"Expect: {text}" for text in made.expect())]),
        "<h2>Listen to these</h2>" if rows else "",
        "<table>" + "\n".join(rows) + "</table>" if rows else "",
        f"<p>… and {more} more.</p>" if more > 0 else "",
    ]
    for language, texts in made.record.items():
        missing = ", ".join("–".join(pair) for pair in made.covered[language].missing[:40])
        blocks += [f"<h2>Record next ({escape(language)})</h2>", _list(texts)]
        blocks += [f"<p>Neighbours that are not recorded yet, the commonest first: {escape(missing)}</p>"]
    if made.left_out:
        blocks += ["<h2>Left out</h2>", _list([f"{id}: {why}" for id, why in made.left_out[:200]])]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>' + escape(made.name) + "</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "td{vertical-align:top;padding:.4rem .6rem;border-top:1px solid #8884}ul{margin:.2rem 0}</style>"
        + "\n".join(b for b in blocks if b)
        + "</html>\n"
    )
    try:
        write_text(path, page)
    except OSError as error:
        raise SynthkitError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _list(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _player(utterance: Utterance) -> str:
    from synthkit.encoding import sound

    try:
        found = audio.read(utterance.audio, start=utterance.start, end=utterance.end, longest=60.0)
    except AudioError as error:
        return escape(reason(error))
    return f'<audio controls preload="none" src="data:audio/flac;base64,{sound(found)}"></audio>'
