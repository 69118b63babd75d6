# SPDX-License-Identifier: Apache-2.0
"""Mel features against librosa 0.11: numbers stored here, and librosa itself where it is installed."""

import numpy as np
import pytest
from synthkit_mel.features import PRESETS, MelFeatures, MelSettings

from synthkit.dsp.mel import compress, edge, expand, filterbank, hz_to_mel, mel_to_hz
from synthkit.dsp.specs import MelSpec
from synthkit.errors import AudioError, ConfigError
from synthkit.testing import sample_waveform
from synthkit.types import Demand, Waveform


def chirp(rate=22050):
    t = np.arange(rate) / rate
    x = 0.3 * np.sin(2 * np.pi * (200 * t + 900 * t**2)) + 0.05 * np.sin(2 * np.pi * 3100 * t)
    return Waveform(x.astype(np.float32), rate)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_contract(conformance, preset):
    conformance("features", "mel", settings={"preset": preset})


@pytest.mark.parametrize(
    ("settings", "frames", "values", "mean"),
    # librosa 0.11.0: log(max(filters.mel(...) @ abs(stft(chirp in float64)), 1e-5))
    [
        (
            {"preset": "tacotron2"},
            87,
            {
                (0, 5): 0.434817,
                (20, 10): -6.481431,
                (43, 25): -4.67987,
                (60, 40): -7.220278,
                (85, 55): -1.78995,
            },
            -9.385712,
        ),
        (
            {
                "preset": "tacotron2",
                "mel_scale": "htk",
                "mel_norm": "none",
                "hop_length": 200,
                "win_length": 800,
            },
            111,
            {
                (0, 5): 3.329088,
                (20, 10): -3.722784,
                (43, 25): 4.204809,
                (60, 40): -5.546217,
                (85, 55): -2.985066,
            },
            -5.943322,
        ),
    ],
)
def test_librosas_numbers(settings, frames, values, mean):
    mel = MelFeatures(MelSettings(**settings)).extract(chirp())["mel"]
    assert mel.shape == (frames, 80)
    for at, value in values.items():
        assert mel[at] == pytest.approx(value, abs=2e-3)  # the chirp is rounded to float32 here
    assert mel.mean() == pytest.approx(mean, abs=2e-2)


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize("change", [{}, {"padding": "center-constant", "power": 2.0, "window": "hamming"}])
def test_equal_to_librosa(preset, change):
    librosa = pytest.importorskip("librosa")
    extractor = MelFeatures(MelSettings(preset=preset, **change))
    s = extractor.view
    wave = chirp(s.sample_rate)
    filters = librosa.filters.mel(
        sr=s.sample_rate, n_fft=s.n_fft, n_mels=s.n_mels, fmin=s.fmin, fmax=s.fmax,
        htk=s.mel_scale == "htk", norm="slaney" if s.mel_norm == "slaney" else None, dtype=np.float64,
    )  # fmt: skip
    assert np.allclose(filterbank(s), filters, atol=1e-15)
    x, centred = wave.samples.astype(np.float64), s.padding.startswith("center")
    if not centred:
        x = np.pad(x, (s.n_fft - s.hop_length) // 2, mode="reflect")
    spectrum = librosa.stft(
        x, n_fft=s.n_fft, hop_length=s.hop_length, win_length=s.win_length, window=s.window, center=centred,
        pad_mode=s.padding.removeprefix("center-"),
    )  # fmt: skip
    linear = filters @ np.abs(spectrum) ** s.power
    if s.log_base == "db":  # coqui-tts: 20 log10, reference 20 dB, least -100 dB, to -4 … 4
        level = 20 / s.power * np.log10(np.maximum(linear, s.floor)) - 20
        expected = np.clip(8 * (level + 100) / 100 - 4, -4, 4)
    else:
        expected = np.log(np.maximum(linear, s.floor))
    assert np.allclose(extractor.extract(wave)["mel"], expected.T, atol=1e-5)


def test_mel_scales():
    # librosa 0.11.0, mel_frequencies(6, fmin=0, fmax=8000)
    for scale, hz in (
        ("slaney", [0, 603.27520629, 1237.39779219, 2305.16961744, 4294.34010524, 8000]),
        ("htk", [0, 458.73008367, 1218.07915258, 2475.0514528, 4555.7537651, 8000]),
    ):
        mels = np.linspace(0, hz_to_mel(8000, scale), 6)
        assert mel_to_hz(mels, scale) == pytest.approx(hz)
        assert hz_to_mel(mel_to_hz(mels, scale), scale) == pytest.approx(mels)
    assert hz_to_mel(1000, "htk") == pytest.approx(999.9855)  # the scale is made so that 1000 Hz are 1000 mel
    with pytest.raises(ConfigError):
        hz_to_mel(1000, "bark")


@pytest.mark.parametrize("log_base", ["e", "10", "db", "none"])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_expand_inverts_compress(log_base, power):
    spec = MelFeatures(MelSettings(log_base=log_base, power=power, floor=1e-4)).view
    mel = np.exp(np.random.default_rng(0).normal(size=(5, 80)))
    assert expand(compress(mel, spec), spec) == pytest.approx(mel, rel=1e-4)
    assert expand(compress(mel * 0, spec), spec) == pytest.approx(1e-4, rel=1e-4)


@pytest.mark.parametrize(
    # levels of -80, -30 and 20 dB; without its own levels a rule runs from 100 dB under 20 dB up to 20 dB
    ("rule", "values"),
    [("symmetric-4", [-4, 0, 4]), ("range-1", [0, 0.5, 1]), ("symmetric-4:-80:0", [-4, 1, 4])],
)
def test_normalisations(rule, values):
    spec = MelFeatures(MelSettings(preset="coqui", normalisation=rule)).view
    levels = np.array([[-80.0, -30.0, 20.0]])
    assert compress(10 ** (levels / 20), spec)[0] == pytest.approx(values, abs=1e-6)
    inside = np.array([[-60.0, -30.0, -10.0]])
    assert expand(compress(10 ** (inside / 20), spec), spec) == pytest.approx(10 ** (inside / 20), rel=1e-4)


def test_hifigan_spec_is_the_published_configuration():
    # jik876/hifi-gan config_v1.json and meldataset.py
    assert MelFeatures().view == MelSpec(
        sample_rate=22050, n_fft=1024, win_length=1024, hop_length=256, window="hann", n_mels=80,
        fmin=0.0, fmax=8000.0, mel_scale="slaney", mel_norm="slaney", power=1.0, log_base="e", floor=1e-5,
        normalisation="none", padding="reflect",
    )  # fmt: skip


def test_long_recordings_are_the_same_in_blocks(monkeypatch):
    wave = chirp()
    whole = MelFeatures().extract(wave)["mel"]
    monkeypatch.setattr("synthkit.dsp.mel.BLOCK", 7)
    assert np.allclose(MelFeatures().extract(wave)["mel"], whole, atol=1e-5)


@pytest.mark.parametrize("padding", ["reflect", "constant", "none", "center-reflect", "center-constant"])
def test_frame_count(padding):
    extractor = MelFeatures(MelSettings(padding=padding))
    for n in (1024, 1025, 5000, 22050):
        frames = extractor.extract(Waveform(chirp().samples[:n], 22050))
        spec = extractor.view
        assert len(frames) == 1 + (n + 2 * edge(spec) - spec.n_fft) // spec.hop_length
    assert edge(extractor.view) == {"r": 384, "c": 384, "n": 0}[padding[0]] or padding.startswith("center")


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(0), "at least 385 samples"),
        (np.ones(300), "at least 385 samples"),
        (np.zeros(8000), "digital silence"),
        (np.r_[np.ones(8000), np.nan], "not finite"),
    ],
)
def test_bad_recordings_are_refused(samples, message):
    with pytest.raises(AudioError, match=message):
        MelFeatures().extract(Waveform(samples.astype(np.float32), 22050))


