# SPDX-License-Identifier: Apache-2.0
"""Prosody models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from synthkit.request import HIGHEST, LOWEST
from synthkit.stages import ProsodyModel, Request, TrainingData
from synthkit.testing.checks.common import check_artefacts, refused
from synthkit.testing.samples import context
from synthkit.types import Prosody, Segmentation


def check_prosody_model(
    model: ProsodyModel, data: TrainingData, segmentation: Segmentation, folder: Path
) -> Prosody:
    """Fit, open in a new instance, predict; what is predicted is of the text, the same twice, and heeds a
    pause made by hand.

    Parameters
    ----------
    model : ProsodyModel
        As it is registered, not fitted.
    data : TrainingData
    segmentation : Segmentation
        Spoken once it is fitted.
    folder : Path
        Empty.

    Returns
    -------
    Prosody
        What it predicted.

    Raises
    ------
    AssertionError
        It does not keep to its contract; the message says in what.
    """
    kind = type(model)
    fitted, work, empty = folder / "fitted", folder / "work", folder / "empty"
    for each in (fitted, work, empty):
        each.mkdir(exist_ok=True)
    assert any(d.accepts(data.spec) for d in model.consumes), (
        "the data's frames are not what `consumes` asks for"
    )
    model.fit(data, fitted, context(work))
    check_artefacts(fitted)
    plain = Request(segmentation)
    refused(lambda: kind(model.config).predict(plain), "predict() of a model that was not opened")
    refused(lambda: kind(model.config).open(empty), "open() of an empty folder")
    results = []
    for _ in range(2):
        opened = kind(model.config)
        opened.open(fitted)
        results.append(opened.predict(plain))
        opened.close()
        opened.close()  # closing twice is no error
    first, second = results
    assert _content(first) == _content(second), "the same request does not give the same prosody"
    _check_of_text(first, segmentation)
    opened = kind(model.config)
    opened.open(fitted)
    rows = segmentation.symbols()
    fixed = np.full(len(rows), np.nan)
    fixed[-1] = 0.5
    _check_of_text(opened.predict(replace(plain, durations=fixed)), segmentation)
    _check_of_text(opened.predict(replace(plain, exclude=_all(data))), segmentation)
    opened.close()
    return first


def _all(data: TrainingData) -> frozenset[str]:
    return frozenset(item.utterance.id for item in data.items)


def _content(found: Prosody) -> tuple[object, ...]:
    pauses = None if found.pauses is None else sorted(found.pauses)
    durations = None if found.durations is None else found.durations.tobytes()
    return pauses, durations, found.f0.tobytes()


def _check_of_text(found: Prosody, segmentation: Segmentation) -> None:
    """Raise `AssertionError` unless `found` is something that a request could ask for."""
    count = len(segmentation.symbols())
    if found.pauses is not None:
        strange = sorted(set(found.pauses) - set(range(len(segmentation.words))))
        assert not strange, f"a pause after word {strange[:1]} of {len(segmentation.words)}"
    if found.durations is not None:
        assert found.durations.shape == (count,), f"durations {found.durations.shape} of {count} phones"
        assert not (found.durations < 0).any() and not np.isinf(found.durations).any(), "durations below 0"
    assert found.f0.ndim == 2 and found.f0.shape[1] == 2, f"F0 {found.f0.shape}, not points (N, 2)"
    place, hertz = found.f0[:, 0], found.f0[:, 1]
    assert (np.diff(place) >= 0).all(), "points of F0 are not in order"
    assert ((place >= 0) & (place <= count)).all(), f"a point of F0 outside {count} phones"
    assert ((hertz >= LOWEST) & (hertz <= HIGHEST)).all(), "F0 that nobody speaks"
