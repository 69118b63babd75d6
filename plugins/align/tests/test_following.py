# SPDX-License-Identifier: Apache-2.0
"""Following a text through a recording: a wide beam finds the likeliest way of all, a narrow one the way that
a plain recording leaves no doubt of."""

from itertools import combinations

import numpy as np
import pytest
from synthkit_align.following import follow

STAY, LEAVE = np.log(0.7), np.log(0.3)


def every_way(density, sequence):
    """The likeliest of all ways from the first phone to the last, by trying each."""
    steps, count = len(density), len(sequence)
    best, chosen = -np.inf, None
    for moves in combinations(range(1, steps), count - 1):
        way = np.searchsorted(moves, np.arange(steps), side="right")
        value = density[np.arange(steps), sequence[way]].sum() + (count - 1) * LEAVE
        value += (steps - count) * STAY
        if value > best:
            best, chosen = value, way
    return chosen


@pytest.mark.parametrize("seed", range(20))
def test_a_beam_of_all_phones_finds_the_likeliest_way(seed):
    rng = np.random.default_rng(seed)
    steps, count = int(rng.integers(6, 12)), int(rng.integers(2, 6))
    density = rng.normal(0, 3, (steps, 8))
    sequence = rng.permutation(8)[:count].astype(np.int32)  # no phone twice: ways would be equally likely
    found = follow(density, sequence, np.zeros((steps, count), bool), STAY, LEAVE)
    assert found.tolist() == every_way(density, sequence).tolist()


def test_a_narrow_beam_goes_with_a_plain_recording_to_the_end():
    rng = np.random.default_rng(5)
    sequence = np.tile(rng.permutation(60), 7)[:400].astype(np.int32)  # none twice in a row
    lasts = rng.integers(2, 9, len(sequence))
    truth = np.repeat(np.arange(len(sequence)), lasts)
    density = np.where(np.arange(60) == sequence[truth][:, None], 0.0, -20.0)
    density += rng.normal(0, 0.5, density.shape)
    found = follow(density, sequence, np.zeros((len(truth), 24), bool), STAY, LEAVE)
    assert found.tolist() == truth.tolist()
    assert set(np.diff(found)) == {0, 1}  # no phone is left out
