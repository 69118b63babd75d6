"""The low-pass passes and stops what it should; the edge is found where the spectrum has one."""

import numpy as np
import pytest
from parametric_toy import SPEC
from synthkit_parametric.band_limit import band_edge, low_pass

from synthkit.dsp.melcepstrum import sp2mc
from synthkit.types import Frames


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
    pulse = np.zeros(1001, np.float32)
    pulse[500] = 1.0
    assert np.argmax(low_pass(pulse, 6000.0, 16000)) == 500


def frames_with(level_above_6k):
    level = np.where(np.arange(513) * 16000 / 1024 < 6000, 0.0, level_above_6k)
    mcep = np.repeat(sp2mc(10 ** (level[None] / 10), 24, 0.41), 10, axis=0).astype(np.float32)
    scalar = np.zeros(10, np.float32)
    return Frames({"mcep": mcep, "lf0": scalar, "vuv": scalar, "bap": scalar[:, None]}, SPEC)


def test_the_edge_is_found():
    assert band_edge(frames_with(-95.0), 80) == pytest.approx(6000, abs=300)
    assert band_edge(frames_with(-30.0), 80) is None


def test_contract(conformance):
    pytest.importorskip("pyworld")
    conformance("vocoder", "world-band-limited")
