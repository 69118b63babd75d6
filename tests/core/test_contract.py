"""A vocoder that does not fit is refused before any work, with a table; a named adapter joins them."""

from __future__ import annotations

import pytest

from synthkit.errors import SpecMismatch
from synthkit.pipeline.contract import connect
from synthkit.plugins import Registration, Registry
from synthkit.stages import Adapter, Vocoder
from synthkit.types import FeatureSpec, Waveform

WORLD = FeatureSpec("world", 16000, hop_length=80, order=24, streams=("mcep",))
MEL = FeatureSpec("mel", 22050, n_fft=1024, hop_length=256, n_mels=80, log_base="e", streams=("mel",))


class MelVocoder(Vocoder):
    def accepts(self):
        return (FeatureSpec.accepting("mel", sample_rate=22050, hop_length=256, log_base="e"),)

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
    other = FeatureSpec("mel", 16000, n_fft=1024, hop_length=200, n_mels=80, log_base="10", streams=("mel",))
    with pytest.raises(SpecMismatch) as error:
        connect(other, MelVocoder(), names=("tacotron2", "hifigan"), plugins=Registry())
    text = str(error.value)
    for words in (["sample_rate", "16000", "22050"], ["hop_length", "200", "256"], ["log_base", "10", "e"]):
        assert any(line.split() == words for line in text.splitlines()), text
    assert "n_fft" not in text, "a field that agrees is not in the table"


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


def test_every_field_of_a_spec_changes_its_hash():
    from dataclasses import fields, replace

    for field in fields(FeatureSpec):
        assert replace(WORLD, **{field.name: "changed"}).hash != WORLD.hash, field.name
