# SPDX-License-Identifier: Apache-2.0
"""What has come back leaves nothing in the process that asks: a long build takes no more memory than a short
one."""

from __future__ import annotations

import os
import tracemalloc

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

from synthkit_dask.executor import DaskExecutor, DaskSettings

EACH, COUNT = 100_000, 60


def kept(pool: DaskExecutor) -> int:
    """Bytes of Python's that are there after tasks with `COUNT` items of `EACH` bytes."""
    items = [os.urandom(EACH) for _ in range(COUNT)]
    assert list(pool.map(len, items)) == [EACH] * COUNT
    del items
    return tracemalloc.get_traced_memory()[0]


def test_items_that_were_sent_are_not_kept():
    pool = DaskExecutor(DaskSettings(workers=1))
    try:
        list(pool.map(len, [b""]))
        tracemalloc.start()
        first = kept(pool)
        assert max(kept(pool), kept(pool)) - first < COUNT * EACH / 2
    finally:
        tracemalloc.stop()
        pool.close()
