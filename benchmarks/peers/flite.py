# SPDX-License-Identifier: Apache-2.0
"""Flite's own English voice: ``apt install flite``."""

from __future__ import annotations

import shutil
from pathlib import Path

LANGUAGES = ("en",)


def available() -> bool:
    """Whether flite is installed."""
    return shutil.which("flite") is not None


def command(language: str, text: Path, wave: Path) -> list[str]:
    """How it speaks the file `text` into `wave`, by its largest built-in voice."""
    return ["flite", "-voice", "slt", "-f", str(text), "-o", str(wave)]
