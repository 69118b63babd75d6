# SPDX-License-Identifier: Apache-2.0
"""The conformance kit on every component that is installed here, whoever made it.

What is installed is listed by name and nothing of it is imported before its own test: a component whose
package is missing is skipped with the line that installs it, and does not keep the others from being tested.
"""

from __future__ import annotations

import pytest

from synthkit.errors import MissingDependency
from synthkit.plugins import registry
from synthkit.testing import check_registration, sample_alignment, sample_speech, sample_waveform
from synthkit.types import Demand

STAGES = (
    "segmentation",
    "features",
    "vocoder",
    "executor",
    "corpus",
    "label_format",
    "command",
    "pretrained_voice",
)
WITHOUT_CONFIG = ("command", "corpus", "layout", "label_format", "pretrained_voice")
OWN = (("vocoder", "hibari"),)
"""Vocoders of frames that no extractor gives; their own plugins' tests run the kit on them."""


@pytest.mark.parametrize(
    ("stage", "name"),
    [(s, n) for s in STAGES for n in registry().names(s) if (s, n) not in OWN],
    ids=lambda x: x,
)
def test_the_component_keeps_its_contract(stage, name, conformance):
    if stage == "vocoder" and loaded(stage, name).trainable:
        pytest.skip("it is trained in its own plugin's tests")
    conformance(stage, name)


@pytest.mark.parametrize("name", ["labels", "hmm"])
def test_the_aligner_keeps_its_contract(name, conformance):
    conformance("alignment", name)


def test_unit_selection_keeps_its_contract(conformance):
    conformance("acoustic_model", "unit-selection")


@pytest.mark.parametrize(
    ("stage", "name"),
    sorted(key for key in registry().components if key[0] not in WITHOUT_CONFIG),
    ids=lambda x: x,
)
def test_every_component_loads_and_its_settings_hold(stage, name):
    loaded(stage, name)
    check_registration(stage, name)


@pytest.fixture(scope="session")
def speech():
    return sample_speech()


@pytest.mark.parametrize("name", registry().names("metric"))
def test_every_metric_gives_what_it_says(name, conformance, speech):
    conformance("metric", name, sample=speech)


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("units-to-frames", "units", "world"),
        ("units-to-frames", "units", "mel"),
        ("world-to-mel", "world", "mel"),
        ("mel-to-world", "mel", "world"),
    ],
)
def test_the_adapters_keep_their_promise(name, given, wanted, conformance):
    from synthkit.pipeline.copy import recording_path

    wave = sample_waveform()

    def features(kind):
        made = loaded("features", kind)
        return made(made.Config(sample_rate=wave.sample_rate))

    item = recording_path(wave, sample_alignment()) if given == "units" else features(given).extract(wave)
    conformance("adapter", name, item=item, accepted=Demand.exactly(features(wanted).spec))


def loaded(stage, name):
    try:
        return registry().load(stage, name)
    except MissingDependency as error:
        pytest.skip(str(error))
