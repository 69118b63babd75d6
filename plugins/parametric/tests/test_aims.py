# SPDX-License-Identifier: Apache-2.0
"""What a prosody part aims at, as the parametric voice takes it."""

from __future__ import annotations

import numpy as np
import pytest
from synthkit_parametric.parametric import ParametricModel

from synthkit.plugins import registry
from synthkit.stages import Request
from synthkit.types import PAUSE, Prosody


@pytest.fixture(scope="module")
def model():
    made = ParametricModel()
    made.open(ParametricModel.bundled("nsh").folder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def said():
    return registry().load("segmentation", "text")().segment("Мама мыла раму, а потом ушла домой.", "ru")


def test_f0_goes_through_the_aims(model, said):
    rows = said.symbols()
    points = np.array(
        [[k + half, 170.0] for k in range(len(rows)) if rows[k] != PAUSE for half in (0.25, 0.75)]
    )
    aimed = model.predict(Request(said, prosody=Prosody(frozenset({2}), f0=points)))
    own = model.predict(Request(said, prosody=Prosody(frozenset({2}))))
    voiced = aimed["vuv"] > 0.5
    assert np.exp(np.median(aimed["lf0"][voiced])) == pytest.approx(170, rel=0.02)
    assert aimed["mcep"].tobytes() == own["mcep"].tobytes(), "F0 alone is moved"
    assert aimed["lf0"][voiced].std() < own["lf0"][voiced].std() / 2


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_a_share_of_the_aims_is_that_much_of_the_way(model, said, share):
    rows = said.symbols()
    points = np.array([[k + 0.5, 170.0] for k in range(len(rows)) if rows[k] != PAUSE])
    own, whole, some = (
        model.predict(Request(said, prosody=Prosody(frozenset({2}), f0=f0, share=part)))["lf0"]
        for f0, part in ((points[:0], 1.0), (points, 1.0), (points, share))
    )
    np.testing.assert_allclose(some, own + share * (whole - own), atol=1e-6)
    assert np.abs(whole - own).max() > 0.1


def test_pauses_and_durations_are_aimed_at_and_hand_edits_go_before(model, said):
    rows = said.symbols()
    without = model.predict(Request(said, prosody=Prosody(frozenset())))
    paused = model.predict(Request(said, prosody=Prosody(frozenset({2}))))
    assert list(without.timing.phones).count(PAUSE) == 2 and list(paused.timing.phones).count(PAUSE) == 3
    aims = np.full(len(rows), np.nan)
    aims[1], aims[2] = 0.3, 0.25
    order = np.full(len(rows), np.nan)
    order[2] = 0.1
    spoken = model.predict(Request(said, durations=order, prosody=Prosody(durations=aims)))
    lengths = np.diff(spoken.timing.edges)
    assert lengths[1] == pytest.approx(0.3) and lengths[2] == pytest.approx(0.1)
