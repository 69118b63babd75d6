# SPDX-License-Identifier: Apache-2.0
"""Another program of the same name in the environment is told at once, with what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from synthkit import __version__
from synthkit.distribution import NAME, refuse_namesake
from synthkit.errors import PluginError


def installed(folder, record):
    info = folder / "synthkit-0.6.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: synthkit\nVersion: 0.6.2\n")
    (info / "RECORD").write_text(record)
    return folder


def test_this_program_is_installed_under_its_own_name():
    assert version(NAME) == __version__
    refuse_namesake()


def test_another_program_over_our_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(installed(tmp_path, "synthkit/__init__.py,,\nsynthkit/cli.py,,\n"))
    with pytest.raises(PluginError, match="another program") as error:
        refuse_namesake()
    assert "pip uninstall" in error.value.hint


def test_a_checkout_installed_under_its_former_name_is_not_another_program(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(installed(tmp_path, "_synthkit.pth,,\nsynthkit-0.1.0.dist-info/RECORD,,\n"))
    refuse_namesake()


def test_the_command_says_so_without_a_traceback(tmp_path):
    place = installed(tmp_path, "synthkit/__init__.py,,\n")
    done = subprocess.run(
        [sys.executable, "-m", "synthkit", "plugins"],
        env=os.environ | {"PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: another program called 'synthkit'")
    assert "Traceback" not in done.stderr
