# SPDX-License-Identifier: Apache-2.0
"""How long it takes in the lab from a weight's slider to its new path, drawn and ready to play.

Starts `synthkit lab` with a unit-selection voice as a user does, opens the page in the system's Chromium,
says a sentence of about 4 s, and moves one slider after another, each by the page's own clock: from the event
to the frame after the new path is in the page and its sound in the player. Prints median and extremes, the
voice's part of it, and how busy the machine was.

    python benchmarks/lab_slider.py demo/demo-ru [--moves 40]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

import psutil

from synthkit.testing.browser import launch, missing

MOVE = """
async (name) => {
  const slider = document.querySelector(`input[data-name="${name}"]`);
  const before = document.body.dataset.spoken, began = performance.now();
  slider.stepUp(5);
  if (+slider.value >= +slider.max) slider.value = slider.min;
  slider.dispatchEvent(new Event("input"));
  while (document.body.dataset.spoken === before) await new Promise((next) => requestAnimationFrame(next));
  const stages = document.querySelector("#stages").textContent.match(/[0-9.]+ ms/g).map(parseFloat);
  return [performance.now() - began, stages.reduce((a, b) => a + b, 0)];
}
"""
SLIDERS = ("guidance", "target.f0", "target.spectrum", "join.join", "join.f0", "join.spectrum")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("voice", type=Path)
    parser.add_argument("--moves", type=int, default=40)
    asked = parser.parse_args()
    if lacking := missing():
        raise SystemExit(lacking)
    command = [sys.executable, "-m", "synthkit", "lab", str(asked.voice), "--port", "0", "--no-open"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        url = server.stdout.readline().split()[1]
        with launch() as browser:
            page = browser.new_page()
            page.goto(url)
            page.wait_for_selector("body[data-parts]", timeout=120_000)
            seconds = page.text_content("#position").split("/")[1]
            page.evaluate(MOVE, SLIDERS[0])
            busy = psutil.cpu_percent(2.0)
            found = [page.evaluate(MOVE, SLIDERS[k % len(SLIDERS)]) for k in range(asked.moves)]
        whole, inside = [f[0] for f in found], [f[1] for f in found]
        print(f"sentence of{seconds}; {psutil.cpu_count()} cores, {busy:.0f} % busy with other work before")
        print(f"slider to new path and sound: median {statistics.median(whole):.0f} ms, "
              f"least {min(whole):.0f}, most {max(whole):.0f}")  # fmt: skip
        print(f"of it in the voice: median {statistics.median(inside):.0f} ms, least {min(inside):.0f}")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
