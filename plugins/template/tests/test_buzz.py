# SPDX-License-Identifier: Apache-2.0
"""The tests of the template plugin: the conformance kit, and one thing only this vocoder does."""

import numpy as np
import pytest

from synthkit.testing import sample_waveform


def test_contract(conformance):
    conformance("vocoder", "buzz")


def test_robot_speaks_on_one_note():
    world = pytest.importorskip("synthkit_world.features", reason="pip install ./plugins/world")
    from synthkit_template.buzz import BuzzSettings, BuzzVocoder

    frames = world.WorldFeatures().extract(sample_waveform())
    sound = BuzzVocoder(BuzzSettings(robot_hz=200.0)).render(frames).samples
    middle = sound[4000:12000].astype(np.float64)
    lags = np.correlate(middle, middle, "full")[len(middle) - 1 :]
    assert 50 + np.argmax(lags[50:200]) == pytest.approx(16000 / 200, abs=1)
