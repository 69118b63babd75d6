# SPDX-License-Identifier: Apache-2.0
"""The program `mfa`: where it is, whether it is new enough, running it, and what it said when it failed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from synthkit.errors import MissingDependency, SynthkitError
from synthkit_align.mfa import keeper

OLDEST = (3, 0, 7)
"""The first version with every option that is used here (``--final_clean`` came last)."""
NOTHING_ALIGNED = "NoAlignmentsError"
"""How `mfa` says, with exit status 1, that it could align none of the utterances."""
SAY_EVERY = 10.0
"""Seconds between two lines about the same pass of a training."""

_ERROR = re.compile(r"((\w+\.)*\w*(Error|Exception)\b|Error:|Invalid value|ERROR\b)")
_INFO = re.compile(r"\s*INFO\s+(?P<text>\S.*?)\s*$")
_PASS = re.compile(r"(?P<stage>.+) - Iteration (?P<at>\d+) of (?P<of>\d+)")
_NOISE = re.compile(r"^(exit \d+|Usage:|mfa \w+$)")


def find(command: str) -> str:
    """The program's path.

    Raises
    ------
    MissingDependency
        There is no such program.
    """
    program = shutil.which(command)
    if program is None:
        raise MissingDependency(
            f"there is no command {command!r}",
            where="alignment.command",
            hint="conda install -c conda-forge montreal-forced-aligner (pip alone cannot install it), "
            "or use the aligner `hmm`, which needs nothing else",
        )
    return program


def version(program: str, root: Path) -> tuple[int, ...]:
    """The version that `program` tells, asked with its state under `root`.

    Raises
    ------
    MissingDependency
        It tells none, or one that lacks options that are used here.
    """
    try:
        done = subprocess.run(
            [program, "version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            env=environment(root),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingDependency(f"`{program} version` does not run: {error}") from error
    told = re.findall(r"^\s*v?(\d+(?:\.\d+)+)", done.stdout, re.MULTILINE)
    if done.returncode or not told:
        said = last_words(done.stdout + done.stderr)
        raise MissingDependency(f"`{program} version` tells no version: {said}", hint="is it MFA's `mfa`?")
    found = tuple(int(n) for n in told[-1].split("."))
    if found < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise MissingDependency(
            f"mfa is version {told[-1]}; {oldest} or newer is needed",
            where=program,
            hint=f"conda install -c conda-forge 'montreal-forced-aligner>={oldest}'",
        )
    return found


def environment(root: Path) -> dict[str, str]:
    """Our environment with MFA's state under `root`."""
    return {**os.environ, "MFA_ROOT_DIR": str(root)}


def run(command: Sequence[str], log: Path, root: Path, say: Callable[[str], None]) -> tuple[int, str]:
    """Run `mfa` until it ends; it and its workers end when this process does, however that happens.

    Parameters
    ----------
    command : sequence of str
    log : Path
        Takes what it prints.
    root : Path
        Its ``MFA_ROOT_DIR``.
    say : callable
        Told how far it is, a line at a time.

    Returns
    -------
    status : int
        Exit status.
    said : str
        All that it printed.

    Raises
    ------
    SynthkitError
        The system ended it (no memory is left, as a rule).
    """
    progress = MfaProgress(say)
    with log.open("wb") as sink, log.open("rb") as source:
        process = subprocess.Popen(
            [sys.executable, "-I", str(keeper.__file__), *command],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=environment(root),
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                progress.feed(source.read())
                time.sleep(0.1)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()
        progress.feed(source.read())
    if process.returncode in (-9, 128 + 9):
        raise SynthkitError(
            f"mfa {command[1]} was killed by the system",
            where=str(log),
            hint="is there too little memory? a smaller alignment.jobs needs less; nothing that was there "
            "before is lost",
        )
    return process.returncode, log.read_text(encoding="utf-8", errors="replace")


class MfaProgress:
    """What `mfa` prints, as lines for the user: each new step at once, the passes of a training now and
    then."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.say, self.clock = say, clock
        self.rest = b""
        self.stage, self.began, self.last = "", 0.0, 0.0
        self.told: set[str] = set()

    def feed(self, printed: bytes) -> None:
        """Take more of what was printed."""
        *lines, self.rest = (self.rest + printed).split(b"\n")
        for line in lines:
            found = _INFO.match(line.decode("utf-8", "replace"))
            if found:
                self._step(found["text"])

    def _step(self, text: str) -> None:
        now = self.clock()
        training = _PASS.fullmatch(text)
        if training is None:
            if text not in self.told:  # every pass of a training says the same few things
                self.told.add(text)
                self.say(f"mfa: {text.rstrip('.')}")
            return
        at, of = int(training["at"]), int(training["of"])
        if training["stage"] != self.stage:
            self.stage, self.began, self.last = training["stage"], now, now
            self.say(f"mfa: {self.stage}, {of} passes")
        elif now - self.last >= SAY_EVERY and at > 1:
            self.last = now
            left = (now - self.began) / (at - 1) * (of - at + 1)
            self.say(f"mfa: {self.stage}: {at}/{of}, {left:.0f} s left of it")


def last_words(log: str) -> str:
    """What a failed run of `mfa` ended with: its last error, without the traceback above it or boxes around
    it.

    The reason may stand on the lines after the exception's name.
    """
    lines = [re.sub(r"[│╭╮╰╯─]+", " ", line).strip() for line in log.splitlines()]
    lines = [" ".join(line.split()) for line in lines]
    starts = [i for i, line in enumerate(lines) if _ERROR.match(line)]
    if not starts:
        told = [line for line in lines if line and not _NOISE.match(line)]
        return (told or ["it said nothing"])[-1][:600]
    words: list[str] = []
    for line in lines[starts[-1] :]:
        if line.startswith("Traceback") or _NOISE.match(line):
            break
        if line:
            words.append(line)
    return " ".join(words)[:600]
