# SPDX-License-Identifier: Apache-2.0
"""Train and held-out parts of a corpus, the same every time."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from synthkit.corpora.corpus import Corpus
from synthkit.errors import CorpusError


class Split(NamedTuple):
    """The two parts; every utterance is in exactly one."""

    train: Corpus
    held_out: Corpus


def split(corpus: Corpus, *, held_out: float = 0.1, seed: int = 0, every: int | None = None) -> Split:
    """Divide a corpus.

    Parameters
    ----------
    corpus : Corpus
    held_out : float
        Share held out, between 0 and 1. An utterance's part depends on its id and the seed alone, so
        that it stays where it is when others are added or removed.
    seed : int
        Another seed, another division.
    every : int, optional
        Hold out ``utterances[::every]`` instead (the first of every `every`).

    Returns
    -------
    Split
        Neither part is empty.

    Raises
    ------
    CorpusError
        The corpus has fewer than two utterances, or the share makes no sense.
    """
    items = corpus.utterances
    if len(items) < 2:
        raise CorpusError(
            f"cannot be split: it has {len(items)} utterance{'s' * (len(items) != 1)}", where=corpus.name
        )
    if every is not None:
        if every < 2:
            raise CorpusError(f"every={every} would hold out everything", where=corpus.name)
        out = {u.id for u in items[::every]}
    else:
        if not 0 < held_out < 1:
            raise CorpusError(f"held_out={held_out} is not a share between 0 and 1", where=corpus.name)
        rank = {u.id: _hash(u.id, seed) for u in items}
        out = {id for id, value in rank.items() if value < held_out}
        if not out:
            out = {min(rank, key=rank.__getitem__)}
        elif len(out) == len(items):
            out.remove(max(rank, key=rank.__getitem__))
    return Split(corpus.only(u.id for u in items if u.id not in out), corpus.only(out))


def _hash(id: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
