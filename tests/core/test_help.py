# SPDX-License-Identifier: Apache-2.0
"""Every command's help has an example, and every example is one that the command takes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from synthkit.cli import cli, run
from synthkit.plugins import registry

SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def leaves(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        return [x for name, inner in command.commands.items() for x in leaves(inner, f"{path} {name}")]
    return [(path, command)]


def commands() -> list[tuple[str, click.Command]]:
    names = registry().names("command")
    return [x for name in names for x in leaves(registry().load("command", name), f"synthkit {name}")]


@pytest.mark.parametrize(("path", "command"), commands(), ids=lambda x: x if isinstance(x, str) else "")
def test_the_help_has_examples_that_are_taken(path: str, command: click.Command) -> None:
    text = (command.help or "").replace("\\\n", " ")
    examples = [line.strip() for line in text.splitlines() if line.strip().startswith(f"{path} ")]
    examples += [line.strip() for line in text.splitlines() if line.strip() == path]
    assert examples, f"{path} --help has no example"
    for example in examples:
        words = shlex.split(example.partition("  #")[0])[len(path.split()) :]
        command.make_context(path, words, resilient_parsing=True)  # an option that there is not is an error


def groups(command: click.Command, path: str) -> list[tuple[str, click.Group]]:
    if not isinstance(command, click.Group):
        return []
    return [(path, command), *(x for n, c in command.commands.items() for x in groups(c, f"{path} {n}"))]


def all_groups() -> list[tuple[str, click.Group]]:
    names = registry().names("command")
    inner = [x for name in names for x in groups(registry().load("command", name), f"synthkit {name}")]
    return [("synthkit", cli), *inner]


@pytest.mark.parametrize(("path", "group"), all_groups(), ids=lambda x: x if isinstance(x, str) else "")
def test_the_help_of_a_group_has_examples_of_its_commands(path: str, group: click.Group) -> None:
    lines = [line.strip() for line in (group.help or "").splitlines()]
    examples = [line.partition("  #")[0].rstrip() for line in lines if line.startswith("synthkit ")]
    assert sum(line.startswith(f"{path} ") for line in examples) >= 2
    for example in examples:
        command: click.Command = cli
        words = shlex.split(example)[1:]
        while isinstance(command, click.Group) and words:
            inner = command.get_command(click.Context(command), words[0])
            assert inner is not None, f"there is no {words[0]!r} in: {example}"
            command, words = inner, words[1:]
        command.make_context(example, words, resilient_parsing=True)


def test_the_shell_completes_commands_and_voices(demo_voice: Path, tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "demo-ru").symlink_to(demo_voice)

    def completed(words: str) -> list[str]:
        count = len(words.split()) - (not words.endswith(" "))
        environment = os.environ | {
            "_SYNTHKIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)
        }  # fmt: skip
        out = subprocess.check_output([SYNTHKIT], env=environment, text=True, cwd=tmp_path)
        return [line.partition(",")[2] for line in out.splitlines()]

    assert completed("synthkit sa") == ["say"]
    assert "voices/demo-ru" in completed("synthkit say -v ")
    assert completed("synthkit say -v voices/d") == ["voices/demo-ru"]


def test_plugins_fit_eighty_columns_and_say_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["plugins"]) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "registered" not in out
    assert "vocoder" in out.splitlines() and "WORLD" in out
