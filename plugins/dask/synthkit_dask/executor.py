# SPDX-License-Identifier: Apache-2.0
"""`DaskExecutor`: the map of `synthkit.pipeline.executors` over dask.distributed.

With a scheduler's address (``dask scheduler``; Slurm and others by dask-jobqueue) the workers may be on other
machines. Stages write their results into the cache and read recordings by their paths, so those machines need
the same synthkit and plugins, and the cache and the corpus under the same paths (a shared disk).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from synthkit.errors import MachineError, SynthkitError
from synthkit.pipeline.executors import Executor
from synthkit.settings import Field, Settings

A = TypeVar("A")
B = TypeVar("B")


class DaskSettings(Settings):
    """Settings of the `dask` executor."""

    scheduler: str | None = Field(
        default=None,
        description="address of a running scheduler, as tcp://host:8786; without one, a cluster here",
    )
    workers: int = Field(default=0, ge=0, description="processes of the cluster here; 0 is one per core")
    timeout_s: float = Field(default=30.0, gt=0, description="how long to wait for the scheduler, seconds")


class DaskExecutor(Executor):
    """Maps over dask workers; results come in the order of the items and are the same bytes as anywhere."""

    Config = DaskSettings

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._client: Any = None
        self._cluster: Any = None

    def map(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        """See `Executor.map`.

        Raises
        ------
        SynthkitError
            There is no scheduler at the address, or a worker died at an item again and again.
        """
        from distributed import KilledWorker

        client = self._connected()
        # As many on their way as keep every worker busy: a long corpus is never in the scheduler's memory at
        # once.
        ahead = 4 * max(1, sum(client.ncores().values()))
        waiting: deque[Any] = deque()
        try:
            for item in items:
                waiting.append(client.submit(_on_one_thread, function, item, pure=False))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except KilledWorker as error:
            raise MachineError(
                "a dask worker died at the same item several times",
                hint="it may have run out of memory: fewer workers, or more memory for each; "
                "the same command goes on from where it was",
            ) from error
        finally:
            client.cancel(list(waiting))

    def close(self) -> None:
        """Leave the scheduler; a cluster that was started here ends."""
        for part in (self._client, self._cluster):
            if part is not None:
                part.close()
        self._client = self._cluster = None

    def _connected(self) -> Any:
        if self._client is None:
            from distributed import Client, LocalCluster

            address = self.config.scheduler
            if address is None:
                self._cluster = LocalCluster(
                    n_workers=self.config.workers or None, threads_per_worker=1, dashboard_address=None
                )
            try:
                self._client = Client(address or self._cluster, timeout=self.config.timeout_s)
            except (OSError, ValueError) as error:
                raise SynthkitError(
                    f"no dask scheduler answers: {error}",
                    where=f"scheduler={address}",
                    hint="start one with `dask scheduler`, or leave the address out for a cluster on this "
                    "machine",
                ) from error
        return self._client


def _on_one_thread(function: Callable[[A], B], item: A) -> B:
    """BLAS sums in another order with another number of threads: one thread everywhere, once and for all."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    return function(item)
