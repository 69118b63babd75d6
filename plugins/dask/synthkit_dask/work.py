# SPDX-License-Identifier: Apache-2.0
"""What runs in a dask worker: some items at a time, under the same versions as the process that asks."""

from __future__ import annotations

import pickle
import platform
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synthkit.errors import PluginError, SynthkitError


class OtherVersion(PluginError):
    """A worker lacks a plugin, or has another version of something that results depend on."""


@dataclass(frozen=True)
class Done:
    """Results of some items, in order and packed, so that their size is known; where one failed, those before
    it and its error. And what they took, by the clock and of the processor's time."""

    results: bytes
    error: Exception | None
    seconds: float
    busy: float

    def unpacked(self) -> list[Any]:
        """The results."""
        found: list[Any] = unpacked(self.results)
        return found


def do(function: Callable[[Any], Any], items: bytes, wanted: Mapping[str, str]) -> Done:
    """Apply `function` to each of some packed items, with one BLAS thread.

    BLAS sums in another order with another number of threads: one thread everywhere. A worker that came after
    the others were compared is compared here.
    """
    from threadpoolctl import threadpool_limits

    began, busy, results = time.monotonic(), time.thread_time(), list[Any]()
    fault: Exception | None = None
    try:
        refuse(platform.node(), difference(wanted))
        with threadpool_limits(1):
            for item in unpacked(items):
                results.append(function(item))
    except Exception as error:
        fault = _portable(error)
    took = time.monotonic() - began, time.thread_time() - busy
    return Done(packed(results), fault, *took)


def packed(what: Any) -> bytes:
    """A function, which so crosses once, or some items, which so take a tenth of their memory while they wait
    for a worker."""
    return pickle.dumps(what, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Any:
    """Inverse of `packed`; a task, so that the scheduler can make it again wherever it is lost."""
    return pickle.loads(data)


def _portable(error: Exception) -> Exception:
    """`error` as it can cross, with the place where it was raised."""
    if not isinstance(error, SynthkitError):
        error.add_note("in a dask worker:\n" + "".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever a foreign error's own pickling raises
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def ours(wanted: Mapping[str, str]) -> dict[str, str]:
    """What has to be the same: versions by name."""
    import numpy

    from synthkit import __version__

    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, "numpy": numpy.__version__, "synthkit": __version__, **wanted}


def difference(wanted: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """``(name, wanted, what this process has)`` of everything that is not the same."""
    return _difference(tuple(sorted(wanted.items())))


@lru_cache(maxsize=8)
def _difference(wanted: tuple[tuple[str, str], ...]) -> list[tuple[str, str, str]]:
    from synthkit.pipeline.part import installed

    base = ours({})
    there = {name: base[name] if name in base else installed(name) for name, _ in wanted}
    return [(name, version, there[name]) for name, version in wanted if there[name] != version]


def refuse(worker: str, rows: list[tuple[str, str, str]] | BaseException) -> None:
    """Raise `OtherVersion` where there is a difference."""
    if isinstance(rows, BaseException):
        raise OtherVersion(
            f"cannot say what it has installed ({type(rows).__name__}: {rows})",
            where=f"dask worker {worker}",
            hint="install the same synthkit and synthkit-dask there",
        ) from rows
    if rows:
        told = "; ".join(f"{name}: {there}, here {here}" for name, here, there in rows)
        raise OtherVersion(
            f"has something else installed than this machine: {told}",
            where=f"dask worker {worker}",
            hint="install the same versions there: results would depend on which worker made them",
        )


def is_loss(error: BaseException) -> bool:
    """Whether `error` says that the scheduler, or the way to it, was lost."""
    from concurrent.futures import CancelledError

    from distributed.comm import CommClosedError

    return isinstance(error, (CancelledError, CommClosedError, ConnectionError, TimeoutError))
