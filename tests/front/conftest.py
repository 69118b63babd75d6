# SPDX-License-Identifier: Apache-2.0
"""A folder with one voice, as a notebook lies in."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def place(demo_voice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder; ``voices/demo-ru`` is in it."""
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "demo-ru").symlink_to(demo_voice)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SYNTHKIT_VOICE", raising=False)
    return tmp_path
