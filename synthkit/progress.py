"""Progress with an ETA on stderr, for anything that takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")
QUIET_SECONDS = 2.0
LOG_EVERY = 10.0


class Progress:
    """Prints nothing for two seconds, then a live bar on a terminal or a line every ten seconds elsewhere.

    Parameters
    ----------
    stream : TextIO, optional
        Where to; stderr by default.
    enabled : bool
        False is silent.
    """

    def __init__(self, stream: TextIO | None = None, *, enabled: bool = True) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.enabled = enabled

    def log(self, message: str) -> None:
        """One line to the user."""
        if self.enabled:
            print(message, file=self.stream, flush=True)

    def track(self, items: Iterable[T], *, label: str, total: int | None = None) -> Iterator[T]:
        """Iterate over `items`, showing how far it is and how long it will still take."""
        if total is None and hasattr(items, "__len__"):
            total = len(items)  # type: ignore[arg-type]
        if not self.enabled:
            yield from items
            return
        started = last = time.monotonic()
        live = self.stream.isatty()
        shown = False
        done = 0
        try:
            for item in items:
                yield item
                done += 1
                now = time.monotonic()
                due = 0.1 if live else LOG_EVERY
                if now - started > QUIET_SECONDS and (now - last > due or (live and not shown)):
                    last, shown = now, True
                    self._show(label, done, total, now - started, live=live)
        finally:
            if shown:
                elapsed = time.monotonic() - started
                end = "\r\033[K" if live else ""
                state = f"{done} in {_clock(elapsed)}"
                print(f"{end}{label}: {state}", file=self.stream, flush=True)

    def _show(self, label: str, done: int, total: int | None, elapsed: float, *, live: bool) -> None:
        if total:
            left = elapsed / done * (total - done)
            share = done / total
            text = f"{done}/{total} {share:4.0%}, {_clock(left)} left"
            if live:
                width = 20
                full = round(width * share)
                text = f"[{'█' * full}{'·' * (width - full)}] {text}"
        else:
            text = f"{done} in {_clock(elapsed)}"
        if live:
            print(f"\r\033[K{label}: {text}", end="", file=self.stream, flush=True)
        else:
            print(f"{label}: {text}", file=self.stream, flush=True)


def _clock(seconds: float) -> str:
    seconds = round(seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"
