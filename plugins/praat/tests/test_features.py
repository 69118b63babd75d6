# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from synthkit_praat.features import PraatFeatures, PraatSettings, nearest, voice_report

from synthkit.errors import AudioError
from synthkit.testing import sample_waveform
from synthkit.types import Waveform

RATE = 16000


def buzz(periods, amplitudes, rate=RATE):
    """Pulses with these periods (samples) and amplitudes through a resonance at 700 Hz."""
    x = np.zeros(int(np.sum(periods)) + 400)
    x[np.cumsum(periods).astype(int)] = amplitudes
    t = np.arange(300) / rate
    sound = np.convolve(x, np.exp(-2 * np.pi * 80 * t) * np.sin(2 * np.pi * 700 * t))[: len(x)]
    return Waveform((0.3 * sound / np.abs(sound).max()).astype(np.float32), rate)


def test_contract(conformance):
    frames = conformance("features", "praat")
    assert frames["formants"].shape[1] == 4


def test_f0_and_formants_of_a_known_sound():
    frames = PraatFeatures().extract(sample_waveform())
    middle = slice(30, 70)
    assert frames["f0"][middle] == pytest.approx(16000 / 133, rel=0.005)
    assert not frames["f0"][:5].any()
    assert np.median(frames["formants"][middle, 0]) == pytest.approx(650, abs=40)
    assert np.median(frames["formants"][middle, 1]) == pytest.approx(1400, abs=80)
    assert frames["hnr"][middle].min() > 10 > frames["hnr"][0]
    assert frames["hnr"].min() >= -20


def test_intensity_is_in_decibels():
    wave = sample_waveform()
    loud = PraatFeatures().extract(wave)["intensity"]
    soft = PraatFeatures().extract(Waveform(wave.samples * 0.1, RATE))["intensity"]
    assert loud[30:70] - soft[30:70] == pytest.approx(20, abs=1e-3)


def test_jitter_by_its_definition():
    # mean |T(i) - T(i-1)| / mean T
    periods = np.random.default_rng(0).integers(127, 134, 120)
    report = voice_report(buzz(periods, np.ones(120)))
    assert report["jitter"] == pytest.approx(np.abs(np.diff(periods)).mean() / periods.mean(), rel=0.1)
    assert report["f0"] == pytest.approx(RATE / periods.mean(), rel=0.01)
    assert voice_report(buzz(np.full(120, 130), np.ones(120)))["jitter"] < 0.001


def test_shimmer_by_its_definition():
    # mean |A(i) - A(i-1)| / mean A: amplitudes that go 1.05, 0.95, 1.05 … differ by 0.1 of 1
    report = voice_report(buzz(np.full(120, 130), np.tile([1.05, 0.95], 60)))
    assert report["shimmer"] == pytest.approx(0.1, rel=0.2)


def test_frames_of_quality_tell_rough_from_steady():
    periods = np.random.default_rng(0).integers(125, 136, 120)
    rough = PraatFeatures().extract(buzz(periods, np.ones(120)))
    steady = PraatFeatures().extract(buzz(np.full(120, 130), np.ones(120)))
    assert np.median(rough["jitter"][20:80]) > 0.02 > 0.005 > np.median(steady["jitter"][20:80])


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.ones(1000), "at least 1734 samples"),
        (np.zeros(8000), "digital silence"),
        (np.r_[np.ones(8000), np.nan], "not finite"),
    ],
)
def test_bad_recordings_are_refused(samples, message):
    with pytest.raises(AudioError, match=message):
        PraatFeatures().extract(Waveform(samples.astype(np.float32), RATE))


@pytest.mark.parametrize("floor", [40, 60, 75, 150])
def test_shortest_recording(floor):
    extractor = PraatFeatures(PraatSettings(f0_floor=floor))
    n = int(6.5 * RATE / floor) + 1
    assert len(extractor.extract(Waveform(sample_waveform().samples[5000 : 5000 + n], RATE))) > 0


def test_nearest():
    assert nearest(np.array([0.0, 1.4, 1.6, 9]), np.array([1.0, 2.0]), np.array([10.0, 20.0])).tolist() == [
        10, 10, 20, 20,
    ]  # fmt: skip
    assert nearest(np.array([0.0, 5]), np.array([1.0]), np.array([3.0])).tolist() == [3, 3]
