# SPDX-License-Identifier: Apache-2.0
"""The executor `dask`: the contract, a real build in the same bytes, and everything that goes wrong with
workers and schedulers, by a real cluster and real signals."""

import os
import signal
import socket
import subprocess
import sys

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

from synthkit_dask import work
from synthkit_dask.executor import DaskExecutor, DaskSettings
from synthkit_dask.parts import Size
from synthkit_dask.work import OtherVersion

from synthkit.errors import SynthkitError
from synthkit.pipeline.part import installed
from synthkit.testing import functions


def test_contract(conformance):
    conformance("executor", "dask", settings={"workers": 2})


def test_a_build_ends_in_the_same_bytes_as_a_serial_one_and_a_pools(tmp_path, build, digest):
    digests = []
    for executor in ("serial", "process", "dask"):
        assert build(tmp_path / executor, executor) == 0
        digests.append(digest(tmp_path / executor))
    assert digests[0] == digests[1] == digests[2]


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


def test_a_worker_killed_at_its_work_loses_nothing(tmp_path):
    pool = DaskExecutor(DaskSettings(workers=2))
    items = [(n, tmp_path / "died") for n in range(40)]
    assert list(pool.map(functions.die_once, items)) == list(range(40))
    assert (tmp_path / "died").exists()
    pool.close()


def test_a_worker_killed_with_what_it_held_loses_nothing():
    pool = DaskExecutor(DaskSettings(workers=2))
    pool.agree({})
    pids = list(pool._client.run(os.getpid).values())
    found = []
    for number, _ in pool.map(functions.who, [(n, 0, 0.01) for n in range(120)]):
        if number == 20:
            os.kill(pids[0], signal.SIGKILL)
        found.append(number)
    assert found == list(range(120))
    pool.close()


def test_a_slow_worker_does_less_and_changes_nothing():
    pool = DaskExecutor(DaskSettings(workers=2))
    pool.agree({})
    slow, fast = pool._client.run(os.getpid).values()
    found = list(pool.map(functions.who, [(n, slow, 0.3) for n in range(100)]))
    assert [number for number, _ in found] == list(range(100))
    by = [pid for _, pid in found]
    assert by.count(fast) > by.count(slow)
    pool.close()


def test_a_worker_that_lacks_a_plugin_is_refused_before_the_first_task(tmp_path, build, capsys):
    from distributed import LocalCluster

    bare = {"SYNTHKIT_PLUGINS": "text,align,world,dask"}
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, env=bare) as cluster:
        assert build(tmp_path, f"dask:scheduler={cluster.scheduler_address}") == 2
    said = capsys.readouterr().err
    assert "acoustic_model:unit-selection: missing" in said
    assert "dask worker" in said
    assert not (tmp_path / "cache" / "checks").exists()


def test_a_worker_with_another_version_is_refused_and_so_is_one_that_comes_later():
    pool = DaskExecutor(DaskSettings(workers=1))
    wanted = {"vocoder:overlap-add": installed("vocoder:overlap-add")}
    pool.agree(wanted)
    with pytest.raises(OtherVersion, match=r"vocoder:overlap-add: synthkit-unit-selection .* here x 9"):
        pool.agree({"vocoder:overlap-add": "x 9"})
    done = work.do(abs, work.packed([-1]), {"vocoder:overlap-add": "x 9"})
    assert isinstance(done.error, OtherVersion)
    assert done.unpacked() == []
    pool.close()


def daemon(*words: str) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", "distributed.cli." + words[0], *words[1:]], **quiet)


def test_a_scheduler_that_is_killed_and_started_again_is_waited_for():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]

    def start() -> list[subprocess.Popen[bytes]]:
        return [
            daemon("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"),
            daemon("dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"),
        ]

    running = start()
    pool = DaskExecutor(DaskSettings(scheduler=address, timeout_s=60))
    try:
        found = []
        for number, _ in pool.map(functions.who, [(n, 0, 0.01) for n in range(60)]):
            found.append(number)
            if number == 10:
                for process in running:
                    process.kill()
                    process.wait()
                running = start()
        assert found == list(range(60))
    finally:
        pool.close()
        for process in running:
            process.kill()
            process.wait()


def test_tasks_grow_to_half_a_second_and_shrink_towards_the_end():
    size = Size(1000)
    given = []
    while size.left > 0:
        given.append(size.next(2))
        size.took(0.01 * given[-1], 0.01 * given[-1], given[-1])
    assert given[:6] == [1, 2, 4, 8, 16, 32]
    assert max(given) == 50
    assert given[-1] == 1
    assert sum(given) == 1000


def test_tasks_of_large_results_have_few_items():
    size = Size(1000)
    for _ in range(8):
        size.took(0.001 * size.items, 0.001 * size.items, size.items, size.items << 20)
    assert size.items == 2
    size.took(0.1, 0.1, 4, 100 << 20)
    assert size.items == 1
