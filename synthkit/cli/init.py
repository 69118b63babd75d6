# SPDX-License-Identifier: Apache-2.0
"""``synthkit init``."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.cli.common import layout_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "-l", "--language", help="Language of the recordings.  [default: the layout's, else by the texts]"
)
@layout_option
def init(folder: Path, language: str | None, layout: str | None) -> int:
    """Write a configuration, with remarks, for the recordings in FOLDER: FOLDER/voice.toml.

    `synthkit build FOLDER` does so by itself where there is none.

    \b
    synthkit init mine/ -l ru
    """
    from synthkit.pipeline import starting

    path = starting.write(folder, language, layout, lambda note: click.echo(note, err=True))
    click.echo(str(path))
    click.echo(f"next: synthkit build {folder}", err=True)
    return 0
