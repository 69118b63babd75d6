# SPDX-License-Identifier: Apache-2.0
"""``synthkit piper``."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.pretrained import Origin


@click.command()
@click.argument("network", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The voice's folder.")
@click.option("--licence", default="unknown", show_default=True, help="Of the recordings and the weights.")
@click.option("--attribution", default="", help="Who has to be named.")
def piper(network: Path, out: Path, licence: str, attribution: str) -> None:
    """Make a voice of NETWORK, a Piper model (NAME.onnx, with NAME.onnx.json beside it).

    \b
    synthkit piper ru_RU-irina-medium.onnx -o voices/irina --licence "CC BY 4.0"
    """
    from synthkit_piper.voices import make

    description = network.with_name(network.name + ".json")
    make(out.name, network, description, out, Origin(network.stem, licence, attribution))
    click.echo(f"{out}: made of {network}")
