"""Figures equal to those that the tools themselves publish or give."""

from pathlib import Path

import numpy as np
import pytest
from synthkit_metrics_world.espnet import EspnetF0
from synthkit_metrics_world.merlin import Merlin
from synthkit_metrics_world.ours import World
from synthkit_metrics_world.pymcd import Pymcd
from synthkit_metrics_world.versa import Versa, VersaDtw

from synthkit import audio
from synthkit.eval import Clip, EvalSample, measure
from synthkit.types import Waveform

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def pair():
    return EvalSample("pair", "", "en", Clip(audio.read(DATA / "test2.wav")), Clip(audio.read(DATA / "test1.wav")))


def figures(metric, sample):
    return {m.key: m for m in measure(metric, sample)}


# VERSA: the values of its own test suite. pymcd 0.2.1: its Calculate_MCD run on the pair. ESPnet: the recipe's calls of
# pyworld 0.3.5, pysptk 1.0.1 and fastdtw 0.3.4. mcd/synthkit: an independent scorer of the same definition.
PUBLISHED = [
    (Versa, "mcd/versa", 5.0452265063),
    (Versa, "f0-rmse/versa", 20.2810045),
    (Versa, "f0-correlation/versa", -0.0754090),
    (VersaDtw, "mcd/versa-dtw", 4.6473568985),
    (Pymcd, "mcd/pymcd", 8.691350712075545),
    (Pymcd, "mcd/pymcd-dtw", 7.588816425226404),
    (Pymcd, "mcd/pymcd-dtw_sl", 7.588816425226404),
    (EspnetF0, "vuv-error/espnet", 44.776119402985076),
    (World, "mcd/synthkit", 4.478),
]


@pytest.mark.parametrize(("metric", "key", "value"), PUBLISHED, ids=[key for _, key, _ in PUBLISHED])
def test_published_values(pair, metric, key, value):
    digits = 1e-4 if key != "mcd/synthkit" else 2e-4  # the scorer prints three decimals
    assert figures(metric(), pair)[key].value == pytest.approx(value, rel=digits)


def test_no_co_voiced_frame_is_undefined_and_says_so(pair):
    found = figures(World(), pair)
    for name in ("f0-rmse", "f0-rmse-cents", "f0-cents", "f0-correlation"):
        assert found[f"{name}/synthkit"].value is None
        assert "voiced in both" in found[f"{name}/synthkit"].reason
    assert figures(EspnetF0(), pair)["log-f0-rmse/espnet"].value is None


def tone(hertz, rate=16000, seconds=1.0, seed=0):
    t = np.arange(round(rate * seconds)) / rate
    x = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 12)) * 0.1
    return Clip(Waveform((x + 1e-3 * np.random.default_rng(seed).standard_normal(len(t))).astype(np.float32), rate))


def test_known_pitch_difference():
    sample = EvalSample("tones", "", "en", tone(150), tone(120))
    found = figures(World(), sample)
    assert found["f0-rmse/synthkit"].value == pytest.approx(30, abs=1.5)
    assert found["f0-cents/synthkit"].value == pytest.approx(1200 * np.log2(150 / 120), abs=10)


def test_a_signal_against_itself_has_no_distance():
    sample = EvalSample("same", "", "en", tone(120), tone(120))
    for metric in (World(), Versa(), VersaDtw(), Pymcd(), Merlin()):
        for key, m in figures(metric, sample).items():
            if key.startswith(("mcd", "f0-rmse", "vuv", "bap")):
                assert m.value == pytest.approx(0, abs=1e-9), key


@pytest.mark.parametrize("rate", [22050, 24000, 44100, 48000])
def test_espnet_matches_the_packages_at_other_rates(rate):
    pysptk = pytest.importorskip("pysptk", reason="compares with pysptk: pip install pysptk==1.0.1 decorator")
    fastdtw = pytest.importorskip("fastdtw", reason="compares with fastdtw: pip install fastdtw==0.3.4")
    from scipy.spatial.distance import euclidean

    from synthkit.eval.metrics.spectral import ESPNET, EspnetMcd

    reference, test = tone(120, rate, 0.5), tone(170, rate, 0.6, seed=1)
    sample = EvalSample("tones", "", "en", test, reference)
    order, alpha = ESPNET[rate]

    def mcep(clip):
        x = np.round(clip.waveform.samples.astype(float) * 32768)
        window = pysptk.sptk.hamming(1024)
        frames = range((len(x) - 1024) // 256 + 1)
        return np.stack([pysptk.mcep(x[256 * i : 256 * i + 1024] * window, order, alpha, eps=1e-6, etype=1) for i in frames])

    a, b = mcep(test), mcep(reference)
    path = np.array(fastdtw.fastdtw(a, b, dist=euclidean)[1])
    expected = np.mean(10 / np.log(10) * np.sqrt(2 * ((a[path[:, 0]] - b[path[:, 1]]) ** 2).sum(1)))
    assert figures(EspnetMcd(), sample)["mcd/espnet"].value == pytest.approx(expected, rel=1e-6)


def test_stereo_is_measured_on_the_first_channel_as_versa_does(pair):
    left = pair.test.samples()
    both = np.stack([left, np.zeros_like(left)], axis=1)
    stereo = Clip(Waveform(both.mean(1).astype(np.float32), 16000), both)
    sample = EvalSample("stereo", "", "en", stereo, pair.reference)
    assert figures(Versa(), sample)["mcd/versa"].value == pytest.approx(5.0452265063, rel=1e-4)


def test_lengths_that_a_tool_refuses_are_undefined():
    sample = EvalSample("tones", "", "en", tone(120, seconds=1.0), tone(120, seconds=0.5))
    assert "refuses" in figures(Versa(), sample)["mcd/versa"].reason
    assert "refuses" in figures(Merlin(), sample)["mcd/merlin"].reason


def test_silence_is_undefined():
    silent = Clip(Waveform(np.zeros(16000, np.float32), 16000))
    found = figures(World(), EvalSample("silent", "", "en", silent, tone(120)))
    assert found["mcd/synthkit"].value is None
    assert "silence" in found["mcd/synthkit"].reason
