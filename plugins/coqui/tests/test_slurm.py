# SPDX-License-Identifier: Apache-2.0
"""The Slurm recipe, run dry: `srun` and `scontrol` are stand-ins, and torchrun's own parser takes its
words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

RECIPE = Path(__file__).parents[1] / "recipes" / "train.sbatch"


def dry(run: Path, place: Path) -> subprocess.CompletedProcess[str]:
    tools = {"scontrol": 'printf "node7\\nnode8\\n"', "srun": 'printf "%s\\n" "$@"'}
    for name, does in tools.items():
        (place / name).write_text(f"#!/bin/sh\n{does}\n")
        (place / name).chmod(0o755)
    job = {
        "SLURM_JOB_NODELIST": "node[7-8]",
        "SLURM_NNODES": "2",
        "SLURM_GPUS_ON_NODE": "4",
        "SLURM_JOB_ID": "123456",
        "PATH": f"{place}:{os.environ['PATH']}",
    }
    command = ["bash", str(RECIPE), str(run)]
    return subprocess.run(command, env={**os.environ, **job}, capture_output=True, text=True, check=False)


def test_torchrun_gets_what_it_needs(tmp_path: Path) -> None:
    launcher = pytest.importorskip("torch.distributed.run", reason="pip install torch")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    done = dry(tmp_path / "run", tmp_path)
    assert done.returncode == 0, done.stderr
    words = done.stdout.splitlines()
    assert words[:4] == ["--kill-on-bad-exit=1", "python", "-m", "torch.distributed.run"]
    said = launcher.parse_args(words[4:])
    assert (said.nnodes, said.nproc_per_node, said.rdzv_backend) == ("2", "4", "c10d")
    assert said.rdzv_endpoint == "node7:23456"
    assert said.module
    assert said.training_script == "synthkit_coqui.train"
    assert said.training_script_args == [str(tmp_path / "run")]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    done = dry(tmp_path / "nothing", tmp_path)
    assert done.returncode == 2
    assert "holds no run.json" in done.stderr
