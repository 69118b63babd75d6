# SPDX-License-Identifier: Apache-2.0
"""How many items go to a worker at a time: a task costs the scheduler a few milliseconds, whatever is in
it."""

from __future__ import annotations

from dataclasses import dataclass

WANTED = 0.5
"""Seconds that a task should take."""
MOST = 64


@dataclass
class Size:
    """Items of the next task; results do not depend on it."""

    items: int = 1

    def took(self, seconds: float, count: int) -> None:
        """What a task of `count` items took: the next may be up to twice as large."""
        if count:
            fitting = int(WANTED * count / max(seconds, 1e-6))
            self.items = max(1, min(2 * self.items, fitting, MOST))
