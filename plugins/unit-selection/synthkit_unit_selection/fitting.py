# SPDX-License-Identifier: Apache-2.0
"""From a corpus to everything a unit-selection voice has: units, index, predictor, pauses, coverage."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from synthkit.errors import CorpusError
from synthkit.stages import Context, TrainingData
from synthkit.types import PAUSE
from synthkit_unit_selection import guide, train
from synthkit_unit_selection.context import COLUMN, EDGE
from synthkit_unit_selection.coverage import advise, coverage, report
from synthkit_unit_selection.index import write_index
from synthkit_unit_selection.pauses import describe, fit_pauses
from synthkit_unit_selection.phone_row import from_recording
from synthkit_unit_selection.phrases import write_phrases
from synthkit_unit_selection.predictor import fit_predictor
from synthkit_unit_selection.store import GUIDANCE, UnitStore, write_store


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
    items = list(data.items)
    if asked is not None:
        guide.check_phone_set(asked, data.phone_set)
        for line in guide.strange_phones(asked, data.phone_set, (item.segmentation for item in items)):
            ctx.log(line)
    spoken = [from_recording(item.segmentation, item.alignment.phones)[0] for item in items]
    phones = [EDGE, *train.known_symbols(spoken)]
    if len(phones) > 255:
        raise CorpusError(f"{len(phones)} phone symbols; a unit store holds 254")
    measure = train.Measure({s: i for i, s in enumerate(phones)}, data.phone_set, data.sample_rate)
    measured = list(ctx.map(measure, items, label="units"))
    rows = np.concatenate([m.context for m in measured])
    acoustics = np.concatenate([m.acoustics for m in measured])
    ctx.log(f"{len(acoustics)} units of {len(phones) - 1} phones; training the predictor")
    with threadpool_limits(1):  # more threads would be slower here, and could change the last bits
        predictor = fit_predictor(
            rows, acoustics, len(phones), hidden=settings.hidden, epochs=settings.epochs
        )
    predictor.save(folder / "predictor.npz")
    predicted = [predictor.predict(m.context) for m in measured]
    pause = measure.ids[PAUSE]
    penalty = train.outliers(measured, np.concatenate(predicted), predictor.residual, pause)
    if asked is not None:
        with threadpool_limits(1):
            found = guide.fit_guidance(
                asked, [item.segmentation for item in items], spoken, predicted, acoustics,
                folder / GUIDANCE, track=partial(ctx.track, label="guide", total=len(items)),
            )  # fmt: skip
        ctx.log(guide.comparison(found.residual, predictor.residual))
    units, first_unit = train.pack(measured, penalty)
    joins = np.concatenate([m.joins[1::2] for m in measured])
    np.savez(
        folder / "scales.npz",
        join=train.join_scales(joins, rows[:, COLUMN["phone"]]),
        phones=train.phone_distances(rows, acoustics, len(phones), pause),
        pauses=fit_pauses(
            np.concatenate([describe(item.segmentation)[:-1] for item in items] or [np.zeros((0, 24))]),
            np.concatenate([train.pause_after(s)[:-1] for s in spoken]).astype(float),
        ),
    )
    write_index(folder, units, len(phones))
    write_phrases(folder, [item.segmentation for item in items], spoken)
    info = {"sample_rate": data.sample_rate, "phone_set": data.phone_set, "phones": phones}
    waveforms = (item.waveform().samples for item in ctx.track(items, label="audio", total=len(items)))
    write_store(folder, units, first_unit, waveforms, [item.utterance.id for item in items], info)
    store = UnitStore(folder)
    others = [item.segmentation for item in data.held_out]
    covered = advise(coverage(store), store, [item.segmentation for item in items], others)
    store.close()
    (folder / "coverage.json").write_text(json.dumps(covered, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "coverage.txt").write_text(report(covered) + "\n", encoding="utf-8")
