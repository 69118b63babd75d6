# SPDX-License-Identifier: Apache-2.0
"""Our frames against coqui-tts's own AudioProcessor, and settings there and back."""

import numpy as np
import pytest
from coqui_samples import mel_extractor
from synthkit_coqui.backend import coqui
from synthkit_coqui.specs import audio_config, coqui_differences, spec_of_audio

from synthkit.dsp.specs import MelSpec
from synthkit.errors import VoiceError
from synthkit.plugins import registry
from synthkit.types import Demand, Waveform

CONFIGS = {
    "default": {},
    "16 kHz": {"sample_rate": 16000, "mel_fmax": 8000.0},
    "ljspeech recipe": {"signal_norm": False, "log_func": "np.log", "spec_gain": 1, "mel_fmax": 8000.0},
    "range": {"symmetric_norm": False, "max_norm": 1.0, "min_level_db": -80, "ref_level_db": 10},
    "short window": {
        "fft_size": 512,
        "win_length": 400,
        "hop_length": 100,
        "sample_rate": 16000,
        "num_mels": 40,
    },
}


@pytest.mark.parametrize("name", CONFIGS)
def test_frames_agree_with_coquis_audio_processor(name):
    settings = CONFIGS[name]
    processor = coqui().AudioProcessor(coqui().BaseAudioConfig(do_trim_silence=False, **settings))
    spec = spec_of_audio({**coqui().BaseAudioConfig().to_dict(), **settings})
    extractor = registry().load("features", "mel").matching(Demand.exactly(spec), spec.sample_rate)
    assert extractor is not None
    rng = np.random.default_rng(1)
    t = np.arange(spec.sample_rate) / spec.sample_rate
    wave = (0.3 * np.sin(2 * np.pi * 180 * t) + 0.01 * rng.standard_normal(len(t))).astype(np.float32)
    theirs = processor.melspectrogram(wave).T
    ours = extractor.extract(Waveform(wave, spec.sample_rate))["mel"]
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_settings_go_there_and_back():
    spec = spec_of_audio({"sample_rate": 16000, "mel_fmax": 7600.0})
    assert spec_of_audio(audio_config(spec)) == spec
    assert coqui_differences(spec) == []
    hifigan = mel_extractor().spec
    assert {f for f, _, _ in coqui_differences(hifigan)} == {"floor", "padding"}


def test_what_no_spec_can_state_is_refused():
    with pytest.raises(VoiceError, match="pre-emphasised"):
        spec_of_audio({"preemphasis": 0.97})
    with pytest.raises(VoiceError, match="statistics"):
        spec_of_audio({"stats_path": "stats.npy"})


def test_mozilla_settings_in_milliseconds_and_bins():
    spec = spec_of_audio(
        {"num_freq": 1025, "sample_rate": 22050, "frame_length_ms": 50, "frame_shift_ms": 12.5}
    )
    mel = MelSpec.of(spec)
    assert (mel.n_fft, mel.win_length, mel.hop_length) == (2048, 1102, 275)
