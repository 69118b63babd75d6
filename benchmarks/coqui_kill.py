# SPDX-License-Identifier: Apache-2.0
"""Kill a training with SIGKILL at random moments; does it go on to the same step, and end in the same bytes?

    python benchmarks/coqui_kill.py [--kills 20] [--steps 200]

Trains a tiny Glow-TTS on a few utterances of the bundled Russian corpus: once undisturbed, then KILLS times
with one kill -9 some milliseconds after a random step was told of (so also while a checkpoint is written) and
a second start that is left alone. Anchor: coqui-tts's Trainer loses the run or repeats an epoch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "coqui" / "tests"))

from coqui_samples import make_data, run_folder
from synthkit_coqui.checkpoints import latest


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "synthkit_coqui.train", str(folder)]
    errors = (folder / "stderr.txt").open("a")
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)


def finish(process: subprocess.Popen[str]) -> int:
    """Read what it tells to the end, so that it never waits for a reader; its exit status."""
    process.communicate()
    return process.returncode


def digest(folder: Path) -> tuple[int, str]:
    """Step and hash of the last checkpoint; step 0 where there is none."""
    newest = latest(folder / "checkpoints")
    if newest is None:
        return 0, "none"
    model = hashlib.sha256((newest / "model.safetensors").read_bytes()).hexdigest()[:16]
    return json.loads((newest / "state.json").read_text())["step"], model


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    work = Path(tempfile.mkdtemp(prefix="synthkit-kill-"))
    data = make_data(count=4, held_out=0, seconds=0.8)
    settings = {"checkpoint_every": 3, "rehearsal": False, "steps": options.steps}
    run_folder(work / "fresh", "glowtts", data, **settings)

    shutil.copytree(work / "fresh", work / "whole")
    began = time.monotonic()
    assert finish(start(work / "whole")) == 0, (work / "whole" / "stderr.txt").read_text()
    whole = time.monotonic() - began
    wanted = digest(work / "whole")
    print(f"undisturbed: step {wanted[0]}, weights {wanted[1]}, {whole:.1f} s")

    reached = same = during = 0
    for number in range(options.kills):
        folder = work / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(work / "fresh", folder)
        process = start(folder)
        moment = dice.randrange(options.steps)
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["step"] >= moment:
                break
        time.sleep(dice.uniform(0, 0.05))
        process.kill()
        alive = finish(process) != 0
        newest = latest(folder / "checkpoints")
        told = f"killed after {newest.name if newest else 'no checkpoint'}" if alive else "had ended"
        during += alive
        status = finish(start(folder))
        if status != 0:
            print((folder / "stderr.txt").read_text()[-1500:], file=sys.stderr)
        found = digest(folder)
        reached += status == 0 and found[0] == wanted[0]
        same += found == wanted
        print(
            f"{number + 1:3}  at step {moment:4} {told:36} → step {found[0]}, weights {found[1]}", flush=True
        )
    print(
        f"{reached} of {options.kills} went on to step {wanted[0]} (target {options.kills}); "
        f"{same} ended in the same bytes; {during} were alive when killed"
    )
    shutil.rmtree(work)
    return 0 if reached == same == options.kills else 1


if __name__ == "__main__":
    sys.exit(main())
