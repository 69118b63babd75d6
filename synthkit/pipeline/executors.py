# SPDX-License-Identifier: Apache-2.0
"""Mapping a function over utterances: one after another, or over processes. Results are the same bytes."""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from synthkit.errors import GO_ON, ConfigError, MachineError
from synthkit.plugins import registry
from synthkit.settings import Field, Settings
from synthkit.tables import parse_value, validate

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.context import ForkServerContext

A = TypeVar("A")
B = TypeVar("B")


class Executor(ABC):
    """Maps a function over items in order. Subclasses keep results independent of how they run."""

    Config: ClassVar[type[Settings]] = Settings

    def __init__(self, config: Settings | None = None) -> None:
        self.config: Any = config if config is not None else self.Config()

    @abstractmethod
    def map(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        """``function(item)`` for each item, in the order of the items.

        Parameters
        ----------
        function : callable
            Picklable, where items are worked on in other processes.
        items : sequence

        Returns
        -------
        iterator
        """

    def agree(self, wanted: Mapping[str, str]) -> None:
        """Make sure that every worker has what results depend on, before the first task.

        Parameters
        ----------
        wanted : mapping
            From `synthkit.pipeline.parts.Parts.wanted`. Workers that are processes of this machine, as those
            of the executors here, have it.

        Raises
        ------
        SynthkitError
            One lacks a plugin, or has another version.
        """
        return

    def close(self) -> None:
        """Give back workers."""


class SerialExecutor(Executor):
    """One after another, in this process, with one BLAS thread (as every worker has)."""

    def map(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        """See `Executor.map`."""
        from threadpoolctl import threadpool_limits

        for item in items:
            # BLAS sums in another order with another number of threads: one thread everywhere.
            with threadpool_limits(1):
                result = function(item)
            yield result


class ProcessSettings(Settings):
    """Settings of the process pool."""

    workers: int = Field(default=0, ge=0, description="number of processes; 0 is one per core")


class ProcessExecutor(Executor):
    """A pool of processes on this machine; the default."""

    Config = ProcessSettings

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._pool: ProcessPoolExecutor | None = None
        self.workers = self.config.workers or _cores()

    def map(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        """See `Executor.map`. A worker that dies (out of memory, killed) is a `MachineError`, as is a process
        that should start workers and cannot."""
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, fork_server(), _start_worker, (os.getpid(),))
        ahead = self.workers * 4
        waiting: deque[Future[B]] = deque()
        iterator = iter(items)
        try:
            for item in iterator:
                try:
                    future = self._pool.submit(function, item)
                except (EOFError, ConnectionError) as error:  # of the fork server; click takes EOF for Ctrl-C
                    raise MachineError(
                        "the process that starts workers ended",
                        hint="the machine may be out of memory or of file handles (ulimit -n): try "
                        f"`--workers 1`; {GO_ON}",
                    ) from error
                waiting.append(future)
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            self._pool = None
            raise MachineError(
                "a worker process died",
                hint="the machine may have run out of memory: try `--workers 1`; "
                "the same command goes on from where it was",
            ) from error
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """Stop the workers."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fork_server() -> ForkServerContext:
    """How workers are started: a fork of a process that has threads (BLAS, torch) may hang.

    Returns
    -------
    ForkServerContext
    """
    from multiprocessing import get_context

    _sockets_in_scratch()
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", "synthkit.pipeline.forked"])
    return context


def _sockets_in_scratch() -> None:
    """multiprocessing keeps the fork server's socket in a folder that a killed process leaves for ever, and
    that it cannot take away from a disk that may only be read without a traceback: it is given ours.
    """
    from multiprocessing import process

    from synthkit.scratch import process_folder

    config = process.current_process()._config  # type: ignore[attr-defined]
    if "tempdir" not in config:
        config["tempdir"] = str(process_folder())


def _start_worker(parent: int) -> None:
    import signal

    import numpy  # noqa: F401  # loads BLAS, so that it can be limited
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work

    def watch() -> None:
        # A parent killed with SIGKILL cannot tell its workers; they would wait for ever.
        while True:
            time.sleep(0.5)
            try:
                os.kill(parent, 0)
            except ProcessLookupError:
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def make_executor(name: str, workers: int) -> Executor:
    """The executor of ``NAME[:KEY=VALUE,…]``; a process pool of one worker is the serial executor.

    Parameters
    ----------
    name : str
    workers : int
        Processes; 0 is one a core.

    Returns
    -------
    Executor

    Raises
    ------
    SynthkitError
        There is no such executor, or it has no such setting.
    """
    name, _, rest = name.partition(":")
    if name == "process" and workers == 1 and not rest:
        name = "serial"
    kind = registry().load("executor", name)
    settings: dict[str, Any] = {"workers": workers} if "workers" in kind.Config.model_fields else {}
    for text in filter(None, rest.split(",")):
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--executor {name}: {text!r} is not KEY=VALUE")
        settings[key.strip()] = parse_value(value.strip())
    made: Executor = kind(validate(kind.Config, settings, where=f"--executor {name}"))
    return made
