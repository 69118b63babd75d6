# SPDX-License-Identifier: Apache-2.0
"""Alignment paths against brute force and against the fastdtw package."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist, euclidean

from synthkit.eval.dtw import dtw_path, fastdtw_path


def brute(costs):
    """Textbook recursion; ties as documented: diagonal, then a step in the first sequence."""
    n, m = costs.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(m):
            total[i + 1, j + 1] = costs[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[n, m]


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 7), (7, 1), (5, 9), (40, 33), (64, 65)])
def test_exact_path_is_the_cheapest_and_monotone(n, m):
    rng = np.random.default_rng(n * 100 + m)
    a, b = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    i, j = dtw_path(a, b)
    costs = cdist(a, b)
    assert costs[i, j].sum() == pytest.approx(brute(costs))
    assert (i[0], j[0], i[-1], j[-1]) == (0, 0, n - 1, m - 1)
    steps = set(zip(np.diff(i).tolist(), np.diff(j).tolist(), strict=True))
    assert steps <= {(1, 1), (1, 0), (0, 1)}


def test_equal_sequences_run_along_the_diagonal():
    a = np.random.default_rng(0).normal(size=(30, 2))
    for path in (dtw_path(a, a), fastdtw_path(a, a)):
        assert (path[0] == path[1]).all()
        assert len(path[0]) == 30


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 5), (3, 3), (50, 61), (101, 40), (200, 200)])
def test_fastdtw_equals_the_package(n, m):
    fastdtw = pytest.importorskip("fastdtw", reason="compares with the package: pip install fastdtw==0.3.4")
    rng = np.random.default_rng(n + m)
    a, b = np.cumsum(rng.normal(size=(n, 4)), 0), np.cumsum(rng.normal(size=(m, 4)), 0)
    i, j = fastdtw_path(a, b)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == fastdtw.fastdtw(a, b, dist=euclidean)[1]


def test_fastdtw_published_example():
    # The docstring of fastdtw 0.3.4 (there over scalars).
    a, b = np.array([[1.0], [2], [3], [4], [5]]), np.array([[2.0], [3], [4]])
    i, j = fastdtw_path(a, b)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2)]


def test_sequences_that_cannot_be_aligned():
    with pytest.raises(ValueError, match="empty"):
        dtw_path(np.zeros((0, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="cannot be aligned"):
        dtw_path(np.zeros((3, 2)), np.zeros((3, 3)))
    for aligned in (dtw_path, fastdtw_path):
        with pytest.raises(ValueError, match="no numbers"):
            aligned(np.zeros((3, 2)), np.array([[0, 1], [2, np.nan]]))
