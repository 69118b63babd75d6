# SPDX-License-Identifier: Apache-2.0
"""The wheels, built once a session, and an environment that has them from their folder alone."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLASSICAL = ("text", "align", "world", "mel", "adapters", "unit-selection", "metrics-world", "parametric")


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make dist` leaves in `dist/`."""
    pytest.importorskip("hatchling", reason="builds the wheels: pip install hatchling")
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, str(ROOT / "release/dist.py"), str(out)], check=True, capture_output=True)
    return out


@pytest.fixture(scope="session")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """``installed("synthkit", "plugins")`` runs a command of an environment with the classical wheels.

    Packages of others are those of the environment the tests run in, one link each; ours come from the folder
    `dist` and nowhere else, with everything they ask for resolved by pip.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv/bin/python"
    others = folder / "others"
    others.mkdir()
    for place in sys.path:
        if place.endswith("site-packages"):
            for entry in Path(place).iterdir():
                ours = entry.name.startswith(("synthkit", "_synthkit"))
                if not ours and entry.suffix != ".pth" and not (others / entry.name).exists():
                    (others / entry.name).symlink_to(entry)
    (packages,) = (folder / "venv/lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(f"{others}\n")

    def run(command: str, *arguments: str) -> str:
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SYNTHKIT_CACHE")}
        done = subprocess.run(
            [str(folder / "venv/bin" / command), *arguments],
            cwd=folder,
            env=environment
            | {"SYNTHKIT_DATA": str(ROOT / "corpora"), "XDG_CACHE_HOME": str(folder / "cache")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command} {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    pip = [sys.executable, "-m", "pip", "--isolated", "--python", str(python), "install", "--no-index"]
    done = subprocess.run(
        [*pip, "--find-links", str(dist), "synthkit-speech[classical]"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return run
