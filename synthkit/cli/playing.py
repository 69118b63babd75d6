# SPDX-License-Identifier: Apache-2.0
"""``--play``: sound given to a program of the machine that plays it, piece by piece."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from synthkit.audio import to_pcm16, write
from synthkit.errors import MissingDependency, SynthkitError
from synthkit.scratch import scratch_folder
from synthkit.types import Waveform

VARIABLE = "SYNTHKIT_PLAYER"
"""A command that plays 16-bit samples from its standard input; ``{rate}`` in it becomes Hz."""
PLAYERS = (
    "pacat --raw --rate={rate} --format=s16le --channels=1",
    "aplay -q -t raw -f S16_LE -r {rate} -c 1 -",
    "play -q -t raw -e signed -b 16 -r {rate} -c 1 -",
    "ffplay -loglevel error -nodisp -autoexit -f s16le -ar {rate} -i -",
)
"""What is looked for, in order: PulseAudio's or PipeWire's, ALSA's, SoX's and FFmpeg's."""


class Player:
    """Plays what it is given, in order; leaving its block waits until all has been heard.

    Raises
    ------
    MissingDependency
        There is no program that plays.
    SynthkitError
        The program could not play.
    """

    def __init__(self) -> None:
        self.command = find_player()
        self._running: subprocess.Popen[bytes] | None = None
        self._kept: list[Waveform] = []

    def add(self, wave: Waveform) -> None:
        """Play `wave` after what came before; returns as soon as the player has taken it.

        Parameters
        ----------
        wave : Waveform
        """
        if self.command is None:
            self._kept.append(wave)
            return
        if self._running is None:
            words = shlex.split(self.command.format(rate=wave.sample_rate))
            self._running = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=sys.stderr)
        pipe = self._running.stdin
        assert pipe is not None
        try:
            pipe.write(to_pcm16(wave.samples).tobytes())
            pipe.flush()
        except BrokenPipeError:
            self._failed(self._running.wait())

    def _failed(self, code: int) -> None:
        raise SynthkitError(
            f"the player ended with code {code}",
            where=str(self.command),
            hint=f"{VARIABLE} names another command; -o writes a file in its place",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = self._running
        if running is not None:
            if kind is not None:
                running.kill()
            assert running.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # its code says that it has gone
                running.stdin.close()
            code = running.wait()
            if code and kind is None:
                self._failed(code)
        elif self._kept and kind is None:
            with scratch_folder() as folder:
                file = folder / "said.wav"
                write(file, iter(self._kept))
                subprocess.run(["afplay", str(file)], check=True)


def find_player() -> str | None:
    """The command that plays: `VARIABLE`'s, else the first of `PLAYERS` that is here; None: macOS's, which
    takes files alone."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    for command in PLAYERS:
        if shutil.which(command.partition(" ")[0]):
            return command
    if shutil.which("afplay"):
        return None
    names = ", ".join(command.partition(" ")[0] for command in PLAYERS)
    raise MissingDependency(
        f"--play needs a program that plays, and there is none of {names}",
        hint=f"apt-get install alsa-utils; or name one by {VARIABLE}; or write a file with -o",
    )


def played(waves: Iterator[Waveform]) -> Iterator[Waveform]:
    """`waves` as they are, each played as it passes.

    Parameters
    ----------
    waves : iterator of Waveform

    Yields
    ------
    Waveform
    """
    with Player() as player:
        for wave in waves:
            player.add(wave)
            yield wave
