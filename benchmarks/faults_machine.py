# SPDX-License-Identifier: Apache-2.0
"""A full disk, a disk that may only be read, no file handles, at random moments: nothing lost silently.

    python benchmarks/faults_machine.py [--moments 20] [--jobs build,compare,say] [--seed 0]

Every run has a small disk of its own (a tmpfs in a mount namespace, so ``unshare -rm`` of util-linux has to
be allowed): at the moment drawn it is filled to the last byte, mounted read-only, or the processes may open
no further file. Good is a run that stops with one message about the machine, exit code 2 and no traceback,
and blames no utterance, sentence or metric, or one that was past needing what it lost and gives the whole
result. Then the fault is taken away, and the same command has to end in the bytes of an undisturbed run.
Broken off (Ctrl-C, SIGTERM), it prints what it has counted so far.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faults_common as common
from faults_common import GIVES, Job, Whole, digest

MOUNTED = "SYNTHKIT_BENCHMARK_MOUNTED"
DISK = "400m"
BLAME = re.compile(r"(?<!\b0 )left out|could not be spoken|cannot be spoken|not measured|crashed|Traceback")


def mount(place: Path, *options: str) -> bool:
    """Whether ``mount`` of the run's disk with `options` came about."""
    command = ["mount", *options, "-t", "tmpfs", "none", str(place)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def fill(place: Path, group: int) -> bool:
    """Write to the disk until nothing fits; what others free meanwhile is taken as well."""
    path = place / "filler"
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(64))
    return True


def empty(place: Path) -> None:
    """Undo `fill`."""
    (place / "filler").unlink()


def only_read(place: Path, group: int) -> bool:
    """Mount the disk read-only; the system refuses while a file is open for writing, so again and again."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if mount(place, "-o", f"remount,ro,size={DISK}"):
            return True
        time.sleep(0.0005)
    return False


def writable(place: Path) -> None:
    """Undo `only_read`."""
    if not mount(place, "-o", f"remount,rw,size={DISK}"):
        raise SystemExit(f"{place} cannot be mounted writable again")


def no_handles(place: Path, group: int) -> bool:
    """No process of the group may open a further file."""
    done = False
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == group:
                handles = len(list((entry / "fd").iterdir()))
                limits = resource.prlimit(int(entry.name), resource.RLIMIT_NOFILE)
                resource.prlimit(
                    int(entry.name), resource.RLIMIT_NOFILE, (min(handles, limits[0]), limits[1])
                )
                done = True
    return done


def nothing(place: Path) -> None:
    """Limits end with their processes."""


FAULTS: dict[str, tuple[Callable[[Path, int], bool], Callable[[Path], None]]] = {
    "full disk": (fill, empty),
    "read-only": (only_read, writable),
    "no handles": (no_handles, nothing),
}


def disturbed(job: Job, place: Path, fault: str, moment: float, undisturbed: Whole) -> list[str] | None:
    """What is wrong with a run of `job` that meets `fault`, and with the next run; None if it was over,
    or had not begun."""
    bring, take = FAULTS[fault]
    process = common.start(job, place)
    time.sleep(moment)
    if process.poll() is not None or not bring(place, process.pid):
        process.communicate()
        return None
    _, error = process.communicate()
    if process.returncode == 1 and not re.search(r"synthkit|error: ", error):
        return None  # Python itself was starting still, and nothing of ours had been read
    found = []
    if process.returncode == 0:
        if digest(place / GIVES) != undisturbed.files:
            found.append("exit code 0 with another result")
    elif process.returncode != 2 or error.count("error: ") != 1:
        found.append(f"exit code {process.returncode}: {error.strip()[-400:]}")
    if BLAME.search(error):
        found.append(f"the machine's fault is blamed on something else: {error.strip()[-400:]}")
    take(place)
    process = common.start(job, place)
    _, error = process.communicate()
    if process.returncode != 0:
        found.append(f"afterwards: exit code {process.returncode}: {error.strip()[-400:]}")
    if digest(place / GIVES) != undisturbed.files:
        found.append("afterwards: other bytes")
    return found + [f"left behind: {path}" for path in common.leftovers(place, undisturbed)]


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--jobs", default="build,compare,say")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if MOUNTED not in os.environ:
        if shutil.which("unshare") is None:
            raise SystemExit("unshare is missing: apt-get install util-linux")
        command = ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv]
        # In this one's place: as a child of it, it would be killed unheard where this is told to end.
        os.execvpe(command[0], command, {**os.environ, MOUNTED: "1"})
    common.broken_off_politely()
    chance = random.Random(asked.seed)
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        common.prepare(folder)
        place = folder / "disk"
        for job in (common.JOBS[name] for name in asked.jobs.split(",")):
            undisturbed = common.whole(job, folder / "undisturbed")
            late = 0
            with common.counted(job, asked.moments, "faults of the machine end well") as count:
                while count.done < asked.moments and late < 3 * asked.moments:
                    fault = list(FAULTS)[count.done % len(FAULTS)]
                    moment = chance.uniform(0.02, undisturbed.seconds)
                    place.mkdir()
                    if not mount(place, "-o", f"size={DISK}"):
                        raise SystemExit("a tmpfs cannot be mounted here: mount namespaces are not allowed")
                    try:
                        found = disturbed(job, place, fault, moment, undisturbed)
                    finally:
                        subprocess.run(["umount", "--lazy", str(place)], check=True)
                        place.rmdir()
                    if found is None:
                        late += 1
                        continue
                    count.done += 1
                    count.good += not found
                    for each in found:
                        print(f"{job.name}, {fault} after {moment:.2f} s: {each}", flush=True)
            bad += asked.moments - count.good
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
