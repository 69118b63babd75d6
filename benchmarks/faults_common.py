# SPDX-License-Identifier: Apache-2.0
"""Commands of synthkit, small enough to be broken off many times, and what is looked at after them."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    """A command that writes the folder `GIVES`; `prepare` puts what it reads beside the folder it runs in.

    `copies` are folders of those that it also writes to: each run has its own. `once` is whether it refuses
    to write where its result lies already.
    """

    name: str
    words: str
    copies: tuple[str, ...] = ()
    once: bool = False


JOBS = {
    job.name: job
    for job in (
        Job("build", f"build {RECIPE} -o made --set voice.limit=12 -j 2"),
        Job("align", "align bundled-ru --limit 3 -o made -j 2"),
        Job("compare", "compare ../voice --texts ../texts.txt -m pauses -m joins -o made --workers 2"),
        Job("say", "say -v ../voice --lines -f ../lines.txt -o made"),
        Job("adapt", "adapt nsh clips -o made --set acoustic_model.steps=40 -j 2", copies=("clips",)),
        Job(
            "clone",
            "clone -v several --clip ../clip/clip.wav 'Добрый день.' -o made/a.wav --keep made/v"
            " --speaker Anna --licence private",
        ),
        Job("convert", "convert -v ../voice clips -o made", copies=("clips",)),
        Job("cut", "corpora cut ../session/session.wav ../session/session.txt -l ru -o made", once=True),
    )
}
GIVES = "made"
CLIPS = 4
"""Recordings that a voice is adapted to."""
SESSION, GAP = 12, 0.8
"""Recordings that a long one is joined of, and the seconds between them: every sentence of it is cut."""


def prepare(folder: Path) -> None:
    """A small voice, texts and clips in `folder`, beside which every job has a folder of its own."""
    from synthkit import audio
    from synthkit.corpora import open_corpus

    (folder / "clips" / "wavs").mkdir(parents=True)
    rows = []
    for item in open_corpus("bundled-ru").utterances[:CLIPS]:
        audio.write(folder / "clips" / "wavs" / f"{item.id}.wav", audio.read(item.audio))
        rows.append(f"{item.id}|{item.text}|{item.text}\n")
    (folder / "clips" / "metadata.csv").write_text("".join(rows), encoding="utf-8")
    first = open_corpus("bundled-ru").utterances[0]
    (folder / "clip").mkdir()
    audio.write(folder / "clip" / "clip.wav", audio.read(first.audio))
    (folder / "clip" / "clip.txt").write_text(first.text + "\n", encoding="utf-8")
    _session(folder / "session")
    (folder / "texts.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    (folder / "lines.txt").write_text("\n".join(SENTENCES * 20) + "\n", encoding="utf-8")
    command = [*SYNTHKIT, "build", str(RECIPE), "-o", str(folder / "voice"), "--set", "voice.limit=12"]
    environment = {**os.environ, "SYNTHKIT_CACHE": str(folder / "cache")}
    subprocess.run(command, check=True, capture_output=True, env=environment)


def _session(folder: Path) -> None:
    """A long recording, and its text."""
    import numpy as np

    from synthkit import audio
    from synthkit.corpora import open_corpus
    from synthkit.types import Waveform

    read = open_corpus("bundled-ru").utterances[:SESSION]
    waves = [audio.read(item.audio) for item in read]
    gap = np.zeros(int(GAP * waves[0].sample_rate), np.float32)
    pieces = [part for wave in waves for part in (wave.samples, gap)]
    audio.write(folder / "session.wav", Waveform(np.concatenate(pieces), waves[0].sample_rate))
    (folder / "session.txt").write_text("".join(f"{item.text}\n" for item in read), encoding="utf-8")


def start(job: Job, place: Path) -> subprocess.Popen[str]:
    """`job` in a process group of its own, `place` takes results, cache and temporary files."""
    for name in ("cache", "tmp"):
        (place / name).mkdir(parents=True, exist_ok=True)
    for name in job.copies:
        if not (place / name).exists():
            shutil.copytree(place.parent / name, place / name)
    environment = {**os.environ, "SYNTHKIT_CACHE": str(place / "cache"), "TMPDIR": str(place / "tmp")}
    process = subprocess.Popen(
        [*SYNTHKIT, *shlex.split(job.words)],
        cwd=place,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _started.append(process)
    return process


_started: list[subprocess.Popen[str]] = []


def broken_off_politely() -> None:
    """Make SIGTERM what Ctrl-C is, so that what was counted until then is printed."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


@dataclass
class Count:
    """Of runs that met a fault, and of those that ended well."""

    asked: int
    done: int = 0
    good: int = 0


@contextmanager
def counted(job: Job, asked: int, what: str) -> Iterator[Count]:
    """Count the runs of a job, and say what it has come to, also when the block is broken off: then what
    was started is ended."""
    count = Count(asked)
    try:
        yield count
    except BaseException as error:
        for process in _started:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if isinstance(error, KeyboardInterrupt):
            raise SystemExit(130) from None
        raise
    finally:
        missing = count.asked - count.done
        print(
            f"{job.name:8} {count.good} of {count.done} {what}"
            + (f"; {missing} were not brought about" if missing else ""),
            flush=True,
        )


@dataclass(frozen=True)
class Whole:
    """An undisturbed run: hashes of what it gives, its seconds, and what it leaves (libraries that it uses
    keep caches of their own among the temporary files)."""

    files: dict[str, str]
    seconds: float
    leaves: frozenset[str]


def whole(job: Job, place: Path) -> Whole:
    """Run `job` undisturbed in `place`, which is gone afterwards."""
    began = time.monotonic()
    process = start(job, place)
    _, error = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{job.name}: an undisturbed run ends with {process.returncode}:\n{error}")
    seconds = time.monotonic() - began
    found = Whole(digest(place / GIVES), seconds, frozenset(_lying(place)))
    shutil.rmtree(place)
    return found


def digest(made: Path) -> dict[str, str]:
    """Hash of every file of a result, its lock and notes to itself (hidden files) aside."""
    return {
        path.relative_to(made).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(made.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def leftovers(place: Path, undisturbed: Whole) -> list[str]:
    """Half-written files, and whatever lies in the folder of temporary files and does not `undisturbed`."""
    return sorted(_lying(place) - undisturbed.leaves)


def _lying(place: Path) -> set[str]:
    parts = place.rglob("*.part*")
    return {str(path.relative_to(place)) for path in [*parts, *(place / "tmp").iterdir()]}


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
