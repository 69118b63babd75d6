# SPDX-License-Identifier: Apache-2.0
"""From a corpus to everything a unit-selection voice has: units, index, predictor, pauses, coverage."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from synthkit.errors import CorpusError
from synthkit.scratch import scratch_folder
from synthkit.stages import Context, TrainingData, TrainingItem
from synthkit.types import PAUSE, Segmentation
from synthkit_unit_selection import guidance, guide, multiform, train
from synthkit_unit_selection.context import EDGE
from synthkit_unit_selection.coverage import advise, coverage, report
from synthkit_unit_selection.growing import Column
from synthkit_unit_selection.index import write_index
from synthkit_unit_selection.pauses import WIDTH, fit_pauses
from synthkit_unit_selection.phone_row import PhoneRow, from_recording
from synthkit_unit_selection.phrases import ROW, write_phrases
from synthkit_unit_selection.predictor import Predictor, fit_predictor
from synthkit_unit_selection.store import GUIDANCE, StoreWriter, UnitStore


def fit(asked: guide.Guide | None, settings: Any, data: TrainingData, folder: Path, ctx: Context) -> None:
    """Write the unit store, its index, the predictor, the guidance and the pause model into `folder`.

    Parameters
    ----------
    asked : Guide or None
        The guide that the settings name.
    settings : UnitSelectionSettings
    data, folder, ctx
        As for `AcousticModel.fit`.

    Raises
    ------
    CorpusError
        There is no utterance, or more phones than a unit store holds.
    """
    if not data.items:
        raise CorpusError("no utterance to make units of")
    items = data.items
    if asked is not None:
        guide.check_phone_set(asked, data.phone_set)
        for line in guide.strange_phones(asked, data.phone_set, (item.segmentation for item in items)):
            ctx.log(line)
        heard = multiform.vocoder_part(settings.guide_vocoder)
        multiform.keep_vocoder(heard, asked.spec, data, folder, ctx)
    with scratch_folder(folder) as scratch:
        texts = _texts(items, folder, scratch, ctx)
        phones = [EDGE, *sorted(texts.symbols | {PAUSE})]
        if len(phones) > 255:
            raise CorpusError(f"{len(phones)} phone symbols; a unit store holds 254")
        measure = train.Measure({s: i for i, s in enumerate(phones)}, data.phone_set, data.sample_rate)
        info: dict[str, object] = {
            "sample_rate": data.sample_rate, "phone_set": data.phone_set, "phones": phones
        }  # fmt: skip
        writer, labels = StoreWriter(folder, info), Column(scratch / "labels", np.float32, (3,))
        for m in ctx.map(measure, items, label="units"):
            writer.append(m.id, m.records(), m.samples)
            labels.append(m.labels())
        writer.close()
        _learn(settings, folder, phones, labels, texts.pauses, ctx)
        labels.close()
    store = UnitStore(folder)
    try:
        if asked is not None:
            with threadpool_limits(1):
                predictor = Predictor.load(folder / "predictor.npz")

                def recordings() -> Iterator[tuple[Segmentation, PhoneRow, np.ndarray, np.ndarray]]:
                    each = _recordings(items, store, predictor)
                    return ctx.track(each, label="guide", total=len(items))

                found = guidance.fit_guidance(asked, recordings, folder / GUIDANCE, len(store) // 2)
            ctx.log(guidance.comparison(found.residual, predictor.residual))
        covered = advise(coverage(store), store, texts.phrases, [i.segmentation for i in data.held_out])
    finally:
        store.close()
    (folder / "coverage.json").write_text(json.dumps(covered, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "coverage.txt").write_text(report(covered) + "\n", encoding="utf-8")


def _learn(
    settings: Any, folder: Path, phones: list[str], labels: Column, pauses: np.ndarray, ctx: Context
) -> None:
    """Of the units in `folder`: the predictor, their penalties, the scales and the index."""
    count, pause = len(phones), phones.index(PAUSE)
    units = train.Units(folder)
    try:
        ctx.log(f"{2 * len(units)} units of {count - 1} phones; training the predictor")
        with threadpool_limits(1):  # more threads would be slower here, and could change the last bits
            predictor = fit_predictor(units, count, hidden=settings.hidden, epochs=settings.epochs)
            predictor.save(folder / "predictor.npz")
            train.penalise(units, predictor, labels, count, pause)
            np.savez(
                folder / "scales.npz",
                join=train.join_scales(units, count),
                phones=train.phone_distances(units, count, pause),
                pauses=pauses,
            )
    finally:
        units.close()
    with threadpool_limits(1):
        write_index(folder, count)


@dataclass(frozen=True)
class _Texts:
    """What the texts of a corpus say: its phone symbols, weights of its pauses, its number of phrases."""

    symbols: set[str]
    pauses: np.ndarray
    phrases: int


def _texts(items: Sequence[TrainingItem], folder: Path, scratch: Path, ctx: Context) -> _Texts:
    """Read the texts, and write the table of phrases."""
    symbols: set[str] = set()
    pauses = Column(scratch / "pauses", np.float32, (WIDTH + 1,))
    # Not a list of small arrays: they would keep the memory of all that is read between them.
    phrases, keys, base = Column(scratch / "phrases", ROW), array("q"), 0
    for found in ctx.map(train.describe_item, items, label="texts"):
        symbols |= found.symbols
        pauses.append(found.pauses)
        found.phrases["first"] += base
        found.phrases["last"] += base
        phrases.append(found.phrases)
        keys.extend(found.keys)
        base += found.phones + 1
    write_phrases(folder, phrases.whole())
    phrases.close()
    with threadpool_limits(1):
        weights = fit_pauses(pauses.blocks)
    pauses.close()
    return _Texts(symbols, weights, len(np.unique(np.asarray(keys))))


def _recordings(
    items: Sequence[TrainingItem], store: UnitStore, predictor: Predictor
) -> Iterator[tuple[Segmentation, PhoneRow, np.ndarray, np.ndarray]]:
    """Of each recording what it says, what its own predictor says of it, and what it is."""
    for number, item in enumerate(items):
        spoken, _, _ = from_recording(item.segmentation, item.alignment.phones)
        low, high = store.span(number)
        rows = next(iter(store.units.spans(np.array([low]), high - low)))
        own = predictor.predict(rows["context"][::2])
        yield item.segmentation, spoken, own, np.ascontiguousarray(rows["acoustics"][:, :-1])
