"""Configuration: what is unknown or wrong is an error that says what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthkit.config import load, override, resolve
from synthkit.errors import ConfigError, PluginError

MINIMAL = {"voice": {"name": "nsh", "corpus": "bundled-ru"}}


def test_defaults_are_filled_in_and_come_back_from_toml():
    import tomllib

    config = resolve(MINIMAL, base=Path())
    again = resolve(tomllib.loads(config.to_toml()), base=Path())
    assert again.to_dict() == config.to_dict()
    assert config.stages["features"].plugin == "world"


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


def test_set_changes_one_value():
    data = override({"features": {"frame_period_ms": 5.0}}, ["features.frame_period_ms=10", "voice.name=x"])
    assert data == {"features": {"frame_period_ms": 10}, "voice": {"name": "x"}}


def test_set_plugin_drops_the_settings_of_the_old_plugin_and_keeps_new_ones():
    data = override({"vocoder": {"plugin": "psola", "pitch": 2}}, ["vocoder.speed=1.5", "vocoder.plugin=world"])
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
    with pytest.raises(ConfigError, match="cannot be read"):
        load(bad)
