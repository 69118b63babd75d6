# SPDX-License-Identifier: Apache-2.0
"""How long it takes from the README's `make course` to the first sound of chapter 1.

Clones the last commit into an empty folder and runs the command there as a user does: with no virtual
environment, and with a home of its own, so that nothing is cached by pip, matplotlib or synthkit. Packages
come from the index that pip is set up with. The page is opened by a stand-in for the user's browser (named by
BROWSER, as Python's webbrowser takes it), which hands the address to a Chromium that runs already; the clock
stops when the first player of the page plays. Prints the parts.

    python benchmarks/course_first_sound.py [--whole]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from synthkit.testing.browser import launch, missing

ROOT = Path(__file__).resolve().parents[1]
PLAYS = """async () => {
  const sound = document.querySelector("audio");
  if (!sound) return false;
  await sound.play();
  return sound.currentTime > 0;
}"""
LONGEST = 600
"""Seconds to wait for anything."""


def stand_in(place: Path) -> Path:
    """A browser that writes down the address that it is given."""
    path = place / "browser"
    path.write_text(f'#!/bin/sh\necho "$1" > {place}/.address && mv {place}/.address {place}/address\n')
    path.chmod(0o755)
    return path


def address(place: Path, process: subprocess.Popen[bytes]) -> str:
    """What the stand-in was told to open."""
    while not (place / "address").exists():
        if process.poll() is not None:
            raise SystemExit(f"`make course` ended with code {process.returncode} before it opened a page")
        time.sleep(0.02)
    return (place / "address").read_text().strip()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--whole", action="store_true", help="wait until the other chapters are ready, too")
    asked = parser.parse_args()
    if lacking := missing():
        raise SystemExit(lacking)
    print(f"{psutil.cpu_count()} cores, {psutil.cpu_percent(2.0):.0f} % busy with other work before")
    with (
        tempfile.TemporaryDirectory() as folder,
        launch("--autoplay-policy=no-user-gesture-required") as browser,
    ):
        place = Path(folder)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place / "synthkit")], check=True)
        (place / "home").mkdir()
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "SYNTHKIT_", "VIRTUAL_"))
        }
        environment = inherited | {"HOME": str(place / "home"), "BROWSER": str(stand_in(place))}
        page = browser.new_page()
        page.set_default_timeout(1000 * LONGEST)
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "course"],
            cwd=place / "synthkit",
            env=environment,
            stdout=sys.stderr,
            start_new_session=True,
        )
        try:
            url = address(place, process)
            told("page opened (environment made, packages installed)", began)
            page.goto(url, wait_until="commit")
            page.wait_for_selector("h1")
            told("its first lines are seen", began)
            page.wait_for_function(PLAYS)
            told("FIRST SOUND", began)
            page.wait_for_load_state("load")
            told("the chapter is whole", began)
            while asked.whole and not (place / "synthkit/.venv/.course").exists():
                time.sleep(0.2)
            if asked.whole:
                told("the other chapters are ready", began)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait()


def told(what: str, began: float) -> None:
    print(f"{time.perf_counter() - began:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    main()
