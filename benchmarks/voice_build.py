# SPDX-License-Identifier: Apache-2.0
"""Building a unit-selection voice of a whole corpus, then swapping only its vocoder.

    python benchmarks/voice_build.py [--recipe corpora/recipes/nsh.toml] [--limit N] [--keep FOLDER]

To reach, for the 99.5 min of msu-ru-nsh with labels given, DIO, two cores: build at most 3 min (a prototype
took 107 s of CPU); a swapped vocoder under 2 s with nothing before it computed again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def build(out: Path, cache: Path, recipe: Path, more: list[str]) -> tuple[float, float]:
    """Run ``synthkit build``; returns wall seconds and CPU seconds of the main process (workers apart)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [SYNTHKIT, "build", str(recipe), "-o", str(out), *more],
        check=True,
        env=os.environ | {"SYNTHKIT_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def results(cache: Path) -> dict[str, int]:
    """Every file of the cache with the time it was written, but for what only speeds up checks."""
    return {
        str(p): p.stat().st_mtime_ns for p in cache.rglob("*") if p.is_file() and "verified" not in p.parts
    }


def main() -> None:
    """Print the two figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipe", type=Path, default=ROOT / "corpora/recipes/nsh.toml")
    parser.add_argument("--limit", type=int, default=0, help="only the first N utterances")
    parser.add_argument("--keep", type=Path, help="leave the voice here")
    options = parser.parse_args()
    more = ["--set", f"voice.limit={options.limit}"]
    with tempfile.TemporaryDirectory() as scratch:
        out, cache = options.keep or Path(scratch) / "voice", Path(scratch) / "cache"
        wall, cpu = build(out, cache, options.recipe, more)
        corpus = json.loads((out / "manifest.json").read_text())["corpus"]
        print(
            f"{corpus['name']}: {corpus['utterances']} utterances, {corpus['minutes']} min; "
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
        )
        print(
            f"build:            {wall:7.1f} s wall, {cpu:7.1f} s CPU without its workers   (to reach for "
            "99.5 min: 180 s wall)"
        )
        before = results(cache)
        swap = ["--set", "vocoder.plugin=world", "--set", "vocoder.adapters=units-to-frames"]
        wall, cpu = build(out, cache, options.recipe, more + swap)
        again = [p for p, t in results(cache).items() if before.get(p) != t]
        print(
            f"swapped vocoder:  {wall:7.1f} s wall, {cpu:7.1f} s CPU   (to reach: 2 s); "
            f"cached results written again: {len(again)} (to reach: 0)"
        )
        start = time.perf_counter()
        say = [SYNTHKIT, "say", "-v", str(out), "Добрый день.", "-o", str(Path(scratch) / "a.wav")]
        subprocess.run([*say, "--set", "vocoder.plugin=overlap-add"], check=True, stdout=subprocess.DEVNULL)
        print(f"say, swapped back:{time.perf_counter() - start:7.2f} s wall")


if __name__ == "__main__":
    main()
