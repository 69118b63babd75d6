# SPDX-License-Identifier: Apache-2.0
"""What lies on the disk between a batch and its alignments, and how a corpus is summed up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from synthkit_align.routes import Route, groups, read_edges, read_routes, write_edges, write_routes


def test_routes_come_back_with_those_that_were_not_found(tmp_path: Path) -> None:
    def route(count: int) -> Route:
        phone = np.arange(count, dtype=np.int32)
        return Route(np.arange(count + 1) / 3, phone, phone - 1, -np.arange(count) / 7)

    given = [route(3), None, route(1), None]
    write_routes(tmp_path, 5, given)
    for found, wanted in zip(read_routes(tmp_path, 5), given, strict=True):
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            for name in ("starts", "phone", "word", "score"):
                np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    write_routes(tmp_path, 6, [None])
    assert read_routes(tmp_path, 6) == [None]


def test_boundaries_come_back_to_the_last_bit(tmp_path: Path) -> None:
    given = [[0.0, 0.1, 1 / 3], None, [], [2e-6]]
    write_edges(tmp_path, 0, given)
    assert read_edges(tmp_path, 0) == given
    assert [p.name for p in tmp_path.iterdir()] == ["edges-0.npz"]


def test_a_corpus_is_summed_up_in_parts_that_follow_from_its_size_alone() -> None:
    for count in (0, 1, 63, 64, 127, 128, 1000, 5000):
        parts = list(groups(range(count)))
        assert [k for part in parts for k in part] == list(range(count))
        assert max(map(len, parts), default=0) <= 16
        assert count < 128 or len(parts) >= 60
    assert list(map(len, groups(range(100)))) == [1] * 100
