# SPDX-License-Identifier: Apache-2.0
"""``synthkit cache``."""

from __future__ import annotations

import click

from synthkit.cli.common import json_option, print_json
from synthkit.columns import columns


@click.command()
@click.option("--prune", is_flag=True, help="Remove results; all of them, unless --unused says which.")
@click.option(
    "--unused", type=click.FloatRange(0), metavar="DAYS", help="Only results that were not used for so long."
)
@click.option(
    "--stage", "stages", multiple=True, metavar="NAME", help="Only this stage's; may be given again."
)
@json_option
def cache(prune: bool, unused: float | None, stages: tuple[str, ...], as_json: bool) -> None:
    """Show what the cache holds, how large and how old it is, or prune it.

    Nothing in it is lost for good: what is needed again is made again. While a build or a comparison runs,
    nothing is removed.

    \b
    synthkit cache
    synthkit cache --prune --unused 30
    """
    from synthkit.errors import ConfigError
    from synthkit.pipeline.pruning import Holding, holdings, prune_results
    from synthkit.places import default_root

    if unused is not None and not prune:
        raise ConfigError("--unused goes with --prune")
    root = default_root()
    if prune:
        done = prune_results(root, stages, unused or 0.0)
        if as_json:
            print_json({"cache": str(root), "removed": done.results, "bytes": done.size})
        else:
            click.echo(f"{root}: {done.results} results removed, {done.size / 1e6:.1f} MB")
        return
    found = [h for h in holdings(root) if not stages or h.stage in stages]
    if as_json:
        print_json({"cache": str(root), "stages": [vars(h) for h in found]})
        return

    def row(h: Holding) -> tuple[object, ...]:
        ages = ("–", "–") if not h.results else (f"{h.oldest_days:.1f}", f"{h.newest_days:.1f}")
        return (h.stage, h.results, f"{h.size / 1e6:.1f}", *ages, "")

    head = ("stage", "results", "MB", "days since used: most", "least", "")
    click.echo(f"{root}: {sum(h.size for h in found) / 1e6:.1f} MB")
    if found:
        click.echo(columns([row(h) for h in found], head))
