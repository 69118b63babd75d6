# SPDX-License-Identifier: Apache-2.0
"""``synthkit convert``."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.cli.common import json_option, layout_option, print_json, set_option, voice_option
from synthkit.errors import ConfigError


@click.command()
@voice_option
@click.argument("clips", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder of the new voice.")
@click.option("--converter", default="world-mixture", show_default=True, help="Converter plugin.")
@click.option("-l", "--language", help="Language of the clips.  [default: the layout's, else the voice's]")
@layout_option
@set_option
@json_option
def convert(
    voice: Path | None,
    clips: Path,
    out: Path,
    converter: str,
    language: str | None,
    layout: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> int:
    """Turn a finished voice into one that sounds like the speaker of the transcribed clips in folder CLIPS.

    Any voice can be turned, one of units too: it says what the clips say, and a converter learns the
    difference. The new voice is a folder of its own; `synthkit say --set conversion.strength=0.5` goes half
    of the way. Half a minute of clips is enough to try, two are better.

    \b
    synthkit convert -v voices/demo-ru mine/ -o voices/me
    synthkit say -v voices/me "Это мой голос." -o me.wav
    """
    from synthkit import tables
    from synthkit.corpora import open_corpus
    from synthkit.pipeline import converting
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.pipeline.known_voices import find_voice
    from synthkit.pipeline.voice_folder import read_manifest
    from synthkit.progress import Progress
    from synthkit.scratch import scratch_folder

    base = find_voice(voice)
    spoken = language or read_manifest(base)["languages"][0]
    settings = tables.override({}, overrides)
    for section in settings:
        if section != "conversion":
            raise ConfigError(
                f"--set {section}.…: only [conversion] is new", hint="as in --set conversion.sharpness=0.5"
            )
    with scratch_folder() as work:
        ctx = BuildContext(SerialExecutor(), Progress(), work)
        corpus = open_corpus(clips, spoken, layout=layout)
        converting.convert(base, corpus, out, ctx, plugin=converter, **settings.get("conversion", {}))
    about = read_manifest(out)["conversion"]
    if as_json:
        print_json({"out": str(out), **about})
    else:
        click.echo(f"{out}: converted by {len(about['utterances'])} clips, {about['minutes']} minutes")
    return 0
