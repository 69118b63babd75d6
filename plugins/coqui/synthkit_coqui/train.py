# SPDX-License-Identifier: Apache-2.0
"""The training process: ``python -m synthkit_coqui.train RUN_FOLDER``.

`RUN_FOLDER` holds ``run.json`` (voice and settings) and ``data/`` (the prepared corpus), and is all it needs,
so it can be carried to another machine. It tells what it does as JSON lines on stdout. Killed at any moment
and started again, it goes on from its last checkpoint to the step asked for, and ends with the bytes that the
uninterrupted training ends with (on a CPU; a GPU's sums are not that repeatable).

Under ``torchrun`` every process trains on its share of each batch.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthkit.atomic import lock
from synthkit.errors import SynthkitError
from synthkit_coqui.run import Run

REHEARSAL_STEPS = 3
LOCK_SECONDS = 60.0


def main(arguments: list[str] | None = None) -> int:
    """Train the run in a folder; returns the exit status (130 when interrupted, after a checkpoint)."""
    import torch

    parser = argparse.ArgumentParser(prog="python -m synthkit_coqui.train", description=__doc__)
    parser.add_argument("folder", type=Path, help="the run's folder, with run.json and data/")
    parser.add_argument("--tethered", action="store_true", help="stop in order when stdin closes")
    options = parser.parse_args(arguments)
    try:
        with _alone(options.folder):
            return _train(options.folder, tethered=options.tethered)
    except SynthkitError as error:
        told = {"event": "error", "message": error.message, "where": error.where, "hint": error.hint}
        print(json.dumps(told, ensure_ascii=False), flush=True)
        return error.exit_code
    finally:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def _train(folder: Path, *, tethered: bool) -> int:
    run = Run(folder)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: run.interrupt())
    if tethered:
        threading.Thread(target=_tether, args=(run,), daemon=True).start()
    run.begin()
    if run.settings.rehearsal and run.step < REHEARSAL_STEPS < run.settings.steps:
        from synthkit_coqui.rehearsal import rehearse

        run.train(REHEARSAL_STEPS)
        if run.rank == 0 and run.stopped is None:
            rehearse(run)
    run.measure()
    run.train()
    if run.stopped:
        run.tell("interrupted")
        _leave(run)
        return run.stopped
    if run.rank == 0:
        run.save(folder / "voice")
        complaint = run.trained().complaint()
        if complaint:
            run.tell("warning", code="learning-rate-never-arrived", message=complaint)
    run.tell("end", minutes=round(run.seconds / 60, 2))
    _leave(run)
    return 0


def _leave(run: Run) -> None:
    """Leave together with the others: one that left while the first still writes its checkpoint would cut its
    connections, and the launcher kills the rest 30 seconds after one that ended with a failure."""
    if run.world > 1:
        import torch

        torch.distributed.barrier()


def _tether(run: Run) -> None:
    """Stop when the building process is gone, however it went."""
    while os.read(0, 1024):  # not sys.stdin: its lock would outlive the interpreter
        pass
    run.interrupt()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the run's lock; a training whose builder was killed needs a moment to write its checkpoint and
    end."""
    if int(os.environ.get("RANK", 0)) != 0:
        yield
        return
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with lock(folder / "lock", "a training in this folder"):
                yield
            return
        except SynthkitError as error:
            if "already running" not in error.message or time.monotonic() > until:
                raise
            time.sleep(0.5)


if __name__ == "__main__":
    status = main()
    if int(os.environ.get("WORLD_SIZE", 1)) > 1:
        # Everything is written by now. The interpreter's own end has aborted one of several processes now and
        # then (SIGABRT): a thread of torch's that still holds a tensor cannot let go of it any more.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
