# SPDX-License-Identifier: Apache-2.0
"""The conformance kit on every component that is installed here, whoever made it."""

from __future__ import annotations

import pytest

from synthkit.plugins import registry
from synthkit.testing import (
    check_adapter,
    check_metric,
    check_registration,
    sample_alignment,
    sample_waveform,
)
from synthkit.types import Demand

WHOLE = [
    (stage, name)
    for stage in ("segmentation", "features", "vocoder")
    for name in registry().names(stage)
    # Vocoders that are trained are checked by their own plugin's tests, on a trained one.
    if not getattr(registry().load(stage, name), "trainable", False)
]
SETTINGS = {("alignment", "mfa"): None}


@pytest.mark.parametrize(("stage", "name"), WHOLE, ids=lambda x: x)
def test_the_component_keeps_its_contract(stage, name, conformance):
    conformance(stage, name)


@pytest.mark.parametrize("name", ["labels", "hmm"])
def test_the_aligner_keeps_its_contract(name, conformance):
    conformance("alignment", name)


def test_unit_selection_keeps_its_contract(conformance):
    conformance("acoustic_model", "unit-selection")


@pytest.mark.parametrize(
    ("stage", "name"),
    sorted(
        key
        for key in registry().components
        if key[0] not in ("command", "corpus", "executor", "label_format", "layout", "metric")
    ),
    ids=lambda x: x,
)
def test_every_component_loads_and_has_typed_settings(stage, name):
    check_registration(stage, name)


@pytest.mark.parametrize("name", registry().names("metric"))
def test_every_metric_says_what_it_is(name):
    check_metric(registry().load("metric", name))


def test_the_adapters_keep_their_promise():
    from synthkit.pipeline.copy import recording_path

    plugins = registry()
    wave, alignment = sample_waveform(), sample_alignment()
    world = plugins.load("features", "world")().extract(wave)
    mel = plugins.load("features", "mel")()
    mel_at_16k = type(mel)(mel.Config(sample_rate=16000)).extract(wave)
    path = recording_path(wave, alignment)
    for name, item, other in (
        ("units-to-frames", path, world.spec),
        ("units-to-frames", path, mel_at_16k.spec),
        ("world-to-mel", world, mel_at_16k.spec),
        ("mel-to-world", mel_at_16k, world.spec),
    ):
        check_adapter(plugins.load("adapter", name)(), item, Demand.exactly(other))
