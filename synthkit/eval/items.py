# SPDX-License-Identifier: Apache-2.0
"""The sentences of a comparison: a corpus's held-out part, a list of ids, or plain texts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthkit.corpora import Corpus, split
from synthkit.errors import AlignmentError, ConfigError
from synthkit.paths import read_text
from synthkit.types import Alignment, Utterance

ENROLMENT = 5
"""Recordings of the target speaker a speaker metric compares with."""


@dataclass(frozen=True)
class Item:
    """One sentence to be spoken by every voice.

    Attributes
    ----------
    id, text, language : str
    recording : Utterance or None
        The recording of the same sentence.
    alignment : Alignment or None
        Its phone tier.
    enrolment : tuple of Utterance
        Other recordings of the same speaker.
    others : tuple of Utterance
        Recordings of other speakers, for calibration.
    """

    id: str
    text: str
    language: str
    recording: Utterance | None = None
    alignment: Alignment | None = None
    enrolment: tuple[Utterance, ...] = ()
    others: tuple[Utterance, ...] = ()


def held_out_ids(
    corpus: Corpus, rule: str, voices: Sequence[tuple[str, set[str], set[str]]]
) -> tuple[list[str], str]:
    """Which utterances of `corpus` to compare on.

    Parameters
    ----------
    corpus : Corpus
    rule : str
        ``"held-out"``: what voices built on this corpus left out and none of them heard, or the corpus's
        standard held-out part where none left anything out; ``"all"``; ``"every:N"`` (the first of every N);
        or the path of a file of ids, one a line.
    voices : sequence of (name, utterances used, utterances held out)
        Voices built on this corpus.

    Returns
    -------
    ids : list of str
        In the corpus's order.
    how : str
        One sentence for the report.

    Raises
    ------
    ConfigError
        The rule is not understood, or leaves nothing.
    """
    order = [u.id for u in corpus.utterances]
    if rule == "all":
        return order, "every utterance of the corpus"
    if rule.startswith("every:"):
        try:
            n = int(rule.partition(":")[2])
        except ValueError:
            n = 0
        if n < 1:
            raise ConfigError(f"--split {rule}: N in every:N is a positive number")
        return order[::n], f"the first of every {n} utterances"
    if rule == "held-out":
        left_out = set().union(*(out for _, _, out in voices))
        if left_out:
            heard = set().union(*(used for _, used, _ in voices))
            ids = [i for i in order if i in left_out - heard]
            if not ids:
                raise ConfigError(
                    "every utterance that one voice left out when it was built, another has heard",
                    hint="build them with one held_out setting, or compare with --split every:10 "
                    "--leave-one-out",
                )
            return ids, "left out when the voices were built, and heard by none of them"
        ids = [u.id for u in split(corpus).held_out.utterances]
        return ids, "the corpus's standard held-out part (a tenth by id, seed 0)"
    path = Path(rule)
    if not os.path.lexists(path):
        raise ConfigError(
            f"--split {rule!r} is neither held-out, all, every:N nor a file of ids",
            hint="a file of ids has one utterance id a line",
        )
    wanted = [line.strip() for line in read_text(path, ConfigError).splitlines() if line.strip()]
    unknown = sorted(set(wanted) - set(order))
    if unknown:
        raise ConfigError(f"{len(unknown)} ids are not in the corpus: {', '.join(unknown[:5])}", where=rule)
    return [i for i in order if i in set(wanted)], f"the {len(set(wanted))} ids of {path.name}"


def corpus_items(
    corpus: Corpus,
    ids: Iterable[str],
    alignments: dict[str, Alignment] | None = None,
    others: Sequence[Utterance] = (),
) -> tuple[list[Item], list[str]]:
    """Items of the utterances `ids`.

    Parameters
    ----------
    corpus : Corpus
    ids : iterable of str
    alignments : dict, optional
        Phone tiers for utterances that came without labels.
    others : sequence of Utterance
        Recordings of other speakers.

    Returns
    -------
    items : list of Item
    notes : list of str
        Label files that could not be read, one sentence each.
    """
    from synthkit.labels import read_alignment

    wanted = set(ids)
    items, notes = [], []
    rest = [u for u in corpus.utterances if u.id not in wanted] or list(corpus.utterances)
    for utterance in corpus.utterances:
        if utterance.id not in wanted:
            continue
        alignment = (alignments or {}).get(utterance.id)
        if utterance.labels is not None:
            try:
                alignment = read_alignment(utterance.labels)
            except AlignmentError as error:
                notes.append(f"{utterance.id}: labels not used: {error.message}")
        same = [u for u in rest if u.speaker == utterance.speaker and u.id != utterance.id]
        step = max(1, len(same) // ENROLMENT)
        items.append(
            Item(
                utterance.id, utterance.text, utterance.language, utterance, alignment,
                tuple(same[::step][:ENROLMENT]), tuple(others),
            )
        )  # fmt: skip
    return items, notes


def text_items(path: Path, language: str) -> list[Item]:
    """Items of a text file: a sentence a line, or ``id|sentence``; empty lines are skipped.

    Parameters
    ----------
    path : Path
    language : str
        BCP-47.

    Returns
    -------
    list of Item
    """
    items = []
    for number, line in enumerate(read_text(path, ConfigError).splitlines(), 1):
        name, bar, text = line.partition("|")
        if not bar:
            name, text = f"line{number:04d}", line
        if text.strip():
            items.append(Item(name.strip(), text.strip(), language))
    if not items:
        raise ConfigError("there is no sentence in this file", where=str(path))
    doubles = len(items) - len({i.id for i in items})
    if doubles:
        raise ConfigError(f"{doubles} sentences share an id with another", where=str(path))
    return items
