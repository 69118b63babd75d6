# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
from synthkit_praat.joining import best_shift, join_runs
from synthkit_praat.psola import Psola, PsolaSettings, spread_steps

from synthkit.errors import AudioError, SynthkitError
from synthkit.pipeline.copy import recording_path
from synthkit.testing import sample_alignment, sample_waveform
from synthkit.types import Unit, Waveform
from synthkit.types.given import Given

F0 = 16000 / 133


@pytest.fixture
def path():
    return recording_path(sample_waveform(), sample_alignment())


def f0_of(waveform):
    """Median F0 by autocorrelation over the middle, independent of Praat."""
    x = waveform.samples.astype(np.float64)
    found = []
    for start in range(len(x) * 3 // 10, len(x) * 7 // 10 - 800, 400):
        a = np.correlate(x[start : start + 800], x[start : start + 800], "full")[799:]
        lag = 40 + np.argmax(a[40:270])
        left, top, right = a[lag - 1 : lag + 2]
        found.append(16000 / (lag + 0.5 * (left - right) / (left - 2 * top + right)))
    return np.median(found)


def test_contract(conformance):
    conformance("vocoder", "psola")


def test_joining_what_was_never_cut_gives_the_recording(path):
    samples = sample_waveform().samples
    whole = join_runs(path)
    assert np.array_equal(whole.samples.astype(np.float32), samples)
    assert whole.joins == []
    assert whole.phones == {0: (0, 2400), 1: (2400, 13600), 2: (13600, 16000)}
    again = join_runs(recording_path(sample_waveform(), sample_alignment(), joined=True))
    assert len(again.joins) == 5
    assert np.allclose(again.samples, samples, atol=1e-6)


def test_joins_fall_where_the_periods_agree():
    wave = sample_waveform(seconds=2.0)
    path = recording_path(wave, sample_alignment(2.0))
    # Two stretches of the vowel that do not follow each other; a cut in the middle of a period.
    units = (
        Unit(0, "recording", 8000, 12000, "aa.1", 0),
        Unit(1, "recording", 14050, 18050, "aa.2", 0, joined=True),
    )
    joined = join_runs(replace(path, units=units))
    inside = joined.samples[2000:6000]
    shifted = inside[133:] - inside[:-133]
    assert np.abs(shifted).max() < 0.1 * np.abs(inside).max()  # periodic right through the join
    assert joined.joins == [4000]


def test_shift_of_best_agreement():
    x = np.random.default_rng(0).standard_normal(500)
    assert best_shift(x[100:200], x[60:300]) == 40
    assert best_shift(3 * x[100:200], x[60:300]) == 40
    assert best_shift(x[:0], x) == 0


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_speed(path, factor):
    out = Psola(PsolaSettings(speed=factor)).render(path)
    assert out.duration == pytest.approx(1 / factor, abs=0.001)
    assert f0_of(out) == pytest.approx(F0, rel=0.02)


@pytest.mark.parametrize("factor", [0.8, 1.5])
def test_pitch(path, factor):
    out = Psola(PsolaSettings(pitch=factor)).render(path)
    assert out.duration == 1.0
    assert f0_of(out) == pytest.approx(factor * F0, rel=0.02)


def test_targets_are_followed_when_asked(path):
    wanted = {"duration": np.array([0.1, 1.2, 0.2]), "f0": np.array([0.0, 150.0, 0.0])}
    path = replace(path, targets=wanted)
    assert Psola().render(path).duration == 1.0
    out = Psola(PsolaSettings(follow_durations=1, follow_f0=1)).render(path)
    assert out.duration == pytest.approx(1.5, abs=0.002)
    assert f0_of(out) == pytest.approx(150, rel=0.02)
    half = Psola(PsolaSettings(follow_f0=0.5)).render(path)
    assert f0_of(half) == pytest.approx(np.sqrt(150 * F0), rel=0.02)


def test_targets_that_nobody_predicts_are_an_error(path):
    path = replace(path, targets={})
    for settings, name in (
        (PsolaSettings(follow_f0=1), "f0"),
        (PsolaSettings(follow_durations=1), "durations"),
    ):
        with pytest.raises(SynthkitError, match=f"follow_{name} = 0"):
            Psola(settings).render(path)


def test_no_units_and_short_units(path):
    with pytest.raises(AudioError, match="no units"):
        Psola().render(replace(path, units=()))
    for n in (1, 10, 100, 900):
        out = Psola().render(recording_path(Waveform(sample_waveform().samples[8000 : 8000 + n], 16000)))
        assert len(out.samples) == n


def test_silence_stays_silence():
    out = Psola().render(recording_path(Waveform(np.zeros(8000, np.float32), 16000)))
    assert len(out.samples) == 8000
    assert not out.samples.any()


def test_steps_in_f0_are_spread():
    times = np.arange(100) * 0.01
    f0 = np.where(times < 0.5, 100.0, 144.0)
    out = spread_steps(times, f0, [0.5], 0.1)
    assert np.abs(np.diff(np.log(out))).max() < 0.25 * np.log(1.44)
    assert out[:39] == pytest.approx(100)
    assert out[61:] == pytest.approx(144)
    assert out[49:51] == pytest.approx(120, rel=0.02)
    gap = (times < 0.3) | (times > 0.7)
    assert spread_steps(times[gap], f0[gap], [0.5], 0.1) == pytest.approx(f0[gap])


def test_durations_and_f0_that_a_request_gives_are_made_exact(path):
    given = Given(np.array([np.nan, 1.0, np.nan]), np.array([[1.1, 150.0], [1.9, 150.0]]))
    asked = replace(path, given=given)
    made = Psola().render(asked)
    assert made.duration == pytest.approx(0.3 + 1.0, abs=0.002)
    assert f0_of(made) == pytest.approx(150, rel=0.02)
    near = Psola(PsolaSettings(exact=False)).render(asked)
    assert np.array_equal(near.samples, Psola().render(path).samples)
