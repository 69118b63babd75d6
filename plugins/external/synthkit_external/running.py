# SPDX-License-Identifier: Apache-2.0
"""Run a program that speaks: no shell, its own folder, and no longer than it was given."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from synthkit import audio
from synthkit.errors import AudioError, SynthkitError
from synthkit.scratch import scratch_folder
from synthkit.types import Waveform
from synthkit_external.recipe import WAV, Recipe, fill


class ProgramError(SynthkitError):
    """The program failed, hung, or gave no sound."""


def speak(recipe: Recipe, text: str) -> Waveform:
    """What the recipe's program makes of `text`.

    Parameters
    ----------
    recipe : Recipe
    text : str

    Returns
    -------
    Waveform
        At the recipe's rate.

    Raises
    ------
    MissingDependency
        The program is not on this machine.
    ProgramError
        It failed, took too long, or gave no sound, or one of another rate than its recipe says.
    """
    recipe.require()
    with scratch_folder() as folder:
        wav = folder / "spoken.wav"
        filled = fill(recipe, text, folder / "text.txt", wav)
        output, said = _run(recipe, filled.arguments, filled.stdin, folder)
        if not any(WAV in argument for argument in recipe.command):
            wav.write_bytes(output)
        try:
            wave = audio.read(wav)
        except AudioError as error:
            raise ProgramError(
                f"{recipe.command[0]} gave no sound for {text[:60]!r}: {error.message}", hint=said
            ) from error
    if wave.sample_rate != recipe.sample_rate:
        raise ProgramError(
            f"{recipe.command[0]} gave {wave.sample_rate} Hz, and its recipe says {recipe.sample_rate}",
            where=recipe.name,
            hint=f"sample_rate = {wave.sample_rate} in the recipe, and make the voice again",
        )
    return wave


def version(recipe: Recipe) -> str:
    """The first line of what the program says of its version; empty where its recipe names no command."""
    if not recipe.version:
        return ""
    with scratch_folder() as folder:
        output, _ = _run(recipe, recipe.version, b"", folder)
    return output.decode("utf-8", "replace").strip().partition("\n")[0].strip()


def _run(recipe: Recipe, arguments: list[str], stdin: bytes, folder: Path) -> tuple[bytes, str]:
    """Output of a command, and the last line of what it complained of."""
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            start_new_session=True,  # what it started ends with it
        )
    except OSError as error:
        raise ProgramError(
            f"{arguments[0]} cannot be started: {error.strerror}", where=recipe.name
        ) from error
    try:
        output, errors = process.communicate(stdin, timeout=recipe.seconds)
    except subprocess.TimeoutExpired:
        raise ProgramError(
            f"{arguments[0]} did not end within {recipe.seconds:g} s, and was stopped",
            where=recipe.name,
            hint="seconds = … in the recipe gives it longer",
        ) from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    said = errors.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
    if process.returncode:
        raise ProgramError(
            f"{arguments[0]} ended with code {process.returncode}", where=recipe.name, hint=said
        )
    return output, said
