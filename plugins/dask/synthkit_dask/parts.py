# SPDX-License-Identifier: Apache-2.0
"""How many items go to a worker at a time: a task costs the scheduler milliseconds, whatever is in it."""

from __future__ import annotations

from dataclasses import dataclass

WANTED = 0.5
"""Seconds of work that a task should have: of the processor, or of the clock where it is waited for."""
WAITED = 0.25
"""Share of the clock's seconds that is work at least: on a busy machine most of them are others'."""
MOST = 64
"""Items of a task."""
LARGEST = 2 << 20
"""Bytes of a task's items, or of its results: several tasks are on their way for each worker, and wait there
and here."""


@dataclass
class Size:
    """Items of the next task; results do not depend on it.

    Attributes
    ----------
    left : int
        Items that are in no task yet.
    items : int
        As many as make a task of `WANTED` seconds, by those that have come back.
    """

    left: int
    items: int = 1

    def next(self, workers: int) -> int:
        """How many items the next task gets: never so many that the others would wait for it at the end
        (guided self-scheduling: Polychronopoulos & Kuck, IEEE Trans. Computers 36(12), 1987)."""
        count = max(1, min(self.items, self.left // (2 * workers)))
        self.left -= count
        return count

    def took(self, seconds: float, busy: float, count: int, size: int = 0) -> None:
        """What a task of `count` items took by the clock, and of the processor's time, and the bytes of its
        items or results, whichever are more: the next may have up to twice as many items."""
        if count:
            fitting = int(WANTED * count / max(busy, WAITED * seconds, 1e-6))
            small = LARGEST * count // max(size, 1)
            self.items = max(1, min(2 * self.items, fitting, small, MOST))
