# SPDX-License-Identifier: Apache-2.0
"""kill -9 at a random moment, again and again: does the training end where an undisturbed one ends?

    python benchmarks/parametric_kill.py [--kills 20] [--steps 400]

Trains a small network on four utterances of bundled-ru; a checkpoint follows every step, so that most kills
fall near or into the writing of one. After the last kill the training goes on to its end, and the bytes of
the weights are compared with those of a training that was never killed.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from safetensors import safe_open

WORKER = "--worker"
SMALL = {
    "channels": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "lstm": 8,
    "threads": 1,
    "batch_frames": 400,
}


def work(folder: Path, steps: int) -> None:
    """Train in `folder`, from its checkpoint if it has one."""
    from synthkit.plugins import registry
    from synthkit.testing.samples import context, sample_training_data

    (folder / "voice").mkdir(parents=True, exist_ok=True)
    (folder / "frames").mkdir(exist_ok=True)
    kind = registry().load("acoustic_model", "parametric")
    model = kind(kind.Config(**SMALL, steps=steps, checkpoint_seconds=0))
    model.fit(sample_training_data(folder=folder / "frames"), folder / "voice", context(folder / "work"))


def start(folder: Path, steps: int) -> subprocess.Popen[bytes]:
    """`work` in a process of its own."""
    return subprocess.Popen([sys.executable, __file__, WORKER, str(folder), str(steps)])


def reached(folder: Path) -> int:
    """The step of the checkpoint in `folder`."""
    path = folder / "work" / "checkpoint.safetensors"
    if not path.exists():
        return 0
    with safe_open(path, framework="np") as file:
        return int(file.metadata()["step"])


def digest(folder: Path) -> str:
    """Hash of the trained weights."""
    return hashlib.sha256((folder / "voice" / "parametric.safetensors").read_bytes()).hexdigest()


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=400)
    asked = parser.parse_args()
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assert start(folder / "whole", asked.steps).wait() == 0
        good = 0
        for kill in range(asked.kills):
            before = reached(folder / "killed")
            wanted = before + chance.randint(1, max(asked.steps // (asked.kills + 1), 1))
            process = start(folder / "killed", asked.steps)
            while reached(folder / "killed") < wanted and process.poll() is None:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            process.wait()
            after = reached(folder / "killed")
            good += before <= after < asked.steps
            print(f"kill {kill + 1}: at step {after}, went on from {before}", flush=True)
        assert start(folder / "killed", asked.steps).wait() == 0
        same = digest(folder / "killed") == digest(folder / "whole")
    print(f"{good} of {asked.kills} kills went on from the checkpoint before (to reach: all)")
    print(f"final step {asked.steps}: weights {'the same bytes' if same else 'DIFFERENT'} as without a kill")
    return 0 if same and good == asked.kills else 1


if __name__ == "__main__":
    if sys.argv[1:2] == [WORKER]:
        work(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(main())
