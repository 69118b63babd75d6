# SPDX-License-Identifier: Apache-2.0
"""``synthkit kokoro``."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.pretrained import Origin


@click.command()
@click.argument("network", type=click.Path(path_type=Path))
@click.argument("styles", type=click.Path(path_type=Path))
@click.option(
    "--vocabulary", required=True, type=click.Path(path_type=Path), help="config.json of the model."
)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The voice's folder.")
@click.option(
    "--language", "languages", multiple=True, help="What it speaks, the first unless asked; may be repeated."
)
@click.option("--licence", default="Apache-2.0", show_default=True, help="Of the weights and styles.")
@click.option("--attribution", default="Kokoro-82M, hexgrad", show_default=True, help="Who has to be named.")
def kokoro(
    network: Path,
    styles: Path,
    vocabulary: Path,
    out: Path,
    languages: tuple[str, ...],
    licence: str,
    attribution: str,
) -> None:
    """Make a voice of Kokoro's NETWORK (kokoro-v1.0.onnx) and its STYLES (voices-v1.0.bin).

    \b
    synthkit kokoro kokoro-v1.0.onnx voices-v1.0.bin --vocabulary config.json -o voices/kokoro
    synthkit say -v voices/kokoro "Good morning." --speaker "0.7*af_heart+0.3*am_adam"
    """
    from synthkit.errors import ConfigError
    from synthkit_kokoro.voices import LANGUAGES, make

    for path in (network, styles, vocabulary):
        if not path.is_file():
            raise ConfigError("there is no such file", where=str(path))
    origin = Origin(network.stem, licence, attribution)
    make(out.name, (network, styles, vocabulary), out, origin, languages or LANGUAGES)
    click.echo(f"{out}: made of {network}")
