# SPDX-License-Identifier: Apache-2.0
"""From the routes and boundaries of a corpus, on the disk, to its alignments, one utterance after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthkit.errors import AlignmentError
from synthkit.pipeline.lazily import Made
from synthkit.types import PAUSE, Alignment, Interval, Segmentation, Utterance
from synthkit_align import corrections, refine
from synthkit_align.batches import Prepared
from synthkit_align.model import Model
from synthkit_align.routes import Route, read_edges, read_routes, write_edges

Items = Sequence[tuple[Utterance, Segmentation]]

BATCH = 8
"""Utterances to a batch: fixed, so that sums are added in one order whatever the workers."""


class Texts:
    """Some utterances of a corpus with their segmentations, in batches; each is read when it is asked for."""

    def __init__(self, items: Items, places: Sequence[int]) -> None:
        self._items, self._places = items, places
        self.batches = -(-len(places) // BATCH)

    def batch(self, number: int) -> list[tuple[Utterance, Segmentation]]:
        """Those of a batch."""
        return [self._items[k] for k in self._places[number * BATCH : (number + 1) * BATCH]]

    def __iter__(self) -> Iterator[tuple[Utterance, Segmentation]]:
        return (self._items[k] for k in self._places)


@dataclass(frozen=True)
class Outcome:
    """What was found for the utterances of some batches; their routes lie in `folder`, and so will their
    boundaries."""

    prepared: list[Prepared]
    texts: Texts
    corrected: dict[str, Alignment]
    folder: Path
    model: Model
    boundary: str

    def chains(self) -> Sequence[refine.Batch]:
        """The batches in which an utterance has a route, with their chains."""
        routed = [b for b in self.prepared if any(r is not None for r in read_routes(self.folder, b.number))]
        return Made(routed, lambda b: (b.number, self._chains(b)))

    def keep(self, boundaries: Iterable[list[np.ndarray | None]]) -> dict[str, AlignmentError]:
        """Write the boundaries that are found for `chains`; those that none was found for, and no person has
        said."""
        errors: dict[str, AlignmentError] = {}
        begun = iter(boundaries)
        for b in self.prepared:
            routes = read_routes(self.folder, b.number)
            inner = iter(next(begun)) if any(r is not None for r in routes) else iter(())
            edges: list[list[float] | None] = []
            for id_, duration, route in zip(b.ids, b.durations, routes, strict=True):
                found = next(inner) if route is not None else None
                edges.append(self._edges(found, duration) if found is not None else None)
                if route is not None and found is None and id_ not in self.corrected:
                    errors[id_] = AlignmentError("no path near its phones fits", where=id_)
            write_edges(self.folder, b.number, edges)
        return errors

    def seen(self) -> Iterator[corrections.Seen]:
        """Each boundary of the corrected utterances, and by how much it is later than the model has it."""
        if not self.corrected:
            return
        for id_, _, route, edges in self._rows():
            correction = self.corrected.get(id_)
            if correction is None or edges is None:
                continue
            names = self._names(route)
            for k in range(1, len(names)):
                yield names[k - 1], names[k], correction.phones[k].start - edges[k]

    def alignments(self) -> Iterator[Alignment]:
        """In order, without flags; the model's habits are taken off."""
        for id_, text, route, edges in self._rows():
            if id_ in self.corrected:
                yield _scored(self.corrected[id_], route)
            elif edges is not None:
                unlearned = corrections.unlearned(self._names(route), edges, self.model.habits)
                yield self._alignment(id_, text, route, unlearned)

    def _rows(self) -> Iterator[tuple[str, Segmentation, Route, list[float] | None]]:
        for b in self.prepared:
            texts = {u.id: s for u, s in self.texts.batch(b.number)}
            rows = zip(
                b.ids, read_routes(self.folder, b.number), read_edges(self.folder, b.number), strict=True
            )
            for id_, route, edges in rows:
                if route is not None:
                    yield id_, texts[id_], route, edges

    def _chains(self, batch: Prepared) -> list[refine.Chain]:
        texts = {u.id: u for u, _ in self.texts.batch(batch.number)}
        return [
            refine.Chain(
                texts[id_], r.phone, (r.starts[1:-1] - 0.5) * self.model.cepstra.hop, id_ in self.corrected
            )
            for id_, r in zip(batch.ids, read_routes(self.folder, batch.number), strict=True)
            if r is not None
        ]

    def _names(self, route: Route) -> list[str]:
        return [self.model.phones[p] for p in route.phone]

    def _edges(self, inner: np.ndarray, duration: float) -> list[float]:
        """Seconds at which phones begin, and the end of the last."""
        cepstra = self.model.cepstra
        # Frames stand for their centres; "window-start" moves every boundary to the first hop of a coarse
        # window.
        early = (cepstra.window - cepstra.hop) / 2 if self.boundary == "window-start" else 0.0
        return _spread_out([0.0, *(round(max(float(t) - early, 0.0), 6) for t in inner), duration])

    def _alignment(self, id_: str, text: Segmentation, route: Route, edges: list[float]) -> Alignment:
        phones = tuple(
            Interval(edges[i], edges[i + 1], name.rpartition(":")[2] or PAUSE, round(float(score), 4))
            for i, (name, score) in enumerate(zip(self._names(route), route.score, strict=True))
        )
        words = []
        for number, word in enumerate(text.words):
            own = [phones[i] for i in np.flatnonzero(route.word == number)]
            words.append(Interval(own[0].start, own[-1].end, word.text))
        return Alignment(id_, phones, tuple(words), edges[-1])


def _scored(correction: Alignment, route: Route) -> Alignment:
    phones = tuple(
        replace(p, score=round(float(score), 4))
        for p, score in zip(correction.phones, route.score, strict=True)
    )
    return replace(correction, phones=phones, flags=())


def _spread_out(edges: list[float], least: float = 1e-3) -> list[float]:
    """Edges at least `least` apart where the recording's end (or an early convention) crowds them."""
    out = list(edges)
    for i in range(1, len(out) - 1):
        out[i] = max(out[i], out[i - 1] + least)
    for i in range(len(out) - 2, 0, -1):
        out[i] = min(out[i], out[i + 1] - least)
    return out
