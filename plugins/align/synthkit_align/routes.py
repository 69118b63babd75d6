# SPDX-License-Identifier: Apache-2.0
"""What was found for a batch of utterances, on the disk: a corpus's routes are never in memory at once."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from synthkit.atomic import arrived
from synthkit.pipeline.lazily import Made

T = TypeVar("T")

PARTS, LARGEST = 64, 16
"""A corpus is summed up in at least so many parts, of at most so many batches: what crosses between
processes is one sum a part. It follows from the corpus alone, so that sums are the same with any workers."""


@dataclass(frozen=True)
class Route:
    """One utterance's way through its graph.

    Attributes
    ----------
    starts : ndarray, float64, shape (N + 1,)
        Expected frame at which each phone begins; the last is the number of frames.
    phone, word : ndarray, int32, shape (N,)
        As in `Graph`.
    score : ndarray, float64, shape (N,)
        Mean log-density per frame.
    """

    starts: np.ndarray
    phone: np.ndarray
    word: np.ndarray
    score: np.ndarray


def groups(batches: Sequence[T]) -> Sequence[list[T]]:
    """`batches` in parts, in order; each is put together when it is asked for."""
    count, size = len(batches), min(max(len(batches) // PARTS, 1), LARGEST)
    return Made(range(0, count, size), lambda i: [batches[k] for k in range(i, min(i + size, count))])


@contextmanager
def putting(path: Path) -> Iterator[Path]:
    """A path whose file takes the place of `path` when it is whole: a worker that was given up, and is not
    dead, may still be writing it."""
    temporary = path.with_name(f"{uuid.uuid4().hex}{path.suffix}")
    yield temporary
    os.replace(temporary, path)


def write_routes(folder: Path, number: int, routes: Sequence[Route | None]) -> None:
    """Write what was found for the utterances of a batch, None where nothing was."""
    good = [r for r in routes if r is not None]
    empty = Route(np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
    arrays = {
        name: np.concatenate([getattr(r, name) for r in (empty, *good)])
        for name in ("starts", "phone", "word", "score")
    }
    with putting(folder / f"routes-{number}.npz") as path:
        np.savez(path, counts=[-1 if r is None else len(r.phone) for r in routes], **arrays)


def read_routes(folder: Path, number: int) -> list[Route | None]:
    """Inverse of `write_routes`."""
    with np.load(arrived(folder / f"routes-{number}.npz")) as stored:
        arrays = {name: stored[name] for name in ("starts", "phone", "word", "score")}
        counts = stored["counts"].tolist()
    out: list[Route | None] = []
    at = begun = 0
    for count in counts:
        if count < 0:
            out.append(None)
            continue
        starts = arrays["starts"][begun : begun + count + 1]
        out.append(Route(starts, *(arrays[name][at : at + count] for name in ("phone", "word", "score"))))
        at, begun = at + count, begun + count + 1
    return out


def write_edges(folder: Path, number: int, edges: Sequence[Sequence[float] | None]) -> None:
    """Write where the phones of a batch's utterances begin, and the last ends, s; None where unknown."""
    flat = np.array([t for some in edges if some is not None for t in some], np.float64)
    with putting(folder / f"edges-{number}.npz") as path:
        np.savez(path, counts=[-1 if some is None else len(some) for some in edges], edges=flat)


def read_edges(folder: Path, number: int) -> list[list[float] | None]:
    """Inverse of `write_edges`."""
    with np.load(arrived(folder / f"edges-{number}.npz")) as stored:
        flat, counts = stored["edges"].tolist(), stored["counts"].tolist()
    out: list[list[float] | None] = []
    at = 0
    for count in counts:
        out.append(None if count < 0 else flat[at : at + count])
        at += max(count, 0)
    return out
