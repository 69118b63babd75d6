# SPDX-License-Identifier: Apache-2.0
"""`DaskExecutor`: the map of `synthkit.pipeline.executors` over dask.distributed.

With a scheduler's address (``dask scheduler``; Slurm and others by dask-jobqueue) the workers may be on other
machines. Stages write their results into the cache and read recordings by their paths, so those machines need
the same synthkit and plugins, which is compared before the first task, and the cache and the corpus under the
same paths (a shared disk).

A worker that dies loses nothing: the scheduler gives its tasks to others. A scheduler that dies is waited for
under its address, and what had not come back is asked for again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from synthkit.errors import MachineError, SynthkitError
from synthkit.pipeline.executors import Executor
from synthkit.settings import Field, Settings
from synthkit_dask import parts, work

A = TypeVar("A")
B = TypeVar("B")

LOCAL = {
    # Dask would also have memory given back at every chance (MALLOC_TRIM_THRESHOLD_), which costs features of
    # speech, arrays of some hundred kB, a third of their time in page faults.
    "distributed.nanny.pre-spawn-environ": {f"{n}_NUM_THREADS": "1" for n in ("OMP", "MKL", "OPENBLAS")},
    # Nobody looks at what it watches a hundred times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    # Every stream of messages keeps those it sent last, items of tasks and all, a thousand of them: over a
    # long build these logs are what grows.
    "distributed.admin.low-level-log-length": 1,
    "distributed.diagnostics.computations.max-history": 1,
    "distributed.diagnostics.erred-tasks.max-history": 1,
}
"""Dask's configuration of a cluster here, and of the client of any."""
PATIENT = 3
"""Times that the scheduler may be lost with nothing coming back in between."""


class DaskSettings(Settings):
    """Settings of the `dask` executor."""

    scheduler: str | None = Field(
        default=None,
        description="address of a running scheduler, as tcp://host:8786; without one, a cluster here",
    )
    workers: int = Field(default=0, ge=0, description="processes of the cluster here; 0 is one per core")
    timeout_s: float = Field(
        default=30.0, gt=0, description="how long to wait for the scheduler and its first worker, seconds"
    )


