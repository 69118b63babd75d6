# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys

import numpy as np
import pytest
from synthkit_world.features import WorldFeatures, WorldSettings, continuous

from synthkit.dsp.specs import WorldSpec
from synthkit.dsp.world import load_pyworld
from synthkit.errors import AudioError
from synthkit.testing import sample_waveform
from synthkit.types import Demand, Waveform

TRUE_F0 = 16000 / (16000 // 120)  # of sample_waveform


@pytest.mark.parametrize("rate", [16000, 22050, 44100])
def test_contract(conformance, rate):
    frames = conformance("features", "world", settings={"sample_rate": rate})
    assert frames["mcep"].shape[1] == WorldSpec.of(frames.spec).order + 1
    assert frames["bap"].shape[1] == WorldSpec.of(frames.spec).n_bap


@pytest.mark.parametrize("method", ["dio", "harvest"])
def test_f0_of_a_known_sound(method):
    frames = WorldFeatures(WorldSettings(f0=method)).extract(sample_waveform())
    middle = slice(60, 140)
    assert np.all(frames["vuv"][middle] == 1)
    assert np.exp(frames["lf0"][middle]) == pytest.approx(TRUE_F0, abs=0.5)
    assert not frames["vuv"][:10].any()  # the silence before it, which ends at frame 30


def test_spec_is_what_the_defaults_promise():
    assert WorldFeatures().view == WorldSpec(
        sample_rate=16000, n_fft=1024, hop_length=80, fmin=60.0, fmax=400.0, floor=1e-11,
        order=24, alpha=0.41, n_bap=1, f0_method="dio+stonemask",
    )  # fmt: skip


@pytest.mark.parametrize("rate", [12000, 16000, 22050, 24000, 32000, 44100, 48000])
def test_sizes_are_worlds_own(rate):
    pw = load_pyworld()
    spec = WorldFeatures(WorldSettings(sample_rate=rate, f0_floor=71)).view
    assert spec.n_fft == pw.get_cheaptrick_fft_size(rate, 71)
    assert spec.n_bap == pw.get_num_aperiodicities(rate)


def test_mcep_is_that_of_cheaptrick():
    pysptk = pytest.importorskip("pysptk")
    pw, wave, extractor = load_pyworld(), sample_waveform(), WorldFeatures()
    x = wave.samples.astype(np.float64)
    f0, t = extractor.pitch(x)
    expected = pysptk.sp2mc(pw.cheaptrick(x, f0, t, 16000), 24, 0.41)
    assert np.allclose(extractor.extract(wave)["mcep"], expected, atol=1e-5)


def test_without_aperiodicity():
    frames = WorldFeatures(WorldSettings(aperiodicity=False)).extract(sample_waveform())
    assert tuple(frames.data) == ("mcep", "lf0", "vuv")
    assert WorldSpec.of(frames.spec).n_bap is None


def test_continuous_f0():
    f0 = np.array([0, 100, 0, 0, 200, 0.0])
    lf0, vuv = continuous(f0, default=150)
    assert vuv.tolist() == [0, 1, 0, 0, 1, 0]
    third = np.log(2) / 3
    assert lf0 == pytest.approx(np.log(100) + np.array([0, 0, 1, 2, 3, 3]) * third)
    assert continuous(np.zeros(3), default=150)[0] == pytest.approx(np.log([150] * 3))


def test_unvoiced_recording():
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.01
    frames = WorldFeatures().extract(Waveform(noise, 16000))
    assert frames["vuv"].mean() < 0.2
    assert np.isfinite(frames["lf0"]).all()


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(0), "at least 80 samples"),
        (np.ones(79) * 0.1, "at least 80 samples"),
        (np.zeros(8000), "digital silence"),
        (np.r_[np.ones(8000), np.nan], "1 samples that are not finite"),
        (np.r_[np.ones(8000), np.inf, np.nan], "2 samples that are not finite"),
        (np.ones((8000, 2)), "mono"),
    ],
)
def test_bad_recordings_are_refused(samples, message):
    with pytest.raises(AudioError, match=message):
        WorldFeatures().extract(Waveform(samples.astype(np.float32), 16000))


@pytest.mark.parametrize("n", [80, 81, 160, 400])
def test_shortest_recordings(n):
    wave = Waveform(sample_waveform().samples[8000 : 8000 + n], 16000)
    assert len(WorldFeatures().extract(wave)) == n // 80 + 1


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"sample_rate": 8000}, "aperiodicity"),
        ({"f0_floor": 300, "f0_ceil": 200}, r"f0_floor \(300.0\) must be below f0_ceil"),
        ({"alpha": 1.0}, "alpha: "),
        ({"frame_period": 5}, "frame_period: Extra inputs"),
        ({"f0": "yin"}, "f0: Input should be 'dio' or 'harvest'"),
    ],
)
def test_bad_settings(bad, said):
    with pytest.raises(ValueError, match=said):
        WorldSettings(**bad)


def test_matching():
    find = WorldFeatures.matching
    assert find(Demand("world"), 22050).spec.sample_rate == 22050
    exact = WorldFeatures(WorldSettings(f0="harvest", order=30, frame_period_ms=10)).spec
    assert find(Demand.exactly(exact), 22050).spec == exact
    assert find(Demand("mel"), 16000) is None
    assert find(WorldSpec.demand(f0_method="yin"), 16000) is None
    assert find(WorldSpec.demand(n_fft=512), 16000) is None


def test_same_bytes_in_other_processes_and_threads():
    code = (
        "import hashlib; from synthkit.testing import sample_waveform; "
        "from synthkit_world.features import WorldFeatures; f = WorldFeatures().extract(sample_waveform()); "
        "print(hashlib.sha256(b''.join(a.tobytes() for a in f.data.values())).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1


def test_pyworld_is_imported_without_setuptools():
    code = (
        "import sys; sys.modules['setuptools'] = None; "
        "from synthkit.dsp.world import load_pyworld; load_pyworld().dio; "
        "assert 'pkg_resources' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
