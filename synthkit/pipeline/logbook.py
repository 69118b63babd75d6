# SPDX-License-Identifier: Apache-2.0
"""What a build tells of itself while it runs, line by line beside its voice, for whoever watches.

The file ``.NAME.build.jsonl`` has a JSON object a line: how it was begun, its stages, how far each is, what
it said, how it ended. The build holds a lock on it: who sees the file unlocked and without an end knows that
the build was killed. It holds nothing that a result depends on.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthkit.atomic import disk_errors, make_folder
from synthkit.errors import SynthkitError
from synthkit.pipeline.known_voices import PLACES

SUFFIX = ".build.jsonl"
BUILD_STAGES = ("corpus", "segmentation", "alignment", "features", "acoustic_model", "vocoder", "voice")
"""Of a build, in order; ``corpus`` is all that is settled before any work, ``voice`` putting it together. A
voice with a ``prosody`` part learns it after the features."""
PATIENCE = 60.0
"""Seconds for which a build waits for those who look whether the one before still runs: a look takes no time,
but who looks may be stopped, or the machine busy."""
OFTEN, SELDOM = 1.0, 5.0
"""Seconds between two lines of how far a stage is: at first, and when it lasts."""
SAID = 400
"""Lines of what a build said that are remembered."""

Tell = Callable[..., None]


def logbook_path(out: Path) -> Path:
    """The logbook of the build of a voice at `out`.

    Parameters
    ----------
    out : Path

    Returns
    -------
    Path
        Beside the voice.
    """
    return out.with_name(f".{out.name}{SUFFIX}")


def known_builds() -> list[Path]:
    """Voices that are, or were, built in this folder and in those where voices are looked for: their
    folders."""
    found: list[Path] = []
    for place in PLACES:
        root = Path(place)
        if root.is_dir():
            names = sorted(p.name for p in root.glob(f".*{SUFFIX}"))
            found += [root / name[1:].removesuffix(SUFFIX) for name in names]
    return found


@contextmanager
def logbook(out: Path, about: dict[str, Any]) -> Iterator[Tell]:
    """Keep the logbook of a build of `out` while the block runs; yields what is told of it.

    Parameters
    ----------
    out : Path
        Folder of the voice.
    about : dict
        How it was begun: ``command`` (list of str) and ``cwd``, to begin it again.

    Yields
    ------
    callable
        ``tell(event, **values)``, as `synthkit.progress.Progress` calls it.

    Raises
    ------
    SynthkitError
        Who looks at it does not let go of it.
    """
    path = logbook_path(out)
    make_folder(path.parent, asked_for=out)
    with disk_errors(path):
        file = path.open("a+", encoding="utf-8")  # a shared lock asks for reading
    with file:
        if not _locked(file.fileno(), path):
            yield lambda event, **values: None  # another builds it; this one will be told so
            return
        file.truncate(0)
        counted, told, since = "", 0.0, 0.0

        def tell(event: str, **values: Any) -> None:
            nonlocal counted, told, since
            now = time.time()
            if event == "track":
                if values["label"] != counted:
                    counted, since, told = values["label"], now, 0.0
                if not values.get("over") and now - told < (OFTEN if now - since < 60 else SELDOM):
                    return
                told = now
            line = {"event": event, "at": round(now, 3), **values}
            with disk_errors(path):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()

        tell("begin", pid=os.getpid(), out=str(out.resolve()), **about)
        try:
            yield tell
        except KeyboardInterrupt:
            tell("end", how="stopped")
            raise
        except SynthkitError as error:
            tell("end", how="failed", message=error.message, where=error.where, hint=error.hint)
            raise
        except BaseException as error:
            tell("end", how="failed", message=f"{type(error).__name__}: {error}", where="", hint="")
            raise
        tell("end", how="done")


def _locked(file: int, path: Path) -> bool:
    """Lock the logbook; False where another build has it. Who only looks is waited for."""
    until = time.monotonic() + PATIENCE
    while not _takes(file, fcntl.LOCK_EX):
        if not _takes(file, fcntl.LOCK_SH):
            return False
        fcntl.flock(file, fcntl.LOCK_UN)  # shared with those who look
        if time.monotonic() > until:
            raise SynthkitError(
                f"a process that looks at this build's logbook has not let go of it for {PATIENCE:g} s",
                where=str(path),
                hint=f"end it (`fuser {path}` names it)",
            )
        time.sleep(0.02)
    return True


def _takes(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass
class Seen:
    """What a logbook says of a build.

    Attributes
    ----------
    state : str
        ``"running"``, ``"done"``, ``"stopped"``, ``"failed"``, ``"killed"`` (it neither runs nor ended).
    pid : int
    command : list of str
    cwd : str
        How it was begun.
    stages : dict of str to float
        Seconds of each that was begun, in order; the last goes on while it runs.
    work : dict of str to str
        Where a stage works: what a training leaves on its way lies there.
    label : str
    done, total : int
        What is being counted, how far it is; `total` is 0 where it is not known.
    left : float or None
        Seconds that what is counted will still take.
    said : list of (float, str)
        Seconds since 1970, and the line.
    end : dict
        ``message``, ``where`` and ``hint`` of what it failed by.
    """

    state: str = "killed"
    pid: int = 0
    command: list[str] = field(default_factory=list)
    cwd: str = ""
    began: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    work: dict[str, str] = field(default_factory=dict)
    label: str = ""
    done: int = 0
    total: int = 0
    left: float | None = None
    said: list[tuple[float, str]] = field(default_factory=list)
    end: dict[str, str] = field(default_factory=dict)


def seen(out: Path) -> Seen | None:
    """What the build of the voice at `out` has told; None where there was none.

    A line that is being written is not looked at; nothing is waited for.

    Parameters
    ----------
    out : Path

    Returns
    -------
    Seen or None
    """
    path = logbook_path(out)
    try:
        text, runs = path.read_text(encoding="utf-8", errors="replace"), is_running(out)
    except OSError:
        return None
    rows = [row for line in text.splitlines() if (row := _row(line)) is not None]
    if not rows:
        return None
    return _seen(rows, runs)


def is_running(out: Path) -> bool:
    """Whether a process builds the voice at `out`.

    Parameters
    ----------
    out : Path

    Returns
    -------
    bool
    """
    try:
        file = os.open(logbook_path(out), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    good = isinstance(row, dict) and isinstance(row.get("event"), str) and isinstance(row.get("at"), float)
    return row if good else None


def _seen(rows: list[dict[str, Any]], runs: bool) -> Seen:
    out = Seen(state="running" if runs else "killed")
    stage, since = "", 0.0
    for row in rows:
        at = row["at"]
        match row:
            case {"event": "begin", "pid": int() as pid, "command": list() as command, "cwd": str() as cwd}:
                out.pid, out.command, out.cwd, out.began = pid, [str(c) for c in command], cwd, at
            case {"event": "stage", "name": str() as name}:
                if stage:
                    out.stages[stage] = at - since
                stage, since = name, at
                out.label, out.done, out.total, out.left = "", 0, 0, None
                out.stages[stage] = 0.0
            case {"event": "work", "folder": str() as folder}:
                out.work[stage] = folder
            case {"event": "track", "label": str() as label, "done": int() as done, "total": int() as total}:
                out.label, out.done, out.total = label, done, total
                elapsed = float(row.get("elapsed", 0.0))
                rest = elapsed / done * (total - done) if done and total else None
                late = time.time() - at if runs else 0.0
                out.left = max(rest - late, 0.0) if rest is not None else None
            case {"event": "log", "message": str() as message}:
                out.said.append((at, message))
            case {"event": "end", "how": str() as how}:
                out.state = how if not runs else "running"
                out.end = {k: str(row.get(k, "")) for k in ("message", "where", "hint")}
    if stage:
        out.stages[stage] = (time.time() if runs else rows[-1]["at"]) - since
    out.said = out.said[-SAID:]
    return out
