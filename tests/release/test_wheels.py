# SPDX-License-Identifier: Apache-2.0
"""What is released installs somewhere else, is found there, and speaks."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import wave
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from synthkit import __version__

ROOT = Path(__file__).parents[2]
CORE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RELEASED = sorted(
    [
        "synthkit-speech",
        *(
            f"synthkit-{p.parent.name}"
            for p in ROOT.glob("plugins/*/pyproject.toml")
            if p.parent.name != "template"
        ),
    ]
)


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode())


def test_every_distribution_is_built_with_the_one_version(dist):
    built = sorted((m["Name"], m["Version"]) for m in map(metadata, dist.glob("*.whl")))
    assert built == [(name, __version__) for name in RELEASED]
    assert len(list(dist.glob("*.tar.gz"))) == len(RELEASED)


def test_all_that_follows_from_the_version_agrees():
    done = subprocess.run([sys.executable, str(ROOT / "release/version.py")], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, __version__), done.stderr


def test_a_new_version_is_set_in_one_go(tmp_path):
    for path in ("release/version.py", "synthkit/__init__.py", "pyproject.toml", "CITATION.cff"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    world = tmp_path / "plugins/world/pyproject.toml"
    world.parent.mkdir(parents=True)
    world.write_bytes((ROOT / "plugins/world/pyproject.toml").read_bytes())
    script = [sys.executable, str(tmp_path / "release/version.py")]
    assert subprocess.run([*script, "1.2.3"], capture_output=True, text=True).stdout == "1.2.3\n"
    assert '"synthkit-speech>=1.2,<1.3"' in world.read_text()
    assert '"synthkit-coqui[backend]>=1.2,<1.3"' in (tmp_path / "pyproject.toml").read_text()
    assert "\nversion: 1.2.3\n" in (tmp_path / "CITATION.cff").read_text()
    world.write_text(world.read_text().replace(">=1.2,<1.3", ">=0.9"))
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 1
    assert "plugins/world/pyproject.toml" in done.stderr


def test_requirements_are_names_with_bounds_and_never_places(dist):
    major, minor = __version__.split(".")[:2]
    bounds = {f">={major}.{minor}", f"<{major}.{int(minor) + 1}"}
    for wheel in dist.glob("*.whl"):
        for requirement in metadata(wheel).get_all("Requires-Dist", []):
            assert "@" not in requirement, f"{wheel.name}: {requirement}"
            name, specifier = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?([^;]*)", requirement).groups()
            # The core's `all-classical` names itself with its other extra.
            if name.startswith("synthkit") and (name, wheel.name.split("-")[0]) != (
                "synthkit-speech",
                "synthkit_speech",
            ):
                assert name in RELEASED, f"{wheel.name}: {requirement}"
                assert set(specifier.strip().split(",")) == bounds, f"{wheel.name}: {requirement}"


def test_what_an_extra_asks_of_a_plugin_is_an_extra_of_it(dist):
    known = {m["Name"]: m.get_all("Provides-Extra", []) for m in map(metadata, dist.glob("*.whl"))}
    for requirement in metadata(next(dist.glob("synthkit_speech-*.whl"))).get_all("Requires-Dist"):
        if match := re.match(r"(synthkit-[\w-]+)\[([\w,-]+)\]", requirement):
            assert set(match[2].split(",")) <= set(known[match[1]]), requirement


def test_the_wheels_alone_install_and_are_all_found(installed):
    table = installed("synthkit", "plugins")
    assert "left out" not in table
    for requirement in CORE["optional-dependencies"]["classical"]:
        assert re.match(r"[\w-]+", requirement)[0] in table
    where = installed(
        "python", "-c", "import synthkit, synthkit_text; print(synthkit.__file__, synthkit_text.__file__)"
    )
    assert where.count("venv/lib") == 2, where


def test_what_was_installed_builds_a_voice_and_speaks(installed, tmp_path):
    voice, sound = str(tmp_path / "voice"), tmp_path / "day.wav"
    recipe = str(ROOT / "corpora/recipes/demo-ru.toml")
    installed("synthkit", "build", recipe, "-o", voice, "--set", "voice.limit=4", "--executor", "serial")
    installed("synthkit", "say", "-v", voice, "Добрый день.", "-o", str(sound))
    with wave.open(str(sound)) as file:
        assert 0.4 < file.getnframes() / file.getframerate() < 5


@pytest.mark.parametrize("project", RELEASED)
def test_a_source_distribution_carries_what_it_was_built_from(dist, project):
    import tarfile

    with tarfile.open(dist / f"{project.replace('-', '_')}-{__version__}.tar.gz") as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"PKG-INFO", "pyproject.toml"} <= set(names)
    assert not [n for n in names if n.startswith(("demo/", "dist/", ".venv/")) or "__pycache__" in n]


def test_every_wheel_has_its_licence_and_says_that_it_is_typed(dist):
    licence = (ROOT / "LICENSE").read_bytes()
    for wheel in dist.glob("*.whl"):
        project, info = metadata(wheel), f"{wheel.name.rsplit('-', 3)[0]}.dist-info"
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            assert archive.read(f"{info}/licenses/LICENSE") == licence, wheel.name
            for file in project.get_all("License-File"):
                assert f"{info}/licenses/{file}" in names, wheel.name
            (package,) = {name.split("/")[0] for name in names} - {info}
            assert f"{package}/py.typed" in names, wheel.name
        assert project["License-Expression"].startswith("Apache-2.0"), wheel.name


@pytest.mark.parametrize(
    ("project", "file", "words"),
    [
        ("speech", "NOTICE", "Copyright (c) 2010  M. Morise"),
        ("text", "synthkit_text/data/LICENSE.cmudict", "Carnegie Mellon University"),
        ("text", "synthkit_text/data/LICENSE.ru_stress", "Nickolay V. Shmyrev"),
        ("parametric", "synthkit_parametric/data/nsh/LICENCE.txt", "Nickolay V. Shmyrev"),
        ("parametric", "synthkit_parametric/data/several/LICENCE.txt", "Allison Smith"),
        ("parametric", "synthkit_parametric/data/five/LICENCE.txt", "Carlo Flora"),
        ("deepvoice3", "synthkit_deepvoice3/data/nsh/LICENCE.txt", "Nickolay V. Shmyrev"),
        ("syrinx", "synthkit_syrinx/data/nsh-mel/LICENCE.txt", "Nickolay V. Shmyrev"),
        ("coqui", "synthkit_coqui/data/glowtts/nsh/LICENCE.txt", "Nickolay V. Shmyrev"),
    ],
)
def test_what_was_derived_from_others_carries_their_notice(dist, project, file, words):
    name = f"synthkit_{project.replace('-', '_')}-{__version__}"
    with zipfile.ZipFile(dist / f"{name}-py3-none-any.whl") as archive:
        assert words in archive.read(f"{name}.dist-info/licenses/{file}").decode()