def test_shortest_recording_gives_a_frame():
    assert len(MelFeatures().extract(Waveform(chirp().samples[:385], 22050))) == 1


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"win_length": 2048}, "win_length"),
        ({"fmax": 12000}, "fmin < fmax"),
        ({"fmin": 9000}, "fmin < fmax"),
        ({"n_mels": 400}, "mel bands hold no frequency bin"),
        ({"normalisation": "symmetric-4"}, "stated in dB"),
        ({"preset": "coqui", "normalisation": "minmax"}, "normalisation: String should match"),
        ({"nmels": 80}, "nmels: Extra inputs"),
    ],
)
def test_bad_settings(bad, said):
    with pytest.raises(ValueError, match=said):
        MelSettings(**bad)


def test_a_preset_gives_way_at_a_lower_rate_and_a_user_does_not():
    assert MelSettings(preset="coqui", sample_rate=16000).view().fmax == 8000
    with pytest.raises(ValueError, match="fmax"):
        MelSettings(sample_rate=16000, fmax=11025)


def test_matching():
    find = MelFeatures.matching
    assert find(Demand("mel"), 16000).spec.sample_rate == 16000
    assert find(Demand(), 16000).spec.sample_rate == 16000
    for preset in PRESETS:
        spec = MelFeatures(MelSettings(preset=preset)).spec
        assert find(Demand.exactly(spec), 8000).spec == spec
    assert find(Demand("world"), 16000) is None
    assert find(MelSpec.demand(window="kaiser"), 16000) is None
    assert find(MelSpec.demand(n_mels=64), 16000).view.n_mels == 64
    assert find(Demand("mel", params={"preemphasis": 0.97}), 16000) is None


def test_sample_sound_is_loudest_at_its_resonance():
    mel = MelFeatures(MelSettings(preset="htk-16k")).extract(sample_waveform())["mel"]
    centres = mel_to_hz(np.linspace(0, hz_to_mel(8000, "htk"), 82)[1:-1], "htk")
    assert centres[mel[30:50].mean(0).argmax()] == pytest.approx(650, abs=80)
