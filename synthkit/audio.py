"""Read, write and resample audio files (wav and flac, mono).

Nothing is resampled unless it is asked for by name, nothing is normalised, and a file that is empty,
cut short or no audio at all is an `AudioError` that says so. PCM16 files come back from `write` and
`read` with the very same samples.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

import numpy as np

from synthkit.atomic import writing
from synthkit.errors import AudioError
from synthkit.types import Waveform

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
"""Suffixes `write` knows."""


def read(
    path: str | Path,
    sample_rate: int | None = None,
    start: float | None = None,
    end: float | None = None,
) -> Waveform:
    """Read a recording as mono float32.

    Parameters
    ----------
    path : path
        A wav, flac or any other file libsndfile reads. Several channels are averaged.
    sample_rate : int, optional
        Hz. Given, the audio is resampled to it (`resample`); left out, the file's own rate is kept.
    start, end : float, optional
        Cut, seconds from the beginning; None means the file's beginning or end.

    Returns
    -------
    Waveform
        Samples ``(N,)`` float32, N ≥ 1.

    Raises
    ------
    AudioError
        The file is missing, empty, truncated, not audio, or the cut lies outside it.
    """
    import soundfile

    path = Path(path)
    _check_file(path)
    try:
        with soundfile.SoundFile(path) as file:
            rate, total = int(file.samplerate), int(file.frames)
            first = 0 if start is None else round(start * rate)
            last = total if end is None else round(end * rate)
            if total == 0:
                raise AudioError("the file holds no samples", where=str(path))
            if not 0 <= first < last or last > total + 1:
                raise AudioError(
                    f"the cut {start}–{end} s does not lie within its {total / rate:.3f} s", where=str(path)
                )
            last = min(last, total)
            file.seek(first)
            data = file.read(last - first, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"not readable as audio ({error.error_string.strip()})",
            where=str(path),
            hint="is it a whole wav or flac file? `file` and `soxi` tell what it is",
        ) from error
    if len(data) < last - first:
        raise AudioError(f"truncated: {len(data)} of {last - first} samples can be read", where=str(path))
    samples = data[:, 0] if data.shape[1] == 1 else data.mean(axis=1, dtype=np.float64)
    samples = np.ascontiguousarray(samples, dtype=np.float32)
    if not np.isfinite(samples).all():
        raise AudioError("holds samples that are not finite", where=str(path))
    waveform = Waveform(samples, rate)
    return waveform if sample_rate is None else resample(waveform, sample_rate)


def info(path: str | Path) -> tuple[int, int, int]:
    """Sample rate (Hz), number of frames and number of channels, from the header alone.

    Raises
    ------
    AudioError
        As `read`, as far as the header tells.
    """
    import soundfile

    path = Path(path)
    _check_file(path)
    try:
        header = soundfile.info(str(path))
    except soundfile.LibsndfileError as error:
        raise AudioError(f"not readable as audio ({error.error_string.strip()})", where=str(path)) from error
    return int(header.samplerate), int(header.frames), int(header.channels)


def write(path: str | Path, waveform: Waveform | Iterable[Waveform]) -> None:
    """Write 16-bit PCM, wav or flac by the suffix, all of the file or nothing.

    Samples outside [-1, 1] are clipped. The file appears under its name only when it is complete;
    missing folders are made.

    Parameters
    ----------
    path : path
    waveform : Waveform, or an iterable of them
        Pieces are taken one by one and put one after another. Nothing is made on the disk before there is a
        first one, and a folder that cannot be written is an error before there is a second.

    Raises
    ------
    AudioError
        The waveform is empty or not finite, the suffix is unknown, or the disk refuses.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise AudioError(
            f"cannot write {path.suffix or 'a file without a suffix'!r}",
            where=str(path),
            hint=f"use one of {', '.join(FORMATS)}",
        )
    pieces = iter([waveform] if isinstance(waveform, Waveform) else waveform)
    first = list(islice(pieces, 1))
    try:
        with writing(path) as temporary:
            kind = FORMATS[path.suffix.lower()]
            temporary.write_bytes(_encoded(chain(first, pieces), kind, str(path)))
    except OSError as error:
        raise AudioError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def _encoded(pieces: Iterable[Waveform], kind: str, where: str) -> memoryview:
    # In memory first: libsndfile would say of a full disk only that something went wrong.
    import soundfile

    buffer, file = io.BytesIO(), None
    for piece in pieces:
        samples = np.asarray(piece.samples)
        if samples.ndim != 1:
            raise AudioError(f"the waveform has the shape {samples.shape}; no file is written", where=where)
        if not np.isfinite(samples).all():
            raise AudioError("the waveform has samples that are not finite; no file is written", where=where)
        if not samples.size:
            continue
        if file is None:
            file = soundfile.SoundFile(buffer, "w", piece.sample_rate, 1, "PCM_16", format=kind)
        elif piece.sample_rate != file.samplerate:
            raise AudioError(f"pieces at {file.samplerate} and {piece.sample_rate} Hz", where=where)
        file.write(to_pcm16(samples))
    if file is None:
        raise AudioError("the waveform is empty; no file is written", where=where)
    file.close()
    return buffer.getbuffer()


