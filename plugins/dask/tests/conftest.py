# SPDX-License-Identifier: Apache-2.0
"""Small builds by any executor, and what they end in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from synthkit.cli import run

RECIPE = Path(__file__).parents[3] / "corpora" / "recipes" / "demo-ru.toml"
QUICK = (
    "voice.limit=8", "alignment.plugin=hmm", "alignment.flat_passes=2", "alignment.mixtures=2",
    "alignment.fine_mixtures=2",
)  # fmt: skip
"""A voice with every kind of work in it: texts, training in batches, features, units."""


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """``build(place, executor, *settings)``: a voice in ``place/made`` with a cache of its own, and the exit
    code."""

    def made(place: Path, executor: str, *more: str) -> int:
        monkeypatch.setenv("SYNTHKIT_CACHE", str(place / "cache"))
        settings = [word for text in (*QUICK, *more) for word in ("--set", text)]
        return run(
            ["build", str(RECIPE), "-o", str(place / "made"), *settings, "--executor", executor, "-j", "2"]
        )

    return made


@pytest.fixture
def digest() -> Callable[[Path], dict[Path, str]]:
    """The bytes of the voice in ``place/made``, by file."""

    def of(place: Path) -> dict[Path, str]:
        out = place / "made"
        return {
            p.relative_to(out): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in out.rglob("*")
            if p.is_file()
        }

    return of
