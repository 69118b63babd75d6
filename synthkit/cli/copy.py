# SPDX-License-Identifier: Apache-2.0
"""``synthkit copy``: copy synthesis, what a vocoder loses of a recording."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.cli.common import set_option


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("copy.wav"), show_default=True,
    help="Where to write it.",
)  # fmt: skip
@click.option("--vocoder", default="world", show_default=True, help="Vocoder plugin.")
@click.option("--features", help="Feature plugin.  [default: the first that the vocoder accepts]")
@click.option("--labels", type=click.Path(path_type=Path), help="Phone labels, for vocoders of unit paths.")
@set_option
def copy(
    recording: Path,
    out: Path,
    vocoder: str,
    features: str | None,
    labels: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Copy synthesis: RECORDING → features → vocoder → a wav to hear what the vocoder alone loses.

    \b
    synthkit copy in.wav -o out.wav
    """
    from synthkit import audio
    from synthkit.labels import read_alignment
    from synthkit.pipeline.copy import copy_recording

    alignment = read_alignment(labels) if labels else None
    result, how = copy_recording(
        recording, vocoder=vocoder, features=features, alignment=alignment, overrides=overrides
    )
    click.echo(how, err=True)
    audio.write(out, result)
    click.echo(f"{out}: {result.duration:.2f} s")
