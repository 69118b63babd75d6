# SPDX-License-Identifier: Apache-2.0
"""``synthkit plugins``."""

from __future__ import annotations

from dataclasses import asdict

import click

from synthkit.cli.common import json_option, print_json
from synthkit.columns import columns
from synthkit.errors import SynthkitError

FINE = ("registered", "ok")
"""Of a status: nothing has to be said of it."""


@click.command()
@click.option("--check", is_flag=True, help="Import every component to see whether it works (slow).")
@json_option
def plugins(check: bool, as_json: bool) -> int:
    """Show what is installed, by stage: name, what it is, and its distribution.

    What is broken is said, and with --check what lacks a package, and how it is installed.

    \b
    synthkit plugins
    synthkit plugins --check
    """
    from synthkit.offers import STAGE_OF_HOOK
    from synthkit.plugins import Registry
    from synthkit.remembered import offered

    found = Registry.of(offered(anew=True))
    rows = []
    for stage in STAGE_OF_HOOK.values():
        for r in found.of_stage(stage):
            status, reason = "registered" if not check else "ok", r.summary
            if check:
                try:
                    r.load()
                except SynthkitError as error:
                    status, reason = "unusable", f"{error.message}; {error.hint}"
            rows.append((r.name, stage, r.version, r.distribution, status, reason))
    rows += [(p.plugin, "–", p.version, p.distribution, "left out", p.reason) for p in found.problems]
    header = ("name", "stage", "version", "distribution", "status", "about")
    if as_json:
        print_json(
            {
                "components": [dict(zip(header, row, strict=True)) for row in rows if row[4] != "left out"],
                "problems": [asdict(p) for p in found.problems],
            }
        )
    else:
        for stage in dict.fromkeys(row[1] for row in rows):
            click.echo(stage if stage != "–" else "left out")
            click.echo(columns([_shown(row) for row in rows if row[1] == stage]))
    return 1 if any(row[4] in ("unusable", "left out") for row in rows) else 0


def _shown(row: tuple[str, ...]) -> tuple[str, str]:
    name, _, version, distribution, status, about = row
    said = about if status in FINE else f"{status}: {about}"
    return f"  {name}", f"{said} ({distribution} {version})"
