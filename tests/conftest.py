# SPDX-License-Identifier: Apache-2.0
"""Fixtures that several test packages share."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def demo_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small unit-selection voice of the bundled Russian recordings, built once a session, whichever of its
    workers asks first."""
    return _built("demo-ru", tmp_path_factory)


@pytest.fixture(scope="session")
def english_demo_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of the bundled English recordings."""
    return _built("demo-en", tmp_path_factory)


@pytest.fixture(params=["ru", "en"])
def any_demo_voice(request: pytest.FixtureRequest) -> Path:
    """Both, in turn."""
    return request.getfixturevalue("demo_voice" if request.param == "ru" else "english_demo_voice")


def _built(name: str, factory: pytest.TempPathFactory) -> Path:
    from synthkit.pipeline.build import build
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.progress import Progress

    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"{name}-voice"
    folder.mkdir(exist_ok=True)
    with open(folder / ".built", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / name).is_dir():  # a build puts it there when it is whole
            return folder / name
        # Without a guide and its weights: what is tested by it is not which units are chosen.
        plain = [f"acoustic_model.{key}" for key in ("guidance_pretrained=", "target={}", "join={}")]
        config = load(ROOT / "corpora" / "recipes" / f"{name}.toml", ["voice.limit=40", *plain])
        context = BuildContext(SerialExecutor(), Progress(enabled=False), folder / "work")
        return build(config, folder / name, context)
