# SPDX-License-Identifier: Apache-2.0
"""``synthkit build``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from synthkit.cli.common import executor_options, json_option, print_json, set_option

if TYPE_CHECKING:
    from synthkit.pipeline.state import Build
    from synthkit.stages import TrainingData


@click.command()
@click.argument("config", type=click.Path(path_type=Path), metavar="VOICE.toml|FOLDER")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the voice.  [default: voices/NAME]"
)
@click.option("-l", "--language", help="Language of a FOLDER that does not tell its own.")
@set_option
@executor_options
@json_option
def build(
    config: Path,
    out: Path | None,
    language: str | None,
    overrides: tuple[str, ...],
    executor: str,
    workers: int,
    as_json: bool,
) -> int:
    """Build the voice of a TOML file, or of a FOLDER of recordings: corpus → voice folder.

    A FOLDER is built as its voice.toml says, which is written first where there is none (`synthkit init`). At
    the end a sheet says what the voice is made of, what to expect of it and what to record next.

    A build that is interrupted, even killed, goes on from where it was when the same command is given again.

    \b
    synthkit build demo-ru.toml -o voices/demo-ru
    synthkit build mine/
    """
    from synthkit.pipeline.build import build as run
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import make_executor
    from synthkit.places import default_root
    from synthkit.progress import Progress

    progress = Progress()
    from synthkit.pipeline.logbook import logbook

    if config.is_dir():
        config = _of_folder(config, language, progress.log)
    elif language is not None:
        overrides = (*overrides, f"voice.language={language}")
    resolved = load(config, overrides)
    folder = out or Path("voices") / resolved.voice.name
    again = [sys.executable, "-m", "synthkit", "build", str(config.resolve()), "-o", str(folder.resolve())]
    again += ["--executor", executor, "--workers", str(workers)]
    about = {"command": [*again, *(f"--set={o}" for o in overrides)], "cwd": str(Path.cwd())}
    pool = make_executor(executor, workers)
    page = folder.with_name(f"{folder.name}.sheet.html")
    said: list[str] = []

    def report(state: Build, data: TrainingData) -> None:
        from synthkit.pipeline.sheet import sheet, write_page

        made = sheet(state, data)
        write_page(made, page)
        said.extend(made.lines())

    try:
        with logbook(folder, about) as tell:
            progress.listen = tell
            run(resolved, folder, BuildContext(pool, progress, default_root() / "work"), report=report)
    except KeyboardInterrupt:
        click.echo("\ninterrupted; the same command goes on from where it was", err=True)
        return 130
    finally:
        pool.close()
    from synthkit.pipeline.voice_folder import read_manifest

    manifest = read_manifest(folder)
    if as_json:
        print_json(
            {"voice": str(folder), "sheet": str(page)}
            | {k: manifest[k] for k in ("name", "corpus", "left_out", "keys")}
        )
        return 0
    corpus = manifest["corpus"]
    click.echo(f"{folder}: {corpus['utterances']} utterances, {corpus['minutes']} min of {corpus['name']}")
    for line in said:
        click.echo(f"  {line}", err=True)
    click.echo(f"sheet: {page}", err=True)
    click.echo(f'next: synthkit say -v {shlex.quote(str(folder))} "…" -o out.wav', err=True)
    return 0


def _of_folder(folder: Path, language: str | None, tell: Callable[[str], None]) -> Path:
    """The configuration of a folder of recordings, written where there is none."""
    from synthkit.errors import ConfigError
    from synthkit.pipeline import starting
    from synthkit.pipeline.voice_folder import MANIFEST

    path = folder / starting.FILE
    if (folder / MANIFEST).is_file():
        raise ConfigError(
            "is a built voice, not a folder of recordings",
            where=str(folder),
            hint=f'synthkit say -v {shlex.quote(str(folder))} "…" -o out.wav',
        )
    if path.exists():
        return path
    starting.write(folder, language, None, tell)
    tell(f"{path} written: change it and build again as you like")
    return path
