# SPDX-License-Identifier: Apache-2.0
"""Configuration: what is unknown or wrong is an error that says what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

from synthkit.errors import ConfigError, PluginError
from synthkit.pipeline.config import load, resolve
from synthkit.tables import override

MINIMAL = {"voice": {"name": "nsh", "corpus": "bundled-ru"}}


def test_defaults_are_filled_in_and_come_back_from_toml():
    import tomllib

    config = resolve(MINIMAL, base=Path())
    again = resolve(tomllib.loads(tomli_w.dumps(config.to_dict())), base=Path())
    assert again.to_dict() == config.to_dict()
    assert config.parts["features"].plugin == "world"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"voice": {"name": "a", "corpus": "b", "langauge": "ru"}}, "did you mean 'language'"),
        ({**MINIMAL, "vocodr": {}}, "did you mean 'vocoder'"),
        ({**MINIMAL, "features": {"frame_period": 5.0}}, "did you mean 'frame_period_ms'"),
        ({**MINIMAL, "features": {"frame_period_ms": "fast"}}, "frame_period_ms"),
        ({**MINIMAL, "vocoder": {"plugin": "wrld"}}, "did you mean 'world'"),
        ({"features": {}}, r"\[voice\] table is missing"),
        ({"voice": {"name": "../evil", "corpus": "b"}}, "name"),
    ],
)
def test_mistakes_are_named(data, message):
    with pytest.raises((ConfigError, PluginError), match=r"\S") as error:
        resolve(data, base=Path())
    import re

    assert re.search(message, str(error.value)), str(error.value)


WITH_ADAPTER = {**MINIMAL, "vocoder": {"plugin": "world", "adapters": ["units-to-frames"]}}


def test_an_adapter_has_a_table_of_its_own_and_the_resolved_configuration_shows_it_whole():
    import tomllib

    config = resolve(WITH_ADAPTER | {"adapters": {"units-to-frames": {"smoothing_ms": 12}}}, base=Path())
    table = config.to_dict()["adapters"]["units-to-frames"]
    assert table["smoothing_ms"] == 12.0
    assert "context_ms" in table, "defaults are filled in"
    assert resolve(tomllib.loads(tomli_w.dumps(config.to_dict())), base=Path()).to_dict() == config.to_dict()
    assert "adapters" in resolve(WITH_ADAPTER, base=Path()).to_dict(), "one that is named shows its defaults"
    assert "adapters" not in resolve(MINIMAL, base=Path()).to_dict()


@pytest.mark.parametrize(
    ("adapters", "message"),
    [
        ({"units-to-frames": {"smooting_ms": 12}}, "did you mean 'smoothing_ms'"),
        ({"units-to-frames": {"smoothing_ms": -1}}, "smoothing_ms"),
        ({"unit-to-frames": {}}, "did you mean 'units-to-frames'"),
        ({"units-to-frames": 12}, "table"),
    ],
)
def test_mistakes_in_an_adapters_table_are_named(adapters, message):
    with pytest.raises((ConfigError, PluginError)) as error:
        resolve(WITH_ADAPTER | {"adapters": adapters}, base=Path())
    assert message in str(error.value)


def test_set_reaches_an_adapters_setting():
    data = override({}, ["adapters.units-to-frames.smoothing_ms=0"])
    assert data == {"adapters": {"units-to-frames": {"smoothing_ms": 0}}}
    with pytest.raises(ConfigError, match="not a table"):
        override({"adapters": {"units-to-frames": 5}}, ["adapters.units-to-frames.smoothing_ms=0"])


def test_settings_that_cannot_be_met_at_the_corpus_rate_are_named():
    part = resolve(MINIMAL, base=Path()).parts["features"]
    assert part.at(48000).settings.sample_rate == 48000
    with pytest.raises(ConfigError, match="aperiodicity = false") as error:
        part.at(8000)
    assert str(error.value).startswith("[features] world at 8000 Hz: WORLD")
    fixed = resolve({**MINIMAL, "features": {"sample_rate": 22050}}, base=Path()).parts["features"]
    assert fixed.at(48000) is fixed, "a rate that was given stays"


def test_set_changes_one_value():
    data = override({"features": {"frame_period_ms": 5.0}}, ["features.frame_period_ms=10", "voice.name=x"])
    assert data == {"features": {"frame_period_ms": 10}, "voice": {"name": "x"}}


def test_set_plugin_drops_the_settings_of_the_old_plugin_and_keeps_new_ones():
    data = override(
        {"vocoder": {"plugin": "psola", "pitch": 2}}, ["vocoder.speed=1.5", "vocoder.plugin=world"]
    )
    assert data == {"vocoder": {"plugin": "world", "speed": 1.5}}


def test_set_that_is_no_assignment_says_so():
    with pytest.raises(ConfigError, match=r"section\.key=value"):
        override({}, ["vocoder"])


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("[voice\n")
    with pytest.raises(ConfigError, match="TOML"):
        load(bad)
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        load(bad)
