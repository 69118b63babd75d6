# SPDX-License-Identifier: Apache-2.0
"""Plugins are asked once, in a process of their own; what they offer is kept until something changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthkit import remembered
from synthkit.offers import Offer
from synthkit.plugins import Registry

HUM = """
from synthkit import hookimpl
open({asked!r}, "a").write("asked\\n")

@hookimpl
def register_vocoders(register):
    register("{name}", "collections:OrderedDict", summary="it hums")
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """``install(name, source)`` installs a plugin that has that source; its module's file."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(place)
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))

    def make(name: str, source: str) -> Path:
        file = place / f"{name}.py"
        file.write_text(source)
        about = place / f"dist_{name}-1.0.dist-info"
        about.mkdir(exist_ok=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[synthkit]\n{name} = {name}\n")
        only = {*os.environ.get(remembered.SELECT, "").split(","), name} - {""}
        monkeypatch.setenv(remembered.SELECT, ",".join(sorted(only)))
        return file

    return make


@pytest.fixture
def hum(install, tmp_path):
    """A plugin that counts how often it is imported: its file, and the count."""
    asked = tmp_path / "asked"
    file = install("hum", HUM.format(name="hum", asked=str(asked)))
    return file, lambda: len(asked.read_text().splitlines()) if asked.exists() else 0


def named(name: str) -> Offer:
    return next(o for o in remembered.offered() if o.plugin == name)


def test_a_plugin_is_asked_once_and_never_imported_for_its_names(hum):
    _, count = hum
    for _ in range(3):
        (made,) = named("hum").components
        assert (made.stage, made.name, made.summary) == ("vocoder", "hum", "it hums")
        assert (made.distribution, made.version) == ("dist-hum", "1.0")
    assert count() == 1
    assert "hum" not in sys.modules


def test_it_is_asked_again_when_its_file_has_changed(hum):
    file, count = hum
    assert [r.name for r in named("hum").components] == ["hum"]
    file.write_text(file.read_text().replace('register("hum"', 'register("humming"'))
    assert [r.name for r in named("hum").components] == ["humming"]
    assert count() == 2


def test_everything_is_asked_again_when_something_was_installed(hum, install):
    _, count = hum
    named("hum")
    install("other", "")
    assert [r.name for r in named("hum").components] == ["hum"]
    assert count() == 2


def test_a_plugin_that_breaks_is_named_and_asked_again_when_it_may_be_mended(hum, install, tmp_path):
    install("bad", "import bad_parts")
    (tmp_path / "site" / "bad_parts.py").write_text("raise RuntimeError('no licence')")
    assert named("bad").problem == "RuntimeError: no licence"
    (tmp_path / "site" / "bad_parts.py").write_text("")
    assert named("bad").problem == ""
    assert hum[1]() == 1, "the others were not asked again"


def test_a_plugin_that_ends_its_process_is_named_and_the_others_are_asked(hum, install):
    install("away", "import os\nos._exit(3)")
    assert named("away").problem == "it ended the process that imported it"
    assert named("hum").components


def test_a_plugin_that_hangs_is_given_up_and_remembered(hum, install, monkeypatch):
    monkeypatch.setattr(remembered, "PATIENCE", 3.0)
    file = install("hang", "import time\ntime.sleep(1000)")
    assert "more than 3 s" in named("hang").problem
    assert named("hum").components
    monkeypatch.setattr(remembered, "_ask", lambda points: pytest.fail(f"{points} were asked again"))
    assert "more than 3 s" in named("hang").problem
    monkeypatch.undo()
    file.write_text("")
    monkeypatch.syspath_prepend(file.parent)
    monkeypatch.setenv("SYNTHKIT_CACHE", str(file.parents[1] / "cache"))
    monkeypatch.setenv(remembered.SELECT, "hang")
    assert named("hang").problem == ""


def test_a_plugin_that_prints_does_not_print_into_results(install, tmp_path):
    noisy = HUM.format(name="noisy", asked=os.devnull).replace("collections:OrderedDict", "noisy:Loud")
    install("noisy", "import os\nprint('hello')\nos.write(1, b'hello')\nclass Loud: version = '1'\n" + noisy)
    here = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-m", "synthkit", "plugins", "--json"]
    done = subprocess.run(command, env=here, capture_output=True, text=True, check=True)
    assert "noisy" in {row["name"] for row in json.loads(done.stdout)["components"]}
    # What a component's module says when it is used is no result either.
    code = "from synthkit.plugins import registry; registry().load('vocoder', 'noisy')"
    done = subprocess.run([sys.executable, "-c", code], env=here, capture_output=True, text=True, check=True)
    assert "hello\n" not in done.stdout
    assert "hello\n" in done.stderr


def test_only_the_plugins_named_are_loaded(monkeypatch, tmp_path):
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path))
    monkeypatch.setenv(remembered.SELECT, "")
    assert {o.distribution for o in remembered.offered()} == {"synthkit-speech"}
    monkeypatch.setenv(remembered.SELECT, " world , wrld")
    got = Registry.of(remembered.offered())
    assert "world" in got.names("vocoder")
    assert "unit-selection" not in got.names("acoustic_model")
    (problem,) = got.problems
    assert problem.reason == "SYNTHKIT_PLUGINS names it, and it is not installed; did you mean 'world'?"


def test_what_is_kept_may_be_damaged_or_not_be_kept_at_all(hum, tmp_path, monkeypatch):
    _, count = hum
    named("hum")
    (place,) = (tmp_path / "cache" / "plugins").iterdir()
    for damage in ("", "{", "[]", '{"format": 1}', "[" * 200_000):
        place.write_text(damage)
        assert named("hum").components
    place.unlink()
    os.mkfifo(place)
    assert named("hum").components
    place.unlink()
    place.symlink_to("/dev/zero")
    assert named("hum").components
    assert count() == 8
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "file" / "in-the-way"))
    assert named("hum").components
    assert count() == 9
