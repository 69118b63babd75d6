# SPDX-License-Identifier: Apache-2.0
"""The Slurm recipe builds a real voice: only `srun` and `scontrol` are stand-ins, on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="pip install ./plugins/dask")

ROOT = Path(__file__).parents[3]
RECIPE = Path(__file__).parents[1] / "recipes" / "build.sbatch"


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
