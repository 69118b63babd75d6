# SPDX-License-Identifier: Apache-2.0
"""The low-pass passes and stops what it should; the edge is found where the spectrum has one, and nowhere
else."""

import numpy as np
import pytest
from scipy.signal import firwin, lfilter
from synthkit_world.band_limit import band_edge, low_pass
from synthkit_world.features import WorldFeatures, WorldSettings
from synthkit_world.vocoder import WorldVocoder, WorldVocoderSettings

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.types import Waveform

RATES = [16000, 22050, 48000]


def gain_db(frequency, edge=6000.0, rate=16000):
    t = np.arange(rate) / rate
    tone = 0.5 * np.sin(2 * np.pi * frequency * t)
    middle = slice(2000, 14000)
    return 20 * np.log10(np.std(low_pass(tone, edge, rate)[middle]) / np.std(tone[middle]))


@pytest.mark.parametrize("frequency", [50, 1000, 5700])
def test_under_the_edge_nothing_changes(frequency):
    assert gain_db(frequency) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("frequency", [6300, 7000, 7900])
def test_over_the_edge_nothing_is_left(frequency):
    assert gain_db(frequency) < -60


def test_nothing_is_delayed():
    pulse = np.zeros(1001)
    pulse[500] = 1.0
    assert np.argmax(low_pass(pulse, 6000.0, 16000)) == 500


def power(*levels):
    """One frame's power at 16 kHz per argument: dB by frequency."""
    at = np.arange(513) * 16000 / 1024
    return 10 ** (np.array([level(at) for level in levels]) / 10)


def tilt(at):
    return -8 * np.log2(np.maximum(at, 100) / 100)  # dB: a voice's own fall, 51 dB over the band


def test_the_edge_is_where_a_filter_falls_and_not_where_a_voice_does():
    assert band_edge(power(tilt), 16000) is None
    filtered = band_edge(power(lambda at: tilt(at) - 40 * (at > 6000)), 16000)
    assert filtered == pytest.approx(6000, abs=20)
    noise = power(lambda at: tilt(at) - 30 * (at > 4000))  # a step, but what is over it can be heard
    assert band_edge(np.maximum(noise, 10**-6), 16000) is None


def test_a_fricative_keeps_its_band_beside_vowels_that_have_none():
    vowel = lambda at: tilt(at) - 60 * (at > 4000)  # noqa: E731
    hiss = lambda at: -50.0 - 60 * (at > 7000)  # noqa: E731
    assert band_edge(power(vowel), 16000) == pytest.approx(4000, abs=20)
    assert band_edge(power(*[vowel] * 50, hiss), 16000) == pytest.approx(7000, abs=20)


def noisy_vowels(rate, edge=None):
    """Half a second of pulses through two resonances, half a second of white noise; filtered at `edge`,
    Hz."""
    t = np.arange(int(0.03 * rate)) / rate
    ring = sum(np.exp(-2 * np.pi * b * t) * np.sin(2 * np.pi * f * t) for f, b in ((650, 60), (1400, 90)))
    pulses = np.zeros(rate // 2)
    pulses[:: rate // 120] = 1.0
    rng = np.random.default_rng(0)
    vowel = np.convolve(pulses, ring)[: rate // 2]
    x = np.concatenate([0.3 * vowel / np.abs(vowel).max(), 0.02 * rng.standard_normal(rate // 2)])
    x = np.pad(x + 1e-4 * rng.standard_normal(len(x)), rate // 10)
    if edge:
        x = lfilter(firwin(401, edge, window=("kaiser", 9), fs=rate), 1.0, x)
    return Waveform((x + 1e-6 * rng.standard_normal(len(x))).astype(np.float32), rate)


def rendered(wave, band_limit):
    frames = WorldFeatures(WorldSettings(sample_rate=wave.sample_rate)).extract(wave)
    return WorldVocoder(WorldVocoderSettings(band_limit=band_limit)).render(frames)


def level_above(wave, frequency):
    """Level of what lies above `frequency`, dB under the whole."""
    spectrum = np.abs(np.fft.rfft(wave.samples.astype(np.float64))) ** 2
    at = np.fft.rfftfreq(len(wave.samples), 1 / wave.sample_rate)
    return 10 * np.log10(spectrum[at > frequency].sum() / spectrum.sum())


@pytest.mark.parametrize("rate", RATES)
def test_speech_that_fills_its_band_is_left_as_it_is(rate):
    wave = noisy_vowels(rate)
    assert np.array_equal(rendered(wave, "auto").samples, rendered(wave, "off").samples)


@pytest.mark.parametrize("rate", RATES)
def test_filtered_speech_stays_filtered(rate):
    wave = noisy_vowels(rate, edge=0.4 * rate)
    on, off = (level_above(rendered(wave, how), 0.46 * rate) for how in ("auto", "off"))
    assert on < off - 10
    kept = [level_above(rendered(wave, how), 0.3 * rate) for how in ("auto", "off")]
    assert kept[0] == pytest.approx(kept[1], abs=0.5)  # and what the recording has is still there


@pytest.mark.parametrize("corpus", ["bundled-en", "bundled-ru"])
def test_real_recordings(corpus):
    """msu-ru-nsh went through a filter that leaves nothing over 7.5 kHz; the telephone prompts reach 8
    kHz."""
    for u in list(open_corpus(corpus).utterances)[3:40:12]:
        wave = audio.read(u.audio, 16000, start=u.start, end=u.end)
        frames = WorldFeatures().extract(wave)
        on, off = (
            WorldVocoder(WorldVocoderSettings(band_limit=how)).render(frames) for how in ("auto", "off")
        )
        if corpus == "bundled-en":
            assert np.array_equal(on.samples, off.samples)
        else:
            assert level_above(on, 7700) < level_above(off, 7700) - 10
