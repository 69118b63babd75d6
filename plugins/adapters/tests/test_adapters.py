# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
from synthkit_adapters.mel import MelToMel
from synthkit_adapters.resynthesis import MelToWorld, WorldToMel
from synthkit_adapters.units import UnitsToFrames, UnitsToFramesSettings, spread_steps

from synthkit import audio
from synthkit.dsp.specs import MelSpec
from synthkit.errors import AudioError, SpecMismatch, SpeechWarning
from synthkit.pipeline.contract import connect
from synthkit.pipeline.copy import recording_path
from synthkit.plugins import registry
from synthkit.testing import sample_alignment, sample_waveform
from synthkit.types import Demand, FeatureSpec, Unit, Waveform
from synthkit.types.given import Given

pytest.importorskip("synthkit_world", reason="pip install ./plugins/world")
pytest.importorskip("synthkit_mel", reason="pip install ./plugins/mel")

F0 = 16000 / 133


def extractor(name, **settings):
    kind = registry().load("features", name)
    return kind(kind.Config(**settings))


def vocoder(name, **settings):
    kind = registry().load("vocoder", name)
    return kind(kind.Config(**settings))


@pytest.fixture
def path():
    return recording_path(sample_waveform(), sample_alignment())


@pytest.fixture
def world():
    return extractor("world").extract(sample_waveform())


HIFIGAN = MelSpec(
    sample_rate=22050, n_fft=1024, win_length=1024, hop_length=256, window="hann", n_mels=80,
    fmin=0.0, fmax=8000.0, mel_scale="slaney", mel_norm="slaney", power=1.0, log_base="e", floor=1e-5,
    normalisation="none", padding="reflect",
).spec  # fmt: skip
WANTED = Demand.exactly(HIFIGAN)


@pytest.mark.parametrize("accepted", [Demand("world"), Demand("mel"), WANTED])
def test_contract_units(conformance, path, accepted):
    frames = conformance("adapter", "units-to-frames", item=path, accepted=accepted)
    assert len(frames) * frames.spec.frame_period == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("accepted", [Demand("mel"), WANTED])
def test_contract_world_to_mel(conformance, world, accepted):
    conformance("adapter", "world-to-mel", item=world, accepted=accepted)


def test_contract_of_the_others(conformance):
    mel = extractor("mel").extract(sample_waveform(22050))
    conformance("adapter", "mel-to-world", item=mel, accepted=Demand("world"))
    conformance(
        "adapter", "mel-to-mel", item=mel, accepted=Demand.exactly(extractor("mel", preset="coqui").spec)
    )


@pytest.mark.parametrize(("name", "rate"), [("world", 16000), ("mel", 16000)])
def test_an_uncut_recording_is_analysed_as_itself(path, name, rate):
    settings = {"preset": "tacotron2"} if name == "mel" else {}
    own = extractor(name, sample_rate=rate, **settings)
    frames = UnitsToFrames().adapt(path, own.spec)
    direct = own.extract(sample_waveform())
    for stream in own.spec.names:
        a, b = frames[stream][20:-20], direct[stream][20 : len(frames) - 20]
        assert np.median(np.abs(a - b)) < 1e-3, stream


def test_units_at_another_rate_are_resampled_and_it_is_said(path):
    adapter = UnitsToFrames()
    assert "resamples 16000 to 22050 Hz" in adapter.describe(path.spec, HIFIGAN)
    assert "resamples" not in adapter.describe(path.spec, extractor("world").spec)
    frames = adapter.adapt(path, HIFIGAN)
    direct = extractor("mel").extract(audio.resample(sample_waveform(), 22050))
    n = min(len(frames), len(direct))
    assert np.median(np.abs(frames["mel"][:n] - direct["mel"][:n])[20:60]) < 0.05


