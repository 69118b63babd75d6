# SPDX-License-Identifier: Apache-2.0
"""Every source file says its licence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="asks git which files are ours: run it in a checkout"
)
def test_every_source_file_says_its_licence():
    script = [sys.executable, str(ROOT / "release/headers.py")]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
