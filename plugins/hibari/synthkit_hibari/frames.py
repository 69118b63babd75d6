# SPDX-License-Identifier: Apache-2.0
"""The frames of a hibari voice."""

from __future__ import annotations

from synthkit.types import FeatureSpec, Stream

RATE, HOP, N_FFT = 24000, 300, 1200
BINS = N_FFT // 2 + 1
STREAMS = ("lh", "theta", "ln", "lr", "phi")
"""Log magnitude and phase of the harmonics' filter, log magnitude of noise, log magnitude and phase of the
rest."""
SPEC = FeatureSpec(
    "harmonic-noise",
    RATE,
    HOP,
    (*(Stream(name, "float32", BINS) for name in STREAMS), Stream("f0")),
    {"n_fft": N_FFT, "window": "hann", "voiced_above_hz": 40.0},
)
"""12.5 ms a frame; ``f0`` in Hz, below 40 unvoiced."""
