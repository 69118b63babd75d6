# SPDX-License-Identifier: Apache-2.0
"""``synthkit coqui``."""

from __future__ import annotations

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.group("coqui")
def coqui_group() -> None:
    """Import, export and check coqui-tts models.

    \b
    synthkit coqui import trained/ voices/mine
    synthkit coqui check config.json
    """


@coqui_group.command("import")
@click.argument("folder", type=FOLDER)
@click.argument("out", type=FOLDER)
@click.option("--checkpoint", type=FOLDER, help="The .pth; else the best model of the folder.")
def import_model(folder: Path, out: Path, checkpoint: Path | None) -> int:
    """Turn a coqui-tts (or Mozilla TTS) run FOLDER into a model folder OUT of this plugin.

    No code in the checkpoint is run and no class that the config names is imported.

    \b
    synthkit coqui import trained voices/mine
    """
    from synthkit_coqui.architectures import find
    from synthkit_coqui.foreign import import_folder

    voice = import_folder(folder, out, checkpoint, tell=lambda finding: click.echo(str(finding), err=True))
    click.echo(
        f"{out}: {voice.kind}, {len(voice.speakers) or 1} speakers, languages "
        f"{', '.join(voice.languages) or '–'}"
    )
    speaks = find(voice.kind).reads_text
    stage, setting = ("acoustic_model", "pretrained") if speaks else ("vocoder", "start_from")
    click.echo(
        f'next: under [{stage}] of a recipe, plugin = "{voice.kind}" and {setting} = "{out}"; '
        "`synthkit build` says where its [features] have to be others"
    )
    return 0


@coqui_group.command("export")
@click.argument("model", type=FOLDER)
@click.argument("out", type=FOLDER)
def export_model(model: Path, out: Path) -> int:
    """Write MODEL (a voice's acoustic_model or vocoder folder) as coqui-tts reads it.

    \b
    synthkit coqui export voices/mine out
    """
    from synthkit_coqui.export import export_folder

    click.echo(str(export_folder(model, out)))
    return 0


@coqui_group.command("check")
@click.argument("config", type=FOLDER)
@click.option(
    "--checkpoint",
    type=FOLDER,
    help="The .pth that training would continue from or that would speak; else one beside CONFIG.",
)
@click.option("--steps", default=100_000, show_default=True, help="Steps that are planned.")
@click.option("--clone", "cloning", is_flag=True, help="Cloning is wanted of the model.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def check(config: Path, checkpoint: Path | None, steps: int, cloning: bool, as_json: bool) -> int:
    """What will go wrong with coqui-tts's own CONFIG (config.json, or its folder), before it costs a night.

    \b
    synthkit coqui check config.json
    """
    from synthkit_coqui.coqui_checks import check_config
    from synthkit_coqui.foreign import checkpoints_in

    found = check_config(config, checkpoint, steps, cloning)
    if as_json:
        click.echo(json.dumps([f.to_dict() for f in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(str(finding))
        click.echo("nothing found" if not found else f"{len(found)} findings")
        if checkpoint is None and not checkpoints_in(config if config.is_dir() else config.parent):
            click.echo(
                "no checkpoint lies beside the config: what it says of names, characters and frames was "
                "compared with nothing",
                err=True,
            )
    return 1 if any(f.severity == "error" for f in found) else 0
