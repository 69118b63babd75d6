# SPDX-License-Identifier: Apache-2.0
"""The Slurm recipes build real voices: only `srun`, `scontrol`, `sbatch` and `scancel` are stand-ins, on this
machine."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

ROOT = Path(__file__).parents[3]
RECIPE = Path(__file__).parents[1] / "recipes" / "build.sbatch"
# Not importorskip: dask-jobqueue, imported, takes SIGINT from the process, and so from every test after it.
on_jobs = pytest.mark.skipif(find_spec("dask_jobqueue") is None, reason='pip install "synthkit-dask[slurm]"')


def run(place: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    for name, does in {"scontrol": "echo 127.0.0.1", "srun": 'exec "$@"'}.items():
        (place / name).write_text(f"#!/bin/sh\n{does}\n")
        (place / name).chmod(0o755)
    job = {
        "SLURM_JOB_NODELIST": "node1",
        "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_CPUS_PER_TASK": "1",
        "PYTHON": sys.executable,
        "PATH": f"{place}:{os.environ['PATH']}",
    }
    command = ["bash", str(RECIPE), *words]
    return subprocess.run(
        command, env={**os.environ, **job, **more}, capture_output=True, text=True, check=False
    )


def test_a_voice_is_built(tmp_path: Path) -> None:
    recipe = str(ROOT / "corpora" / "recipes" / "demo-ru.toml")
    words = [recipe, "-o", str(tmp_path / "voice"), "--set", "voice.limit=4"]
    done = run(tmp_path, *words, SYNTHKIT_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "voice" / "manifest.json").is_file()


def test_a_cache_that_is_not_shared_is_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path, "voice.toml", SYNTHKIT_CACHE="")
    assert done.returncode != 0
    assert "a folder that all nodes share" in done.stderr


ON_SLURM = RECIPE.with_name("build_on_slurm.py")
SBATCH = """#!/bin/bash
# Runs what it is given at once, as a Slurm with a free node would, and says which job that is.
cp "$1" "{place}/job-$$.sh"
setsid bash "{place}/job-$$.sh" > "{place}/job-$$.log" 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/bash
for job in "$@"; do kill -- "-$job" 2>/dev/null; done
exit 0
"""


def started(place: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    for name, does in {"sbatch": SBATCH.format(place=place), "scancel": SCANCEL}.items():
        (place / name).write_text(does)
        (place / name).chmod(0o755)
    command = [sys.executable, str(ON_SLURM), "--cores", "2", "--memory", "4GB", "--host", "127.0.0.1"]
    environment = {
        **os.environ, "SYNTHKIT_CACHE": str(place / "cache"), "PATH": f"{place}:{os.environ['PATH']}", **more,
    }  # fmt: skip
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, *words], env=environment, **pipes)


def on_slurm(place: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    process = started(place, *words, **more)
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@on_jobs
def test_an_interrupt_is_not_taken_for_the_end(tmp_path: Path) -> None:
    recipe = str(ROOT / "corpora" / "recipes" / "demo-ru.toml")
    process = started(tmp_path, "--jobs", "1", recipe, "-o", str(tmp_path / "voice"))
    while process.poll() is None and not list(tmp_path.glob("job-*.log")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert not (tmp_path / "voice").exists()


@on_jobs
def test_the_job_script_is_a_script_that_says_what_workers_need(tmp_path: Path) -> None:
    done = on_slurm(tmp_path, "--dry-run", "--walltime", "1-00:10:00", "--queue", "long", "voice.toml")
    assert done.returncode == 0, done.stderr
    (tmp_path / "job.sh").write_text(done.stdout)
    assert subprocess.run(["bash", "-n", str(tmp_path / "job.sh")], check=False).returncode == 0
    lines = done.stdout.splitlines()
    for line in ("-p long", "--cpus-per-task=2", "-t 1-00:10:00"):
        assert f"#SBATCH {line}" in lines
    assert f"export SYNTHKIT_CACHE={shlex.quote(str(tmp_path / 'cache'))}" in lines
    (worker,) = [line for line in lines if "distributed.cli.dask_worker" in line]
    for words in ("--nworkers 2", "--nthreads 1", f"--lifetime {24 * 3600 + 7 * 60}s"):
        assert words in worker
    assert not list(tmp_path.glob("job-*"))


@on_jobs
def test_workers_that_are_jobs_build_a_voice_and_end_with_it(tmp_path: Path) -> None:
    recipe = str(ROOT / "corpora" / "recipes" / "demo-ru.toml")
    words = ["--jobs", "1", recipe, "-o", str(tmp_path / "voice"), "--set", "voice.limit=4"]
    done = on_slurm(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "voice" / "manifest.json").is_file()
    (log,) = tmp_path.glob("job-*.log")
    assert "Starting Worker" in log.read_text() or "Start worker at" in log.read_text()


@on_jobs
def test_a_job_that_does_not_know_the_cache_is_not_submitted(tmp_path: Path) -> None:
    done = on_slurm(tmp_path, "voice.toml", SYNTHKIT_CACHE="")
    assert done.returncode == 2
    assert "a folder that all nodes share" in done.stderr
