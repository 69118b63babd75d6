# SPDX-License-Identifier: Apache-2.0
"""Speak without importing torch, where a model can: on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthkit_coqui.architectures import find
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speaking import Speaking
from synthkit_coqui.speech import WEIGHTS, Speech, read_config

DRIVERS = (Path("/proc/driver/nvidia/version"), Path("/dev/kfd"))
"""One of these is there where torch would find a GPU."""


class LightSpeech:
    """Like `Speech`, by arrays; what needs the torch module loads it, and speaks with it from then on.

    Parameters
    ----------
    folder : Path
    voice : VoiceConfig
    numbers : object
        What `Architecture.without_torch` gave.
    """

    def __init__(self, folder: Path, voice: VoiceConfig, numbers: Any) -> None:
        self.folder, self.voice, self.numbers = folder, voice, numbers
        self.max_frames: int | None = None
        self._whole: Speech | None = None

    @property
    def model(self) -> Any:
        """The torch module."""
        return self._loaded().model

    def acoustic(self, ids: Sequence[int], how: Speaking) -> np.ndarray:
        """See `Speech.acoustic`."""
        if self._whole is None and self.numbers.can(ids, how):
            out: np.ndarray = self.numbers.speak(ids, how, self.max_frames)
            return out
        whole = self._loaded()
        whole.max_frames = self.max_frames
        return whole.acoustic(ids, how)

    def _loaded(self) -> Speech:
        if self._whole is None:
            self._whole = Speech.open(self.folder, "cpu")
        return self._whole


def open_speech(folder: Path, device: str) -> Speech | LightSpeech:
    """The voice in `folder`, ready to speak.

    Parameters
    ----------
    folder : Path
    device : str
        ``"auto"``: the GPU when there is one.

    Raises
    ------
    VoiceError
        It is none, or its weights are not those of its description.
    """
    if device == "cpu" or (device == "auto" and not any(driver.exists() for driver in DRIVERS)):
        voice = read_config(folder)
        numbers = find(voice.kind).without_torch(folder, voice, WEIGHTS)
        if numbers is not None:
            return LightSpeech(folder, voice, numbers)
    return Speech.open(folder, device)
