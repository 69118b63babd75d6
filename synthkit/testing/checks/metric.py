# SPDX-License-Identifier: Apache-2.0
"""Metrics: what they say of themselves, and what they do with speech that has everything or lacks
something."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from synthkit.eval import Metric
from synthkit.eval.metric import NEEDS, Measurement, measure
from synthkit.eval.sample import Clip, EvalSample
from synthkit.types import Waveform

LACKING: dict[str, dict[str, Any]] = {
    "reference": {"reference": None},
    "alignment": {"alignment": None},
    "record": {"record": None},
    "path": {},
    "phones": {"record": None, "alignment": None},
    "text": {"text": ""},
    "synthesis": {"natural": True},
}
"""By need, what is to be taken from a sample for it to lack that."""


def check_metric(metric: Metric, sample: EvalSample) -> list[Measurement]:
    """It says exactly what each figure is, gives each of `sample`, and takes what it lacks as a reason, not a
    fault.

    Parameters
    ----------
    metric : Metric
    sample : EvalSample
        As of `sample_speech`.

    Returns
    -------
    list of Measurement

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    check_definitions(metric)
    unknown = [n for n in metric.needs if n not in NEEDS]
    name = type(metric).__name__
    assert not unknown, f"{name}.needs names {unknown[0]!r}; a sample has {', '.join(NEEDS)}"
    metric.prepare()
    rows = _measured(metric, sample, "speech that has everything")
    assert any(m.value is not None for m in rows), (
        f"{name} has no figure of speech that has everything: {sorted({m.reason for m in rows})}"
    )
    bounds = {d.key: d.bounds for d in metric.gives}
    for m in rows:
        low, high = bounds[m.key]
        assert m.value is None or low <= m.value <= high, (
            f"{m.key} is {m.value}, beyond its range {low} to {high}"
        )
    again = _measured(metric, sample, "speech that has everything")
    assert [m.key for m in again] == [m.key for m in rows] and all(map(_alike, again, rows)), (
        f"not the same figures twice: {rows} and then {again}"
    )
    for need in NEEDS:
        lacking = _without(sample, need)
        found = _measured(metric, lacking, f"speech that lacks {need!r}")
        if need in metric.needs:
            assert all(m.value is None for m in found), f"{name} needs {need!r} and has a figure without it"
    silence = Clip(Waveform(np.zeros(len(sample.test.waveform.samples), np.float32), sample.test.rate))
    _measured(metric, replace(sample, test=silence, _memory={}), "silence")
    return rows


def check_definitions(metric: Metric) -> None:
    """Every figure has a name, a unit's direction, and a text by which somebody else gets the same figure.

    Parameters
    ----------
    metric : Metric

    Raises
    ------
    AssertionError
        One does not.
    """
    name = type(metric).__name__
    assert metric.gives, f"{name}.gives is empty: which figures does it give?"
    for d in metric.gives:
        assert d.title and d.metric and d.id, f"{name}: a figure without a name"
        assert len(d.text.split()) > 5, f"{d.key}: its text does not let anybody get the same figure"
        assert d.better in ("lower", "higher", "none"), f"{d.key}: better is {d.better!r}"
        assert d.pool in ("mean", "ratio"), f"{d.key}: pool is {d.pool!r}"
    keys = [d.key for d in metric.gives]
    assert len(set(keys)) == len(keys), f"{name} gives a figure twice: {keys}"


def _measured(metric: Metric, sample: EvalSample, what: str) -> list[Measurement]:
    rows = measure(metric, sample)
    failed = [m for m in rows if m.value is None and m.reason.startswith("failed: ")]
    assert not failed, (
        f"{type(metric).__name__} of {what} {failed[0].reason}; raise Undefined, or say it in `needs`"
    )
    silent = [m for m in rows if m.value is None and m.reason == "the metric gave nothing"]
    assert not silent, f"{type(metric).__name__} of {what} gave no {silent[0].key}, nor a reason"
    return rows


def _alike(a: Measurement, b: Measurement) -> bool:
    """To nine digits; some tools add a little noise lest they divide by zero."""
    return (
        a.value == b.value
        if None in (a.value, b.value)
        else math.isclose(a.value or 0, b.value or 0, rel_tol=1e-9)
    )


def _without(sample: EvalSample, need: str) -> EvalSample:
    if need == "path" and sample.record is not None:
        return replace(sample, record=replace(sample.record, path=None), _memory={})
    return replace(sample, **LACKING[need], _memory={})
