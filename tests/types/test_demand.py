# SPDX-License-Identifier: Apache-2.0
"""What a consumer takes, and what a table says of the rest."""

from __future__ import annotations

import pytest

from synthkit.types import OPEN, Demand, FeatureSpec, Stream
from synthkit.types.differences import table

SPEC = FeatureSpec("mel", 22050, 256, (Stream("mel", width=80),), {"n_fft": 1024, "log_base": "e"})


@pytest.mark.parametrize(
    "demand",
    [
        Demand(),
        Demand("mel"),
        Demand(sample_rate=22050),
        Demand("mel", 22050, 256),
        Demand("mel", streams=("mel",)),
        Demand("mel", streams=(Stream("mel", "float32", 80),)),
        Demand("mel", params={"n_fft": 1024.0}),
        Demand("mel", params={"n_fft": OPEN, "log_base": "e"}, closed=True),
        Demand.exactly(SPEC),
    ],
)
def test_taken(demand):
    assert demand.accepts(SPEC)
    assert demand.differences(SPEC) == []


@pytest.mark.parametrize(
    ("demand", "rows"),
    [
        (Demand("world"), [("kind", "mel", "world")]),
        (Demand("mel", 16000, 200), [("sample_rate", 22050, 16000), ("hop_length", 256, 200)]),
        (Demand(streams=("codes",)), [("stream codes", None, OPEN)]),
        (
            Demand(streams=(Stream("mel", width=64),)),
            [("stream mel", Stream("mel", width=80), Stream("mel", width=64))],
        ),
        (Demand(params={"n_fft": 512}), [("n_fft", 1024, 512)]),
        (Demand(params={"padding": OPEN}), [("padding", None, OPEN)]),
        (Demand(params={"n_fft": OPEN}, closed=True), [("log_base", "e", None)]),
    ],
)
def test_refused_field_by_field(demand, rows):
    assert not demand.accepts(SPEC)
    assert demand.differences(SPEC) == rows


@pytest.mark.parametrize("streams", ["mel", Stream("mel")])
def test_a_comma_left_out_is_not_taken_for_streams(streams):
    with pytest.raises(TypeError, match="are a tuple"):
        Demand("mel", streams=streams)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": 3}, "kind of a demand is a text"),
        ({"sample_rate": "16000"}, "sample_rate is a whole number"),
        ({"hop_length": 0}, "hop_length is a whole number above 0"),
        ({"streams": (3,)}, "of type Stream, and 3"),
    ],
)
def test_what_could_never_be_met_is_refused_at_once(wrong, said):
    with pytest.raises((TypeError, ValueError), match=said):
        Demand(**wrong)


def test_exactly_leaves_nothing_open_but_more_streams():
    more = FeatureSpec("mel", 22050, 256, (Stream("mel", width=80), Stream("energy")), SPEC.params)
    assert Demand.exactly(SPEC).accepts(more)
    flavour = FeatureSpec("mel", 22050, 256, SPEC.streams, {**SPEC.params, "preemphasis": 0.97})
    assert Demand.exactly(SPEC).differences(flavour) == [("preemphasis", 0.97, None)]


def test_the_table_is_for_people():
    rows = [
        ("stream codes", Stream("codes", "int16", 8), OPEN),
        ("n_fft", 1024, None),
        ("bands", (1, 2.5), ()),
    ]
    assert table(rows, "ours", "theirs").splitlines() == [
        "  field         ours       theirs",
        "  stream codes  int16 × 8  any",
        "  n_fft         1024       –",
        "  bands         1, 2.5     –",
    ]
