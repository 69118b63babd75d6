# SPDX-License-Identifier: Apache-2.0
"""Speed, pitch and smoothed joins: what is asked for happens, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from synthkit_unit_selection.marks import pitch_marks
from synthkit_unit_selection.modify import Phones, modify
from synthkit_unit_selection.overlap_add import OverlapAdd

from synthkit.testing import sample_waveform
from synthkit.types import FeatureSpec, Unit, UnitPath
from synthkit.types.given import Given

RATE = 16000


def vowel(period: int, seconds: float = 1.0, formants=(650.0, 1400.0)) -> np.ndarray:
    """A pulse every `period` samples through two resonances, float32."""
    t = np.arange(480) / RATE
    ring = sum(np.exp(-2 * np.pi * 80 * t) * np.sin(2 * np.pi * f * t) for f in formants)
    pulses = np.zeros(int(RATE * seconds))
    pulses[::period] = 1
    x = np.convolve(pulses, ring)[: len(pulses)] + 1e-4 * np.random.default_rng(0).standard_normal(
        len(pulses)
    )
    return (0.3 * x / np.abs(x).max()).astype(np.float32)


def period(samples: np.ndarray) -> float:
    """Median period in samples, by autocorrelation: nothing of WORLD in it."""
    x = samples.astype(np.float64)
    found = []
    for start in range(0, len(x) - 800, 400):
        a = np.correlate(x[start : start + 800], x[start : start + 800], "full")[799:]
        lag = 40 + np.argmax(a[40:270])
        left, top, right = a[lag - 1 : lag + 2]
        found.append(lag + 0.5 * (left - right) / (left - 2 * top + right))
    return float(np.median(found))


def test_marks_are_a_period_apart():
    (marks,) = pitch_marks(vowel(123), RATE)
    assert np.abs(np.diff(marks) - 123).max() <= 1
    assert len(marks) >= 0.9 * RATE / 123


def test_noise_and_silence_have_no_marks():
    assert pitch_marks(np.zeros(RATE, np.float32), RATE) == []
    assert pitch_marks(np.zeros(10, np.float32), RATE) == []


def test_nothing_asked_changes_nothing():
    samples = sample_waveform(seconds=2.0).samples
    np.testing.assert_allclose(modify(samples, RATE), samples, atol=1e-7)


@pytest.mark.parametrize("semitones", [-5, -3, 3, 5])
def test_pitch_moves_and_length_and_formants_stay(semitones):
    samples = vowel(133)
    high = modify(samples, RATE, pitch=2 ** (semitones / 12))
    assert len(high) == len(samples)
    assert period(samples) / period(high) == pytest.approx(2 ** (semitones / 12), rel=0.01)

    def band(x: np.ndarray, low: int, top: int) -> float:
        power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
        return float(10 * np.log10(power[low:top].sum() / power.sum()))

    for low, top in ((450, 850), (1200, 1600)):  # Hz, since the vowel lasts one second
        assert band(high, low, top) == pytest.approx(band(samples, low, top), abs=1.5)


@pytest.mark.parametrize("speed", [0.7, 1.25, 2.0])
def test_speed_changes_length_and_not_pitch(speed):
    samples = vowel(133)
    fast = modify(samples, RATE, speed=speed)
    assert len(fast) == round(len(samples) / speed)
    assert period(fast) == pytest.approx(period(samples), rel=0.01)


def test_very_short_and_empty_input():
    assert len(modify(np.zeros(0, np.float32), RATE, speed=2)) == 0
    assert len(modify(np.ones(5, np.float32), RATE, speed=2)) == 2


@dataclass
class Recordings:
    """Audio by name."""

    made: dict[str, np.ndarray]
    sample_rate: int = RATE

    def read(self, source, start, end):
        out = np.zeros(end - start, np.float32)
        whole = self.made[source]
        low, high = max(start, 0), min(end, len(whole))
        out[low - start : high - start] = whole[low:high]
        return out

    def pitch_marks(self, source, start, end):
        return np.zeros(0, np.int64)


def joined(first: np.ndarray, second: np.ndarray, cost: float) -> UnitPath:
    """Half a second of each, the join costing `cost` beyond what any join costs."""
    units = (
        Unit(0, "a", 0, 6000, "a.1", 0),
        Unit(1, "a", 6000, 8000, "a.1", 0),
        Unit(9, "b", 8000, 10000, "a.2", 0, {}, {"join": 9.0, "f0": cost}, True),
        Unit(10, "b", 10000, 16000, "a.2", 0),
    )
    return UnitPath(units, Recordings({"a": first, "b": second}), FeatureSpec("units", RATE), ("a",))


def smooth(path: UnitPath, above: float) -> np.ndarray:
    return OverlapAdd(OverlapAdd.Config(smooth_joins_above=above)).render(path).samples


def steps(samples: np.ndarray) -> np.ndarray:
    """Change of the logarithm of the period from each pulse to the next."""
    from scipy.signal import find_peaks

    peaks, _ = find_peaks(samples, height=0.5 * samples.max(), distance=70)
    return np.abs(np.diff(np.log(np.diff(peaks))))


def test_smoothing_spreads_the_step_and_touches_nothing_else():
    path = joined(vowel(145), vowel(114), cost=5.0)
    plain, smoothed = OverlapAdd().render(path).samples, smooth(path, 2.0)
    assert len(plain) == len(smoothed)
    changed = np.flatnonzero(plain != smoothed)
    assert changed[0] >= 8000 - 640
    assert changed[-1] < 8000 + 640 + 96
    assert steps(plain).max() > 0.15
    assert steps(smoothed).max() < 0.5 * steps(plain).max()


def test_smoothing_blends_power_and_spectrum():
    path = joined(vowel(130), 0.3 * vowel(130, formants=(350.0, 2200.0)), cost=5.0)
    level = [
        np.abs(np.diff([np.log(np.square(x[i : i + 130]).mean()) for i in range(6500, 9500, 130)])).max()
        for x in (OverlapAdd().render(path).samples, smooth(path, 2.0))
    ]
    assert level[1] < 0.6 * level[0]


def test_joins_that_cost_little_or_have_no_voice_stay_natural():
    path = joined(vowel(145), vowel(114), cost=5.0)
    np.testing.assert_array_equal(smooth(path, 5.0), OverlapAdd().render(path).samples)
    noise = (0.1 * np.random.default_rng(1).standard_normal(RATE)).astype(np.float32)
    path = joined(vowel(145), noise, cost=5.0)
    np.testing.assert_array_equal(smooth(path, 2.0), OverlapAdd().render(path).samples)


def test_pyworld_is_imported_only_where_it_is_needed():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_modify as t;"
        "x = t.vowel(130); path = t.joined(x, x, 5.0); t.OverlapAdd().render(path);"
        "assert 'pyworld' not in sys.modules; t.smooth(path, 1.0); assert 'pyworld' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent)], check=True)


def given(count, durations=(), f0=()):
    seconds = np.full(count, np.nan)
    for place, value in durations:
        seconds[place] = value
    return Given(seconds, np.array(f0, float).reshape(-1, 2))


def test_a_phone_gets_its_length_and_the_others_keep_theirs():
    samples = vowel(123, 1.2)
    edges = np.array([0, 6400, 12800, 19200])
    out = modify(samples, RATE, phones=Phones(given(3, [(1, 0.7)]), edges))
    assert len(out) == round(1.5 * RATE)
    np.testing.assert_allclose(out[1000:6000], samples[1000:6000], atol=1e-6)
    assert period(out[7000:17000]) == pytest.approx(123, abs=0.5)
    shorter = modify(samples, RATE, phones=Phones(given(3, [(0, 0.0), (2, 0.1)]), edges))
    assert len(shorter) == round(0.5 * RATE)


def test_f0_goes_through_its_points_and_durations_stay():
    samples = vowel(123, 1.2)
    edges = np.array([0, 6400, 12800, 19200])
    points = [[1.0, 160.0], [2.0, 160.0]]
    out = modify(samples, RATE, phones=Phones(given(3, (), points), edges))
    assert len(out) == len(samples)
    assert RATE / period(out[7400:12000]) == pytest.approx(160, rel=0.02)
    assert RATE / period(out[600:3600]) == pytest.approx(RATE / 123, rel=0.02)
