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
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECIPE = Path(__file__).parents[1] / "corpora" / "recipes" / "demo-ru.toml"
SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def spent(command: list[str], cache: str, compiled: Path | None) -> tuple[float, float]:
    """Wall and CPU seconds of one process; `compiled` holds compiled modules, None keeps none of ours."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"SYNTHKIT_CACHE": cache}
    if compiled is None:
        env |= {"PYTHONDONTWRITEBYTECODE": "1"}
    else:
        env |= {"PYTHONPYCACHEPREFIX": str(compiled)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, env=env)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
            spent(command, f"{folder}/warm", compiled)
        for number in range(runs):
            times["the very first command"].append(spent(refused, f"{folder}/{number}", compiled))
            times["refused build"].append(spent(refused, f"{folder}/{number}", compiled))
            times["numpy, pydantic"].append(spent(imports, folder, compiled))
            times["refused, not compiled"].append(spent(refused, f"{folder}/{number}", None))
        for name, rows in times.items():
            wall, cpu = (min(row[i] for row in rows) for i in (0, 1))
            print(f"{name:24} wall {wall:.3f} s, CPU {cpu:.3f} s (smallest of {runs})")
        for name, count in counted(f"{folder}/v").items():
            print(f"{name:20} {count}")


if __name__ == "__main__":
    main()
