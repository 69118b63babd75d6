# SPDX-License-Identifier: Apache-2.0
"""F0 of recordings, for the part of the network that learns to read it from mel frames."""

from __future__ import annotations

import numpy as np

from synthkit.dsp.world import load_pyworld
from synthkit.types import Waveform
from synthkit_syrinx.conditions import Grid

LOWEST, HIGHEST = 60.0, 400.0
"""Hz, of F0."""


def pitch_from_waveform(waveform: Waveform, grid: Grid, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Log F0, drawn straight through unvoiced stretches, and voicing (L,) at the network's frames.

    DIO refined by StoneMask (Morise et al. 2009, 2016).
    """
    pw = load_pyworld()
    x = waveform.samples.astype(np.float64)
    period = 1000 * grid.hop / grid.sample_rate
    f0, times = pw.dio(x, grid.sample_rate, f0_floor=LOWEST, f0_ceil=HIGHEST, frame_period=period)
    f0 = pw.stonemask(x, f0, times, grid.sample_rate)
    count = grid.count(samples)
    f0 = np.pad(f0, (0, max(count - len(f0), 0)))[:count]
    voiced = f0 > 0
    if not voiced.any():
        return np.full(count, np.log(np.sqrt(LOWEST * HIGHEST)), np.float32), np.zeros(count, np.float32)
    at = np.flatnonzero(voiced)
    log_f0 = np.interp(np.arange(count), at, np.log(f0[at])).astype(np.float32)
    return log_f0, voiced.astype(np.float32)
