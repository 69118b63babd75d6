# SPDX-License-Identifier: Apache-2.0
"""How many requests are open at once, and what is said to those that are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from time import monotonic

from synthkit.errors import SynthkitError


class Refused(SynthkitError):
    """A request that is not taken now; `after` seconds from now it may be."""

    def __init__(self, message: str, status: int, after: int) -> None:
        super().__init__(message, hint=f"try again in {after} s")
        self.status, self.after = status, after

    @property
    def headers(self) -> dict[str, str]:
        """``Retry-After``, as HTTP has it."""
        return {"retry-after": str(self.after)}


class Gate:
    """Lets requests in, as many as there is room for.

    A request that is in waits its turn for a voice, piece by piece; one that is not let in costs nothing.

    Parameters
    ----------
    most : int
        Requests open at once.
    each : int
        Of them, from one address.
    """

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = most, each
        self.open: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.usual = 0.5
        """Seconds that a request takes, lately."""

    @contextmanager
    def entered(self, client: str) -> Iterator[None]:
        """Be in while the block runs.

        Raises
        ------
        Refused
            503 where the server is full, 429 where this client alone has too many requests open.
        """
        count = self.open.total()
        if count >= self.most:
            self._refuse(f"{count} requests are open, and this server takes no more", 503)
        if self.open[client] >= self.each:
            self._refuse(f"{self.open[client]} of your requests are open, and nobody may have more", 429)
        self.open[client] += 1
        began = monotonic()
        try:
            yield
        finally:
            self.open[client] -= 1
            if not self.open[client]:
                del self.open[client]
            self.usual += 0.1 * (monotonic() - began - self.usual)

    def _refuse(self, message: str, status: int) -> None:
        self.refused[status] += 1
        raise Refused(message, status, max(1, min(ceil(self.usual), 60)))