def test_joins_are_smoothed_and_the_rest_is_kept(path):
    # The same vowel twice as loud after the join.
    wave = sample_waveform(seconds=2.0)
    loud = Waveform(np.concatenate([wave.samples[:16000], 2 * wave.samples[16000:]]), 16000)
    long = recording_path(loud, sample_alignment(2.0))
    units = (
        Unit(0, "recording", 8000, 12000, "aa.1", 0),
        Unit(1, "recording", 18000, 22000, "aa.2", 0, joined=True),
    )
    long = replace(long, units=units)
    spec = extractor("world").spec
    hard, soft = (
        UnitsToFrames(UnitsToFramesSettings(smoothing_ms=ms)).adapt(long, spec)["mcep"][:, 0]
        for ms in (0, 50)
    )
    assert len(hard) == len(soft) == 100
    assert np.abs(np.diff(hard)).max() == pytest.approx(np.log(2), abs=0.1)
    assert np.abs(np.diff(soft)).max() < 0.2
    assert np.allclose(hard[:39], soft[:39])
    assert np.allclose(hard[61:], soft[61:])


def test_runs_shorter_than_a_frame_and_many_joins(path):
    units = tuple(
        Unit(i, "recording", 8000 + 61 * i, 8000 + 61 * (i + 1), "aa", 0, joined=i > 0) for i in range(40)
    )
    frames = UnitsToFrames().adapt(replace(path, units=units), extractor("world").spec)
    assert abs(len(frames) - 40 * 61 / 80) <= 1
    assert np.exp(frames["lf0"][3:-3]) == pytest.approx(F0, rel=0.02)


def test_digital_silence_and_no_units(path):
    silent = recording_path(Waveform(np.zeros(16000, np.float32), 16000), sample_alignment())
    frames = UnitsToFrames().adapt(silent, extractor("world").spec)
    assert not frames["vuv"].any()
    with pytest.raises(AudioError):
        UnitsToFrames().adapt(replace(path, units=()), extractor("world").spec)


def test_steps_are_spread():
    a = np.repeat([0.0, 1.0], 10).astype(np.float32)
    out = spread_steps(a, [10], 5, None)
    assert out[:5].tolist() == [0] * 5
    assert out[15:].tolist() == [1] * 5
    assert np.diff(out).max() < 0.3
    assert (np.diff(out) >= 0).all()
    assert out[9] + out[10] == pytest.approx(1)
    voiced = np.arange(20) < 10
    assert spread_steps(a, [10], 5, voiced).tolist() == a.tolist()
    assert spread_steps(a, [10], 0, None) is a


