# SPDX-License-Identifier: Apache-2.0
"""What a person has corrected: which utterances, and what the aligner makes of it.

A folder holds a label file for each corrected utterance, ``ID.TextGrid``, as ``synthkit lab`` and Praat
write them. Two things are learned of them. While the model is trained, the frames of a corrected utterance
belong to the phones that it says, and nothing is searched for. And where the trained model, left to itself,
puts the boundaries of those utterances otherwise than the person, it is asked what the two differ by: the
model's habit, which is then taken off everywhere (after Toledano, Hernández Gómez & Villarrubia Grande,
"Automatic phonetic segmentation", IEEE Trans. Speech and Audio Processing 11(6), 2003, who correct by
context).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from synthkit.atomic import sha256
from synthkit.errors import AlignmentError
from synthkit.types import Alignment, Interval, Segmentation, Utterance
from synthkit_align.graph import STATES, Graph, phone_key
from synthkit_align.labels import imported

SUFFIX = ".TextGrid"
MOST_DIFFERENT = 0.6
"""Edits per phone from which a correction is held to be of another text."""
WEIGHT = 4.0
"""Frames of a corrected utterance count as so many: a few utterances stand against a whole corpus."""
FARTHEST = 0.04
"""Seconds; what differs by more is a mistake of one place, and no habit."""
PRIOR = {"all": 2.0, "left": 6.0, "right": 6.0, "both": 12.0}
"""Boundaries that each part of a habit is held back by: what was seen once says little."""
MOST = 0.4
"""Share of the shorter of its two phones by which a boundary is moved at most."""


def files(folder: Path) -> dict[str, Path]:
    """The corrections in `folder` by utterance id.

    Raises
    ------
    AlignmentError
        There is no such folder.
    """
    if not folder.is_dir():
        raise AlignmentError(
            "there is no such folder of corrections",
            where=str(folder),
            hint="`synthkit lab --corpus …` saves there; or leave out alignment.corrections",
        )
    found = sorted(p for p in folder.iterdir() if p.suffix == SUFFIX and not p.name.startswith("."))
    return {p.name.removesuffix(SUFFIX): p for p in found if p.is_file()}


def fingerprint(folder: Path) -> str:
    """A hash of all corrections in `folder`; "" where there is none, or no folder."""
    there = files(folder) if folder.is_dir() else {}
    digest = hashlib.sha256()
    for id_, path in there.items():
        digest.update(f"{id_}\0{sha256(path)}\n".encode())
    return digest.hexdigest()[:40] if there else ""


def read(
    folder: Path, items: Iterable[tuple[Utterance, Segmentation]]
) -> tuple[dict[str, Alignment], dict[str, AlignmentError]]:
    """The corrected alignments of `items`, and why a correction cannot be used.

    Raises
    ------
    AlignmentError
        There is no such folder.
    """
    there, good, bad = files(folder), dict[str, Alignment](), dict[str, AlignmentError]()
    for utterance, segmentation in items:
        path = there.get(utterance.id)
        if path is None:
            continue
        try:
            good[utterance.id] = imported(utterance, segmentation, path, MOST_DIFFERENT)
        except AlignmentError as error:
            bad[utterance.id] = AlignmentError(
                f"its correction cannot be used: {error.message}",
                where=error.where or str(path),
                hint="correct it again, or take the file away",
            )
    return good, bad


def chain(correction: Alignment, segmentation: Segmentation, index: Mapping[str, int]) -> Graph:
    """The graph of a corrected utterance: its phones one after another."""
    phone = np.array([index[phone_key(segmentation, p.label)] for p in correction.phones], np.int32)
    word = np.full(len(phone), -1, np.int32)
    for number, w in enumerate(correction.words):
        for k, p in enumerate(correction.phones):
            if w.start - 1e-6 <= p.start and p.end <= w.end + 1e-6:
                word[k] = number
    states = STATES * len(phone)
    first = np.zeros(states, np.bool_)
    last = first.copy()
    first[0] = last[-1] = True
    return Graph(
        (phone[:, None] * STATES + np.arange(STATES, dtype=np.int32)).ravel(),
        np.arange(-1, states - 1, dtype=np.int32)[:, None].copy(),
        first,
        last,
        np.repeat(np.arange(len(phone), dtype=np.int32), STATES),
        phone,
        word,
        states,
    )


def edges(phones: Sequence[Interval]) -> np.ndarray:
    """Seconds at which phones begin, the first excepted, float64, shape ``(N - 1,)``."""
    return np.array([p.start for p in phones[1:]], np.float64)


Seen = tuple[str, str, float]
"""A boundary: the phones before and after it, and by how many seconds the person has it later."""


def habits(seen: Sequence[Seen]) -> dict[str, float]:
    """What is to be added to the model's boundaries, learned of boundaries that a person has corrected.

    Parameters
    ----------
    seen : sequence of (left, right, seconds)

    Returns
    -------
    dict
        Seconds by context: ``""`` for all, ``"left|"``, ``"|right"`` and ``"left|right"``; a boundary's are
        added up. A ridge regression: each part is drawn to 0 by `PRIOR` boundaries that were right.
    """
    usable = [s for s in seen if abs(s[2]) <= FARTHEST]
    if not usable:
        return {}
    names: dict[str, int] = {}
    held: list[float] = []
    rows = np.zeros((len(usable), 4), int)
    for n, (left, right, _) in enumerate(usable):
        for k, (name, part) in enumerate(zip(contexts(left, right), PRIOR, strict=True)):
            if name not in names:
                names[name] = len(names)
                held.append(PRIOR[part])
            rows[n, k] = names[name]
    matrix = np.diag(held)
    wanted = np.zeros(len(names))
    for row, (_, _, seconds) in zip(rows, usable, strict=True):
        matrix[np.ix_(row, row)] += 1
        wanted[row] += seconds
    found = np.linalg.solve(matrix, wanted)
    return {name: round(float(found[k]), 6) for name, k in sorted(names.items())}


def contexts(left: str, right: str) -> tuple[str, str, str, str]:
    """Names of what a boundary's habit is the sum of."""
    return "", f"{left}|", f"|{right}", f"{left}|{right}"


def unlearned(phones: Sequence[str], starts: Sequence[float], known: Mapping[str, float]) -> list[float]:
    """Boundaries with the model's habits taken off.

    Parameters
    ----------
    phones : sequence of str
        Names in the model.
    starts : sequence of float
        Where each begins and the last ends, seconds.
    known : mapping
        From `habits`.
    """
    out = list(starts)
    for k in range(1, len(phones) if known else 0):
        shift = sum(known.get(name, 0.0) for name in contexts(phones[k - 1], phones[k]))
        room = MOST * min(starts[k] - starts[k - 1], starts[k + 1] - starts[k])
        out[k] = round(starts[k] + max(-room, min(shift, room)), 6)
    return out
