# SPDX-License-Identifier: Apache-2.0
"""``synthkit external``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The voice's folder.  [default: voices/NAME]"
)
def external(recipe: Path, out: Path | None) -> None:
    """Make a voice of the program that RECIPE, a TOML file, names.

    The recipe is kept in your own configuration: a voice folder only names it, so that no folder that came
    from elsewhere can run anything here.

    \b
    synthkit external robot.toml -o voices/robot
    """
    from synthkit.atomic import write_text
    from synthkit.errors import ConfigError
    from synthkit.plugins import registry
    from synthkit_external.known import own_folder
    from synthkit_external.recipe import Recipe
    from synthkit_external.voices import make

    read = Recipe.read(recipe)
    if read.name in registry().names("pretrained_voice"):
        raise ConfigError(
            f"{read.name!r} is the name of a voice that is installed",
            where=f"{recipe} name",
            hint="choose another",
        )
    read.require()
    kept = own_folder() / f"{read.name}.toml"
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_text(kept, recipe.read_text(encoding="utf-8"))
    folder = out or Path("voices") / read.name
    make(read, folder.name, folder)
    click.echo(f"{folder}: {read.paradigm}; {read.command[0]}")
    click.echo(f"recipe kept in {kept}", err=True)
