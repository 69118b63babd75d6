# SPDX-License-Identifier: Apache-2.0
"""kill -9 at a random moment: does the same command, given again, end in the same bytes and leave nothing?

    python benchmarks/faults_kill.py [--kills 20] [--jobs build,align,compare,say,adapt,clone] [--seed 0]

Every kill falls into a fresh run with an empty cache, somewhere between its start and the time an undisturbed
run took. Only the first process is killed: what it had started has to end by itself. Then the same command
runs to its end. Counted as good is a run whose results are those of the undisturbed one byte for byte, that
leaves no half-written file and nothing in the folder of temporary files, and none of whose processes stays.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

from faults_common import GIVES, JOBS, Job, Whole, alive, digest, leftovers, prepare, start, whole


def killed(job: Job, place: Path, moment: float) -> bool:
    """Whether a run of `job` was still at work after `moment` seconds, when it was killed."""
    process = start(job, place)
    time.sleep(moment)
    early = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
    if alive(process):
        print(f"{job.name}: processes outlive a kill after {moment:.2f} s by 10 s", flush=True)
        return False
    return early


def faults_of(job: Job, place: Path, undisturbed: Whole) -> list[str]:
    """What is wrong after the same command was given again."""
    process = start(job, place)
    _, error = process.communicate()
    found = [] if process.returncode == 0 else [f"exit code {process.returncode}: {error.strip()[-300:]}"]
    if "Traceback" in error:
        found.append(f"a traceback: {error.strip()[-300:]}")
    if digest(place / GIVES) != undisturbed.files:
        found.append("other bytes")
    return found + [f"left behind: {path}" for path in leftovers(place, undisturbed)]


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", default=",".join(JOBS))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for job in (JOBS[name] for name in asked.jobs.split(",")):
            undisturbed = whole(job, folder / "undisturbed")
            seconds = undisturbed.seconds
            good = done = late = 0
            while done < asked.kills and late < 3 * asked.kills:
                place, moment = folder / "killed", chance.uniform(0.02, seconds)
                if killed(job, place, moment):
                    done += 1
                    found = faults_of(job, place, undisturbed)
                    good += not found
                    for each in found:
                        print(f"{job.name}, killed after {moment:.2f} s: {each}", flush=True)
                else:
                    late += 1
                shutil.rmtree(place)
            bad += asked.kills - good
            said = f"{good} of {asked.kills} kills -9 end well (whole run {seconds:.1f} s)"
            print(f"{job.name:8} {said}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
