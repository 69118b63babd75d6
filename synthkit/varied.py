# SPDX-License-Identifier: Apache-2.0
"""Recordings that are made of others as they are read: spoken faster or slower, higher or lower, louder or
softer.

A file ``ID.varied`` holds what is to be done to which recording, as JSON::

    {"source": "sources/ru_0001.flac", "labels": "sources/ru_0001.lab", "rate": 22050, "samples": 104433,
     "speed": 1.08, "pitch": 42, "gain_db": -3.1}

``source`` and ``labels`` are named from the folder above the file's own and have to lie in it. ``pitch`` is
in fortieths: the frequencies become ``pitch / 40`` times as high. A corpus of any length can so be made of a
short one without a disk that holds it; what it sounds like matters little, that no two are alike does.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from synthkit.errors import AudioError, SynthkitError
from synthkit.paths import input_path, json_of, read_bytes
from synthkit.types import Waveform

SUFFIX = ".varied"
PARTS = 40
"""What `Take.pitch` counts."""
SPEEDS, PITCHES, GAINS = (0.5, 2.0), (30, 53), (-40.0, 20.0)
_WINDOW, _SEARCH = 0.025, 0.006


@dataclass(frozen=True)
class Take:
    """What is to be done to a recording.

    Attributes
    ----------
    source, labels : str
        The recording and its labels ("" for none), from the folder above the take's own.
    rate, samples : int
        Hz and length of what comes out.
    speed : float
        2 is twice as fast.
    pitch : int
        Fortieths of the frequencies.
    gain_db : float
    """

    source: str
    labels: str
    rate: int
    samples: int
    speed: float
    pitch: int
    gain_db: float

    def text(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"

    def apply(self, waveform: Waveform) -> Waveform:
        """What comes of its recording.

        Parameters
        ----------
        waveform : Waveform
            Its recording.

        Returns
        -------
        Waveform

        Raises
        ------
        AudioError
            It is not the recording that this was made for.
        """
        from scipy.signal import resample_poly

        if waveform.sample_rate != self.rate or self.samples != length(len(waveform.samples), self.speed):
            raise AudioError(f"{self.source} is not as it was when this was made of it")
        x = waveform.samples.astype(np.float64)
        if self.pitch != PARTS:
            x = resample_poly(x, PARTS, self.pitch)
        y = _stretched(x, self.samples, self.rate) * 10 ** (self.gain_db / 20)
        return Waveform(np.clip(y, -1, 1).astype(np.float32), self.rate)


def length(samples: int, speed: float) -> int:
    """Samples of a take of a recording of so many.

    Parameters
    ----------
    samples : int
    speed : float
        2 is twice as fast.

    Returns
    -------
    int
    """
    return max(round(samples / speed), 1)


def read_take(path: Path) -> Take:
    """What the file at `path` says.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Take

    Raises
    ------
    AudioError
        It is missing, or says nothing that can be done.
    """
    try:
        found = json_of(read_bytes(path, limit=1 << 16))
        take = Take(**found)
        numbers = (take.rate, take.samples, take.speed, take.pitch, take.gain_db)
        if not all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers):
            raise ValueError("a number is none")
        if not isinstance(take.pitch, int) or not isinstance(take.source, str):
            raise ValueError("a field is of another kind")
        ranges = ((take.speed, SPEEDS), (take.pitch, PITCHES), (take.gain_db, GAINS))
        if not all(low <= value <= high for value, (low, high) in ranges):
            raise ValueError("speed, pitch or gain is out of range")
    except SynthkitError as error:
        raise AudioError(error.message, where=error.where, hint=error.hint) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise AudioError(f"says nothing that can be done to a recording: {error}", where=str(path)) from error
    return take


def source_of(path: Path, name: str) -> Path:
    """The recording (or labels) that the take at `path` calls `name`.

    Parameters
    ----------
    path : Path
    name : str

    Returns
    -------
    Path

    Raises
    ------
    AudioError
        It lies elsewhere, or is a take itself.
    """
    if name.endswith(SUFFIX):
        raise AudioError("is made of what is itself made of another", where=str(path))
    try:
        return input_path(path.parent.parent, name)
    except SynthkitError as error:
        raise AudioError(error.message, where=str(path), hint=error.hint) from error


def _stretched(x: np.ndarray, samples: int, rate: int) -> np.ndarray:
    """`x` in so many samples at its own pitch, by overlapping windows that fit one another (WSOLA:
    Verhelst & Roelands, "An overlap-add technique based on waveform similarity", ICASSP 1993)."""
    hop = max(round(_WINDOW * rate / 2), 1)
    reach = round(_SEARCH * rate)
    window = 0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * hop) + 0.5) / hop)
    padded = np.concatenate([np.zeros(reach + hop), x, np.zeros(reach + 4 * hop)])
    frames = samples // hop + 2
    out = np.zeros((frames + 2) * hop)
    step = len(x) / samples
    at = reach
    for k in range(frames):
        if k:
            middle = min(round(k * hop * step), len(x)) + reach
            follows = padded[at + hop : at + 3 * hop]  # what would come after the window before
            near = padded[middle - reach : middle + reach + 2 * hop]
            at = middle - reach + int(np.argmax(np.correlate(near[: 2 * hop + 2 * reach], follows, "valid")))
        out[k * hop : (k + 2) * hop] += window * padded[at : at + 2 * hop]
    return out[hop : hop + samples]
