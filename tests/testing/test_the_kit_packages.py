# SPDX-License-Identifier: Apache-2.0
"""A package that is missing is a skip where the plugin declares it, and a failure where nobody does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthkit.errors import MissingDependency, PluginError
from synthkit.testing.conformance import run
from synthkit.testing.declared import undeclared


def run_needy(tmp_path: Path, imports: str, requires: str) -> str:
    """What pytest says of a plugin that imports and requires so."""
    (tmp_path / "needy.py").write_text(
        "from synthkit import hookimpl\n"
        "@hookimpl\n"
        "def register_vocoders(register):\n"
        "    register('needy', 'needy_parts:Needy', summary='needs what is not there')\n"
    )
    (tmp_path / "needy_parts.py").write_text(f"import {imports}\n")
    info = tmp_path / "needy-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: needy\nVersion: 1\n{requires}")
    (info / "entry_points.txt").write_text("[synthkit]\nneedy = needy\n")
    (tmp_path / "test_needy.py").write_text(
        "def test_contract(conformance):\n    conformance('vocoder', 'needy')\ndef test_other():\n    pass\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "test_needy.py"], cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "COLUMNS": "300"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_missing_package_is_a_skip_with_the_install_line(tmp_path: Path):
    extra = 'Provides-Extra: more\nRequires-Dist: no-such-package>=1; extra == "more"\n'
    said = run_needy(tmp_path, "no_such_package", extra)
    assert "1 passed, 1 skipped" in said, said
    assert "needs the package 'no_such_package'" in said
    assert "pip install no_such_package" in said


def test_a_missing_package_that_nobody_declared_is_a_failure(tmp_path: Path):
    said = run_needy(tmp_path, "nupmy", "Requires-Dist: numpy\nRequires-Dist: no-such-package\n")
    assert "1 failed, 1 passed" in said, said
    assert "needy_parts:Needy imports 'nupmy', which needy declares neither as a dependency" in said
    assert "did you mean 'numpy'?" in said


@pytest.mark.parametrize(
    ("module", "missing", "declared"),
    [
        ("sklearn", "Requires-Dist: no-such-package\n", True),  # may be what that package brings
        ("sklearn", "", False),
        ("no_such.part", "Requires-Dist: No.Such; extra == 'x'\nProvides-Extra: x\n", True),
        ("no_such", "Requires-Dist: no-such; python_version < '3'\n", False),
    ],
)
def test_what_a_distribution_declares(module, missing, declared, tmp_path, monkeypatch):
    info = tmp_path / "needy-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: needy\nVersion: 1\nRequires-Dist: click\n{missing}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert (undeclared(module, "needy") == "") is declared


def test_what_has_no_kit_is_said(tmp_path: Path):
    with pytest.raises(PluginError, match="no checks for stage 'poetry'"):
        run("poetry", "x", tmp_path)
    assert issubclass(MissingDependency, Exception)
