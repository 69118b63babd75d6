# SPDX-License-Identifier: Apache-2.0
"""The pure functions: identities, hand-computed values, and pysptk."""

import numpy as np
import pytest

from synthkit.eval.concatenation import path_figures
from synthkit.eval.duration import matching, warp_times
from synthkit.eval.intelligibility import character_errors, errors, normalise, word_errors
from synthkit.eval.mcep import K, distortion, frame_signal, mcep, mcep_of_amplitude
from synthkit.eval.pitch import yin
from synthkit.eval.prosody import activity, f0_figures, pearson
from synthkit.eval.sample import PathRecord
from synthkit.eval.spectral import log_spectral_distance, multi_resolution_stft, power_spectra


def test_mel_cepstral_distortion_by_hand():
    assert pytest.approx(6.141851463713754) == K  # 10·√2 / ln 10
    assert distortion(np.array([[1.0, 2.0]]), np.array([[1.0, 4.0]])) == pytest.approx([2 * K])


@pytest.mark.parametrize(("order", "alpha"), [(23, 0.42), (39, 0.55), (5, 0.0)])
def test_mel_cepstral_analysis_equals_sptk(order, alpha):
    pysptk = pytest.importorskip("pysptk", reason="compares with pysptk: pip install pysptk==1.0.1 decorator")
    rng = np.random.default_rng(1)
    x = np.convolve(rng.standard_normal(4000), [1, 0.9, 0.5, 0.2])[:4000] * 1000
    frames = frame_signal(x, 512, 256) * np.hamming(512)
    expected = np.stack([pysptk.mcep(f, order, alpha, eps=1e-6, etype=1) for f in frames])
    assert mcep(frames, order, alpha, eps=1e-6) == pytest.approx(expected, abs=1e-9)
    amplitude = np.abs(np.fft.rfft(frames))
    expected = pysptk.mcep(amplitude, order, alpha, maxiter=0, etype=1, eps=1e-8, min_det=0.0, itype=3)
    assert mcep_of_amplitude(amplitude, order, alpha, 1e-8) == pytest.approx(expected, abs=1e-9)


def test_log_spectral_distance_of_a_gain_is_the_gain():
    power = np.abs(np.random.default_rng(0).standard_normal((10, 65))) + 0.1
    assert log_spectral_distance(power, power * 10**0.6) == pytest.approx(np.full(10, 6.0))


def test_multi_resolution_distance_of_a_gain():
    x = np.random.default_rng(0).standard_normal(16000)
    convergence, log_magnitude = multi_resolution_stft(x, 2 * x)
    assert convergence == pytest.approx(1.0, abs=1e-3)
    assert log_magnitude == pytest.approx(np.log(2), abs=1e-3)
    assert multi_resolution_stft(x, x) == (0.0, 0.0)


def test_power_spectrum_finds_a_tone():
    t = np.arange(16000) / 16000
    power = power_spectra(np.sin(2 * np.pi * 1000 * t), 512, 160)
    assert len(power) == 101
    assert power[50].argmax() == 32  # 1000 Hz / (16000 / 512)


@pytest.mark.parametrize("hertz", [80.0, 123.4, 220.0, 350.0])
@pytest.mark.parametrize("rate", [16000, 22050])
def test_yin_tracks_harmonic_tones(hertz, rate):
    t = np.arange(rate) / rate
    x = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 9)) * 0.1
    f0 = yin(x, rate)
    assert np.median(f0) == pytest.approx(hertz, rel=0.003)
    assert (f0[10:-10] > 0).mean() > 0.95


def test_yin_finds_no_pitch_in_noise_and_silence():
    assert (yin(np.random.default_rng(0).standard_normal(16000) * 0.1, 16000) > 0).mean() < 0.05
    assert not yin(np.zeros(8000), 16000).any()


def test_f0_figures_by_hand():
    found = f0_figures(np.array([100.0, 200, 0, 150, 0]), np.array([110.0, 190, 0, 0, 90]))
    assert (found.voiced, found.frames, found.vuv_error) == (2, 5, 0.4)
    assert found.rmse_hz == pytest.approx(10)
    cents = 1200 * np.log2([110 / 100, 190 / 200])
    assert found.rmse_cents == pytest.approx(np.sqrt((cents**2).mean()))
    assert found.median_cents == pytest.approx(np.abs(cents).mean())
    assert found.correlation is None  # two frames correlate always
    nothing = f0_figures(np.array([0.0, 100]), np.array([100.0, 0]))
    assert (nothing.rmse_hz, nothing.vuv_error, nothing.voiced) == (None, 1.0, 0)


def test_pearson():
    x = np.arange(10.0)
    assert pearson(x, 3 * x + 1) == pytest.approx(1)
    assert pearson(x, np.ones(10)) is None


def test_activity_finds_the_pauses():
    rate = 8000
    speech = np.random.default_rng(0).standard_normal(rate) * 0.1
    x = np.concatenate([np.zeros(800), speech, np.zeros(2400), speech, np.zeros(400), speech, np.zeros(1600)])
    found = activity(x, rate)
    assert found.start == pytest.approx(0.1)
    assert found.pauses == pytest.approx((0.3,))  # 50 ms is a stop, not a pause
    assert found.speaking == pytest.approx(3.05)
    assert activity(np.zeros(8000), rate) is None


def test_matching_phones():
    assert matching(["pau", "a", "b", "c", "pau"], ["pau", "a", "x", "c", "d", "pau"]) == [
        (0, 0),
        (1, 1),
        (3, 3),
        (4, 5),
    ]
    assert matching([], ["a"]) == []


def test_times_follow_the_path():
    path = (np.array([0, 1, 2, 3]), np.array([0, 2, 4, 6]))
    assert warp_times(np.array([0.0, 0.5, 1.0]), path, 0.5).tolist() == [0.0, 1.0, 2.0]


def test_errors_by_hand():
    e = word_errors("the cat sat on the mat", "the cat sit on mat now")
    assert (e.total, e.length) == (3, 6)
    assert e.rate == 0.5
    assert errors("", "ab").insertions == 2
    assert errors("", "ab").rate is None
    pooled = errors("ab", "a") + errors("abcd", "abcd")
    assert pooled.rate == pytest.approx(1 / 6)
    assert character_errors("a b", "ab").total == 0


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Ещё раз: за́мок, вол+ос!", "ru", "еще раз замок волос"),
        ("Йод — не иод.", "ru", "йод не иод"),
        ("It’s a CO-OP’s “door”", "en", "it's a co op's door"),
        ("¿Qué será, señor?", "es", "qué será señor"),
        ("  ", "en", ""),
    ],
)
def test_normalisation(text, language, expected):
    assert normalise(text, language) == expected


def test_numbers_are_read_out():
    assert normalise("в 3 часа", "ru", lambda digits, language: "три") == "в три часа"


def test_path_figures_by_hand():
    found = path_figures(PathRecord(10, 4, (2, 3, 1, 2, 2), 5.0, 2.0, 1, 2.0))
    assert (found.joins_per_second, found.run_length) == (2.0, 2.0)
    assert (found.join_cost, found.target_cost, found.own_share) == (0.5, 0.5, 0.1)
    assert path_figures(PathRecord(3, 0, (3,), 1.0, 0.0, 0, 1.0)).join_cost is None
