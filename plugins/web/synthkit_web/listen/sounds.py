# SPDX-License-Identifier: Apache-2.0
"""Sounds of a listening test: equally loud (ITU-R BS.1770), and the low-pass anchors of ITU-R BS.1534."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthkit.errors import AudioError
from synthkit.types import Waveform

LOUDNESS = -23.0
"""LUFS; EBU R 128."""

PEAK = 0.98
BLOCK = 0.4
"""Seconds of a gating block of BS.1770; of a sound that is shorter, the whole is one block."""


def loudness(waveform: Waveform, where: str) -> float:
    """Integrated loudness in LUFS.

    Raises
    ------
    AudioError
        It is silent, or shorter than 50 ms.
    """
    import pyloudnorm

    if waveform.duration < 0.05:
        raise AudioError(f"lasts {1000 * waveform.duration:.0f} ms: nothing to listen to", where=where)
    meter = pyloudnorm.Meter(waveform.sample_rate, block_size=min(BLOCK, waveform.duration * 0.999))
    with np.errstate(divide="ignore"):
        value = float(meter.integrated_loudness(waveform.samples.astype(np.float64)))
    if not np.isfinite(value) or value < -70:
        raise AudioError("is silent", where=where)
    return value


def common_level(waveforms: Sequence[tuple[str, Waveform]], target: float = LOUDNESS) -> float:
    """The loudness that all of these can have without one of them clipping: `target`, or less.

    Parameters
    ----------
    waveforms : sequence of (name, Waveform)
        The name is for messages.
    target : float
        LUFS.
    """
    level = target
    for where, w in waveforms:
        peak = float(np.abs(w.samples).max())
        level = min(level, loudness(w, where) + 20 * np.log10(PEAK / max(peak, 1e-9)))
    return level


def at_level(waveform: Waveform, level: float, where: str) -> Waveform:
    """`waveform` at `level` LUFS."""
    gain = 10 ** ((level - loudness(waveform, where)) / 20)
    return Waveform((waveform.samples * gain).astype(np.float32), waveform.sample_rate)


def low_pass(waveform: Waveform, cutoff: float) -> Waveform:
    """An anchor of ITU-R BS.1534-3: flat to `cutoff` Hz, 25 dB down 500 Hz above it, 50 dB another 500 Hz
    above.

    A linear-phase Kaiser-windowed filter of 60 dB over those first 500 Hz, its delay taken off.

    Raises
    ------
    AudioError
        The sound has nothing above `cutoff` to take away.
    """
    from scipy.signal import firwin, kaiserord, oaconvolve

    rate = waveform.sample_rate
    if cutoff + 500 >= rate / 2:
        raise AudioError(
            f"at {rate} Hz there is no anchor of {cutoff:g} Hz",
            hint="recordings of at least 16 kHz have both anchors; --no-anchors does without",
        )
    taps, beta = kaiserord(60.0, 500.0 / (rate / 2))
    taps |= 1
    kernel = firwin(taps, cutoff + 250.0, window=("kaiser", beta), fs=rate)
    samples = oaconvolve(waveform.samples.astype(np.float64), kernel, mode="full")[taps // 2 :]
    return Waveform(samples[: len(waveform.samples)].astype(np.float32), rate)
