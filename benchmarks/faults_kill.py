# SPDX-License-Identifier: Apache-2.0
"""kill -9 at a random moment: does the same command, given again, end in the same bytes and leave nothing?

    python benchmarks/faults_kill.py [--kills 20] [--jobs build,align,compare,say,adapt,clone,convert,cut]
                                     [--seed 0] [--in-a-row 1]

Every kill falls into a fresh run with an empty cache, somewhere between its start and the time an undisturbed
run took. Only the first process is killed: what it had started has to end by itself. Then the same command
runs to its end. Counted as good is a run whose results are those of the undisturbed one byte for byte, that
leaves no half-written file and nothing in the folder of temporary files, and none of whose processes stays.
Where all was in its place when the kill came, a command that writes over nothing may say so instead.

With ``--in-a-row 4`` a run is killed, begun again, killed again …, four times, before it may run to its end:
harder, because what goes on is killed too, and in half the time. What is wrong then counts against all four.
Broken off (Ctrl-C, SIGTERM), it prints what it has counted so far.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

from faults_common import (
    GIVES,
    JOBS,
    Job,
    Whole,
    alive,
    broken_off_politely,
    counted,
    digest,
    leftovers,
    prepare,
    start,
    whole,
)


def killed(job: Job, place: Path, moment: float) -> tuple[bool, list[str]]:
    """Whether a run of `job` was still at work after `moment` seconds, when it was killed; what is wrong."""
    process = start(job, place)
    time.sleep(moment)
    early = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
    return early, ["processes outlive a kill by 10 s"] if alive(process) else []


def faults_of(job: Job, place: Path, undisturbed: Whole) -> list[str]:
    """What is wrong after the same command was given again."""
    ended = job.once and digest(place / GIVES) == undisturbed.files  # killed with all in its place
    process = start(job, place)
    _, error = process.communicate()
    well = process.returncode == 0 or (ended and "is there already" in error)
    found = [] if well else [f"exit code {process.returncode}: {error.strip()[-300:]}"]
    if "Traceback" in error:
        found.append(f"a traceback: {error.strip()[-300:]}")
    if digest(place / GIVES) != undisturbed.files:
        found.append("other bytes")
    return found + [f"left behind: {path}" for path in leftovers(place, undisturbed)]


def row_of_kills(job: Job, place: Path, undisturbed: Whole, moments: list[float]) -> tuple[int, list[str]]:
    """How many of `moments` met a run at work, one after another, and what is wrong after them.

    A run that ends before its moment comes is the end of the row: nothing is left to be killed.
    """
    done, found = 0, []
    for moment in moments:
        early, outlived = killed(job, place, moment)
        found += outlived
        if not early:
            break
        done += 1
    if done:
        found += faults_of(job, place, undisturbed)
    return done, [f"{job.name}, killed after {told(moments[:done])} s: {each}" for each in found]


def told(moments: list[float]) -> str:
    """Moments as they are printed."""
    return ", ".join(f"{moment:.2f}" for moment in moments)


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", default=",".join(JOBS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--in-a-row", type=int, default=1, metavar="N")
    asked = parser.parse_args()
    broken_off_politely()
    chance = random.Random(asked.seed)
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for job in (JOBS[name] for name in asked.jobs.split(",")):
            undisturbed = whole(job, folder / "undisturbed")
            late = 0
            what = f"kills -9 end well (whole run {undisturbed.seconds:.1f} s)"
            with counted(job, asked.kills, what) as count:
                while count.done < asked.kills and late < 3 * asked.kills:
                    number = min(asked.in_a_row, asked.kills - count.done)
                    moments = [chance.uniform(0.02, undisturbed.seconds) for _ in range(number)]
                    met, found = row_of_kills(job, folder / "killed", undisturbed, moments)
                    for each in found:
                        print(each, flush=True)
                    count.done, late = count.done + met, late + (met < number)
                    count.good += 0 if found else met
                    shutil.rmtree(folder / "killed")
            bad += asked.kills - count.good
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
