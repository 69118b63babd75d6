# SPDX-License-Identifier: Apache-2.0
"""The TextGrids that MFA writes, as alignments of the words and phones that were asked for."""

from __future__ import annotations

from pathlib import Path

from synthkit import labels
from synthkit.errors import AlignmentError
from synthkit.types import PAUSE, Alignment, Interval, Segmentation
from synthkit_align.mfa.lexicon import Lexicon

UNKNOWN = "spn"
"""MFA's phone for a word that its dictionary or model cannot say."""
SHORTEST = 1e-3
"""Seconds that the last phone has at least, where the recording ends before MFA's grid of frames does."""


def read(path: Path, id_: str, duration: float, segmentation: Segmentation, lexicon: Lexicon) -> Alignment:
    """The alignment of one utterance, in the segmentation's words and phones.

    Parameters
    ----------
    path : Path
        Where MFA writes its TextGrid.
    id_ : str
    duration : float
        Of the recording, seconds; the last phone ends there.
    segmentation : Segmentation
    lexicon : Lexicon
        What MFA was given.

    Raises
    ------
    AlignmentError
        There is no file, or it has other words, or a word that MFA could not say.
    """
    if not path.is_file():
        raise AlignmentError(
            "mfa gave nothing for it (it leaves out what it cannot align)",
            where=id_,
            hint="is it too short, silent, or its text another's?",
        )
    found = labels.read_alignment(path, id=id_, duration=duration)
    if len(found.words) != len(segmentation.words):
        raise AlignmentError(
            f"mfa found {len(found.words)} words, the text has {len(segmentation.words)}", where=id_
        )
    phones = list(found.phones)
    phones[-1] = _until(phones[-1], duration)
    words: list[Interval] = []
    unknown: list[str] = []
    for word, own in zip(found.words, segmentation.words, strict=True):
        inside = [i for i, p in enumerate(phones) if word.start <= p.start < word.end and p.label != PAUSE]
        if any(phones[i].label == UNKNOWN for i in inside):
            unknown.append(own.text)
            continue
        ours = lexicon.ours(own.text, tuple(phones[i].label for i in inside))
        if ours is None:
            said = " ".join(phones[i].label for i in inside)
            raise AlignmentError(
                f"mfa said {own.text!r} as {said or 'nothing'}, which is none of its pronunciations",
                where=id_,
            )
        for i, label in zip(inside, ours, strict=True):
            phones[i] = Interval(phones[i].start, phones[i].end, label, phones[i].score)
        end = phones[-1].end if inside and inside[-1] == len(phones) - 1 else word.end
        words.append(Interval(word.start, end, own.text))
    if unknown:
        raise AlignmentError(
            f"mfa could not say {', '.join(map(repr, unknown))}",
            where=id_,
            hint="its model lacks phones of theirs",
        )
    return Alignment(id_, tuple(phones), tuple(words), phones[-1].end)


def _until(phone: Interval, end: float) -> Interval:
    return Interval(phone.start, max(end, phone.start + SHORTEST), phone.label, phone.score)
