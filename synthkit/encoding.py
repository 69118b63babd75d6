# SPDX-License-Identifier: Apache-2.0
"""Sounds as text that a page can hold."""

from __future__ import annotations

import base64
import io

import numpy as np

from synthkit.errors import ConfigError
from synthkit.types import Waveform

FORMATS = ("flac", "wav", "mp3")


def sound(waveform: Waveform, kind: str = "flac") -> str:
    """`waveform` in base64: FLAC or wav of 16 bits, or MP3 of variable bit rate (4 kB/s of 16 kHz speech).

    Parameters
    ----------
    waveform : Waveform
    kind : str
        ``"flac"``, ``"wav"`` or ``"mp3"``.

    Returns
    -------
    str
    """
    import soundfile

    if kind not in FORMATS:
        raise ConfigError(f"audio format {kind!r} is not known", hint=f"use one of {', '.join(FORMATS)}")
    buffer = io.BytesIO()
    samples = np.clip(waveform.samples, -1.0, 1.0)
    rate = waveform.sample_rate
    if kind == "mp3":
        soundfile.write(buffer, samples, rate, format="MP3", bitrate_mode="VARIABLE", compression_level=0.4)
    else:
        soundfile.write(buffer, samples, rate, "PCM_16", format=kind.upper())
    return base64.b64encode(buffer.getvalue()).decode("ascii")
