# SPDX-License-Identifier: Apache-2.0
"""Cached results altered one by one, in every stage: is each found, said, and made again?

    python benchmarks/faults_cache.py [--altered 60] [--seed 0]

A build and a comparison fill a cache; then, again and again, one file in it (a result or its checksum, the
stages taking turns) has a bit flipped, its end cut off, bytes added, or is emptied, and the same command is
given again. Good is a run that says that this result was damaged and ends in the bytes of the undisturbed
one, with the altered result in its place again. An altered checksum is good when the run ends in the same
bytes: what it says of its file may still hold.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from pathlib import Path

from faults_common import GIVES, JOBS, Job, digest, prepare, start

SUFFIX = ".sum"
CHANGES = ("bit", "cut", "added", "emptied")


def altered(data: bytes, change: str, chance: random.Random) -> bytes:
    """`data` after `change`."""
    at = chance.randrange(len(data)) if data else 0
    if change == "bit" and data:
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if change == "cut" and data:
        return data[:at]
    return b"" if change == "emptied" and data else data + b"\x00"


def stages(cache: Path) -> dict[str, list[Path]]:
    """Files of results and their checksums by stage."""
    found: dict[str, list[Path]] = {}
    for path in sorted(cache.rglob("*")):
        stage = "/".join(path.relative_to(cache).parts[:-2][:2])
        first = path.relative_to(cache).parts[0]
        if path.is_file() and not path.name.startswith(".") and first not in ("verified", "plugins", "work"):
            found.setdefault(stage.split("/")[0] if first != "eval" else stage, []).append(path)
    return found


def run(job: Job, place: Path) -> tuple[dict[str, str], str]:
    """What `job` gives when its result is not there, and what it says."""
    shutil.rmtree(place / GIVES, ignore_errors=True)
    process = start(job, place)
    _, error = process.communicate()
    return (digest(place / GIVES) if process.returncode == 0 else {}), error


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--altered", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    tried: dict[str, int] = {}
    good: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        jobs = [JOBS["build"], JOBS["compare"]]
        expected = {job.name: run(job, folder / job.name)[0] for job in jobs}
        turns = [(job, stage) for job in jobs for stage in stages(folder / job.name / "cache")]
        for number in range(asked.altered):
            job, stage = turns[number % len(turns)]
            place = folder / job.name
            path = chance.choice(stages(place / "cache")[stage])
            change = CHANGES[number // len(turns) % len(CHANGES)]
            path.write_bytes(altered(path.read_bytes(), change, chance))
            result, said = run(job, place)
            found = [] if result == expected[job.name] else [f"another result: {said.strip()[-300:]}"]
            if path.suffix != SUFFIX:
                if "damaged and is made again" not in said:
                    found.append("not a word about it")
                if not path.exists():
                    found.append("it was not made again")
            what = f"{job.name}: {stage}"
            tried[what] = tried.get(what, 0) + 1
            good[what] = good.get(what, 0) + (not found)
            for each in found:
                print(f"{what}, {path.name} {change}: {each}", flush=True)
    for what, count in tried.items():
        print(f"{what:34} {good[what]} of {count} found and made again")
    print(f"{sum(good.values())} of {sum(tried.values())} altered cached files end well")
    return int(good != tried)


if __name__ == "__main__":
    raise SystemExit(main())
