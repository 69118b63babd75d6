# SPDX-License-Identifier: Apache-2.0
"""Specs of any kind of frame: what they may state, when two are one, and what frames they let pass."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthkit.types import FeatureSpec, Frames, Stream, Waveform

CODES = FeatureSpec(
    "codec", 24000, 320, (Stream("codes", "int16", 8), Stream("gain")), {"codebook": 1024, "bands": [1, 2.5]}
)
OLD = json.loads(
    (Path(__file__).parent / "data" / "manifests-with-fixed-fields.json").read_text(encoding="utf-8")
)


def test_a_spec_goes_to_json_and_back():
    again = FeatureSpec.from_dict(json.loads(json.dumps(CODES.to_dict())))
    assert again == CODES
    assert (hash(again), again.hash) == (hash(CODES), CODES.hash)
    assert pickle.loads(pickle.dumps(CODES)) == CODES


def test_the_hash_is_the_same_tomorrow():
    # What sha256sum says of the JSON text of to_dict() with sorted keys.
    assert FeatureSpec("units", 16000).hash == "4a53d37a2f25"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (0, 0.0),
        (0, -0.0),
        (8000, np.float64(8000)),
        (80, np.int64(80)),
        (0.42, np.float32(0.42)),
        (True, np.bool_(True)),
        ([1, [2.0, 3]], (1, (2, 3))),
        ([1, 2], np.array([1.0, 2.0])),
    ],
)
def test_one_statement_in_two_forms_is_one(a, b):
    one, other = (replace(CODES, params={"x": value}) for value in (a, b))
    assert one == other
    assert hash(one) == hash(other)
    assert one.hash == other.hash
    assert one.differences(other) == []


@pytest.mark.parametrize(("a", "b"), [(1, True), (1, "1"), (1, 1.5), ([1], 1), ([1, 2], [2, 1]), (0, None)])
def test_other_statements_are_others(a, b):
    one, other = (replace(CODES, params={"x": value}) for value in (a, b))
    assert one != other
    assert one.hash != other.hash
    assert [name for name, _, _ in one.differences(other)] == ["x"]


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.text("abcdefgh_éж", min_size=1, max_size=6),
        st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
        max_size=6,
    )
)
def test_any_finite_numbers_survive_json_in_any_order(params):
    spec = replace(CODES, params=params)
    turned = replace(CODES, params=dict(reversed(params.items())))
    again = FeatureSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert spec == turned == again
    assert spec.hash == turned.hash == again.hash


def test_everything_changes_the_hash():
    changed = [
        replace(CODES, kind="codec2"),
        replace(CODES, sample_rate=16000),
        replace(CODES, hop_length=321),
        replace(CODES, hop_length=None),
        replace(CODES, streams=CODES.streams[::-1]),
        replace(CODES, streams=(Stream("codes", "int32", 8), Stream("gain"))),
        replace(CODES, streams=(Stream("codes", "int16", 9), Stream("gain"))),
        replace(CODES, streams=(Stream("codes", "int16", 8), Stream("gain", width=1))),
        replace(CODES, params={"codebook": 1024}),
    ]
    assert len({s.hash for s in (CODES, *changed)}) == len(changed) + 1
    assert all(len(CODES.differences(s)) == 1 for s in changed[:-2])
    assert all(CODES.differences(s) for s in changed)


def test_nothing_of_a_spec_can_be_changed():
    with pytest.raises(TypeError):
        CODES.params["codebook"] = 2
    with pytest.raises(AttributeError):
        CODES.sample_rate = 1
    mine = {"x": [1]}
    spec = replace(CODES, params=mine)
    mine["x"].append(2)
    assert spec.params["x"] == (1,)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"params": {"x": float("nan")}}, "'x' is nan"),
        ({"params": {"x": [1, float("inf")]}}, "'x' is inf"),
        ({"params": {"x": {"y": 1}}}, "'x' is a dict"),
        ({"params": {"x": [None]}}, "'x' is a NoneType"),
        ({"params": {1: 1}}, "name is a text"),
        ({"params": {"hop_length": 1}}, "cannot be a parameter too"),
        ({"sample_rate": 0}, "sample_rate"),
        ({"sample_rate": 16000.5}, "sample_rate"),
        ({"hop_length": "any"}, "hop_length"),
        ({"hop_length": -1}, "hop_length"),
        ({"kind": ""}, "kind"),
        ({"streams": ("mel",)}, "of type Stream"),
        ({"streams": (Stream("a"), Stream("a"))}, "one name"),
    ],
)
def test_what_cannot_be_stated_is_refused(change, said):
    with pytest.raises((TypeError, ValueError), match=said):
        replace(CODES, **change)


@pytest.mark.parametrize(
    ("dtype", "width"), [("object", None), ("U3", None), ("c16", 1), ("int17", 1), ("int8", 0)]
)
def test_streams_are_numbers(dtype, width):
    with pytest.raises((TypeError, ValueError), match="'x'"):
        Stream("x", dtype, width)


def frames(**changed) -> Frames:
    data = {"codes": np.zeros((5, 8), np.int16), "gain": np.ones(5, np.float32)}
    return Frames({**data, **changed}, CODES)


def test_frames_that_keep_their_spec_pass():
    assert len(frames().check()) == 5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"codes": np.zeros((5, 8), np.int32)}, "int32, not int16"),
        ({"codes": np.zeros((5, 8), ">i2")}, "not int16"),
        ({"codes": np.zeros((5, 7), np.int16)}, r"\(5, 7\), not \(T, 8\)"),
        ({"codes": np.zeros(5, np.int16)}, r"\(5,\), not \(T, 8\)"),
        ({"gain": np.ones((5, 1), np.float32)}, r"\(5, 1\), not \(T,\)"),
        ({"gain": np.ones(4, np.float32)}, "differ in length"),
        ({"gain": np.full(5, np.nan, np.float32)}, "not finite"),
        ({"more": np.ones(5, np.float32)}, "streams are"),
    ],
)
def test_frames_that_do_not_are_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        frames(**changed).check()


@pytest.mark.parametrize("voice", sorted(OLD))
@pytest.mark.parametrize("part", ["features", "produces"])
def test_specs_of_voices_from_before_are_read(voice, part):
    old = OLD[voice][part]
    spec = FeatureSpec.from_dict(old)
    assert (spec.kind, spec.sample_rate, spec.hop_length) == (
        old["kind"],
        old["sample_rate"],
        old["hop_length"],
    )
    assert list(spec.names) == old["streams"]
    widths = {
        "mcep": (old["order"] or 0) + 1,
        "bap": old["n_bap"],
        "mel": old["n_mels"],
        "formants": old["order"],
    }
    assert {s.name: s.width for s in spec.streams} == {n: widths.get(n) for n in old["streams"]}
    stated = {
        k: v for k, v in old.items() if v is not None and k not in ("order", "n_bap", "n_mels", "streams")
    }
    assert dict(spec.params) == {
        k: v for k, v in stated.items() if k not in ("kind", "sample_rate", "hop_length")
    }


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "mel", "sample_rate": 16000, "hop_length": 200, "n_mels": None, "streams": ["mel"]},
        {"kind": "own", "sample_rate": 16000, "hop_length": 200, "streams": ["own"]},
        {**CODES.to_dict(), "streams": ["codes"]},
        {**CODES.to_dict(), "sample_rate": None},
    ],
)
def test_what_is_no_spec_is_said(data):
    with pytest.raises(ValueError, match=r"spec|sample_rate"):
        FeatureSpec.from_dict(data)


def test_a_waveform_has_a_spec_too():
    assert Waveform(np.zeros(3, np.float32), 16000).spec == FeatureSpec("waveform", 16000)
    with pytest.raises(ValueError, match="no frames"):
        FeatureSpec("waveform", 16000).frame_period  # noqa: B018
