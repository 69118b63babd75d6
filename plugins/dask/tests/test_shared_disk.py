# SPDX-License-Identifier: Apache-2.0
"""A disk that shows files late: workers of a real cluster write them, and the process that asked has to
wait."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

from distributed import Client, LocalCluster

from synthkit.atomic import arrived
from synthkit.pipeline import jobs, making

FEW = "voice.limit=4"
QUIET = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}


def hide(seconds: float | None) -> None:
    """In a worker: features disappear when they are written, and appear again after so long, or never."""
    save = jobs.save_frames

    def late(path: Path, *more: Any) -> None:
        save(path, *more)
        hidden = path.with_name(f"hidden-{path.name}")
        os.rename(path, hidden)
        if seconds is not None:
            threading.Timer(seconds, os.rename, (hidden, path)).start()

    jobs.save_frames = late


def on_a_slow_disk(build: Callable[..., int], place: Path, seconds: float | None) -> int:
    with LocalCluster(**QUIET) as cluster, Client(cluster) as client:
        client.run(hide, seconds)
        return build(place, f"dask:scheduler={cluster.scheduler_address}", FEW)


def test_features_that_appear_late_are_waited_for(tmp_path, build, digest):
    assert build(tmp_path / "serial", "serial", FEW) == 0
    assert on_a_slow_disk(build, tmp_path / "late", 0.5) == 0
    assert digest(tmp_path / "late") == digest(tmp_path / "serial")


def test_features_that_never_appear_end_the_build_by_name_and_it_goes_on_from_there(
    tmp_path, build, digest, monkeypatch, capsys
):
    with monkeypatch.context() as patch:
        patch.setattr(making, "arrived", partial(arrived, lag=0.3))
        assert on_a_slow_disk(build, tmp_path, None) != 0
    said = capsys.readouterr().err
    assert "has not appeared here in 0.3 s" in said
    assert "/features/" in said
    assert "left out" not in said
    assert not (tmp_path / "made").exists()
    assert build(tmp_path, "serial", FEW) == 0
    assert build(tmp_path / "serial", "serial", FEW) == 0
    assert digest(tmp_path) == digest(tmp_path / "serial")
