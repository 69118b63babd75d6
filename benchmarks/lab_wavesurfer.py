# SPDX-License-Identifier: Apache-2.0
"""The lab's own lanes beside wavesurfer.js: size, time to draw, and the keyboard.

In the system's Chromium both get the same sounds as samples and draw waveform and spectrogram (512 points, 0
to 8 kHz) of them; the clock stops in the frame after both are drawn. Then both show the same forty phones on
that axis: as units of a `Lanes`, and as regions that can be dragged. It counts how many presses of Tab it
takes to get past them, whether they have names, and whether an arrow key moves one. Nothing of wavesurfer.js
is part of synthkit; its package is named on the command line.

    npm pack wavesurfer.js && tar xzf wavesurfer.js-*.tgz
    python benchmarks/lab_wavesurfer.py package/ [--times 9]
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import shutil
import statistics
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import psutil

from synthkit.show import PAGE, SHARED
from synthkit.testing.browser import launch, missing

OURS = ("lanes.js", "drawing.js", "player.js", "dom.js", "spectrum.js")
THEIRS = (
    "wavesurfer.esm.js",
    "plugins/spectrogram.esm.js",
    "plugins/regions.esm.js",
    "plugins/timeline.esm.js",
)
PHONES = 40
HTML = Path(__file__).with_suffix(".html")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("package", type=Path, help="the unpacked npm package of wavesurfer.js")
    parser.add_argument("--times", type=int, default=9)
    asked = parser.parse_args()
    if lacking := missing():
        raise SystemExit(lacking)
    version = json.loads((asked.package / "package.json").read_text())["version"]
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        shutil.copytree(PAGE, site / "ours")
        for name in ("spectrum.js",):
            (site / "ours" / name).write_text(
                files(SHARED[0]).joinpath(SHARED[1], name).read_text("utf-8"), "utf-8"
            )
        shutil.copytree(asked.package / "dist", site / "theirs")
        shutil.copy(HTML, site / "index.html")
        handler = functools.partial(Quiet, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                measure(f"http://127.0.0.1:{server.server_port}/", site, version, asked.times)
            finally:
                server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of what it hands out."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def measure(url: str, site: Path, version: str, times: int) -> None:
    """Print what is found."""
    for name, folder, modules in (("ours", "ours", OURS), (f"wavesurfer.js {version}", "theirs", THEIRS)):
        whole = [(site / folder / m).read_bytes() for m in modules]
        print(f"{name:<22} {sum(map(len, whole)) / 1e3:6.1f} kB in {len(modules)} modules, "
              f"{sum(len(gzip.compress(w)) for w in whole) / 1e3:.1f} kB packed")  # fmt: skip
    with launch("--autoplay-policy=no-user-gesture-required") as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(url)
        page.wait_for_selector("body[data-ready]")
        print(f"{psutil.cpu_count()} cores, {psutil.cpu_percent(2.0):.0f} % busy with other work before")
        for seconds in (4, 30):
            found: dict[str, list[float]] = {"ours": [], "theirs": []}
            for _ in range(times):
                for who in found:
                    page.evaluate("clear()")
                    found[who].append(page.evaluate(f"{who}({seconds})"))
            for who, values in found.items():
                low, high = min(values), max(values)
                print(f"{seconds:>3} s of sound, {who:<6} drawn after {statistics.median(values):6.1f} ms "
                      f"(median; {low:.1f} to {high:.1f})")  # fmt: skip
        for who in ("ours", "theirs"):
            page.evaluate("clear()")
            page.evaluate(f"{who}(4, {PHONES})")
            stops = page.evaluate("inside()")
            page.focus("#before")
            presses = 0
            while presses < 2 * PHONES + 20:
                page.keyboard.press("Tab")
                presses += 1
                if page.evaluate("document.activeElement.id") == "after":
                    break
            print(f"{who}: {PHONES} phones, {stops['count']} stops of Tab, {stops['named']} of them with a "
                  f"name; past them after {presses}")  # fmt: skip
            if who == "theirs":
                before = page.evaluate("regionsNow()")
                page.focus("#before")
                page.keyboard.press("Tab")
                for _ in range(PHONES):
                    page.keyboard.press("ArrowRight")
                    page.keyboard.press("Shift+ArrowRight")
                    page.keyboard.press("Tab")
                after = page.evaluate("regionsNow()")
                moved = sum(a != b for a, b in zip(before, after, strict=True))
                print(f"theirs: arrow keys moved {moved} of the regions")
        page.close()


if __name__ == "__main__":
    main()
