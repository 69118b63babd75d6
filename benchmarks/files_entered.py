# SPDX-License-Identifier: Apache-2.0
"""How far one word travels: files entered and moves between files, from the command line to the sound.

    python benchmarks/files_entered.py [VOICE] [--list]

One ``synthkit say`` of one word, traced in this process: a *file entered* is a file of synthkit or of a
plugin in which any code ran, the body of a module included; a *move* is a call from a function of one of
these files into one of another, whatever of the standard library or a package lies between (module bodies,
which run once as they are imported, are counted apart). Without VOICE the demo voice (unit selection) is
built first. The second run counts: the first one fills the caches that a user's first command fills.
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
SYNTHKIT = str(Path(sys.executable).parent / "synthkit")

TRACED = """
import json, sys
sys.path.insert(0, {here!r})
from files_entered import traced
print(json.dumps(traced({arguments!r})))
"""


def traced(arguments: list[str]) -> dict[str, Any]:
    """Files entered, and moves by the file moved into, of one command run in this process."""
    places = (str(ROOT / "synthkit") + os.sep, str(ROOT / "plugins") + os.sep)
    entered: Counter[str] = Counter()
    moves: Counter[str] = Counter()
    bodies = 0

    def own(frame: FrameType | None) -> str:
        while frame is not None and not frame.f_code.co_filename.startswith(places):
            frame = frame.f_back
        return frame.f_code.co_filename if frame is not None else ""

    def watch(frame: FrameType, event: str, _: Any) -> None:
        nonlocal bodies
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(places):
            return
        entered[name] += 1
        if frame.f_code.co_name == "<module>":
            bodies += 1
        elif own(frame.f_back) != name:
            moves[name] += 1

    sys.setprofile(watch)
    from synthkit.cli import run

    status = run(arguments)
    sys.setprofile(None)
    assert status == 0, f"synthkit {' '.join(arguments)} ended with {status}"
    short = {name: str(Path(name).relative_to(ROOT)) for name in entered}
    return {
        "entered": sorted(short.values()),
        "bodies": bodies,
        "moves": {short[name]: count for name, count in moves.most_common()},
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
                [SYNTHKIT, "build", str(recipe), "-o", str(voice)], check=True, capture_output=True
            )
        command = ["say", "-v", str(voice), "Добрый.", "-o", f"{folder}/a.wav"]
        script = TRACED.format(here=str(Path(__file__).parent), arguments=command)
        for _ in range(2):
            done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"files entered {len(found['entered'])}, {found['bodies']} of them imported on the way")
    print(f"moves between files {sum(found['moves'].values())}")
    print(f"of these into synthkit/plugins.py {found['moves'].get('synthkit/plugins.py', 0)}")
    if asked.list:
        for name in found["entered"]:
            print(f"{found['moves'].get(name, 0):6}  {name}")


if __name__ == "__main__":
    main()
