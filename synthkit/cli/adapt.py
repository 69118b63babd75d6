# SPDX-License-Identifier: Apache-2.0
"""``synthkit adapt``."""

from __future__ import annotations

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

    \b
    synthkit adapt nsh mine/ -o voices/me
    synthkit adapt voices/base mine/ --set acoustic_model.steps=600
    """
    from synthkit.cli.build import build
    from synthkit.pipeline import adapting

    made = adapting.write(folder, adapting.find_base(base), language, layout)
    for note in made.notes:
        click.echo(note, err=True)
    return ctx.invoke(  # type: ignore[no-any-return]
        build, config=folder / adapting.FILE, out=out, language=None, overrides=overrides, executor=executor,
        workers=workers, as_json=as_json,
    )  # fmt: skip
