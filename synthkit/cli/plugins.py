# SPDX-License-Identifier: Apache-2.0
"""``synthkit plugins``."""

from __future__ import annotations

from dataclasses import asdict

import click

from synthkit.cli.common import json_option, print_json
from synthkit.columns import columns
from synthkit.errors import SynthkitError


@click.command()
@click.option("--check", is_flag=True, help="Import every component to see whether it works (slow).")
@json_option
def plugins(check: bool, as_json: bool) -> int:
    """Show what is installed: name, stage, version, distribution, status and reason."""
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
        click.echo(columns(rows, header))
    return 1 if any(row[4] in ("unusable", "left out") for row in rows) else 0