class DaskExecutor(Executor):
    """Maps over dask workers; results come in the order of the items and are the same bytes as anywhere."""

    Config = DaskSettings

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._client: Any = None
        self._cluster: Any = None
        self._wanted = work.ours({})
        self._seen: set[str] = set()

    def agree(self, wanted: Mapping[str, str]) -> None:
        """See `Executor.agree`."""
        self._wanted, self._seen = work.ours(wanted), set()
        self._compare(self._connected())

    def map(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        """See `Executor.map`.

        Raises
        ------
        SynthkitError
            There is no scheduler at the address, a worker has other versions than this process, or workers
            died at an item again and again.
        """
        client = self._connected()
        self._compare(client)
        shared = self._share(client, function)
        source = iter(items)
        waiting: deque[tuple[bytes, Any]] = deque()
        size, lost = parts.Size(len(items)), 0
        try:
            while True:
                # As many on their way as keep every worker busy: a long corpus is never in the scheduler's
                # memory at once.
                workers = max(1, sum(client.ncores().values()))
                while len(waiting) < 4 * workers and (some := list(islice(source, size.next(workers)))):
                    data = work.packed(some)
                    del some
                    waiting.append((data, self._submit(client, shared, data)))
                if not waiting:
                    return
                try:
                    done = waiting[0][1].result()
                except Exception as error:
                    self._explain(error)
                    lost += 1
                    if lost > PATIENT:
                        raise MachineError(
                            "the dask scheduler was lost again and again",
                            where=str(self.config.scheduler or "the cluster on this machine"),
                            hint="the same command goes on from where it was",
                        ) from error
                    client = self._reconnected(error)
                    shared = self._share(client, function)
                    waiting = deque((data, self._submit(client, shared, data)) for data, _ in waiting)
                    continue
                lost = 0
                sent = len(waiting.popleft()[0])  # and with it the workers' copy goes
                results, fault = done.unpacked(), done.error
                size.took(done.seconds, done.busy, len(results), max(sent, len(done.results)))
                del done
                yield from results
                if fault is not None:
                    raise fault
        finally:
            if self._client is not None and waiting:
                _quietly_cancel(self._client, [future for _, future in waiting])

    def close(self) -> None:
        """Leave the scheduler; a cluster that was started here ends."""
        for part in (self._client, self._cluster):
            if part is not None:
                part.close()
        self._client = self._cluster = None

    def _share(self, client: Any, function: Callable[[A], B]) -> Any:
        """The function, sent once: a worker that needs it has it from another, and one that was lost with the
        worker that held it is sent anew by the scheduler."""
        return client.submit(work.unpacked, work.packed(function), pure=False)

    def _submit(self, client: Any, shared: Any, some: bytes) -> Any:
        return client.submit(work.do, shared, some, self._wanted, pure=False)

    def _explain(self, error: Exception) -> None:
        """Raise what an error says, unless the scheduler was lost."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            raise MachineError(
                "a dask worker died at the same item several times",
                hint="it may have run out of memory: fewer workers, or more memory for each; "
                "the same command goes on from where it was",
            ) from error
        if isinstance(error, SynthkitError) or not work.is_loss(error):
            raise error

    def _connected(self) -> Any:
        if self._client is None:
            import dask
            from distributed import LocalCluster

            with dask.config.set(LOCAL):  # for the client, too, and what the scheduler opens for it
                if self.config.scheduler is None:
                    self._cluster = LocalCluster(
                        n_workers=self.config.workers or None,
                        threads_per_worker=1,
                        dashboard_address="127.0.0.1:0",
                        host="127.0.0.1",
                    )
                self._client = self._joined(self.config.scheduler or self._cluster)
            self._seen = set()
        return self._client

    def _joined(self, scheduler: Any) -> Any:
        """A client of a scheduler, or of a cluster's."""
        from distributed import Client

        try:
            return Client(scheduler, timeout=self.config.timeout_s)
        except (OSError, ValueError) as error:
            raise SynthkitError(
                f"no dask scheduler answers: {error}",
                where=f"scheduler={self.config.scheduler}",
                hint="start one with `dask scheduler`, or leave the address out for a cluster here",
            ) from error

    def _reconnected(self, error: Exception) -> Any:
        """A client of the scheduler that is there after the one before was lost."""
        if self.config.scheduler is None:
            raise MachineError(
                f"the dask cluster on this machine was lost: {error}",
                hint="the same command goes on from where it was",
            ) from error
        old, self._client = self._client, None
        if old is not None:
            old.close(timeout=1)
        until = time.monotonic() + self.config.timeout_s
        while True:
            try:
                client = self._connected()
                self._compare(client)
            except SynthkitError as again:
                if isinstance(again, work.OtherVersion) or time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                return client

    def _compare(self, client: Any) -> None:
        """Refuse workers of other versions, before the first task and whenever new ones are there."""
        try:
            client.wait_for_workers(1, timeout=self.config.timeout_s)
        except TimeoutError as error:
            raise SynthkitError(
                f"the dask scheduler has no worker ({self.config.timeout_s:g} s waited)",
                where=f"scheduler={self.config.scheduler}",
                hint="start some with `dask worker ADDRESS`, or wait longer: --executor dask:timeout_s=600,…",
            ) from error
        there = set(client.scheduler_info(n_workers=-1)["workers"])
        if there <= self._seen:
            return
        found = client.run(work.difference, self._wanted, on_error="return")
        for worker, rows in sorted(found.items()):
            work.refuse(worker, rows)
        self._seen |= there


def _quietly_cancel(client: Any, futures: list[Any]) -> None:
    """Cancel what nobody waits for; where the scheduler has gone there is nothing to cancel."""
    try:
        client.cancel(futures)
    except Exception as error:
        if not work.is_loss(error):
            raise
