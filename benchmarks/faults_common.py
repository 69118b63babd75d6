# SPDX-License-Identifier: Apache-2.0
"""Commands of synthkit, small enough to be broken off many times, and what is looked at after them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "corpora" / "recipes" / "demo-ru.toml"
SYNTHKIT = (sys.executable, "-m", "synthkit")
SENTENCES = (
    "Раз, два, три, четыре, пять.",
    "Добрый день, как у вас дела?",
    "Сегодня с утра идёт дождь.",
    "Она ничего не ответила.",
)


@dataclass(frozen=True)
class Job:
    """A command that writes the folder `GIVES`; `prepare` puts what it reads beside the folder it runs in."""

    name: str
    words: str


JOBS = {
    job.name: job
    for job in (
        Job("build", f"build {RECIPE} -o made --set voice.limit=12 -j 2"),
        Job("align", "align bundled-ru --limit 3 -o made -j 2"),
        Job("compare", "compare ../voice --texts ../texts.txt -m pauses -m joins -o made --workers 2"),
        Job("say", "say -v ../voice --lines -f ../lines.txt -o made"),
    )
}
GIVES = "made"


def prepare(folder: Path) -> None:
    """A small voice and texts in `folder`, beside which every job has a folder of its own."""
    (folder / "texts.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    (folder / "lines.txt").write_text("\n".join(SENTENCES * 20) + "\n", encoding="utf-8")
    command = [*SYNTHKIT, "build", str(RECIPE), "-o", str(folder / "voice"), "--set", "voice.limit=12"]
    environment = {**os.environ, "SYNTHKIT_CACHE": str(folder / "cache")}
    subprocess.run(command, check=True, capture_output=True, env=environment)


def start(job: Job, place: Path) -> subprocess.Popen[str]:
    """`job` in a process group of its own, `place` takes results, cache and temporary files."""
    for name in ("cache", "tmp"):
        (place / name).mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SYNTHKIT_CACHE": str(place / "cache"), "TMPDIR": str(place / "tmp")}
    return subprocess.Popen(
        [*SYNTHKIT, *job.words.split()],
        cwd=place,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def whole(job: Job, place: Path) -> tuple[dict[str, str], float]:
    """What an undisturbed run gives, and its seconds."""
    began = time.monotonic()
    process = start(job, place)
    _, error = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{job.name}: an undisturbed run ends with {process.returncode}:\n{error}")
    return digest(place / GIVES), time.monotonic() - began


def digest(made: Path) -> dict[str, str]:
    """Hash of every file of a result, its lock and notes to itself (hidden files) aside."""
    return {
        path.relative_to(made).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(made.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def leftovers(place: Path) -> list[str]:
    """Half-written files, and whatever lies in the folder of temporary files."""
    parts = place.rglob("*.part*")
    return sorted(str(path.relative_to(place)) for path in [*parts, *(place / "tmp").iterdir()])


def alive(process: subprocess.Popen[str], seconds: float = 10.0) -> bool:
    """Whether something of the group of `process` outlives it by `seconds`; what does is killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    return True
