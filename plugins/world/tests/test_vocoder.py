# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from synthkit_world.features import WorldFeatures, WorldSettings
from synthkit_world.vocoder import WorldVocoder, WorldVocoderSettings, faster, sharpen, smooth

from synthkit.errors import AudioError
from synthkit.testing import sample_waveform
from synthkit.types import FeatureSpec, Frames


@pytest.fixture(scope="module")
def frames():
    return WorldFeatures().extract(sample_waveform())


def f0_of(waveform):
    f0 = WorldFeatures(WorldSettings(f0_floor=40)).pitch(waveform.samples.astype(np.float64))[0]
    return np.median(f0[f0 > 0])


def test_contract(conformance, frames):
    conformance("vocoder", "world")
    conformance("vocoder", "world", settings={"smoothing_ms": 25, "postfilter": 0.3})


def test_length_is_that_of_the_frames(frames):
    assert len(WorldVocoder().render(frames).samples) == len(frames) * 80


def test_copy_is_like_the_recording(frames):
    again = WorldFeatures().extract(WorldVocoder().render(frames))
    both = (frames["vuv"] > 0) & (again["vuv"][: len(frames)] > 0)
    assert both.sum() > 100
    assert np.abs(frames["lf0"] - again["lf0"][: len(frames)])[60:140].max() < 0.01
    distance = frames["mcep"][both, 1:] - again["mcep"][: len(frames)][both, 1:]
    assert 10 / np.log(10) * np.sqrt(2 * (distance**2).sum(1)).mean() < 3  # dB


@pytest.mark.parametrize("factor", [0.5, 1.5, 2.0])
def test_speed_changes_duration_and_not_pitch(frames, factor):
    plain, changed = (WorldVocoder(WorldVocoderSettings(speed=s)).render(frames) for s in (1, factor))
    assert changed.duration == pytest.approx(plain.duration / factor, rel=0.01)
    assert f0_of(changed) == pytest.approx(f0_of(plain), rel=0.01)


@pytest.mark.parametrize("factor", [0.6, 1.6])
def test_pitch_changes_f0_and_not_duration(frames, factor):
    plain, changed = (WorldVocoder(WorldVocoderSettings(pitch=p)).render(frames) for p in (1, factor))
    assert changed.duration == plain.duration
    assert f0_of(changed) == pytest.approx(factor * f0_of(plain), rel=0.02)


def test_one_frame_and_none(frames):
    one = Frames({n: a[:1] for n, a in frames.data.items()}, frames.spec)
    assert len(WorldVocoder(WorldVocoderSettings(speed=5, smoothing_ms=100)).render(one).samples) > 0
    with pytest.raises(AudioError, match="no frame"):
        WorldVocoder().render(Frames({n: a[:0] for n, a in frames.data.items()}, frames.spec))


def test_frames_of_a_broken_model_are_refused(frames):
    data = {**frames.data, "mcep": frames["mcep"] + 1000}
    with pytest.raises(AudioError, match="not finite"):
        WorldVocoder().render(Frames(data, frames.spec))


def test_accepts():
    (accepted,) = WorldVocoder().accepts()
    assert accepted.accepts(WorldFeatures(WorldSettings(sample_rate=48000)).spec)
    lacking = WorldFeatures(WorldSettings(aperiodicity=False)).spec
    assert [name for name, _, _ in accepted.differences(lacking)] == ["stream bap"]
    assert not accepted.accepts(FeatureSpec("mel", 16000))


def test_smoothing_keeps_lines_and_spreads_steps():
    line = np.arange(50.0)
    assert smooth(line, 9)[10:40] == pytest.approx(line[10:40])
    step = np.repeat([0.0, 1.0], 25)
    assert np.diff(smooth(step, 9)).max() < 0.3
    assert smooth(step, 1) is step


def test_faster_reads_between_frames():
    streams = {"lf0": np.arange(5.0), "vuv": np.array([0, 0, 1, 1, 1.0])}
    out = faster(streams, 0.5)
    assert out["lf0"] == pytest.approx(np.linspace(0, 4, 10))
    assert set(out["vuv"]) == {0, 1}


def test_postfilter_keeps_power_and_deepens_valleys(frames):
    from synthkit.dsp.melcepstrum import mc2sp

    mcep = frames["mcep"][60:140].astype(np.float64)
    before, after = (mc2sp(m, 0.41, 1024) for m in (mcep, sharpen(mcep, 0.4, 0.41, 1024)))
    assert after.mean(1) == pytest.approx(before.mean(1))
    assert (np.log(after).std(1) > np.log(before).std(1)).all()
