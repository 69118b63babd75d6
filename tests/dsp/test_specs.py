# SPDX-License-Identifier: Apache-2.0
"""Typed views: checked when they are made from a spec, and the same spec again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synthkit.dsp.specs import MelSpec, WorldSpec
from synthkit.errors import SpecMismatch
from synthkit.types import Demand, Stream

MEL = MelSpec(
    sample_rate=22050, n_fft=1024, win_length=1024, hop_length=256, window="hann", n_mels=80, fmin=0.0,
    fmax=8000.0, mel_scale="slaney", mel_norm="slaney", power=1.0, log_base="e", floor=1e-5,
    normalisation="none", padding="reflect",
)  # fmt: skip
WORLD = WorldSpec(
    sample_rate=16000, hop_length=80, n_fft=1024, order=24, alpha=0.41, fmin=60.0, fmax=400.0, floor=1e-11,
    f0_method="harvest", n_bap=1,
)  # fmt: skip


@pytest.mark.parametrize("view", [MEL, WORLD, replace(WORLD, n_bap=None)])
def test_there_and_back(view):
    again = type(view).of(view.spec)
    assert again == view
    assert [type(v) for v in vars(again).values()] == [type(v) for v in vars(view).values()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "mfcc"}, "'mfcc' are not 'mel'"),
        ({"params": {k: v for k, v in MEL.spec.params.items() if k != "padding"}}, "states no padding"),
        ({"params": {**MEL.spec.params, "preemphasis": 0.97}}, "preemphasis, which 'mel' frames do not have"),
        ({"params": {**MEL.spec.params, "n_fft": 10.5}}, "n_fft = 10.5, no int"),
        ({"params": {**MEL.spec.params, "power": True}}, "power = True, no float"),
        ({"params": {**MEL.spec.params, "window": 1}}, "window = 1, no str"),
        ({"streams": (Stream("mel"),)}, "no stream 'mel' of some values"),
        ({"streams": (Stream("cepstrum", width=80),)}, "no stream 'mel'"),
    ],
)
def test_a_spec_that_does_not_say_it_all_is_refused(change, said):
    with pytest.raises(SpecMismatch, match=said):
        MelSpec.of(replace(MEL.spec, **change))


def test_demands_of_a_kind():
    assert MelSpec.demand().accepts(MEL.spec)
    assert MelSpec.demand(n_mels=80, sample_rate=22050, fmin=0).accepts(MEL.spec)
    assert [r[0] for r in MelSpec.demand(n_mels=64, fmin=1).differences(MEL.spec)] == ["stream mel", "fmin"]
    flavour = replace(MEL.spec, params={**MEL.spec.params, "preemphasis": 0.97})
    assert not MelSpec.demand().accepts(flavour), "a vocoder would be deaf to it"
    assert WorldSpec.demand("mcep").accepts(replace(WORLD, n_bap=None).spec)
    assert not WorldSpec.demand().accepts(replace(WORLD, n_bap=None).spec)
    with pytest.raises(TypeError, match="'n_mel'"):
        MelSpec.demand(n_mel=80)


def test_what_a_demand_states_is_read_back():
    assert MelSpec.stated(MelSpec.demand(n_mels=64, window="hann")) == {"n_mels": 64, "window": "hann"}
    assert WorldSpec.stated(Demand.exactly(WORLD.spec)) == vars(WORLD)
    assert WorldSpec.stated(Demand("world")) == {}
