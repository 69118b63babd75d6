# SPDX-License-Identifier: Apache-2.0
"""Sound as the bytes of a file, piece by piece."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

from synthkit.audio import to_pcm16
from synthkit.types import Waveform

MEDIA = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg; codecs=opus",
    "pcm": "audio/pcm",
}
KINDS = {
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "opus": ("OGG", "OPUS"),
}
RATES = {
    "mp3": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "opus": (8000, 12000, 16000, 24000, 48000),
}
"""Hz that a format has; the nearest above is taken, and the sound resampled to it."""
STEADY = {"mp3": {"bitrate_mode": "CONSTANT", "compression_level": 0.6}}
"""Where nothing else tells a player how long a file is, so many bytes are a second."""
UNKNOWN = 0xFFFFFFFF


def rate_for(format: str, rate: int) -> int:
    """The rate (Hz) at which sound of `rate` is coded in `format`."""
    allowed = RATES.get(format)
    if allowed is None or rate in allowed:
        return rate
    return next((r for r in allowed if r > rate), allowed[-1])


class Coder:
    """Codes pieces of 16-bit sound as they come.

    A wav or flac file's header has a length, which is not known while the text is being spoken: it is left
    open as their specifications allow. `whole` gives a file whose header is complete.

    Parameters
    ----------
    format : str
        One of `MEDIA`.
    rate : int
        Hz, of the pieces.
    out_rate : int, optional
        Hz, of the file; `rate_for` if left out.
    seekable : bool
        Keep all bytes until the end, so that a header that says the length can be written.
    """

    def __init__(
        self, format: str, rate: int, out_rate: int | None = None, *, seekable: bool = False
    ) -> None:
        self.format, self.rate = format, out_rate or rate_for(format, rate)
        self._resampler: Any = None
        if self.rate != rate:
            import soxr

            self._resampler = soxr.ResampleStream(rate, self.rate, 1, dtype="float32", quality="VHQ")
        self._sink = _Sink()
        self._begun, self._seekable = False, seekable
        self._file: Any = None
        if format in KINDS:
            import soundfile

            kind, subtype = KINDS[format]
            self._file = soundfile.SoundFile(
                self._sink, "w", self.rate, 1, subtype, format=kind, **STEADY.get(format, {})
            )
        elif format == "wav":
            self._sink.write(_riff(self.rate, UNKNOWN))

    def add(self, samples: np.ndarray) -> bytes:
        """Bytes of the file that are ready when `samples`, float32 ``(N,)``, have been added."""
        return self._code(samples, False)

    def end(self) -> bytes:
        """The rest of the file."""
        if self._resampler is not None:
            self._put(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        if self._file is not None:
            self._file.close()
        return self._ready()

    def _ready(self) -> bytes:
        if self._seekable and not (self._file is None or self._file.closed):
            return b""
        out = self._sink.take()
        if self.format == "mp3" and out and not (self._begun or self._seekable):
            # The first frame is kept free for a table of contents, which is written when the file ends.
            out = out[out.index(b"\xff", 4) :]
        self._begun = self._begun or bool(out)
        return out

    def _code(self, samples: np.ndarray, last: bool) -> bytes:
        samples = np.asarray(samples, np.float32)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples, last=last)
        self._put(samples)
        return self._ready()

    def _put(self, samples: np.ndarray) -> None:
        pcm = to_pcm16(samples)
        if self._file is None:
            self._sink.write(pcm.astype("<i2").tobytes())
        else:
            self._file.write(pcm)
            self._file.flush()


def whole(format: str, pieces: Iterable[Waveform], out_rate: int | None = None) -> bytes:
    """A file of `pieces` with a complete header: for wav and flac the bytes that `synthkit.audio.write`
    writes."""
    from synthkit.audio import encode

    pieces = list(pieces)
    if format in ("wav", "flac"):
        return encode(pieces, f".{format}")
    coder = Coder(format, pieces[0].sample_rate, out_rate, seekable=True)
    return b"".join([*(coder.add(piece.samples) for piece in pieces), coder.end()])


def _riff(rate: int, size: int) -> bytes:
    """A wav header; `size` is of the samples, bytes."""
    whole = size if size == UNKNOWN else size + 36
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", whole, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", size,
    )  # fmt: skip


class _Sink(io.RawIOBase):
    """What libsndfile writes, taken as it comes.

    It writes the header again when the file ends, with the length that it then knows: what was taken is gone,
    and that is passed over.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._taken = self._at = 0

    def write(self, data: Any) -> int:
        data = bytes(data)
        skip = max(self._taken - self._at, 0)
        begin = self._at + min(skip, len(data)) - self._taken
        fresh = data[skip:]
        self._held[begin : begin + len(fresh)] = fresh
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._at, self._taken + len(self._held))[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def take(self) -> bytes:
        """What was written since."""
        out = bytes(self._held)
        self._taken += len(out)
        self._held.clear()
        return out