def to_pcm16(samples: np.ndarray) -> np.ndarray:
    """Float samples ``(N,)`` in [-1, 1] as int16, rounded to nearest and clipped; the inverse of reading."""
    scaled = np.rint(np.asarray(samples, dtype=np.float64) * 32768.0)
    return np.clip(scaled, -32768, 32767).astype(np.int16)


def resample(waveform: Waveform, sample_rate: int) -> Waveform:
    """Change the sampling rate by a polyphase filter; the same bytes every time.

    A Kaiser-windowed sinc of 64 zero crossings to each side, 100 dB down from the lower of the two
    Nyquist frequencies on, flat to 90 % of it (Kaiser's formulae: Oppenheim & Schafer, *Discrete-Time
    Signal Processing*, 7.5.3). No delay: sample k of the result is at time k / `sample_rate`.

    Parameters
    ----------
    waveform : Waveform
    sample_rate : int
        Hz, positive.

    Returns
    -------
    Waveform
        ``ceil(N * new / old)`` samples, float32.
    """
    old = waveform.sample_rate
    if sample_rate <= 0:
        raise AudioError(f"a sample rate of {sample_rate} Hz makes no sense")
    if sample_rate == old:
        return waveform
    from scipy.signal import resample_poly

    common = math.gcd(old, sample_rate)
    up, down = sample_rate // common, old // common
    longest = max(up, down)
    times = np.arange(-64 * longest, 64 * longest + 1) / longest
    attenuation, cutoff = 100.0, 0.95
    taper = np.kaiser(len(times), 0.1102 * (attenuation - 8.7))
    filter_ = cutoff * np.sinc(cutoff * times) * taper
    filter_ /= filter_.sum()
    samples = resample_poly(waveform.samples.astype(np.float64), up, down, window=filter_)
    return Waveform(samples.astype(np.float32), sample_rate)


def _check_file(path: Path) -> None:
    """Raise for a file that is missing or empty, or a wav that ends before its header says."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise AudioError("the file is empty (0 bytes)", where=str(path))
            riff = file.read(12)
            if len(riff) < 12 or riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
                return
            while len(chunk := file.read(8)) == 8:
                name, length = chunk[:4], int.from_bytes(chunk[4:], "little")
                if name != b"data":
                    file.seek(length + length % 2, os.SEEK_CUR)
                    continue
                there = size - file.tell()
                # 0 and the two largest signed and unsigned values mean "unknown", as pipes write them
                if length > there and length < 0x7FFFF000:
                    raise AudioError(
                        f"truncated: the header promises {length} bytes of audio, {there} are there",
                        where=str(path),
                    )
                return
            raise AudioError("truncated: a wav header without audio", where=str(path))
    except FileNotFoundError:
        raise AudioError("no such file", where=str(path)) from None
    except OSError as error:
        raise AudioError(f"cannot be opened: {error.strerror}", where=str(path)) from error
