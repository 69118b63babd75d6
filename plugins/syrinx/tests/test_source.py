# SPDX-License-Identifier: Apache-2.0
"""The excitation against sums of cosines, and the inverse transform against the signal it came from."""

import numpy as np
import pytest
from synthkit_syrinx.source import excitation, pulses, spectra, waveform

RATE, HOP, N_FFT = 16000, 128, 512


@pytest.mark.parametrize("f0", [75.0, 142.0, 390.0])
def test_pulses_are_all_harmonics_at_one_level_and_of_unit_power(f0):
    count = int(RATE / 2 // f0)
    angle = 2 * np.pi * f0 / RATE * np.arange(1, RATE + 1)
    wanted = sum(np.cos(k * angle) for k in range(1, count + 1)) * np.sqrt(2 / count)
    found = pulses(np.full(RATE, f0), np.ones(RATE), RATE)
    assert np.abs(found - wanted).max() < 0.02 * np.abs(wanted).max()  # angles are kept in single precision
    assert found.var() == pytest.approx(1, abs=0.02)


def test_no_pulses_where_it_is_not_voiced():
    frames = 40
    voicing = np.zeros(frames, np.float32)
    voicing[20:] = 1
    noise = np.random.default_rng(0).standard_normal((frames - 1) * HOP + N_FFT, np.float32)
    voiced, _ = excitation(
        np.full(frames, np.log(120), np.float32), voicing, sample_rate=RATE, hop=HOP, n_fft=N_FFT, noise=noise
    )
    power = (np.abs(voiced) ** 2).mean(axis=1)
    assert power[:16].max() == 0
    assert power[24:].min() > 0.3 * power[24:].max()


def test_f0_is_heard_where_it_was_asked_for():
    f0 = np.linspace(100, 200, RATE)
    found = pulses(f0, np.ones(RATE), RATE)
    inner = found[1:-1]
    peaks = np.flatnonzero((inner > found[:-2]) & (inner >= found[2:]) & (inner > 0.4 * found.max()))
    middles = (peaks[1:] + peaks[:-1]) // 2
    assert np.abs(RATE / np.diff(peaks) / f0[middles] - 1).max() < 0.03  # to the nearest sample


def test_the_inverse_gives_samples_back():
    x = np.random.default_rng(0).standard_normal(50 * HOP).astype(np.float32)
    padded = np.pad(x, N_FFT // 2)
    back = waveform(spectra(padded, HOP, N_FFT), HOP, N_FFT)
    assert back.dtype == np.float32
    assert np.abs(back - x).max() < 1e-4
