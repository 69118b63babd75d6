# SPDX-License-Identifier: Apache-2.0
"""Temporary folders: gone after a block however it ends, and after a kill with the next process."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from synthkit.scratch import scratch_folder

PACKAGE = Path(__file__).parents[2] / "synthkit"
KILLED = """
import os, signal
from pathlib import Path
from synthkit.pipeline import adapting, cloning
from synthkit.cli import clone

def dies(base, clips, language, folder, ctx, *more):
    ctx.work.mkdir(parents=True, exist_ok=True)
    (ctx.work / "half").write_text("written")
    os.kill(os.getpid(), signal.SIGKILL)

cloning.voice_of = dies
adapting.find_base = lambda name: None
clone._learned("several", [], "Раз.", None, None, None)
"""


def test_it_is_gone_however_its_block_ends(tmp_path):
    with pytest.raises(ValueError), scratch_folder(tmp_path) as folder:  # noqa: PT011
        (folder / "x").write_text("x")
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_clone_left_is_taken_away_by_the_next_command(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len([p for p in tmp_path.iterdir() if "synthkit" in p.name]) == 1
    with scratch_folder(tmp_path):
        assert len([p for p in tmp_path.iterdir() if "synthkit" in p.name]) == 1
    assert [p for p in tmp_path.iterdir() if "synthkit" in p.name] == []


def test_no_command_makes_temporary_folders_that_nobody_would_sweep():
    made = re.compile(r"\bTemporaryDirectory\(|\bmkdtemp\(")
    found = []
    for path in PACKAGE.rglob("*.py"):
        code = re.sub(r"^ *(>>>|\.\.\.).*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        if made.search(code):
            found.append(path.relative_to(PACKAGE).as_posix())
    # Of `scratch` and `atomic` they are that; a check of the kit is a test's.
    assert sorted(found) == ["atomic.py", "scratch.py", "testing/checks/readers.py"]
