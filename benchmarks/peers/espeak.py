# SPDX-License-Identifier: Apache-2.0
"""eSpeak NG's formant voices: ``apt install espeak-ng``."""

from __future__ import annotations

import shutil
from pathlib import Path

LANGUAGES = ("en", "ru")


def available() -> bool:
    """Whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


def command(language: str, text: Path, wave: Path) -> list[str]:
    """How it speaks the file `text` into `wave`."""
    return ["espeak-ng", "-v", {"en": "en-us"}.get(language, language), "-f", str(text), "-w", str(wave)]
