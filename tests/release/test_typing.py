# SPDX-License-Identifier: Apache-2.0
"""A stranger's plugin can be checked with `mypy --strict` against the packages that are installed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parent / "typed/synthkit_hum.py"


@pytest.fixture(scope="module")
def strict(installed, tmp_path_factory):
    """``strict(source)`` is the exit code and output of mypy on a module of that source."""
    pytest.importorskip("mypy", reason="checks types: pip install mypy")
    python = installed("python", "-c", "import sys; print(sys.executable)").strip()

    folder = tmp_path_factory.mktemp("typed")

    def check(source: str) -> tuple[int, str]:
        module = folder / "synthkit_hum.py"
        module.write_text(source, encoding="utf-8")
        command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python]
        done = subprocess.run([*command, str(module)], cwd=folder, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return check


def test_a_vocoder_and_a_metric_of_ones_own_are_strictly_typed(strict):
    code, told = strict(PLUGIN.read_text(encoding="utf-8"))
    assert code == 0, told


def test_what_does_not_keep_the_contract_is_seen_before_it_runs(strict):
    source = PLUGIN.read_text(encoding="utf-8")
    wrong = source.replace(
        "def render(self, item: Item) -> Waveform:", "def render(self, item: int) -> Waveform:"
    )
    code, told = strict(wrong.replace("HumSettings(loudness=0.5)", 'HumSettings(loudnes="loud")'))
    assert code == 1
    assert re.search(r'incompatible with supertype "synthkit\.stages\.(\w+\.)?Vocoder"', told)
    assert '"loudnes"' in told
