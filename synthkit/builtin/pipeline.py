# SPDX-License-Identifier: Apache-2.0
"""Executors, and the commands of the pipeline."""

from __future__ import annotations

from synthkit import hookimpl
from synthkit.hookspecs import Register


@hookimpl
def register_executors(register: Register) -> None:
    """Serial and process pool."""
    register("serial", "synthkit.pipeline.executors:SerialExecutor", summary="one after another")
    register(
        "process", "synthkit.pipeline.executors:ProcessExecutor", summary="a pool of processes (default)"
    )


@hookimpl
def register_commands(register: Register) -> None:
    """The commands of the pipeline."""
    register(
        "adapt", "synthkit.cli.adapt:adapt", summary="few recordings → a voice that begins with another's"
    )
    register(
        "convert",
        "synthkit.cli.convert:convert",
        summary="a voice → one that sounds like the speaker of clips",
    )
    register("clone", "synthkit.cli.clone:clone", summary="speak text in the voice of a recorded clip")
    register(
        "init", "synthkit.cli.init:init", summary="folder of recordings → a first voice.toml, with remarks"
    )
    register("build", "synthkit.cli.build:build", summary="corpus → voice, resumable")
    register("say", "synthkit.cli.say:say", summary="text → speech")
    register("voices", "synthkit.cli.voices:voices", summary="voices that others have trained, by name")
    register("segment", "synthkit.cli.segment:segment", summary="text → words and phones, as a table")
    register(
        "align", "synthkit.cli.align:align", summary="recordings → when each phone is said, as label files"
    )
    register("copy", "synthkit.cli.copy:copy", summary="recording → features → vocoder → recording")
    register("cache", "synthkit.cli.cache:cache", summary="what is kept, how large and old it is; prunes it")
    register("plugins", "synthkit.cli.plugins:plugins", summary="what is installed, what is broken")
    register("doctor", "synthkit.cli.doctor:doctor", summary="what will fail, before it costs hours")
