# SPDX-License-Identifier: Apache-2.0
"""Progress with an ETA on stderr, for anything that takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from synthkit.errors import visible

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

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
    listen : callable, optional
        Called ``listen(event, **values)`` with everything that is told: ``"log"`` (``message``), ``"track"``
        (``label``, ``done``, ``total``, ``elapsed`` in seconds, ``over``) and whatever `tell` is given.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        enabled: bool = True,
        listen: Callable[..., None] | None = None,
    ) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.enabled = enabled
        self.listen = listen
        self._live: RichProgress | None = None

    def tell(self, event: str, **values: Any) -> None:
        """Something for who listens; nothing is printed.

        Parameters
        ----------
        event : str
        **values : object
            JSON-ready.
        """
        if self.listen is not None:
            self.listen(event, **values)

    def log(self, message: str) -> None:
        """One line to the user; above the live bar while there is one, which a plain print would tear.

        Parameters
        ----------
        message : str
        """
        self.tell("log", message=message)
        self._print(visible(message, "\n\t"))

    def _print(self, message: str) -> None:
        if self._live is not None:
            self._live.console.print(message, markup=False, highlight=False, soft_wrap=True)
        elif self.enabled:
            print(message, file=self.stream, flush=True)

    def track(
        self, items: Iterable[T], *, label: str, total: int | Callable[[], int] | None = None
    ) -> Iterator[T]:
        """Iterate over `items`, showing how far it is and how long it will still take.

        Parameters
        ----------
        items : iterable
        label : str
        total : int or callable, optional
            Where `items` has no length; called each time that it is shown where it changes on the way.

        Yields
        ------
        object
            Each of the items.
        """
        if total is None and hasattr(items, "__len__"):
            total = len(items)  # type: ignore[arg-type]
        there_are: Callable[[], int | None] = total if callable(total) else lambda: total
        if self.listen is not None:
            items = self._heard(items, label, there_are)
        if not self.enabled:
            yield from items
            return
        started = last = time.monotonic()
        done = 0
        bar, outer = None, self._live
        try:
            for item in items:
                yield item
                done += 1
                now = time.monotonic()
                if now - started < QUIET_SECONDS:
                    continue
                if self.stream.isatty():
                    bar = self._live = bar or self._bar(label, there_are(), done)
                    bar.update(bar.task_ids[0], completed=done, total=there_are())
                elif now - last >= LOG_EVERY:
                    last = now
                    self._print(f"{label}: {_position(done, there_are(), now - started)}")
        finally:
            if bar is not None:
                bar.stop()
                self._live = outer
            if time.monotonic() - started > QUIET_SECONDS:
                self._print(f"{label}: {done} in {_clock(time.monotonic() - started)}")

    def _heard(self, items: Iterable[T], label: str, there_are: Callable[[], int | None]) -> Iterator[T]:
        began, done = time.monotonic(), 0

        def tell(over: bool) -> None:
            elapsed = round(time.monotonic() - began, 3)
            self.tell("track", label=label, done=done, total=there_are() or 0, elapsed=elapsed, over=over)

        tell(False)
        for item in items:
            yield item
            done += 1
            tell(False)
        tell(True)

    def _bar(self, label: str, total: int | None, done: int) -> RichProgress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar = RichProgress(
            *columns,
            console=Console(file=self.stream),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # else what goes down a pipe would land on the terminal
        )
        bar.add_task(label, total=total, completed=done)
        bar.start()
        return bar


def _position(done: int, total: int | None, elapsed: float) -> str:
    if not total:
        return f"{done} in {_clock(elapsed)}"
    return f"{done}/{total} {done / total:.0%}, {_clock(elapsed / done * (total - done))} left"


def _clock(seconds: float) -> str:
    seconds = round(seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"
