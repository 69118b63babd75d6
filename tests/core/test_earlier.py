# SPDX-License-Identifier: Apache-2.0
"""Weights of an earlier training: refused where they do not fit, and what they heard is told."""

import json
from dataclasses import replace

import pytest

from synthkit.earlier import check_features, kept_beside, tell_taken
from synthkit.errors import SpecMismatch, VoiceError
from synthkit.testing.samples import sample_training_data
from synthkit.types import FeatureSpec, Stream

SPEC = FeatureSpec("toy", 16000, 80, (Stream("x", width=3),))


class Told:
    """A context that keeps what it is told."""

    def __init__(self):
        self.lines = []

    def log(self, message):
        self.lines.append(message)


def test_other_features_are_refused_with_the_fields():
    check_features("mine", SPEC, SPEC, where="[vocoder] pretrained")
    with pytest.raises(SpecMismatch, match="other features") as error:
        check_features("mine", SPEC, replace(SPEC, hop_length=160), where="[vocoder] pretrained")
    assert "hop_length" in str(error.value) and "160" in str(error.value)


def test_what_was_heard_of_the_held_out_is_told(tmp_path):
    data = sample_training_data(count=3, folder=tmp_path)
    data = replace(data, items=data.items[:1], held_out=data.items[1:])
    heard, ctx = data.held_out[0].utterance.id, Told()
    tell_taken("toy", "mine", {"minutes": 3, "heard": [heard, "else"]}, data, ctx)
    assert "3 min of speech" in ctx.lines[0] and "1 of the 2 held-out" in ctx.lines[1]
    ctx = Told()
    tell_taken("toy", "mine", {"heard": ["else"]}, data, ctx)
    assert len(ctx.lines) == 1


def test_what_is_kept_is_of_the_same_features_or_nothing(tmp_path):
    path = tmp_path / "kept.json"
    assert kept_beside(path, SPEC, dict) is None
    path.write_text(json.dumps({"spec": SPEC.hash, "a": 1}))
    assert kept_beside(path, SPEC, lambda k: k["a"]) == 1
    assert kept_beside(path, replace(SPEC, hop_length=160), lambda k: k["a"]) is None
    for broken in ("{", "[]", "{}"):
        path.write_text(broken)
        with pytest.raises(VoiceError, match="begin anew"):
            kept_beside(path, SPEC, lambda k: k["a"])
    path.write_text(json.dumps({"spec": SPEC.hash}))
    with pytest.raises(VoiceError, match="KeyError"):
        kept_beside(path, SPEC, lambda k: k["a"])