@pytest.mark.parametrize(
    ("target", "rate"), [({}, 22050), ({"preset": "coqui"}, 22050), ({"preset": "htk-16k"}, 16000)]
)
def test_world_to_mel_is_near_the_recordings_own_mel(world, target, rate):
    own = extractor("mel", **target)
    mel = WorldToMel().adapt(world, own.spec)
    direct = own.extract(audio.resample(sample_waveform(), rate))
    n = min(len(mel), len(direct))
    middle = slice(n // 3, 2 * n // 3)
    strong = direct["mel"][:n][middle] > direct["mel"].max() - 0.5 * np.ptp(direct["mel"])
    difference = np.abs(mel["mel"][:n][middle] - direct["mel"][:n][middle])[strong]
    assert difference.mean() < 0.06 * np.ptp(direct["mel"])


def test_what_resynthesis_loses_is_said():
    text = WorldToMel().describe(extractor("world").spec, HIFIGAN)
    assert "resamples 16000 to 22050 Hz, empty above 8000 Hz" in text
    assert "vocoder 'world'" in text


def test_mel_to_world_finds_the_pitch():
    mel = extractor("mel", preset="htk-16k").extract(sample_waveform())
    frames = MelToWorld().adapt(mel, extractor("world").spec)
    assert np.median(np.exp(frames["lf0"][60:140])) == pytest.approx(F0, rel=0.03)


def test_mel_to_mel_is_exact_where_only_the_logarithm_differs():
    wave = sample_waveform(22050)
    ours = extractor("mel", preset="coqui-ljspeech")
    theirs = extractor("mel", preset="coqui", fmax=8000.0)
    assert "exactly" in MelToMel().describe(ours.spec, theirs.spec)
    got = MelToMel().adapt(ours.extract(wave), theirs.spec)
    assert np.allclose(got["mel"], theirs.extract(wave)["mel"], atol=1e-4)


def test_mel_to_mel_between_filterbanks_and_hops():
    wave = sample_waveform(22050)
    ours = extractor("mel")
    theirs = extractor("mel", n_mels=40, mel_scale="htk", hop_length=200, padding="center-reflect")
    text = MelToMel().describe(ours.spec, theirs.spec)
    assert "approximately" in text
    got, direct = MelToMel().adapt(ours.extract(wave), theirs.spec), theirs.extract(wave)
    n = min(len(got), len(direct))
    assert abs(len(got) - len(direct)) <= 1
    middle = slice(n // 3, 2 * n // 3)
    assert np.abs(got["mel"][:n] - direct["mel"][:n])[middle].mean() < 0.35  # 3 dB


@pytest.mark.parametrize(
    ("produced", "through", "to"),
    [
        ("world", (), "world"),
        ("world", ("world-to-mel",), "griffin-lim"),
        ("mel", (), "griffin-lim"),
        ("mel", ("mel-to-world",), "world"),
        ("units", ("units-to-frames",), "world"),
        ("units", ("units-to-frames",), "griffin-lim"),
    ],
)
def test_every_way_sounds(path, world, produced, through, to):
    item = {"world": world, "mel": extractor("mel").extract(sample_waveform(22050)), "units": path}[produced]
    speaker = vocoder(to)
    for bridge in connect(item.spec, speaker, names=("model", to), adapters=through, plugins=registry()):
        item = bridge.adapt(item)
    out = speaker.render(item)
    assert out.duration == pytest.approx(1.0, abs=0.03)
    assert np.abs(out.samples).max() > 0.05


@pytest.mark.parametrize(
    ("produced", "to", "named"),
    [
        ("world", "griffin-lim", "world-to-mel"),
        ("units", "world", "units-to-frames"),
        ("mel", "world", "mel-to-world"),
    ],
)
def test_a_mismatch_is_refused_and_the_adapter_is_named(path, produced, to, named):
    spec = path.spec if produced == "units" else extractor(produced).spec
    with pytest.raises(SpecMismatch, match="kind") as caught:
        connect(spec, vocoder(to), names=("model", to), plugins=registry())
    assert named in caught.value.hint


def test_what_cannot_be_bridged():
    world, mel = extractor("world").spec, extractor("mel").spec
    kaiser = MelSpec.demand(window="kaiser")
    assert UnitsToFrames().bridge(world, Demand("mel")) is None
    assert WorldToMel().bridge(mel, Demand("mel")) is None
    assert WorldToMel().bridge(extractor("world", aperiodicity=False).spec, Demand("mel")) is None
    assert MelToMel().bridge(mel, Demand("world")) is None
    assert MelToMel().bridge(mel, kaiser) is None
    assert MelToMel().bridge(mel, Demand("mel", params={"preemphasis": 0.97})) is None
    assert UnitsToFrames().bridge(FeatureSpec("units", 16000), kaiser) is None


def test_durations_and_f0_that_a_request_gives_are_made_exact(path):
    given = Given(np.array([np.nan, 1.0, 0.05]), np.array([[1.1, 150.0], [1.9, 150.0]]))
    asked = replace(path, given=given)
    spec = extractor("world").spec
    frames = UnitsToFrames().adapt(asked, spec)
    assert len(frames) * spec.frame_period == pytest.approx(0.15 + 1.0 + 0.05, abs=spec.frame_period)
    middle = frames["lf0"][70:190]
    np.testing.assert_allclose(np.exp(middle), 150, rtol=0.02)
    near = UnitsToFrames(UnitsToFramesSettings(exact=False)).adapt(asked, spec)
    np.testing.assert_array_equal(near["lf0"], UnitsToFrames().adapt(path, spec)["lf0"])
    with pytest.warns(SpeechWarning, match="mel frames hold no F0"):
        UnitsToFrames().adapt(asked, extractor("mel").spec)
