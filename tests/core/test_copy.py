# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from synthkit import audio
from synthkit.errors import AudioError, ConfigError, SpecMismatch
from synthkit.pipeline.copy import RecordingSource, copy_recording, copy_synthesis, recording_path
from synthkit.plugins import registry
from synthkit.testing import sample_alignment, sample_waveform
from synthkit.types import Alignment, Interval, Waveform


def test_path_of_a_recording_covers_it():
    path = recording_path(sample_waveform(), sample_alignment())
    assert [u.label for u in path.units] == ["pau.1", "pau.2", "aa.1", "aa.2", "pau.1", "pau.2"]
    assert path.units[0].start == 0
    assert path.units[-1].end == 16000
    assert all(a.end == b.start for a, b in zip(path.units, path.units[1:], strict=False))
    assert path.joins == 0
    assert len(path.runs()) == 1
    assert path.targets["duration"] == pytest.approx([0.15, 0.7, 0.15])
    assert path.phones == ("pau", "aa", "pau")


def test_path_without_alignment_is_cut_evenly():
    path = recording_path(Waveform(np.ones(16100, np.float32), 16000), cut=0.1, joined=True)
    assert len(path.units) == 11
    assert path.units[-1].end == 16100
    assert path.joins == 10


def test_source_gives_zeros_outside():
    source = RecordingSource(Waveform(np.ones(10, np.float32), 16000))
    assert source.read("x", -2, 3).tolist() == [0, 0, 1, 1, 1]
    assert source.read("x", 8, 12).tolist() == [1, 1, 0, 0]
    assert source.read("x", 20, 22).tolist() == [0, 0]


def test_labels_that_do_not_fit_are_refused():
    wave = sample_waveform(seconds=0.5)
    with pytest.raises(AudioError, match="does not fit"):
        recording_path(wave, sample_alignment(1.0))
    with pytest.raises(AudioError, match="empty"):
        recording_path(Waveform(np.zeros(0, np.float32), 16000))
    ending = Alignment("x", (Interval(0, 0.3, "a"), Interval(0.3, 0.52, "b")), duration=0.52)
    assert recording_path(wave, ending).units[-1].end == 8000


def test_mismatch_is_refused():
    features = registry().load("features", "world")()
    griffin_lim = registry().load("vocoder", "griffin-lim")()
    with pytest.raises(SpecMismatch, match=r"kind +world +mel"):
        copy_synthesis(sample_waveform(), features, griffin_lim)


@pytest.mark.parametrize("name", ["world", "griffin-lim", "psola", "overlap-add"])
def test_files_by_name(tmp_path, name):
    if name not in registry().names("vocoder"):
        pytest.skip(f"vocoder {name!r} is not installed")
    audio.write(tmp_path / "in.wav", sample_waveform())
    result, how = copy_recording(tmp_path / "in.wav", vocoder=name)
    assert f"vocoder {name}" in how
    assert result.duration == pytest.approx(1.0, abs=0.02)
    assert np.abs(result.samples).max() > 0.05


def test_a_recording_that_cannot_be_analysed_is_named(tmp_path):
    path = tmp_path / "silent.wav"
    audio.write(path, Waveform(np.zeros(8000, np.float32), 16000))
    with pytest.raises(AudioError, match=r"silent\.wav: .*digital silence"):
        copy_recording(path, vocoder="world")


def test_a_vocoder_that_has_to_be_trained_first_is_refused_before_the_recording_is_read(
    tmp_path, monkeypatch
):
    if "coqui-hifigan" not in registry().names("vocoder"):
        pytest.skip("the plugin coqui, which has a trainable vocoder, is not installed")
    audio.write(tmp_path / "in.wav", sample_waveform())
    monkeypatch.setattr(audio, "read", lambda *_: pytest.fail("a recording was decoded"))
    with pytest.raises(ConfigError, match="'coqui-hifigan' has to be trained first"):
        copy_recording(tmp_path / "in.wav", vocoder="coqui-hifigan")
    with pytest.raises(SpecMismatch, match="does not accept these world frames"):
        copy_recording(tmp_path / "in.wav", vocoder="griffin-lim", features="world")


def test_settings_and_resampling_by_name(tmp_path):
    audio.write(tmp_path / "in.wav", sample_waveform())
    result, how = copy_recording(
        tmp_path / "in.wav", vocoder="world", overrides=["vocoder.speed=2", "features.f0=harvest"]
    )
    assert result.duration == pytest.approx(0.5, abs=0.02)
    result, how = copy_recording(
        tmp_path / "in.wav", vocoder="griffin-lim", features="mel", overrides=["features.preset=coqui"]
    )
    assert "resampled 16000 to 22050 Hz" in how
    assert result.sample_rate == 22050
