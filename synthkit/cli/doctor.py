# SPDX-License-Identifier: Apache-2.0
"""``synthkit doctor``: what will fail, before it costs hours."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.cli.common import json_option, print_json, set_option
from synthkit.columns import columns
from synthkit.types import Finding


@click.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@set_option
@json_option
def doctor(target: Path | None, overrides: tuple[str, ...], as_json: bool) -> int:
    """Examine the installation, a voice's TOML file, or a built voice folder.

    \b
    synthkit doctor
    synthkit doctor voice.toml
    """
    from synthkit.pipeline.doctor import examine

    findings = examine(target, overrides)
    if as_json:
        print_json([f.to_dict() for f in findings])
    else:
        rows = [(f.severity, f.where, _sentence(f)) for f in findings]
        click.echo(columns(rows, ("", "what", "finding")))
    return 1 if any(f.severity == "error" for f in findings) else 0


def _sentence(f: Finding) -> str:
    out = f.problem
    if f.consequence:
        out += f"; otherwise {f.consequence}"
    return f"{out} → {f.mend}" if f.mend else out
