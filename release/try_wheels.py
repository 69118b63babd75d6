# SPDX-License-Identifier: Apache-2.0
"""`make wheels`: what `make dist` left, installed where nothing else is, builds a voice and speaks.

A new virtual environment takes the classical set from `dist/` and everything else from the package index,
with no compiler to be had. Then `synthkit plugins` must name every plugin of the set, and a small voice of
the bundled recordings is built and says a sentence.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import wave
from pathlib import Path

from version import ROOT, version

CLASSICAL = ("text", "align", "world", "mel", "adapters", "unit-selection", "metrics-world", "parametric")


def main(arguments: list[str]) -> None:
    """Try the wheels of the folder that is named, `dist/` by default."""
    dist = Path(arguments[0]).resolve() if arguments else ROOT / "dist"
    with tempfile.TemporaryDirectory(prefix="synthkit-wheels-") as work:
        where = Path(work)
        venv.create(where / "venv", with_pip=True)
        python, synthkit = where / "venv/bin/python", where / "venv/bin/synthkit"
        # Of our own names only these files are taken, whatever an index may have.
        ours = [str(next(dist.glob(f"synthkit_{n.replace('-', '_')}-{version()}-*.whl"))) for n in CLASSICAL]
        core = str(next(dist.glob(f"synthkit_speech-{version()}-*.whl")))
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary",
            "-c", ROOT / "constraints.txt", f"{core}[classical]", *ours, cwd=where)  # fmt: skip
        run(python, "-m", "pip", "check", "--disable-pip-version-check", cwd=where)
        listed = run(synthkit, "plugins", cwd=where)
        missing = [n for n in CLASSICAL if f"synthkit-{n}" not in listed]
        if missing or "left out" in listed:
            sys.exit(f"{listed}\nplugins that are missing or broken: {missing}")
        recipe = ROOT / "corpora/recipes/demo-ru.toml"
        run(synthkit, "build", recipe, "-o", "voice", "--set", "voice.limit=12", cwd=where)
        run(synthkit, "say", "-v", "voice", "Добрый день.", "-o", "day.wav", cwd=where)
        with wave.open(str(where / "day.wav")) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        if not 0.4 < seconds < 5:
            sys.exit(f"'Добрый день.' lasts {seconds:.2f} s")
        print(f"the wheels of {version()} install, are found, build a voice and speak ({seconds:.2f} s)")


def run(*command: object, cwd: Path) -> str:
    """What a command prints; its own errors end this one."""
    # No compiler: a package that would have to be built is one that a stranger may not be able to install.
    environment = {
        **os.environ, "CC": "no-compiler", "CXX": "no-compiler", "SYNTHKIT_DATA": str(ROOT / "corpora"),
        "XDG_CACHE_HOME": str(cwd / "cache"),
    }  # fmt: skip
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{' '.join(map(str, command))}: exit code {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
