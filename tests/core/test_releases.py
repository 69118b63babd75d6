# SPDX-License-Identifier: Apache-2.0
"""A release of a plugin throws nothing away; another version of a component does, and only what it made."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from synthkit import settings
from synthkit.cli import run
from synthkit.pipeline.doctor import examine
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.settings import Field, Settings

RECIPE = str(Path(__file__).parents[2] / "corpora" / "recipes" / "demo-ru.toml")


@pytest.fixture
def release(monkeypatch):
    """``release()`` is a world in which every plugin has a newer release, its components as they are."""

    def make(version: str = "99.0") -> None:
        for key, registration in registry().components.items():
            monkeypatch.setitem(registry().components, key, replace(registration, version=version))

    return make


def build(out: Path) -> dict[str, str]:
    assert run(["build", RECIPE, "-o", str(out), "--set", "voice.limit=4", "--workers", "1"]) == 0
    return json.loads((out / "manifest.json").read_text())["keys"]


def stamps(cache: Path) -> dict[Path, int]:
    """Every file and folder of the cache, with its time."""
    return {p: p.stat().st_mtime_ns for p in cache.rglob("*") if "verified" not in p.parts and p != cache}


def test_a_release_alone_rebuilds_nothing_and_a_new_version_of_a_component_what_it_made(
    tmp_path, monkeypatch, release
):
    cache = tmp_path / "cache"
    monkeypatch.setenv("SYNTHKIT_CACHE", str(cache))
    keys, before = build(tmp_path / "v"), stamps(cache)
    release()
    assert build(tmp_path / "v") == keys
    assert stamps(cache) == before
    assert (
        json.loads((tmp_path / "v" / "manifest.json").read_text())["plugins"]["features"]["version"] == "99.0"
    )
    monkeypatch.setattr(registry().load("features", "world"), "version", "99")
    changed = build(tmp_path / "v")
    assert changed["alignment"] == keys["alignment"]
    assert changed["features"] != keys["features"]
    assert changed["acoustic_model"] != keys["acoustic_model"]


def test_doctor_says_what_changed_since_a_voice_was_built(demo_voice, release, monkeypatch):
    def said() -> list[tuple[str, str, str]]:
        return [
            (f.severity, f.where, f.problem) for f in examine(demo_voice) if f.code in ("release", "version")
        ]

    assert said() == []
    release()
    assert {severity for severity, _, _ in said()} == {"note"}
    assert all("its results are the same" in problem for _, _, problem in said())
    monkeypatch.setattr(registry().load("features", "world"), "version", "99")
    (worse,) = [row for row in said() if row[0] == "warning"]
    assert worse[1] == "features"
    assert "gives other results: version" in worse[2]
    assert "99 now" in worse[2]


def test_settings_of_a_built_voice_are_checked_again_only_where_they_are_declared_otherwise(
    demo_voice, release, monkeypatch
):
    checked: list[str] = []
    real = settings._checked
    monkeypatch.setattr(
        settings, "_checked", lambda kind, values: checked.append(kind.__name__) or real(kind, values)
    )
    release()
    Voice.open(demo_voice).close()
    assert checked == []

    class Wider(registry().load("vocoder", "overlap-add").Config):
        another: int = 3

    monkeypatch.setattr(registry().load("vocoder", "overlap-add"), "Config", Wider)
    with Voice.open(demo_voice) as voice:
        assert checked == ["Wider"]
        assert voice.vocoder.config.another == 3


def test_a_declaration_changes_with_names_types_defaults_and_limits():
    class One(Settings):
        speed: float = Field(1.0, gt=0, description="as it was")

    class Same(Settings):
        speed: float = Field(1.0, gt=0, description="said in other words")

    class Limit(Settings):
        speed: float = Field(1.0, ge=0)

    class Limited(Settings):
        speed: Annotated[float, Field(ge=1)] = 1.0

    class Default(Settings):
        speed: float = Field(2.0, gt=0)

    class Kind(Settings):
        speed: int = Field(1.0, gt=0)

    class Name(Settings):
        pace: float = Field(1.0, gt=0)

    assert Same.declaration() == One.declaration()
    assert len({kind.declaration() for kind in (One, Limit, Limited, Default, Kind, Name)}) == 6


def test_a_declaration_is_the_same_in_every_process():
    """It goes into manifests, which are the same bytes whoever builds."""
    script = (
        "from synthkit.settings import Field, Settings\n"
        "class One(Settings):\n"
        "    needed: int\n"
        "    made: dict = Field(default_factory=dict)\n"
        "print(One.declaration())"
    )
    command = [sys.executable, "-c", script]
    said = {subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2)}
    assert len(said) == 1
