# SPDX-License-Identifier: Apache-2.0
"""How long the command line takes to start: `synthkit --help` (to reach: 0.18 s), beside `python -c pass`.

    python benchmarks/cli_startup.py [--runs 15] [--voice VOICE]

With a voice, also a cold ``synthkit say`` of one word (to reach: 0.36 s with a unit-selection voice).

Whole processes, in turn, so that a drifting machine drifts for all, with their modules compiled, as an
installation has them. The median by the clock counts on an idle machine; the smallest CPU time moves least
with whatever else runs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from whole_processes import spent

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--voice", type=Path)
    asked = parser.parse_args()
    commands = {
        "synthkit --help": ([SYNTHKIT, "--help"], "to reach 0.18"),
        "synthkit plugins": ([SYNTHKIT, "plugins"], ""),
        "python -c pass": ([sys.executable, "-c", "pass"], ""),
        "numpy, pydantic": ([sys.executable, "-c", "import numpy, pydantic.main"], ""),
    }
    with tempfile.TemporaryDirectory() as folder:
        if asked.voice:
            say = [SYNTHKIT, "say", "-v", str(asked.voice), "Добрый.", "-o", f"{folder}/a.wav"]
            commands["synthkit say"] = say, "to reach 0.36"
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(asked.runs + 1):
            for name, (command, _) in commands.items():
                found = spent(command, Path(folder) / "compiled")
                if number:  # the first round compiles, and warms the disk cache
                    times[name].append(found)
    for name, rows in times.items():
        walls, cpu = [row[0] for row in rows], min(row[1] for row in rows)
        by_clock = f"median {statistics.median(walls):.3f} s   ({min(walls):.3f} to {max(walls):.3f})"
        print(f"{name:18} {by_clock}   CPU {cpu:.3f} s   {commands[name][1]}")


if __name__ == "__main__":
    main()
