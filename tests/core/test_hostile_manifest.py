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

from synthkit.errors import ConfigError, NoLanguage, SpecMismatch, SynthkitError, VoiceError
from synthkit.pipeline import segmenting
from synthkit.pipeline.voice import Voice
from synthkit.pipeline.voice_folder import read_manifest


@pytest.fixture
def folder(demo_voice, tmp_path) -> Path:
    shutil.copytree(demo_voice, tmp_path / "v")
    return tmp_path / "v"


KEYS = """name sample_rate languages speakers phone_set corpus plugins features features_hash produces
utterances held_out left_out files"""


@pytest.mark.parametrize("key", KEYS.split())
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


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("languages", ["ru", ""]), ("languages", ["../../x"]), ("languages", ["й" * 300]), ("name", ""),
        ("corpus", None), ("corpus.name", None), ("corpus.licence", 3), ("corpus.minutes", float("nan")),
        ("corpus.minutes", True), ("corpus.utterances", -1), ("plugins.alignment", 3), ("keys", [1]),
        ("plugins.features.version", None), ("plugins.vocoder.plugin", ""), ("features.streams", "x"),
        ("features.params.alpha", 0.5), ("features_hash", "xx"), ("features.sample_rate", 10**30),
        ("produces.sample_rate", 10**30), ("produces.hop_length", 10**30), ("utterances", [1]),
        ("held_out", None), ("left_out", [["a"]]), ("synthkit", 1), ("conversion", {"licence": 3}),
    ],
)  # fmt: skip
def test_what_no_build_writes_is_refused_wherever_it_stands(place, value, demo_voice, tmp_path):
    manifest = json.loads((demo_voice / "manifest.json").read_text(encoding="utf-8"))
    *above, name = place.split(".")
    within = manifest
    for step in above:
        within = within[step]
    within[name] = value
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(VoiceError, match=place.split(".")[0]) as caught:
        read_manifest(tmp_path)
    assert str(tmp_path / "manifest.json") in str(caught.value)


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("key", ["name", "utterances", "held_out", "files", "plugins", "\udfff"])
def test_half_a_character_is_damage(key, escaped, folder):
    """Python's JSON takes one, escaped or in bytes; no text, no name of a file can hold it."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    there = manifest.get(key, "")
    half = {str: "\ud800", list: ["\ud800"], dict: {"acoustic_model/\udfff": "0"}}[type(there)]
    manifest[key] = there | half if isinstance(there, dict) else there + half
    text = json.dumps(manifest, ensure_ascii=escaped)
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(VoiceError, match="cannot be read: 'utf-8' codec") as caught:
        Voice.open(folder)
    assert str(folder / "manifest.json") in str(caught.value)


@pytest.mark.parametrize("name", ["voice.toml", "acoustic_model/units.npy", "acoustic_model/added.npy"])
def test_a_file_that_the_manifest_does_not_name_is_not_believed(name, folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"].pop(name, None)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with (folder / name).open("ab") as file:
        file.write(b" ")
    (folder / "notes.txt").write_text("a user's own, which no stage reads", encoding="utf-8")
    (folder / "acoustic_model" / ".DS_Store").write_text("a file manager's own", encoding="utf-8")
    with pytest.raises(VoiceError, match=name) as caught:
        Voice.open(folder)
    assert "notes.txt" not in str(caught.value) and ".DS_Store" not in str(caught.value)


def test_a_manifest_that_names_another_plugin_than_the_settings_is_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["plugins"]["vocoder"]["plugin"] = "world"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(VoiceError, match=r"manifest\.json: says that the vocoder is 'world'"):
        Voice.open(folder)
    with Voice.open(folder, overrides=["vocoder.plugin=overlap-add"]) as voice:  # asked for by its name
        assert len(voice.say("Раз.").samples)


@pytest.mark.parametrize("language", ["xx", "en"])
def test_a_language_that_the_voices_own_segmentation_lacks_is_the_manifests_fault(language, folder):
    """``xx`` is none, and English has other phones than a Russian voice."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["languages"] = ["ru", language]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with Voice.open(folder) as voice:
        assert len(voice.say("Раз.").samples)
        with pytest.raises(VoiceError, match=f"says that the voice speaks '{language}'") as caught:
            segmenting.segmented(voice, "One.", language)
    assert caught.value.where == str(folder / "manifest.json")
    with (
        Voice.open(folder, overrides=["segmentation.plugin=espeak"]) as voice,
        pytest.raises((SpecMismatch, NoLanguage)) as caught,
    ):
        voice.segment("One.", language)
    assert "espeak" in caught.value.message


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
