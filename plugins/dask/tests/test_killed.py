# SPDX-License-Identifier: Apache-2.0
"""A build whose workers are killed at their work: nothing is lost, and what it ends in is the same bytes."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

from distributed import Client, LocalCluster

FEW = "voice.limit=6"


def kill_when(there: Path, pattern: str, client: Client, killed: list[str], over: threading.Event) -> None:
    """Kill a worker as soon as a file of a stage has appeared."""
    while not over.is_set():
        workers = client.run(os.getpid, on_error="ignore") if next(there.glob(pattern), None) else {}
        if workers:  # none, while the one before is started anew
            os.kill(min(workers.values()), signal.SIGKILL)
            killed.append(pattern)
            return
        time.sleep(0.01)


def test_a_build_whose_workers_are_killed_ends_in_the_same_bytes(tmp_path, build, digest):
    assert build(tmp_path / "serial", "serial", FEW) == 0
    place, killed, over = tmp_path / "killed", list[str](), threading.Event()
    quiet = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with LocalCluster(**quiet) as cluster, Client(cluster) as client:
        watchers = [
            threading.Thread(target=kill_when, args=(place / "cache", pattern, client, killed, over))
            for pattern in ("segmentation/*/*.json", "work/**/*.npy", "features/*/*.npz")
        ]
        for watcher in watchers:
            watcher.start()
        try:
            code = build(place, f"dask:scheduler={cluster.scheduler_address}", FEW)
        finally:
            over.set()
            for watcher in watchers:
                watcher.join()
    assert code == 0
    assert len(killed) == 3, killed
    assert digest(place) == digest(tmp_path / "serial")
