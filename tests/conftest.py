"""Fixtures that several test packages share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def demo_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small unit-selection voice of the bundled Russian recordings, built once a session."""
    from synthkit.config import load
    from synthkit.pipeline.build import build
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.progress import Progress

    folder = tmp_path_factory.mktemp("voice")
    config = load(ROOT / "corpora" / "recipes" / "demo-ru.toml", ["voice.limit=40"])
    context = BuildContext(SerialExecutor(), Progress(enabled=False), folder / "work")
    return build(config, folder / "demo-ru", context)
