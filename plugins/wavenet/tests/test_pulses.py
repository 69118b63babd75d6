# SPDX-License-Identifier: Apache-2.0
"""Pulses stand a period apart when it speaks, and where they are in a recording when it learns."""

import numpy as np
from synthkit_wavenet import pulses
from synthkit_wavenet.shape import PULSES


def test_spoken_pulses_are_a_period_apart():
    period = np.concatenate([np.zeros(500), np.linspace(160, 80, 8000), np.zeros(300), np.full(1000, 100.0)])
    first, second = pulses.spoken(period)
    assert first[0] == 500 and second[0] == 8800
    middle = np.round((first[1:] + first[:-1]) / 2).astype(int)
    assert np.abs(np.diff(first) / period[middle] - 1).max() < 0.01
    assert np.allclose(np.diff(second), 100)


def test_heard_pulses_are_those_of_the_recording():
    random = np.random.default_rng(0)
    true = np.cumsum(np.linspace(150, 90, 60) * random.uniform(0.97, 1.03, 60)).astype(int) + 400
    left = 0.5 * random.standard_normal(true[-1] + 500)
    left[true] += 4
    period = np.zeros(len(left))
    period[350 : true[-1] + 60] = np.interp(np.arange(350, true[-1] + 60), true[:-1], np.diff(true))
    (found,) = pulses.heard(left, period)
    assert len(set(found.astype(int)) & set(true)) >= 57


def test_a_sample_knows_how_far_pulses_are():
    near = pulses.around([np.array([10.25, 20.25, 32.0]), np.array([50.0])], 60)
    assert near[:11].sum() == near[32:].sum() == 0
    assert near[11].tolist() == [0.75, 9.25]
    assert near[31].tolist() == [10.75, 1.0]
    said = pulses.signals(near)
    assert said.shape == (60, PULSES)
    assert not said[40].any()
    assert said[20, 2] > 0.9 and said[26, 2] < 1e-3


def test_voicing_is_that_of_the_nearest_frame():
    lf0, vuv = np.log(np.array([100.0, 200.0, 200.0])), np.array([1.0, 1.0, 0.0])
    below, part = np.array([0, 0, 1, 1]), np.array([0.0, 0.5, 0.25, 0.75])
    found = pulses.contour(lf0, vuv, below, part, 16000)
    assert np.allclose(found, [160, 16000 / np.sqrt(20000), 80, 0])
