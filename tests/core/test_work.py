# SPDX-License-Identifier: Apache-2.0
"""Atomic files, the cache and the executors."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from synthkit.atomic import lock, write_json, writing, writing_folder
from synthkit.errors import SynthkitError
from synthkit.pipeline.cache import Cache, key
from synthkit.pipeline.executors import ProcessExecutor, ProcessSettings
from synthkit.testing import functions


def test_a_file_that_fails_half_way_is_not_there(tmp_path):
    target = tmp_path / "a.json"
    target.write_text("old")
    with pytest.raises(RuntimeError), writing(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_folder_replaces_the_old_one_as_a_whole(tmp_path):
    for content in ("one", "two"):
        with writing_folder(tmp_path / "v") as folder:
            (folder / content).write_text(content)
    assert os.listdir(tmp_path / "v") == ["two"]
    assert os.listdir(tmp_path) == ["v"]


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path):
    # A real ENOSPC, from the kernel; a real full file system is in test_build.py.
    with pytest.raises(SynthkitError, match="no space left"), writing(tmp_path / "big") as temporary:
        temporary.write_text("x")
        Path("/dev/full").write_text("x" * 100000)
    assert os.listdir(tmp_path) == []


def test_two_at_once_the_second_is_told_who_holds_the_lock(tmp_path):
    script = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from synthkit.atomic import lock
        with lock(Path({str(tmp_path / "lock")!r}), "a build"):
            print("held", flush=True)
            time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    refused = pytest.raises(SynthkitError, match=f"already running .process {process.pid}")
    with refused, lock(tmp_path / "lock", "a build"):
        pass
    process.kill()  # kill -9: the kernel frees the lock
    process.wait()
    with lock(tmp_path / "lock", "a build"):
        pass


def test_a_key_depends_on_content_not_on_order():
    assert key({"a": 1, "b": 2}) == key({"b": 2, "a": 1})
    assert key({"a": 1}) != key({"a": 2})
    assert key("\udc80") != key("?")


def test_the_cache_makes_each_result_once(tmp_path):
    cache, calls = Cache(tmp_path), []

    def make(path):
        calls.append(path)
        write_json(path, {})

    assert cache.file("s", "abc", ".json", make) == cache.file("s", "abc", ".json", make)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("name", "settings"), [("serial", {}), ("process", {"workers": 1}), ("process", {"workers": 2})]
)
def test_the_executors_keep_their_contract(name, settings, conformance):
    conformance("executor", name, settings=settings)


def test_a_worker_that_is_killed_is_reported():
    pool = ProcessExecutor(ProcessSettings(workers=2))
    with pytest.raises(SynthkitError, match="worker process died"):
        list(pool.map(functions.die, range(6)))
    pool.close()


def test_workers_end_when_their_parent_is_killed():
    script = textwrap.dedent("""
        import time
        from synthkit.pipeline.executors import ProcessExecutor, ProcessSettings
        import os
        if __name__ == "__main__":
            pool = ProcessExecutor(ProcessSettings(workers=2))
            print(*set(pool.map(os.getpgid, [0] * 4)), flush=True)
            print(*pool._pool._processes, flush=True)
            time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    workers = [int(pid) for pid in process.stdout.readline().split()]
    assert workers
    process.kill()
    process.wait()
    end = time.monotonic() + 60
    while time.monotonic() < end and any(_alive(pid) for pid in workers):
        time.sleep(0.1)
    assert not any(_alive(pid) for pid in workers)


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before the file was opened, or before it was read
        return False
