# SPDX-License-Identifier: Apache-2.0
"""How long it takes in the lab's panel Edit from a key on a phone to its new sound, drawn and ready to play.

Starts `synthkit lab` with a voice as a user does, opens the panel in the system's Chromium, and makes phones
longer, each by the page's own clock: from the key to the frame after the new rows are in the page and the
sound in the player; 60 ms of it the page waits for further keys. Prints median and extremes, the voice's
part of it, and how busy the machine was.

    python benchmarks/lab_edit.py demo/demo-ru [--moves 20]
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
async (row) => {
  const phone = document.querySelector(`#phones button[data-row="${row}"]`);
  const before = document.body.dataset.spoken, began = performance.now();
  phone.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true, bubbles: true }));
  while (document.body.dataset.spoken === before) await new Promise((next) => requestAnimationFrame(next));
  return [performance.now() - began, +document.body.dataset.ms];
}
"""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("voice", type=Path)
    parser.add_argument("--moves", type=int, default=20)
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
            page.goto(f"{url}edit/")
            page.wait_for_selector("body[data-vocoders]", timeout=120_000)
            seconds = page.text_content("#position").split("/")[1]
            page.evaluate(MOVE, 1)
            busy = psutil.cpu_percent(2.0)
            rows = page.locator("#phones button").count() - 2
            found = [page.evaluate(MOVE, 1 + k % rows) for k in range(asked.moves)]
        whole, asking = [f[0] for f in found], [f[1] for f in found]
        print(f"sentence of{seconds}; {psutil.cpu_count()} cores, {busy:.0f} % busy with other work before")
        print(f"key to new sound: median {statistics.median(whole):.0f} ms, least {min(whole):.0f}, "
              f"most {max(whole):.0f}; of it asking the server {statistics.median(asking):.0f} ms, "
              f"least {min(asking):.0f}")  # fmt: skip
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
