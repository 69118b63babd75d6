# SPDX-License-Identifier: Apache-2.0
"""How long it takes from `synthkit lab` to the first sound in the browser.

Starts the command as a user does, with the browser already running; opens the page the moment the server says
that it is ready, and stops the clock when the page has the sound of its first sentence decoded and ready to
play. Prints the parts: until the server is ready, until the page has sound. Five starts.

    python benchmarks/lab_first_sound.py demo/demo-ru
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from synthkit.testing.browser import launch, missing


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("voices", nargs="+", type=Path)
    asked = parser.parse_args()
    if lacking := missing():
        raise SystemExit(lacking)
    command = [sys.executable, "-m", "synthkit", "lab", *map(str, asked.voices), "--port", "0", "--no-open"]
    rows = []
    with launch() as browser:
        print(f"{psutil.cpu_count()} cores, {psutil.cpu_percent(2.0):.0f} % busy with other work before")
        for _ in range(5):
            page = browser.new_page()
            began = time.perf_counter()
            server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            try:
                assert server.stdout is not None
                server.stdout.readline()
                url = server.stdout.readline().split()[1]
                ready = time.perf_counter() - began
                page.goto(url)
                page.wait_for_selector("body[data-spoken]")
                rows.append((ready, time.perf_counter() - began))
            finally:
                server.terminate()
                server.wait()
                page.close()
    for name, values in (("server ready", [r[0] for r in rows]), ("first sound", [r[1] for r in rows])):
        low, high = min(values), max(values)
        print(f"{name:<14} median {statistics.median(values):.2f} s, least {low:.2f}, most {high:.2f}")


if __name__ == "__main__":
    main()
