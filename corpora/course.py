# SPDX-License-Identifier: Apache-2.0
"""`make course`: open the first chapter as soon as what it needs is there, then install the rest behind it.

    python corpora/course.py COMMAND...

COMMAND installs what the other chapters need; it runs when the first chapter has been run to its end, so that
nothing keeps the reader from its first sound. What it cannot do is told; the page stays.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from synthkit_course.chapters import find
from synthkit_course.cli import opened
from synthkit_course.serving import show

from synthkit.errors import SynthkitError

PORT = 8380


def rest(command: list[str]) -> None:
    """Install what the other chapters need."""
    if not command:
        return
    if subprocess.run(command, check=False).returncode:
        print(f"the other chapters lack what they need; again: {' '.join(command)}", flush=True)
    else:
        print("the other chapters are ready: synthkit course list; synthkit course open 2", flush=True)


def main() -> int:
    """Run it."""
    try:
        show(find(1), PORT, partial(opened, True), partial(rest, sys.argv[1:]))
    except SynthkitError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
