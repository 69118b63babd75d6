# SPDX-License-Identifier: Apache-2.0
"""Figures equal to those that the tools themselves publish or give."""

import numpy as np
import pytest
from parity_pairs import DATA, PUBLISHED, bound
from synthkit_metrics_world.espnet import EspnetF0
from synthkit_metrics_world.merlin import Merlin
from synthkit_metrics_world.ours import World
from synthkit_metrics_world.pymcd import Pymcd
from synthkit_metrics_world.versa import Versa, VersaDtw

from synthkit import audio
from synthkit.eval import Clip, EvalSample, measure
from synthkit.types import Waveform


@pytest.fixture(scope="module")
def pair():
    return EvalSample(
        "pair", "", "en", Clip(audio.read(DATA / "test2.wav")), Clip(audio.read(DATA / "test1.wav"))
    )


def figures(metric, sample):
    return {m.key: m for m in measure(metric, sample)}


GIVES = {d.key: kind for kind in (Versa, VersaDtw, Pymcd, EspnetF0, World) for d in kind.gives}


@pytest.mark.parametrize("key", [key for key in PUBLISHED if key in GIVES])
def test_published_values(pair, key):
    assert figures(GIVES[key](), pair)[key].value == pytest.approx(PUBLISHED[key][0], rel=bound(key))


def test_no_co_voiced_frame_is_undefined_and_says_so(pair):
    found = figures(World(), pair)
    for name in ("f0-rmse", "f0-rmse-cents", "f0-cents", "f0-correlation"):
        assert found[f"{name}/synthkit"].value is None
        assert "voiced in both" in found[f"{name}/synthkit"].reason
    assert figures(EspnetF0(), pair)["log-f0-rmse/espnet"].value is None


def tone(hertz, rate=16000, seconds=1.0, seed=0):
    t = np.arange(round(rate * seconds)) / rate
    x = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 12)) * 0.1
    return Clip(
        Waveform((x + 1e-3 * np.random.default_rng(seed).standard_normal(len(t))).astype(np.float32), rate)
    )


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


def test_lengths_that_a_tool_refuses_are_undefined():
    sample = EvalSample("tones", "", "en", tone(120, seconds=1.0), tone(120, seconds=0.5))
    assert "refuses" in figures(Versa(), sample)["mcd/versa"].reason
    assert "refuses" in figures(Merlin(), sample)["mcd/merlin"].reason


def test_silence_is_undefined():
    silent = Clip(Waveform(np.zeros(16000, np.float32), 16000))
    found = figures(World(), EvalSample("silent", "", "en", silent, tone(120)))
    assert found["mcd/synthkit"].value is None
    assert "silence" in found["mcd/synthkit"].reason
