# SPDX-License-Identifier: Apache-2.0
"""From a folder of clips to the first spoken sentence: the commands a user types, and what they cost.

    python benchmarks/first_sentence.py [--clips 40] [--corpus bundled-en]

The folder holds recordings and a text beside each; nothing is configured. A command counts that has to be
typed; CPU seconds are those of the command and its workers.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthkit.corpora import open_corpus


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--corpus", default="bundled-en")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        mine = Path(place) / "mine"
        mine.mkdir()
        for u in open_corpus(args.corpus).utterances[: args.clips]:
            shutil.copyfile(u.audio, mine / u.audio.name)
            (mine / f"{u.id}.txt").write_text(u.text, encoding="utf-8")
        text = "Привет." if args.corpus.endswith("ru") else "Please wait."
        commands = [["build", "mine/"], ["say", "-v", "voices/mine", text, "-o", "first.wav"]]
        environment = os.environ | {"SYNTHKIT_CACHE": f"{place}/cache"}
        for command in commands:
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run(
                [sys.executable, "-m", "synthkit", *command], cwd=place, env=environment, check=True,
                capture_output=True,
            )  # fmt: skip
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            wall = time.monotonic() - began
            print(f"synthkit {' '.join(command)}\n    {cpu:.1f} s of CPU, {wall:.1f} s by the clock")
        size = (Path(place) / "first.wav").stat().st_size
        print(f"{args.clips} clips → first.wav ({size} bytes) in {len(commands)} commands")


if __name__ == "__main__":
    main()
