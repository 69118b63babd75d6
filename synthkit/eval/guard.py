# SPDX-License-Identifier: Apache-2.0
"""Metrics run in a process of their own, which is stopped when one hangs and replaced when one brings it
down.

Metrics are other people's code: networks, signal libraries in C, models that download themselves. What they
print goes to a file that is thrown away (its end is told where the process dies), never to our output. A
process measures all metrics of a sentence by every voice, so that they share what `Clip.memo` keeps.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

from synthkit.errors import GO_ON, MachineError, SynthkitError, machine_fault
from synthkit.eval.entries import Unusable
from synthkit.remembered import says

if TYPE_CHECKING:
    from synthkit.eval.entries import MetricEntry
    from synthkit.eval.metric import Measurement
    from synthkit.eval.sample import EvalSample

SECONDS = 300.0
"""A metric that is not done with a sentence by then is stopped."""

PREPARING = 900.0
"""The same for loading what it needs, a model's download included."""

ATTEMPTS = 3
"""A metric that was stopped so often is not tried again."""


class Guard:
    """One such process, started when it is first needed.

    Parameters
    ----------
    seconds : float
        Time a metric has for a sentence.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._samples: bytes = b""
        self._stops: dict[str, int] = {}

    def prepare(self, entry: MetricEntry) -> None:
        """Load what a metric needs.

        Parameters
        ----------
        entry : MetricEntry

        Raises
        ------
        SynthkitError
            What `Metric.prepare` raises there; `Unusable` where it does not come back.
        """
        self._ask(("prepare", entry), PREPARING, entry)

    def load(self, samples: Sequence[EvalSample]) -> None:
        """The sentence that is measured next, by every voice.

        Parameters
        ----------
        samples : sequence of EvalSample
            One a voice.
        """
        # One pickle, so that what the samples share is one thing over there too.
        self._samples = pickle.dumps(("samples", list(samples)), pickle.HIGHEST_PROTOCOL)
        if self._process is not None:
            self._send(self._samples)

    def measure(self, entry: MetricEntry, index: int) -> list[Measurement]:
        """Figures of the loaded sample at `index`.

        Parameters
        ----------
        entry : MetricEntry
        index : int
            Among the samples of `load`.

        Returns
        -------
        list of Measurement

        Raises
        ------
        SynthkitError
            What `prepare` raises; `Unusable` where the metric hung or brought its process down.
        MachineError
            The process was killed, as the system does where memory runs out.
        """
        if self._process is None or entry.tag not in self._ready:
            self.prepare(entry)
            self._ready.add(entry.tag)
        found: list[Measurement] = self._ask(("measure", entry, index), self.seconds, entry)
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout, self._log):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            self._process = None

    def _start(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "synthkit.eval.guard"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        self._ready: set[str] = set()
        self._send(pickle.dumps(("path", sys.path)))
        if self._samples:
            self._send(self._samples)

    def _ask(self, message: tuple[Any, ...], seconds: float, entry: MetricEntry) -> Any:
        name = entry.registration.name
        if self._stops.get(name, 0) >= ATTEMPTS:
            raise Unusable(f"not tried: it was stopped {ATTEMPTS} times before")
        if self._process is None:
            self._start()
        try:
            self._send(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
            kind, value = self._receive(seconds)
        except TimeoutError:
            self._stops[name] = self._stops.get(name, 0) + 1
            self.close()
            raise Unusable(f"stopped: not done after {seconds:g} s") from None
        except (EOFError, BrokenPipeError):
            killed, how = self._death()
            if killed:
                # We kill it only after a timeout: this was the system, as when memory runs out.
                raise MachineError(
                    f"the process that measures {name} was killed",
                    hint=f"the machine may have run out of memory: try `--workers 1`; {GO_ON}",
                ) from None
            self._stops[name] = self._stops.get(name, 0) + 1
            raise Unusable(how) from None
        if kind == "error":
            raise value
        return value

    def _send(self, data: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # that it died shows when the answer is awaited
            self._process.stdin.write(struct.pack("<Q", len(data)) + data)
            self._process.stdin.flush()

    def _receive(self, seconds: float) -> Any:
        assert self._process is not None and self._process.stdout is not None
        if not says(self._process.stdout.fileno(), seconds):
            raise TimeoutError
        return pickle.loads(_read(self._process.stdout))

    def _death(self) -> tuple[bool, str]:
        """Whether the process was killed, and how it ended, with the end of what it wrote."""
        assert self._process is not None and self._log is not None
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        self.close()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return code == -signal.SIGKILL, f"crashed ({how})" + (f": {lines[-1]}" if lines else "")


def _read(stream: IO[bytes]) -> bytes:
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    (size,) = struct.unpack("<Q", head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


_GUARD: Guard | None = None


def guard(seconds: float = SECONDS) -> Guard:
    """This process's own guard.

    Parameters
    ----------
    seconds : float
        That one measurement may take.

    Returns
    -------
    Guard
    """
    global _GUARD
    if _GUARD is None or _GUARD.seconds != seconds:
        close_guard()
        _GUARD = Guard(seconds)
    return _GUARD


def close_guard() -> None:
    """End this process's own guard, if there is one."""
    global _GUARD
    if _GUARD is not None:
        _GUARD.close()
        _GUARD = None


atexit.register(close_guard)


def _serve() -> None:
    """The other side: read messages, answer each but the samples."""
    answers = os.fdopen(os.dup(1), "wb")
    questions = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what anybody prints goes to the log
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    from threadpoolctl import threadpool_limits

    from synthkit.eval.metric import Metric, measure

    threadpool_limits(1)
    metrics: dict[str, Metric] = {}
    samples: list[EvalSample] = []
    while True:
        try:
            message = pickle.loads(_read(questions))
        except EOFError:
            return
        kind, rest = message[0], message[1:]
        if kind == "path":
            sys.path[:] = rest[0]
            continue
        if kind == "samples":
            samples = rest[0]
            continue
        answer: tuple[str, Any]
        try:
            if kind == "prepare":
                if rest[0].tag not in metrics:
                    metric = rest[0].make()
                    metric.prepare()
                    metrics[rest[0].tag] = metric
                answer = ("done", None)
            else:
                answer = ("done", measure(metrics[rest[0].tag], samples[rest[1]]))
        except SynthkitError as error:
            answer = ("error", error)
        except Exception as error:  # goes to whoever asked, who counts and shows it
            failed = Unusable(f"failed: {type(error).__name__}: {error}".split("\n")[0])
            answer = ("error", machine_fault(error) or failed)
        data = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
        answers.write(struct.pack("<Q", len(data)) + data)
        answers.flush()


if __name__ == "__main__":
    _serve()
