# SPDX-License-Identifier: Apache-2.0
"""The refinement's arithmetic against the first stage's, which is tested by enumeration."""

import numpy as np
import pytest
from synthkit_align import banded, kernels


def chain(states):
    before = np.arange(-1, states - 1, dtype=np.int32)[:, None].copy()
    first, last = np.zeros(states, bool), np.zeros(states, bool)
    first[0] = last[-1] = True
    return before, first, last


@pytest.mark.parametrize("reach", [3, 50])
def test_posteriors_are_those_of_the_whole_chain_where_the_corridor_is_wide(reach):
    rng = np.random.default_rng(5)
    starts = np.array([0, 11, 19, 24, 40])
    states, frames = 12, 40
    density = rng.normal(0, 1.5, (frames, states)).astype(np.float32)
    low, high = banded.corridor(starts, reach)
    banded_density = np.full((frames, (high - low).max()), np.float32(-1e30))
    dense = np.full((frames, states), np.float32(-200))  # what lies outside the corridor cannot be
    for t in range(frames):
        banded_density[t, : high[t] - low[t]] = density[t, low[t] : high[t]]
        dense[t, low[t] : high[t]] = density[t, low[t] : high[t]]
    stay = np.full(states, 0.8)
    whole, expected = kernels.posteriors(
        dense, np.arange(states, dtype=np.int32), *chain(states), stay, 1 - stay
    )
    found, posterior = banded.posteriors(banded_density, low, high, states, 0.8)
    assert found == pytest.approx(whole, abs=1e-3)
    full = np.zeros((frames, states))
    for t in range(frames):
        full[t, low[t] : high[t]] = posterior[t, : high[t] - low[t]]
    np.testing.assert_allclose(full, expected, atol=1e-6)
    np.testing.assert_allclose(
        banded.held(posterior, low, high, 4), expected.reshape(frames, 4, 3).sum(axis=(0, 2)), atol=1e-5
    )


def test_a_corridor_holds_a_path_through_the_shortest_phones():
    for starts in ([0, 3, 6, 9, 12], [0, 2, 6, 8, 12], [0, 4, 6, 9, 12], [0, 3, 40, 43]):
        starts = np.array(starts)
        states = 3 * (len(starts) - 1)
        low, high = banded.corridor(starts, 2)
        density = np.zeros((starts[-1], (high - low).max()), np.float32)
        assert banded.posteriors(density, low, high, states, 0.8)[0] > kernels.NO_PATH


def test_too_few_frames_have_no_path():
    low, high = banded.corridor(np.array([0, 2, 4]), 2)
    density = np.zeros((4, (high - low).max()), np.float32)
    assert banded.posteriors(density, low, high, 6, 0.8)[0] == kernels.NO_PATH
