# SPDX-License-Identifier: Apache-2.0
"""``synthkit build``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from synthkit.cli.common import executor_options, json_option, print_json, set_option


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the voice.  [default: voices/NAME]"
)
@set_option
@executor_options
@json_option
def build(
    config: Path, out: Path | None, overrides: tuple[str, ...], executor: str, workers: int, as_json: bool
) -> int:
    """Build the voice of a TOML file: corpus → voice folder.

    A build that is interrupted, even killed, goes on from where it was when the same command is given again.
    """
    from synthkit.pipeline.build import build as run
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import make_executor
    from synthkit.pipeline.voice_folder import read_manifest
    from synthkit.places import default_root
    from synthkit.progress import Progress

    resolved = load(config, overrides)
    folder = out or Path("voices") / resolved.voice.name
    pool = make_executor(executor, workers)
    try:
        run(resolved, folder, BuildContext(pool, Progress(), default_root() / "work"))
    except KeyboardInterrupt:
        click.echo("\ninterrupted; the same command goes on from where it was", err=True)
        return 130
    finally:
        pool.close()
    manifest = read_manifest(folder)
    if as_json:
        print_json({"voice": str(folder)} | {k: manifest[k] for k in ("name", "corpus", "left_out", "keys")})
        return 0
    corpus = manifest["corpus"]
    click.echo(f"{folder}: {corpus['utterances']} utterances, {corpus['minutes']} min of {corpus['name']}")
    click.echo(f'next: synthkit say -v {shlex.quote(str(folder))} "…" -o out.wav', err=True)
    return 0
