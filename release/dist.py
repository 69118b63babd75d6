# SPDX-License-Identifier: Apache-2.0
"""`make dist`: a source distribution and a wheel of the core and of each plugin, into `dist/`.

Each wheel is built from the source distribution unpacked somewhere else, as an index's users would build it;
so what a build needs beside its own files is found out here.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from hatchling.build import build_sdist, build_wheel
from version import ROOT, projects, version


def build(out: Path) -> list[Path]:
    """Build all into folder `out`; the wheels, the core's first.

    Parameters
    ----------
    out : Path
        Made when missing. What an earlier call left there is taken away first.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in [*out.glob("synthkit_*.whl"), *out.glob("synthkit_*.tar.gz")]:
        old.unlink()
    wheels = []
    for folder in projects():
        # The build backend takes the working directory for the project.
        with contextlib.chdir(folder):
            source = out / build_sdist(str(out))
        with tempfile.TemporaryDirectory() as work:
            with tarfile.open(source) as archive:
                archive.extractall(work, filter="data")
            (unpacked,) = Path(work).iterdir()
            with contextlib.chdir(unpacked):
                wheels.append(out / build_wheel(str(out)))
    return wheels


def main(arguments: list[str]) -> None:
    """Build into the folder that is named, `dist/` by default."""
    out = Path(arguments[0]).resolve() if arguments else ROOT / "dist"
    wheels = build(out)
    for wheel in wheels:
        print(f"{wheel.stat().st_size / 1e6:8.2f} MB  {wheel.name}")
    print(f"{len(wheels)} wheels of {version()} in {out}", file=sys.stderr)
    print(
        f"to install from there: pip install --find-links {os.path.relpath(out)} "
        '"synthkit-speech[classical]"',
        file=sys.stderr,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
