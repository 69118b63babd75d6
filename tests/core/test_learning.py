# SPDX-License-Identifier: Apache-2.0
"""What trainings share (`synthkit.learning`): the learning rate's way."""

import pytest

from synthkit.learning import held_then_falling


def test_a_rate_goes_up_in_a_line_stays_and_falls_by_the_inverse_root():
    way = [held_then_falling(step, warmup=10, hold=100) for step in range(1601)]
    assert way[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert set(way[9:101]) == {1.0}
    assert way[400] == pytest.approx(0.5) and way[1600] == pytest.approx(0.25)
    assert all(b < a for a, b in zip(way[100:], way[101:], strict=False))
