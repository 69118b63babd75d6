# SPDX-License-Identifier: Apache-2.0
"""The builds that can be watched: those that a command names, and those that this folder knows of."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synthkit.curve import LOG
from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline.config import load
from synthkit.pipeline.logbook import Seen, is_running, known_builds, seen

BUILD = ["-m", "synthkit", "build"]
SAID = ".{}.build.stderr"
"""Beside the voice: what a build that was begun from here wrote to stderr."""
TAIL = 1500
"""Characters of it that are shown when it fails before it begins."""


class NoBuild(SynthkitError):
    """There is no such build, training or file of it."""

    status = 404


class WrongTime(SynthkitError):
    """A build that runs cannot be begun, one that does not cannot be stopped."""

    status = 409


@dataclass(frozen=True)
class Watched:
    """A build, or a training's folder that is only looked at.

    Attributes
    ----------
    key : str
        In addresses.
    name : str
    out : Path
        Folder of the voice, or of the training.
    command : tuple of str
        What begins it, from ``-m`` on; empty where nothing is known that would.
    cwd : str
    run : bool
        Whether it is a training's folder.
    """

    key: str
    name: str
    out: Path
    command: tuple[str, ...] = ()
    cwd: str = "."
    run: bool = False


def _key(out: Path) -> str:
    return hashlib.sha256(os.fsencode(out.resolve())).hexdigest()[:12]


class Builds:
    """What can be watched.

    Parameters
    ----------
    named : sequence of Path
        Configurations (``VOICE.toml``), folders of recordings with one, or folders of trainings.

    Raises
    ------
    ConfigError
        One is none of these.
    """

    def __init__(self, named: Sequence[Path] = ()) -> None:
        self._named = [_named(path) for path in named]
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def all(self) -> list[Watched]:
        """Those that were named, then those that this folder knows of."""
        found = {watched.key: watched for watched in self._named}
        for out in known_builds():
            was = seen(out)
            if was is not None and _key(out) not in found:
                found[_key(out)] = Watched(_key(out), out.name, out, _begun(was), was.cwd)
        return list(found.values())

    def get(self, key: str) -> Watched:
        """The one of that key."""
        for watched in self.all():
            if watched.key == key:
                return watched
        raise NoBuild(f"there is no build {key!r}")

    def start(self, watched: Watched) -> None:
        """Begin it, or go on with it, as a process of its own.

        Raises
        ------
        WrongTime
            It runs already, or nothing is known that would begin it.
        """
        if is_running(watched.out) or self._alive(watched.key):
            raise WrongTime(f"{watched.name} is being built already")
        if not watched.command:
            raise WrongTime(f"{watched.name} is only looked at: nothing is known that would begin it")
        watched.out.parent.mkdir(parents=True, exist_ok=True)
        with self._said(watched).open("wb") as said:
            # -P: what lies in the folder of a build is no Python package that is run in synthkit's place.
            self._children[watched.key] = subprocess.Popen(
                [sys.executable, "-P", *watched.command], cwd=watched.cwd, stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def stop(self, watched: Watched) -> None:
        """Ask it to stop, as Ctrl-C does: what is finished is kept, a training writes a checkpoint.

        Raises
        ------
        WrongTime
            It does not run.
        """
        was = seen(watched.out)
        if was is None or was.state != "running" or not was.pid:
            raise WrongTime(f"{watched.name} is not being built")
        try:
            os.kill(was.pid, signal.SIGINT)
        except ProcessLookupError:
            raise WrongTime(f"{watched.name} has just ended") from None
        except PermissionError:
            raise WrongTime(f"{watched.name} is built by another user (process {was.pid})") from None

    def begins(self, watched: Watched) -> bool:
        """Whether it was begun from here and has not told anything yet."""
        return self._alive(watched.key) and not is_running(watched.out)

    def failed_early(self, watched: Watched) -> str:
        """What a build wrote that was begun from here and failed before it told anything; else ""."""
        child = self._children.get(watched.key)
        if child is None or child.poll() in (None, 0, 130):
            return ""
        was = seen(watched.out)
        if was is not None and was.pid == child.pid:
            return ""  # it tells itself what was wrong
        return self._said(watched).read_text(encoding="utf-8", errors="replace")[-TAIL:]

    def _alive(self, key: str) -> bool:
        child = self._children.get(key)
        return child is not None and child.poll() is None

    @staticmethod
    def _said(watched: Watched) -> Path:
        return watched.out.with_name(SAID.format(watched.out.name))


def _begun(was: Seen) -> tuple[str, ...]:
    """The command that began a build, without its interpreter; () if it is none of ours."""
    return tuple(was.command[1:]) if was.command[1:4] == BUILD and Path(was.cwd).is_dir() else ()


def _named(path: Path) -> Watched:
    if path.is_dir() and ((path / LOG).is_file() or (path / "run.json").is_file()):
        return Watched(_key(path), path.name, path, run=True)
    config = path / "voice.toml" if path.is_dir() else path
    if not config.is_file():
        raise ConfigError(
            "is no configuration, no folder of recordings with a voice.toml and no training's folder",
            where=str(path),
            hint=f"`synthkit init {path}` writes a voice.toml" if path.is_dir() else "name a VOICE.toml",
        )
    out = Path("voices") / load(config).voice.name
    command = (*BUILD, str(path.resolve()), "-o", str(out.resolve()))
    return Watched(_key(out), out.name, out, command, str(Path.cwd()))
