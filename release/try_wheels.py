# SPDX-License-Identifier: Apache-2.0
"""`make wheels`: what `make dist` left, installed where nothing else is, builds a voice and speaks.

A new virtual environment takes the classical set and the bundled Glow-TTS from `dist/`, and everything else
from the package index, with no compiler to be had. Then `synthkit plugins` must name every plugin of the set,
a small voice of the bundled recordings is built and says a sentence, and so is one of Glow-TTS, without
torch. With `--backend` (`make wheels BACKEND=1`: some hundred packages more, torch among them) the extra
`backend` of `synthkit-coqui` is installed on top, trains a tiny Glow-TTS and a tiny VITS for four steps, and
speaks with them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
import wave
from pathlib import Path

from version import ROOT, version

CLASSICAL = ("text", "align", "world", "mel", "adapters", "unit-selection", "metrics-world", "parametric")
BUNDLED = ("coqui", "syrinx")
"""Plugins that speak with weights they bring, without torch."""
TRAINED = ("glowtts", "vits")
"""Models that are trained where coqui-tts is; both speak without torch."""

TINY = """
[voice]
name = "tiny-{kind}"
corpus = "bundled-ru"
limit = 8

[alignment]
plugin = "labels"

[features]
plugin = "mel"

[acoustic_model]
plugin = "{kind}"
preset = "tiny"
steps = 4
batch_size = 2
threads = 1

[vocoder]
plugin = "griffin-lim"
"""


def main(arguments: list[str]) -> None:
    """Try the wheels of the folder that is named, `dist/` by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dist", nargs="?", type=Path, default=ROOT / "dist")
    parser.add_argument("--backend", action="store_true", help="try coqui's extra `backend`, too")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="synthkit-wheels-") as work:
        where = Path(work)
        venv.create(where / "venv", with_pip=True)
        wheels = Wheels(options.dist.resolve(), where)
        wheels.classical()
        wheels.bundled()
        if options.backend:
            wheels.backend()


class Wheels:
    """An empty environment and what is tried in it.

    Parameters
    ----------
    dist : Path
        Of the wheels.
    where : Path
        Has the environment, in ``venv``, and gets the voices.
    """

    def __init__(self, dist: Path, where: Path) -> None:
        self.dist, self.where = dist, where
        self.python, self.synthkit = where / "venv/bin/python", where / "venv/bin/synthkit"

    def wheel(self, name: str, extra: str = "") -> str:
        """Of our own names only these files are taken, whatever an index may have."""
        found = next(self.dist.glob(f"synthkit_{name.replace('-', '_')}-{version()}-*.whl"))
        return f"{found}{extra}"

    def install(self, *wheels: str) -> None:
        """Install, with what they ask for, and see that all fits together."""
        self.run(self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                 "--prefer-binary", "-c", ROOT / "constraints.txt", *wheels)  # fmt: skip
        self.run(self.python, "-m", "pip", "check", "--disable-pip-version-check")

    def classical(self) -> None:
        """The classical set: everything is found, a voice of units is built and speaks."""
        core = self.wheel("speech", "[classical]")
        self.install(core, *(self.wheel(n) for n in (*CLASSICAL, *BUNDLED)))
        listed = self.run(self.synthkit, "plugins")
        missing = [n for n in (*CLASSICAL, *BUNDLED) if f"synthkit-{n}" not in listed]
        if missing or "left out" in listed:
            sys.exit(f"{listed}\nplugins that are missing or broken: {missing}")
        recipe = ROOT / "corpora/recipes/demo-ru.toml"
        seconds = self.spoken("units", recipe, "voice.limit=12")
        print(f"the wheels of {version()} install, are found, build a voice and speak ({seconds:.2f} s)")

    def bundled(self) -> None:
        """The bundled Glow-TTS, where torch is not installed."""
        there = self.run(
            self.python, "-c", "import importlib.util as u; print(u.find_spec('torch') is not None)"
        )
        if there.strip() != "False":
            sys.exit("torch is installed, and nothing that was asked for needs it")
        recipe = ROOT / "plugins/coqui/recipes/demo-ru-glowtts.toml"
        seconds = self.spoken("glowtts", recipe, "voice.limit=8")
        print(f"the bundled Glow-TTS builds and speaks without torch ({seconds:.2f} s)")

    def backend(self) -> None:
        """coqui-tts and all that it asks for: models are trained for some steps, and speak."""
        self.install(self.wheel("coqui", "[backend]"))
        for kind in TRAINED:
            recipe = self.where / f"{kind}.toml"
            recipe.write_text(TINY.format(kind=kind), encoding="utf-8")
            # It has learned nothing: how long it speaks says nothing.
            self.spoken(f"tiny-{kind}", recipe, lasts=(0.0, 60.0))
        print(f"coqui's extra installs without a compiler, trains and speaks: {', '.join(TRAINED)}")

    def spoken(
        self, name: str, recipe: Path, *settings: str, lasts: tuple[float, float] = (0.4, 5.0)
    ) -> float:
        """Seconds that a voice, built by a recipe and settings, takes for a greeting."""
        changed = [part for s in settings for part in ("--set", s)]
        self.run(self.synthkit, "build", recipe, "-o", name, *changed)
        self.run(self.synthkit, "say", "-v", name, "Добрый день.", "-o", f"{name}.wav")
        with wave.open(str(self.where / f"{name}.wav")) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        if not lasts[0] < seconds < lasts[1]:
            sys.exit(f"{name}: 'Добрый день.' lasts {seconds:.2f} s")
        return seconds

    def run(self, *command: object) -> str:
        """See `run`."""
        return run(*command, cwd=self.where)


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
