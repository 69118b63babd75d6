# SPDX-License-Identifier: Apache-2.0
"""CPU seconds of a cold `synthkit say` with a voice of the plugin coqui, beside a bare `import torch`.

    python benchmarks/coqui_say.py [--runs 5] [--kinds glowtts tacotron2 vits]        (a minute of CPU)

Builds a tiny voice of each kind from the bundled Russian corpus (four steps: it is not understood, and costs
as much to load as any), then speaks one word in processes of its own, in turn with the bare import. Printed
are medians of user + system time of whole processes. None of them imports torch; to reach, through
Griffin-Lim where a model gives frames: 0.8 s.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")
RECIPE = """
[voice]
name = "tiny-{kind}"
corpus = "bundled-ru"
limit = 6

[alignment]
plugin = "labels"

[features]
plugin = "mel"

[acoustic_model]
plugin = "{kind}"
preset = "tiny"
steps = 4
batch_size = 2
rehearsal = false

[vocoder]
plugin = "griffin-lim"
"""
TO_REACH = 0.8


def cpu(command: list[str], environment: dict[str, str]) -> float:
    """User and system seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kinds", nargs="+", default=["glowtts", "tacotron2", "vits"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="synthkit-say-") as name:
        work = Path(name)
        environment = {**os.environ, "SYNTHKIT_CACHE": str(work / "cache"), "OMP_NUM_THREADS": "1"}
        commands = {"import torch": [sys.executable, "-c", "import torch"]}
        for kind in options.kinds:
            recipe = work / f"{kind}.toml"
            recipe.write_text(RECIPE.format(kind=kind), encoding="utf-8")
            voice = str(work / kind)
            cpu([SYNTHKIT, "build", str(recipe), "-o", voice, "--executor", "serial"], environment)
            commands[f"say, {kind}"] = [SYNTHKIT, "say", "-v", voice, "да", "-o", str(work / "out.wav")]
        taken: dict[str, list[float]] = {label: [] for label in commands}
        for number in range(options.runs + 1):
            for label, command in commands.items():
                seconds = cpu(command, environment)
                if number:  # the first round warms the disk cache
                    taken[label].append(seconds)
    for label, values in taken.items():
        print(
            f"{label:16} median {statistics.median(values):.2f} s of CPU ({min(values):.2f} to "
            f"{max(values):.2f})"
        )
    print(f"to reach: {TO_REACH} s each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
