# SPDX-License-Identifier: Apache-2.0
"""The versions that this plugin was made with, in one place; every other file that names them agrees by a
test."""

from __future__ import annotations

PINS = {
    "coqui-tts": "0.28.0",
    "coqui-tts-trainer": "0.4.0",
    "coqpit-config": "0.2.5",
    "torchaudio": "2.11.0",
    "librosa": "0.11.0",
    "monotonic-alignment-search": "0.2.1",
    "six": "1.17.0",
}
GATED = ("coqui-tts", "coqui-tts-trainer")
"""Distributions of which private places are used: another major or minor version is refused."""


def install_line() -> str:
    """The command that installs them all."""
    return "pip install --no-deps " + " ".join(f"{name}=={version}" for name, version in PINS.items())
