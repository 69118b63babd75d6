# SPDX-License-Identifier: Apache-2.0
"""``synthkit adapt``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from synthkit.cli.common import executor_options, json_option, layout_option, set_option


@click.command()
@click.argument("base")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the voice.  [default: voices/NAME]"
)
@click.option(
    "-l", "--language", help="Language of the recordings.  [default: the layout's, else by the texts]"
)
@click.option(
    "--units",
    is_flag=True,
    help="Of the recordings' own pieces, chosen by the adapted voice, which is kept as OUT-adapted.",
)
@layout_option
@set_option
@executor_options
@json_option
@click.pass_context
def adapt(
    ctx: click.Context,
    base: str,
    folder: Path,
    out: Path | None,
    language: str | None,
    units: bool,
    layout: str | None,
    overrides: tuple[str, ...],
    executor: str,
    workers: int,
    as_json: bool,
) -> int:
    """Make a voice of the few recordings in FOLDER that begins with what BASE has learned.

    BASE is a voice folder, or the name of weights that come with an acoustic model, such as nsh (Russian).
    Half a minute of transcribed clips is enough to try; ten are better. The configuration is written first,
    FOLDER/adapted.toml, and built as it is when it is there. An interrupted command goes on when it is given
    again.

    What is adapted is understood best. --units makes the mixture that is recognised best: pieces of the
    recordings themselves, chosen by the adapted voice. --set is of the adapted voice; FOLDER/units.toml has
    the mixture's own settings.

    \b
    synthkit adapt nsh mine/ -o voices/me
    synthkit adapt voices/base mine/ --set acoustic_model.steps=600
    synthkit adapt nsh mine/ --units -o voices/me
    """
    from contextlib import redirect_stdout

    from synthkit.cli.build import build
    from synthkit.pipeline import adapting, guided, starting

    made = adapting.write(folder, adapting.find_base(base), language, layout)
    for note in made.notes:
        click.echo(note, err=True)
    out = out or Path("voices") / starting.name_of(folder)
    common = {"language": None, "executor": executor, "workers": workers, "as_json": as_json}
    first = guided.guide_of(out) if units else out
    # What is said of the guide is not the result.
    with redirect_stdout(sys.stderr if units else sys.stdout):
        code: int = ctx.invoke(build, config=folder / adapting.FILE, out=first, overrides=overrides, **common)
    if code or not units:
        return code
    config = guided.write(folder, first)
    mixed: int = ctx.invoke(build, config=config, out=out, overrides=(), **common)
    return mixed
