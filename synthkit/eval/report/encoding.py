# SPDX-License-Identifier: Apache-2.0
"""Sounds and pictures as data URIs."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np

from synthkit.errors import ConfigError
from synthkit.types import Waveform

FORMATS = {"mp3": "audio/mpeg", "flac": "audio/flac", "wav": "audio/wav"}


def sound(waveform: Waveform, kind: str = "mp3") -> str:
    """`waveform` as a data URI: MP3 of variable bit rate (about 4 kB/s of 16 kHz speech), FLAC or wav."""
    import soundfile

    if kind not in FORMATS:
        raise ConfigError(f"audio format {kind!r} is not known", hint=f"use one of {', '.join(FORMATS)}")
    buffer = io.BytesIO()
    samples = np.clip(waveform.samples, -1.0, 1.0)
    if kind == "mp3":
        soundfile.write(
            buffer,
            samples,
            waveform.sample_rate,
            format="MP3",
            bitrate_mode="VARIABLE",
            compression_level=0.4,
        )
    else:
        soundfile.write(buffer, samples, waveform.sample_rate, "PCM_16", format=kind.upper())
    return uri(FORMATS[kind], buffer.getvalue())


def uri(media: str, data: bytes) -> str:
    """A base64 data URI."""
    return f"data:{media};base64,{base64.b64encode(data).decode('ascii')}"


def grey_png(picture: np.ndarray) -> bytes:
    """An 8-bit grey PNG of ``(H, W)`` values in 0…255, top row first."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width = picture.shape
    pixels = np.asarray(picture, np.uint8)
    # Filter 2 ("up"): neighbouring rows of a spectrogram resemble each other.
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 0] = 2
    lines[0, 1:] = pixels[0]
    lines[1:, 1:] = pixels[1:] - pixels[:-1]
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
        + chunk(b"IEND", b"")
    )
