# SPDX-License-Identifier: Apache-2.0
"""How long the command line takes to start: `synthkit --help` (to reach: 0.2 s), beside `python -c pass`.

    python benchmarks/cli_startup.py [--runs 15] [--voice VOICE]

With a voice, also a cold ``synthkit say`` of one word (to reach: 0.36 s with a unit-selection voice).

Whole processes, in turn, so that a drifting machine drifts for both; the median counts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def seconds(command: list[str]) -> float:
    """Wall time of one process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--voice", type=Path)
    asked = parser.parse_args()
    runs = asked.runs
    commands = {
        "synthkit --help": [SYNTHKIT, "--help"],
        "synthkit plugins": [SYNTHKIT, "plugins"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    out = tempfile.mkdtemp()
    if asked.voice:
        commands["synthkit say"] = [SYNTHKIT, "say", "-v", str(asked.voice), "Добрый.", "-o", f"{out}/a.wav"]
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            t = seconds(command)
            if number:  # the first round warms the disk cache
                times[name].append(t)
    for name, values in times.items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name:20} median {middle:.3f} s   ({low:.3f} to {high:.3f}, {runs} runs)")
    print("to reach: synthkit --help under 0.200 s")


if __name__ == "__main__":
    main()
