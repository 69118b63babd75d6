# SPDX-License-Identifier: Apache-2.0
"""How far one word travels: files entered and moves between files, from the command line to the sound.

    python benchmarks/files_entered.py [VOICE] [--list]

One ``synthkit say`` of one word, traced in this process: a *file entered* is a file of synthkit or of a
plugin in which any code ran, the body of a module included; a *move* is whenever what runs passes from one of
these files into another, by a call, by the return from one, or by an import, whatever of the standard library
or a package lies between. Without VOICE the demo voice (unit selection) is built
first, without the guide that it has now and had not then. The second run
counts: the first one fills the caches that a user's first command fills.

Beside it what the same count gave before plugins were remembered and a voice's parts were put together in one
place (commit 139478d: 87 files, 938 moves, 153 of them into plugins.py). To count it again, check that commit
out, install it and its plugins into an environment of their own, and there run this file with ``TRACED_ROOT``
set to the checkout.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(os.environ.get("TRACED_ROOT", Path(__file__).parents[1]))
WORD = "Привет."
SYNTHKIT = str(Path(sys.executable).parent / "synthkit")

BEFORE = (87, 938, 153, 384)
"""Files, moves, moves into plugins.py, calls into another file, as the same word took of commit 139478d."""

TRACED = """
import json, sys
sys.path.insert(0, {here!r})
from files_entered import traced
print(json.dumps(traced({arguments!r})))
"""


def traced(arguments: list[str]) -> dict[str, Any]:
    """Files entered, and moves and calls by the file moved into, of one command run in this process."""
    places = (str(ROOT / "synthkit") + os.sep, str(ROOT / "plugins") + os.sep)
    entered: Counter[str] = Counter()
    moves: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    here = ""

    def own(frame: FrameType | None) -> str:
        while frame is not None and not frame.f_code.co_filename.startswith(places):
            frame = frame.f_back
        return frame.f_code.co_filename if frame is not None else ""

    def watch(frame: FrameType, event: str, _: Any) -> None:
        nonlocal here
        name = frame.f_code.co_filename
        if event not in ("call", "return") or not name.startswith(places):
            return
        goes_to = name if event == "call" else own(frame.f_back) or here
        if event == "call":
            entered[name] += 1
            if frame.f_code.co_name != "<module>" and own(frame.f_back) != name:
                calls[name] += 1
        if goes_to != here:
            moves[goes_to] += 1
        here = goes_to

    sys.setprofile(watch)
    from synthkit.cli import run

    status = run(arguments)
    sys.setprofile(None)
    assert status == 0, f"synthkit {' '.join(arguments)} ended with {status}"
    short = {name: str(Path(name).relative_to(ROOT)) for name in entered}
    return {
        "entered": sorted(short.values()),
        "moves": {short[name]: count for name, count in moves.most_common()},
        "calls": {short[name]: count for name, count in calls.most_common()},
    }


def main() -> None:
    """Print the two figures, and with --list where they are made."""
    import json

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voice", nargs="?", type=Path)
    parser.add_argument("--list", action="store_true", help="each file with the moves into it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        voice = asked.voice
        if voice is None:
            voice = Path(folder) / "demo-ru"
            recipe = Path(__file__).parents[1] / "corpora" / "recipes" / "demo-ru.toml"
            subprocess.run(
                [
                    SYNTHKIT,
                    "build",
                    str(recipe),
                    "-o",
                    str(voice),
                    "--set",
                    "acoustic_model.guidance_pretrained=",
                ],
                check=True,
                capture_output=True,
            )
        command = ["say", "-v", str(voice), WORD, "-o", f"{folder}/a.wav"]
        script = TRACED.format(here=str(Path(__file__).parent), arguments=command)
        for _ in range(2):
            done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    moves, calls = found["moves"], found["calls"]
    print(f"{'':30}   now  before")
    print(f"{'files entered':30}{len(found['entered']):6}{BEFORE[0]:8}")
    print(f"{'moves between files':30}{sum(moves.values()):6}{BEFORE[1]:8}   to reach {BEFORE[1] // 2}")
    print(f"{'of these into plugins.py':30}{moves.get('synthkit/plugins.py', 0):6}{BEFORE[2]:8}")
    print(f"{'calls into another file':30}{sum(calls.values()):6}{BEFORE[3]:8}")
    plugins = sorted({name.split("/")[1] for name in found["entered"] if name.startswith("plugins/")})
    print(f"plugins entered: {', '.join(plugins)}")
    if asked.list:
        print("  moves  calls  file")
        for name in found["entered"]:
            print(f"{moves.get(name, 0):7}{calls.get(name, 0):7}  {name}")


if __name__ == "__main__":
    main()
