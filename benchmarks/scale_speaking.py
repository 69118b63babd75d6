# SPDX-License-Identifier: Apache-2.0
"""Memory of ``say --lines`` and of ``compare`` against the number of lines and sentences.

    python benchmarks/scale_speaking.py VOICE [--lines 2000] [--sentences 30 300] [--voices 4]

The lines are of the voice's own corpus, shuffled word by word, so that no two are alike. Of ``say --lines``
the anonymous pages are looked at as files appear, and a straight line is laid through them from the hundredth
on: MB per 1,000 lines (before: 3.5). Of ``compare`` the peak of the main process and of the largest worker
are printed for each number of sentences, by copies of the voice and metrics that need nothing but the plan of
units.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from scale import SYNTHKIT, Run, anonymous, watch

from synthkit.corpora import open_corpus


def lines(count: int) -> list[str]:
    """Lines of words of the bundled corpus, no two alike."""
    rng = random.Random(0)
    words = [u.text.strip(".!?…").split() for u in open_corpus("bundled-ru").utterances]
    out: set[str] = set()
    while len(out) < count:
        a, b = rng.choice(words), rng.choice(words)
        out.add(" ".join([*a[: rng.randint(2, 6)], *b[-rng.randint(2, 6) :]]))
    return sorted(out)


def say(voice: Path, count: int, place: Path) -> None:
    """Speak lines into files and look at the process as they appear."""
    (place / "lines.txt").write_text("\n".join(lines(count)) + "\n", encoding="utf-8")
    command = [
        *SYNTHKIT,
        "say",
        "-v",
        str(voice),
        "--lines",
        "-f",
        str(place / "lines.txt"),
        "-o",
        "said",
        "--json",
    ]
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen: list[tuple[int, float]] = []
    said = place / "said"
    while process.poll() is None:
        done = len(os.listdir(said)) if said.is_dir() else 0
        if done >= 100 and (not seen or done > seen[-1][0]):
            seen.append((done, anonymous(process.pid)))
        time.sleep(0.2)
    good = np.array([row for row in seen if row[1] > 0])
    slope, level = np.polyfit(good[:, 0], good[:, 1], 1)
    print(
        f"say --lines of {count}: {level:.0f} MB, {1000 * slope:+.2f} MB per 1,000 lines "
        f"(to reach: flat; before: +3.5), status {process.returncode}",
        flush=True,
    )


def compare(voice: Path, sentences: int, voices: int, place: Path) -> None:
    """Compare a voice with itself."""
    (place / "texts.txt").write_text("\n".join(lines(sentences)) + "\n", encoding="utf-8")
    names = [str(place / f"voice-{n}") for n in range(voices)]
    for name in names:
        shutil.copytree(voice, name)
    command = [
        *SYNTHKIT,
        "compare",
        *names,
        "--texts",
        str(place / "texts.txt"),
        "-m",
        "pauses",
        "-m",
        "joins",
    ]
    run = Run(0, "process")
    environment = {**os.environ, "SYNTHKIT_CACHE": str(place / "cache")}
    process = subprocess.Popen(
        [*command, "--out", str(place / "report"), "--workers", "2"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    watcher = threading.Thread(target=watch, args=(process, run))
    watcher.start()
    _, error = process.communicate()
    watcher.join()
    if process.returncode not in (0, 1):
        raise SystemExit(error)
    main, worker = run.peak("main"), run.peak("worker")
    print(
        f"compare of {sentences} sentences x {voices} voices: {main.anonymous:.0f} MB in the main process, "
        f"{worker.anonymous:.0f} MB in the largest worker (to reach: flat)",
        flush=True,
    )


def run_all() -> None:
    """Print a line per measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("voice", type=Path)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--sentences", type=int, nargs="*", default=[30, 300])
    parser.add_argument("--voices", type=int, default=4)
    options = parser.parse_args()
    for count in options.sentences:
        with tempfile.TemporaryDirectory() as place:
            compare(options.voice.resolve(), count, options.voices, Path(place))
    if options.lines:
        with tempfile.TemporaryDirectory() as place:
            say(options.voice.resolve(), options.lines, Path(place))


if __name__ == "__main__":
    run_all()
