# SPDX-License-Identifier: Apache-2.0
"""Manifests and settings of a voice that no build wrote: each ends in an error that names the file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tomllib
from pathlib import Path

import pytest
import tomli_w

from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline.voice import Voice


@pytest.fixture
def folder(demo_voice, tmp_path) -> Path:
    shutil.copytree(demo_voice, tmp_path / "v")
    return tmp_path / "v"


@pytest.mark.parametrize(
    "key", ["name", "sample_rate", "languages", "speakers", "phone_set", "plugins", "produces", "files"]
)
@pytest.mark.parametrize("value", ["missing", None, 3.5, [1], {"a": 1}])
def test_a_manifest_without_a_key_or_with_another_kind_of_value_is_refused(key, value, folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if value == "missing":
        del manifest[key]
    else:
        manifest[key] = value
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SynthkitError) as caught:
        Voice.open(folder).say("Раз.")
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b"[" * 100_000, b'{"format": 1}', b"1" * 5000])
def test_a_manifest_that_is_none_is_refused(data, folder):
    (folder / "manifest.json").write_bytes(data)
    with pytest.raises(SynthkitError, match=r"manifest\.json"):
        Voice.open(folder)


def test_a_pipe_in_a_voice_is_not_waited_for(folder):
    for name in ("manifest.json", "voice.toml", "acoustic_model/units.json"):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(SynthkitError, match=str(folder)):
            Voice.open(folder)
        (folder / name).unlink()
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[voice]\nname = 3", b"[[vocoder]]", b"[vocoder]\nplugin = 1"]
)
def test_settings_that_are_none_are_refused_though_their_hash_agrees(data, folder):
    (folder / "voice.toml").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["voice.toml"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    try:
        Voice.open(folder).say("Раз.")
    except SynthkitError as error:
        assert str(folder) in str(error)  # noqa: PT017  # a table that lacks settings takes their defaults


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("search_ms", "[1]"), ("search_ms", "inf"), ("search_ms", "-1.0"), ("fade_ms", "nan"),
        ("speed", '"x"'), ("window", "-1"), ("target", "3"), ("keep", "0"), ("unheard_of", "1"),
    ],
)  # fmt: skip
def test_settings_that_no_build_takes_are_refused_though_they_say_they_were_checked(key, value, folder):
    """The manifest holds what each table was checked against, and its hash is made to agree."""
    written = tomllib.loads((folder / "voice.toml").read_text(encoding="utf-8"))
    stage = "vocoder" if key in written["vocoder"] or key == "unheard_of" else "acoustic_model"
    written[stage][key] = tomllib.loads(f"x = {value}")["x"]
    content = tomli_w.dumps(written).encode()
    (folder / "voice.toml").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["voice.toml"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ConfigError, match=key) as caught:
        Voice.open(folder)
    assert f"voice.toml [{stage}]" in str(caught.value)
