# SPDX-License-Identifier: Apache-2.0
"""README's two commands where there is neither a compiler nor Python's headers.

    python benchmarks/without_compiler.py [--make demo] [--make test] [--keep FOLDER]

A clone of this checkout in a folder of its own, where ``make`` finds every program of this machine but
compilers (`COMPILERS`). Python's headers are hidden by a mount of an empty folder over theirs, in a name
space of its own; where that is not allowed this says so and goes on, since no header is read without a
compiler. To reach: both end with 0, and what cannot be built is named.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILERS = (
    "cc",
    "c++",
    "c89*",
    "c99*",
    "cpp*",
    "gcc*",
    "g++*",
    "clang*",
    "*-gcc*",
    "*-g++*",
    "*-cpp*",
    "tcc",
    "icc",
)


def programs(folder: Path) -> str:
    """A PATH of links to every program of this one but compilers."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        if not os.path.isdir(place):
            continue
        for program in os.scandir(place):
            link = folder / program.name
            compiler = any(fnmatch.fnmatch(program.name, pattern) for pattern in COMPILERS)
            if not compiler and not link.is_symlink() and os.access(program.path, os.X_OK):
                link.symlink_to(program.path)
    # A shim would choose a Python by folders of its own; this one is meant.
    for name in ("python3", "python"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    return str(folder)


def hidden(empty: Path) -> list[str]:
    """What goes before a command, so that it sees no headers; nothing where that is not allowed."""
    include = sysconfig.get_path("include", vars={"installed_base": sys.base_prefix, "base": sys.base_prefix})
    if not Path(include, "Python.h").exists():
        return []
    empty.mkdir()
    before = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        f'mount --bind {empty} {include} && exec "$@"',
        "sh",
    ]
    tried = subprocess.run(
        [*before, "test", "!", "-e", f"{include}/Python.h"], check=False, capture_output=True
    )
    if tried.returncode:
        print(f"Python's headers stay in sight: {tried.stderr.decode().strip()}")
        return []
    return before


def main() -> None:
    """Run each and print how it ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--make", action="append", help="what to make; may be given again  [default: demo test]"
    )
    parser.add_argument("--keep", type=Path, help="a folder to work in, which is not there yet and stays")
    asked = parser.parse_args()
    work = asked.keep.resolve() if asked.keep else Path(tempfile.mkdtemp())
    work.mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(work / "clone")], check=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "VIRTUAL_ENV"}
    env |= {"PATH": programs(work / "programs"), "SYNTHKIT_CACHE": str(work / "cache")}
    before = hidden(work / "empty")
    for what in asked.make or ["demo", "test"]:
        start = time.monotonic()
        done = subprocess.run([*before, "make", what], cwd=work / "clone", env=env, check=False)
        print(
            f"make {what:20} ended with {done.returncode} after {time.monotonic() - start:.0f} s; to reach 0",
            flush=True,
        )
    if not asked.keep:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
