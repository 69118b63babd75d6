# SPDX-License-Identifier: Apache-2.0
"""Read and resample audio files of any kind libsndfile knows, as mono; write wav and flac.

Nothing is resampled unless asked for by name, nothing is normalised, and a file that is empty, cut short or
no audio is an `AudioError` that says so. PCM16 files come back from `write` and `read` unchanged.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthkit.atomic import writing
from synthkit.containers import checked_file, signature
from synthkit.errors import AudioError
from synthkit.resampling import resample as resample
from synthkit.types import Waveform
from synthkit.unsupported_audio import conversion, kind_of

if TYPE_CHECKING:
    from soundfile import SoundFile

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
"""Suffixes `write` knows."""
VARIED = ".varied"
"""Of a recording that is made of another as it is read: `synthkit.varied`."""
RATES = (1000, 768_000)
"""Hz; what a header says beyond these is damage, and would ask for filters of a billion taps."""
CHANNELS, LOUDEST = 64, 100.0
LONGEST = 3600.0
"""Seconds that are read into memory at once, unless `read` is told otherwise; longer recordings are read in
cuts."""
_BLOCK = 1 << 18
"""Samples of all channels that are decoded at a time: a header is never believed by allocating what it
promises."""


def read(
    path: str | Path,
    sample_rate: int | None = None,
    start: float | None = None,
    end: float | None = None,
    *,
    longest: float = LONGEST,
) -> Waveform:
    """Read a recording as mono float32.

    Parameters
    ----------
    path : path
        A wav, flac or any other file libsndfile reads, of unknown length too. Several channels are averaged.
    sample_rate : int, optional
        Hz. Given, the audio is resampled to it (`resample`); left out, the file's own rate is kept.
    start, end : float, optional
        Cut, seconds from the beginning; None means the file's beginning or end.
    longest : float
        Seconds; more is a `TooLong`, told from the header where it has the length.

    Returns
    -------
    Waveform
        Samples ``(N,)`` float32, N ≥ 1.

    Raises
    ------
    AudioError
        The file is missing, empty, truncated, not audio, or the cut lies outside it.
    """
    path = Path(path)
    with _opened(path) as file:
        rate = int(file.samplerate)
        total = _length(file)
        first, last = _cut(start, end, rate, total, path)
        if (last if last is not None else first) - first > longest * rate:
            raise TooLong(((last or first) - first) / rate, longest, str(path))
        if total is not None:
            file.seek(first)
        else:
            _skip(file, first, f"the cut {start}–{end} s begins after its end", path)
        blocks = []
        count, wanted = 0, last - first if last is not None else math.inf
        signed = signature(path) if file.format == "FLAC" and (first, last) == (0, total) else None
        for block in _blocks(file, wanted):
            if signed:
                signed.see(block)
            blocks.append(_mono(block, path))
            count += len(block)
            if count > longest * rate:
                raise TooLong(count / rate, longest, str(path))
    if count < wanted < math.inf:
        raise AudioError(f"truncated: {count} of {wanted} samples can be read", where=str(path))
    if not count:
        raise AudioError("the file holds no samples", where=str(path))
    if signed and not signed.agrees():
        raise AudioError(
            "is damaged: its samples are not those that it was made of (their MD5 differs)",
            where=str(path),
            hint=f"copy it again from where it is whole; `flac -t {path.name}` tells the same",
        )
    waveform = Waveform(np.concatenate(blocks), rate)
    return waveform if sample_rate is None else resample(waveform, sample_rate)


class TooLong(AudioError):
    """A recording longer than is wanted; `seconds` of it, at least."""

    def __init__(self, seconds: float, longest: float, where: str) -> None:
        super().__init__(f"too long: {seconds:.1f} s (more than {longest:g} s)", where=where)
        self.seconds = seconds


def read_channels(path: str | Path, *, longest: float = LONGEST) -> np.ndarray:
    """All channels of a recording apart.

    Parameters
    ----------
    path : path
    longest : float
        Seconds.

    Returns
    -------
    ndarray of float64, shape (N, C)

    Raises
    ------
    AudioError
    """
    path = Path(path)
    with _opened(path) as file:
        blocks = list(_blocks(file, longest * file.samplerate + 1, "float64"))
    if not blocks:
        raise AudioError("the file holds no samples", where=str(path))
    samples = np.concatenate(blocks)
    if len(samples) > longest * file.samplerate:
        raise TooLong(len(samples) / file.samplerate, longest, str(path))
    return samples


def info(path: str | Path) -> tuple[int, int, int]:
    """Sample rate (Hz), number of frames and number of channels, from the header alone.

    Only where the header does not tell the number of frames, they are counted.

    Parameters
    ----------
    path : path

    Returns
    -------
    rate, frames, channels : int

    Raises
    ------
    AudioError
        As `read`, as far as the header tells.
    """
    path = Path(path)
    if path.suffix == VARIED:
        from synthkit import varied

        take = varied.read_take(path)
        return take.rate, take.samples, 1
    with _opened(path) as file:
        frames = _length(file)
        if frames is None:
            frames = sum(len(block) for block in _blocks(file, math.inf))
        return int(file.samplerate), frames, int(file.channels)


@contextmanager
def _opened(path: Path) -> Iterator[SoundFile]:
    """The file, its header checked."""
    import soundfile

    if path.suffix == VARIED:
        with soundfile.SoundFile(io.BytesIO(_varied(path))) as file:
            yield file
        return
    descriptor, mended = checked_file(path)
    try:
        # By its descriptor: a second opening could fail for reasons that libsndfile does not tell.
        with soundfile.SoundFile(descriptor if mended is None else mended, closefd=False) as file:
            if not RATES[0] <= file.samplerate <= RATES[1]:
                raise AudioError(
                    f"a sample rate of {file.samplerate} Hz: not between {RATES[0]} and {RATES[1]} Hz",
                    where=str(path),
                )
            if file.channels > CHANNELS:
                raise AudioError(f"{file.channels} channels, more than {CHANNELS}", where=str(path))
            # Else soundfile seeks before and after each block, which a stream of unknown length does not
            # allow.
            file.seekable = lambda: False
            yield file
    except soundfile.LibsndfileError as error:
        if (kind := kind_of(descriptor)) is not None:
            raise AudioError(
                f"is {kind}, which is not read", where=str(path), hint=f"convert it: `{conversion(path)}`"
            ) from error
        raise AudioError(
            f"not readable as audio ({error.error_string.strip()})",
            where=str(path),
            hint="is it a whole wav or flac file? `file` and `soxi` tell what it is",
        ) from error
    finally:
        os.close(descriptor)


def _varied(path: Path) -> memoryview:
    """The file that a recording made of another would be."""
    from synthkit import varied

    take = varied.read_take(path)
    source = read(varied.source_of(path, take.source))
    try:
        return _encoded([take.apply(source)], "WAV", str(path))
    except AudioError as error:
        raise AudioError(error.message, where=str(path), hint="make the corpus again") from error


def _length(file: SoundFile) -> int | None:
    """Frames, or None where the header does not tell (a stream that was encoded as it was recorded)."""
    return int(file.frames) if 0 <= file.frames < _UNKNOWN else None


_UNKNOWN = 1 << 48
"""Frames; libsndfile says 2^63 - 1 where there is no length."""


def _cut(
    start: float | None, end: float | None, rate: int, total: int | None, path: Path
) -> tuple[int, int | None]:
    """First frame and the one after the last; None is the end of a file of unknown length."""
    if total == 0:
        raise AudioError("the file holds no samples", where=str(path))
    bounds = (0.0 if start is None else start, math.inf if end is None else end)
    if not 0 <= bounds[0] < min(bounds[1], 1e12) or (end is not None and not math.isfinite(end)):
        raise AudioError(f"the cut {start}–{end} s is none", where=str(path))
    first = round(bounds[0] * rate)
    last = total if end is None else round(end * rate)
    if last is not None and (not first < last or (total is not None and last > total + 1)):
        within = f" within its {total / rate:.3f} s" if total is not None else ""
        raise AudioError(f"the cut {start}–{end} s does not lie{within}", where=str(path))
    return first, last if last is None or total is None else min(last, total)


def _skip(file: SoundFile, frames: int, otherwise: str, path: Path) -> None:
    # A stream of unknown length cannot be sought in.
    if sum(len(block) for block in _blocks(file, frames)) < frames:
        raise AudioError(otherwise, where=str(path))


def _blocks(file: SoundFile, frames: float, dtype: str = "float32") -> Iterator[np.ndarray]:
    """At most `frames` frames ``(n, channels)`` from here on."""
    size = max(_BLOCK // file.channels, 1)
    while frames > 0:
        asked = int(min(size, frames))
        block = file.read(asked, dtype=dtype, always_2d=True)
        if len(block):
            yield block
        frames -= len(block)
        if len(block) < asked:
            return


def _mono(block: np.ndarray, path: Path) -> np.ndarray:
    samples = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float64)
    samples = np.ascontiguousarray(samples, dtype=np.float32)
    peak = max(samples.max(initial=0.0), -samples.min(initial=0.0))
    if not math.isfinite(peak):
        raise AudioError("holds samples that are not finite", where=str(path))
    if peak > LOUDEST:
        told = "floating-point samples go from -1 to 1; divide integers by their full scale, as 32768"
        raise AudioError(f"far beyond full scale: its peak is {peak:.3g}, not 1", where=str(path), hint=told)
    return samples


def write(
    path: str | Path, waveform: Waveform | Iterable[Waveform], marks: Mapping[str, str] | None = None
) -> None:
    """Write 16-bit PCM, wav or flac by the suffix, all of the file or nothing.

    Samples outside [-1, 1] are clipped. The file appears under its name only when it is complete;
    missing folders are made.

    Parameters
    ----------
    path : path
    waveform : Waveform, or an iterable of them
        Pieces are taken one by one and put one after another. Nothing is made on the disk before there is a
        first one, and a folder that cannot be written is an error before there is a second.
    marks : mapping of str to str, optional
        Texts that go with it, by name: ``title``, ``comment``, ``copyright`` …

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
            temporary.write_bytes(_encoded(chain(first, pieces), kind, str(path), marks))
    except OSError as error:
        raise AudioError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def encode(waveform: Waveform | Iterable[Waveform], suffix: str = ".wav") -> bytes:
    """The bytes of the file that `write` would write.

    Parameters
    ----------
    waveform : Waveform, or an iterable of them
        Pieces are put one after another.
    suffix : str
        ``".wav"`` or ``".flac"``.

    Returns
    -------
    bytes

    Raises
    ------
    AudioError
        As `write`.
    """
    if suffix not in FORMATS:
        raise AudioError(f"cannot write {suffix!r}", hint=f"use one of {', '.join(FORMATS)}")
    pieces = [waveform] if isinstance(waveform, Waveform) else waveform
    return bytes(_encoded(pieces, FORMATS[suffix], "encode"))


def _encoded(
    pieces: Iterable[Waveform], kind: str, where: str, marks: Mapping[str, str] | None = None
) -> memoryview:
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
            for name, text in (marks or {}).items():
                setattr(file, name, text)
        elif piece.sample_rate != file.samplerate:
            raise AudioError(f"pieces at {file.samplerate} and {piece.sample_rate} Hz", where=where)
        file.write(to_pcm16(samples))
    if file is None:
        raise AudioError("the waveform is empty; no file is written", where=where)
    file.close()
    return buffer.getbuffer()


def to_pcm16(samples: np.ndarray) -> np.ndarray:
    """Samples as 16-bit integers, rounded to nearest and clipped; the inverse of reading.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        Full scale is 1.

    Returns
    -------
    ndarray of int16, shape (N,)
    """
    scaled = np.rint(np.asarray(samples, dtype=np.float64) * 32768.0)
    return np.clip(scaled, -32768, 32767).astype(np.int16)
