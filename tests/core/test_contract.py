# SPDX-License-Identifier: Apache-2.0
"""A vocoder that does not fit is refused before any work, with a table; a named adapter joins them."""

from __future__ import annotations

import pytest

from synthkit.errors import SpecMismatch
from synthkit.offers import Registration
from synthkit.pipeline.contract import connect
from synthkit.plugins import Registry
from synthkit.stages import Adapter, Vocoder
from synthkit.types import Demand, FeatureSpec, Stream, Waveform

WORLD = FeatureSpec("world", 16000, 80, (Stream("mcep", width=25),))
MEL = FeatureSpec("mel", 22050, 256, (Stream("mel", width=80),), {"n_fft": 1024, "log_base": "e"})


class MelVocoder(Vocoder):
    def accepts(self):
        wide = Stream("mel", width=80)
        return (Demand("mel", 22050, 256, (wide,), {"log_base": "e"}),)

    def render(self, item) -> Waveform:
        raise AssertionError("never reached")


class WorldToMel(Adapter):
    def bridge(self, produced, accepted):
        return MEL if produced.kind == "world" and accepted.kind == "mel" else None

    def adapt(self, item, spec):
        return item


def registry_with(**adapters) -> Registry:
    registry = Registry()
    for name, kind in adapters.items():
        r = Registration("adapter", name, "x:y", "", "p", "d", "1")
        object.__setattr__(r, "load", lambda kind=kind: kind)
        registry.add(r)
    return registry


def test_a_spec_that_fits_needs_no_bridge():
    assert connect(MEL, MelVocoder(), names=("a", "v"), plugins=Registry()) == []


def test_a_mismatch_is_a_table_field_by_field():
    other = FeatureSpec("mel", 16000, 200, (Stream("mel", width=64),), {"n_fft": 1024, "log_base": 10})
    with pytest.raises(SpecMismatch) as error:
        connect(other, MelVocoder(), names=("tacotron2", "hifigan"), plugins=Registry())
    rows = {line.split()[0]: line.split() for line in str(error.value).splitlines()[1:]}
    assert rows["field"] == ["field", "tacotron2", "gives", "hifigan", "accepts"]
    assert rows["sample_rate"] == ["sample_rate", "16000", "22050"]
    assert rows["hop_length"] == ["hop_length", "200", "256"]
    assert rows["log_base"] == ["log_base", "10", "e"]
    assert rows["stream"] == ["stream", "mel", "float32", "×", "64", "float32", "×", "80"]
    assert "n_fft" not in rows, "a field that agrees is not in the table"


def test_the_message_names_the_adapter_that_would_do():
    plugins = registry_with(**{"world-to-mel": WorldToMel})
    with pytest.raises(SpecMismatch, match="world-to-mel"):
        connect(WORLD, MelVocoder(), names=("a", "v"), plugins=plugins)


@pytest.mark.parametrize("name", ["world-to-mel", "auto"])
def test_a_named_adapter_joins_them(name):
    plugins = registry_with(**{"world-to-mel": WorldToMel})
    (bridge,) = connect(WORLD, MelVocoder(), names=("a", "v"), adapters=[name], plugins=plugins)
    assert (bridge.name, bridge.spec) == ("world-to-mel", MEL)


def test_an_adapter_that_cannot_is_refused():
    plugins = registry_with(**{"world-to-mel": WorldToMel})
    units = FeatureSpec("units", 16000)
    with pytest.raises(SpecMismatch, match="cannot bridge"):
        connect(units, MelVocoder(), names=("a", "v"), adapters=["world-to-mel"], plugins=plugins)
