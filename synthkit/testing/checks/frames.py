# SPDX-License-Identifier: Apache-2.0
"""Feature extractors and adapters."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import partial

import numpy as np

from synthkit.stages import Adapter, FeatureExtractor
from synthkit.testing.checks.common import refused, same_bytes
from synthkit.testing.samples import sample_alignment, sample_waveform
from synthkit.types import Demand, FeatureSpec, Frames, Item, Waveform


def check_features(extractor: FeatureExtractor) -> Frames:
    """Frames keep the spec, have the expected number, are the same twice, and bad recordings are refused.

    Parameters
    ----------
    extractor : FeatureExtractor

    Returns
    -------
    Frames
        Of `sample_waveform`.

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    spec = extractor.spec
    assert FeatureSpec.from_dict(spec.to_dict()) == spec, "the spec does not come back from a dict"
    assert pickle.loads(pickle.dumps(spec)) == spec, "workers get another spec"
    wave = sample_waveform(spec.sample_rate)
    frames = extractor.extract(wave, sample_alignment()).check()
    assert frames.spec == spec, "frames carry the extractor's spec"
    assert spec.hop_length is not None, "the spec of frames states their hop_length"
    expected = len(wave.samples) / spec.hop_length
    assert abs(len(frames) - expected) <= 2, f"{len(frames)} frames, expected about {expected:.0f}"
    again = extractor.extract(wave, sample_alignment())
    assert same_bytes(frames) == same_bytes(again), "not the same bytes twice"
    for bad, what in (
        (Waveform(wave.samples, spec.sample_rate + 1), "a waveform at another sample rate"),
        (Waveform(wave.samples[:0], spec.sample_rate), "a recording without samples"),
        (Waveform(np.full_like(wave.samples, np.nan), spec.sample_rate), "a recording of NaN"),
    ):
        refused(partial(extractor.extract, bad, sample_alignment()), what)
    check_matching(extractor)
    return frames


def check_matching(extractor: FeatureExtractor) -> None:
    """`matching` gives an extractor of what is asked, at the rate asked for, or none.

    Parameters
    ----------
    extractor : FeatureExtractor

    Raises
    ------
    AssertionError
        It gives another.
    """
    kind, spec = type(extractor), extractor.spec
    rate = spec.sample_rate
    for demand in (
        Demand.exactly(spec),
        Demand(spec.kind),
        Demand("no such kind"),
        Demand(params={"no such": 1}),
    ):
        found = kind.matching(demand, rate)
        wrong = found is not None and demand.differences(found.spec)
        assert not wrong, f"matching({demand}) gives another spec: {wrong}"
    found = kind.matching(replace(Demand(spec.kind), sample_rate=rate), rate + 1)
    assert found is None or found.spec.sample_rate == rate, "matching() takes another rate than is asked for"


def check_adapter(adapter: Adapter, item: Item, accepted: Demand) -> Item:
    """The bridge it promises is the one it gives, and is said; it refuses what it cannot bridge.

    Parameters
    ----------
    adapter : Adapter
    item : Frames or UnitPath
    accepted : Demand
        What it has to become.

    Returns
    -------
    Frames or UnitPath

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    spec = adapter.bridge(item.spec, accepted)
    assert spec is not None, "bridge() refuses"
    assert accepted.accepts(spec), f"bridge() promises what is not accepted: {accepted.differences(spec)}"
    got = adapter.adapt(item, spec)
    assert got.spec == spec, "adapt() gives another spec than bridge() promised"
    if isinstance(got, Frames):
        got.check()
    assert same_bytes(adapter.adapt(item, spec)) == same_bytes(got), "not the same bytes twice"
    assert adapter.describe(item.spec, spec).strip(), "describe() says nothing, and the log shows it"
    alien = FeatureSpec("no-such-kind", 1)
    assert adapter.bridge(alien, accepted) is None, "bridge() promises to bridge a kind it cannot know"
    assert adapter.bridge(item.spec, Demand("no-such-kind")) is None, (
        "bridge() promises a kind it cannot know"
    )
    return got
