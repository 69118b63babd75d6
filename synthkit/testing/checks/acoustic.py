# SPDX-License-Identifier: Apache-2.0
"""Acoustic models."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from synthkit.errors import ConfigError
from synthkit.stages import AcousticModel, Request, TrainingData
from synthkit.testing.checks.common import check_artefacts, check_settings, refused, same_bytes
from synthkit.testing.samples import context
from synthkit.testing.wrong import wrong_values
from synthkit.types import Frames, Item, Segmentation, UnitPath


def check_acoustic_model(
    model: AcousticModel, data: TrainingData, segmentation: Segmentation, folder: Path
) -> Item:
    """Fit, open in a new instance, predict; the prediction keeps the promised spec and repeats.

    Parameters
    ----------
    model : AcousticModel
        As it is registered, not fitted.
    data : TrainingData
    segmentation : Segmentation
        Spoken once it is fitted.
    folder : Path
        Empty.

    Returns
    -------
    Frames, UnitPath or Waveform
        What it predicted.

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
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
    refused(
        lambda: kind(model.config).predict(Request(segmentation)), "predict() of a model that was not opened"
    )
    refused(lambda: kind(model.config).open(empty), "open() of an empty folder")
    spec = model.produces(data.spec)
    strange = Request(segmentation, options={"no-such-option": 1})
    results = []
    for _ in range(2):
        opened = kind(model.config)
        opened.open(fitted)
        opened.check_said(Request(segmentation))  # refuses nothing that it then says
        results.append(opened.predict(Request(segmentation)))
        refused(partial(opened.predict, strange), "an unknown option", ConfigError)
        opened.close()
        opened.close()  # closing twice is no error
    check_options(model, segmentation, fitted)
    first, second = results
    assert same_bytes(first) == same_bytes(second), "the same request does not give the same prediction"
    check_given(model, segmentation, fitted)
    assert first.spec == spec, f"produces() promised {spec}, predict() gave {first.spec}"
    if isinstance(first, Frames):
        first.check()
        assert len(first), "predict() gave no frame"
    elif isinstance(first, UnitPath):
        assert spec.kind == "units", "produces() of a unit path has kind 'units'"
        check_unit_path(first)
    return first


def check_options(model: AcousticModel, segmentation: Segmentation, fitted: Path) -> None:
    """Every option of a request is refused, by name, where it is of another type or beyond its limits.

    Parameters
    ----------
    model : AcousticModel
    segmentation : Segmentation
        That it can speak.
    fitted : Path
        What its `fit` wrote.

    Raises
    ------
    AssertionError
        One is not.
    """
    kind = type(model)
    check_settings(kind.Options, f"{kind.__name__}.Options")
    opened = kind(model.config)
    opened.open(fitted)
    for wrong in wrong_values(kind.Options):
        asked = Request(segmentation, options={wrong.field: wrong.value})
        what = f"option {wrong.field} = {wrong.value!r} ({wrong.why})"
        error = refused(partial(opened.predict, asked), what, ConfigError)
        assert wrong.field in str(error), f"{what} is refused without being named: {error}"
    opened.close()


def check_given(model: AcousticModel, segmentation: Segmentation, fitted: Path) -> None:
    """Durations and F0 that a model says it takes are heeded, and none that is given changes nothing.

    Parameters
    ----------
    model : AcousticModel
    segmentation : Segmentation
        That it can speak.
    fitted : Path
        What its `fit` wrote.

    Raises
    ------
    AssertionError
        They are not.
    """
    opened = type(model)(model.config)
    opened.open(fitted)
    rows = segmentation.symbols()
    place = len(rows) // 2
    free, fixed = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    fixed[place] = 0.3
    plain = opened.predict(Request(segmentation))
    same = same_bytes(opened.predict(Request(segmentation, durations=free, f0=np.zeros((0, 2)))))
    assert same_bytes(plain) == same, "durations that are all NaN and no F0 points change what is predicted"
    asked = {
        "durations": Request(segmentation, durations=fixed),
        "f0": Request(segmentation, f0=np.array([[place + 0.5, 173.0]])),
    }
    for what, request in asked.items():
        if what in model.takes:
            other = opened.predict(request)
            assert same_bytes(other) != same_bytes(plain), f"`takes` says {what}, and predict() is deaf to it"
            if isinstance(other, UnitPath):
                assert other.given, f"the unit path does not hold the {what} that were given"
    opened.close()


def check_unit_path(path: UnitPath) -> None:
    """Units follow the phones, and their costs sum to the path's cost.

    Parameters
    ----------
    path : UnitPath

    Raises
    ------
    AssertionError
        They do not.
    """
    assert path.units, "a path without units"
    order = [u.phone for u in path.units]
    assert order == sorted(order), "units do not follow the phones"
    assert all(u.end > u.start for u in path.units), "a unit of no length"
    total = sum(u.cost for u in path.units)
    assert abs(total - path.cost) <= 1e-6 * max(1.0, abs(path.cost)), f"costs sum to {total}, not {path.cost}"
