# SPDX-License-Identifier: Apache-2.0
"""A vocoder that does not fit, an empty cache, 124 recordings: how long until it is refused, and what was
read for it.

    python benchmarks/refused_contract.py [--runs 7]

To reach: under 0.5 s on an idle machine, and no recording hashed or decoded. Whole processes of ``synthkit
build``, beside ``python -c "import numpy, pydantic"``; the smallest CPU time counts, since it moves least
with whatever else runs. The very first command after an installation also asks every plugin what it offers,
in a process of its own; that is a row of its own. A refused build leaves no result behind, so the cache that
the second one finds is as empty. Modules are compiled once before, as an installation has them: where
PYTHONDONTWRITEBYTECODE is set and a checkout was never compiled, every command compiles anew all that it
imports, the last row.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from whole_processes import spent

RECIPE = Path(__file__).parents[1] / "corpora" / "recipes" / "demo-ru.toml"
SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def counted(out: str) -> dict[str, int]:
    """Files that are hashed and recordings that are decoded on the way to the refusal, in this process."""
    import soundfile

    from synthkit import atomic, audio
    from synthkit.cli import run
    from synthkit.pipeline import assembling, plan, voice_folder

    counts = {"headers read": 0, "files hashed": 0, "recordings decoded": 0}

    def counting(name, function):  # type: ignore[no-untyped-def]
        def count(*args, **more):  # type: ignore[no-untyped-def]
            counts[name] += 1
            return function(*args, **more)

        return count

    audio.info = counting("headers read", audio.info)
    soundfile.SoundFile.read = counting("recordings decoded", soundfile.SoundFile.read)
    for module in (assembling, plan, voice_folder):
        module.sha256 = counting("files hashed", atomic.sha256)  # type: ignore[attr-defined]
    status = run(["build", str(RECIPE), "-o", out, "--set", "vocoder.plugin=griffin-lim"])
    assert status == 2
    return counts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYNTHKIT_CACHE"] = f"{folder}/counted"
        refused = [SYNTHKIT, "build", str(RECIPE), "-o", f"{folder}/v", "--set", "vocoder.plugin=griffin-lim"]
        imports = [sys.executable, "-c", "import numpy, pydantic.main"]
        times: dict[str, list[tuple[float, float]]] = {
            "the very first command": [],
            "refused build": [],
            "numpy, pydantic": [],
            "refused, not compiled": [],
        }
        compiled = Path(folder) / "compiled"
        for command in (refused, imports):
            spent(command, compiled, SYNTHKIT_CACHE=f"{folder}/warm")
        for number in range(runs):
            cache = f"{folder}/{number}"
            times["the very first command"].append(spent(refused, compiled, SYNTHKIT_CACHE=cache))
            times["refused build"].append(spent(refused, compiled, SYNTHKIT_CACHE=cache))
            times["numpy, pydantic"].append(spent(imports, compiled))
            times["refused, not compiled"].append(spent(refused, None, SYNTHKIT_CACHE=cache))
        for name, rows in times.items():
            wall, cpu = (min(row[i] for row in rows) for i in (0, 1))
            print(f"{name:24} wall {wall:.3f} s, CPU {cpu:.3f} s (smallest of {runs})")
        for name, count in counted(f"{folder}/v").items():
            print(f"{name:20} {count}")


if __name__ == "__main__":
    main()
