# SPDX-License-Identifier: Apache-2.0
"""The executor `dask`: the contract, a real build in the same bytes, a scheduler by its address, a worker
lost."""

import hashlib
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

from synthkit_dask.executor import DaskExecutor, DaskSettings

from synthkit.cli import run
from synthkit.errors import SynthkitError
from synthkit.testing import functions

RECIPE = Path(__file__).parents[3] / "corpora" / "recipes" / "demo-ru.toml"


def test_contract(conformance):
    conformance("executor", "dask", settings={"workers": 2})


def test_a_build_ends_in_the_same_bytes_as_a_serial_one(tmp_path, monkeypatch):
    digests = []
    for executor in ("serial", "dask"):
        monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / f"cache-{executor}"))
        out = tmp_path / executor
        command = [
            "build",
            str(RECIPE),
            "-o",
            str(out),
            "--set",
            "voice.limit=8",
            "--executor",
            executor,
            "-j",
            "2",
        ]
        assert run(command) == 0
        digests.append(
            {
                p.relative_to(out): hashlib.sha256(p.read_bytes()).hexdigest()
                for p in out.rglob("*")
                if p.is_file()
            }
        )
    assert digests[0] == digests[1]


def test_a_scheduler_that_runs_already_is_used_by_its_address():
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        pool = DaskExecutor(DaskSettings(scheduler=cluster.scheduler_address))
        assert list(pool.map(functions.project, [1, 2])) == [functions.project(1), functions.project(2)]
        pool.close()
        assert cluster.scheduler.workers, "closing the executor ended a cluster that was not its own"


def test_an_address_where_nobody_answers_is_named():
    pool = DaskExecutor(DaskSettings(scheduler="tcp://127.0.0.1:9", timeout_s=0.5))
    with pytest.raises(SynthkitError, match=r"scheduler=tcp://127\.0\.0\.1:9"):
        list(pool.map(abs, [1]))


def test_a_worker_that_dies_again_and_again_is_reported():
    pool = DaskExecutor(DaskSettings(workers=1))
    with pytest.raises(SynthkitError, match="worker died"):
        list(pool.map(functions.die, [2]))
    pool.close()
