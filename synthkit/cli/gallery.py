# SPDX-License-Identifier: Apache-2.0
"""``synthkit gallery``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from synthkit.cli.common import json_option, print_json
from synthkit.cli.measure import metric_tables
from synthkit.errors import ConfigError


@click.command()
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("gallery"),
    show_default=True,
    help="Folder of the gallery.",
)
@click.option(
    "-l", "--language", "languages", multiple=True, help="A language to show.  [default: ru and en]"
)
@click.option(
    "-c",
    "--corpus",
    "corpora",
    multiple=True,
    metavar="LANGUAGE=NAME|FOLDER",
    help="Other recordings for a language.",
)
@click.option(
    "--sentences", type=click.IntRange(1), help="Of each language.  [default: 20 Russian, 12 English]"
)
@click.option(
    "-v",
    "--voice",
    "voices",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A voice that is built, to stand beside the others.",
)
@click.option("--only", multiple=True, metavar="PATTERN", help='Only systems of such names, as in "copy:*".')
@click.option("--fetch", is_flag=True, help="Fetch recordings and voices that are not on this machine.")
@click.option(
    "--build-minutes",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="A voice that takes longer to build is stopped and named; the next run goes on with it.",
)
@click.option(
    "-m",
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="A metric, where it can run, beside the cost.  [default: whisper, distillmos, speaker]",
)
@click.option(
    "--metric-set",
    "metric_settings",
    multiple=True,
    metavar="METRIC.KEY=VALUE",
    help="A metric's setting, as in whisper.model=FOLDER.",
)
@click.option(
    "--docs",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table as Markdown, with pictures.",
)
@click.option(
    "-j", "--workers", default=0, show_default="one per core", type=click.IntRange(0), help="Processes."
)
@json_option
def gallery(as_json: bool, corpora: tuple[str, ...], metric_settings: tuple[str, ...], **options: Any) -> int:
    """Everything that is installed speaks the same held-out sentences, and one page compares it.

    Recordings, copy synthesis by every vocoder, voices built of the same recordings by every acoustic model
    that can be in minutes, each through every vocoder that fits, programs of this machine that speak, and
    voices that others have trained. What is missing is named. A run that is stopped goes on where it was.

    \b
    synthkit gallery --sentences 4
    synthkit gallery -l ru --only "parametric*" --only "copy:*"
    """
    from synthkit.gallery.page import terminal
    from synthkit.gallery.running import Gallery, run_gallery
    from synthkit.plugins import registry
    from synthkit.progress import Progress

    named = dict(text.partition("=")[::2] for text in corpora)
    if wrong := [text for text in corpora if not all(text.partition("="))]:
        raise ConfigError(f"--corpus {wrong[0]!r} is not LANGUAGE=NAME or LANGUAGE=FOLDER")
    languages = options.pop("languages") or ("ru", "en")
    metrics = options.pop("metrics")
    for name in metrics:
        registry().find("metric", name)
    if metrics:
        options["metrics"] = metrics
    command = "synthkit " + shlex.join(sys.argv[1:]) if Path(sys.argv[0]).name.startswith("synthkit") else ""
    asked = Gallery(
        languages=languages,
        corpora=named,
        metric_settings=metric_tables(metric_settings),
        command=command,
        **options,
    )
    shown = run_gallery(asked, Progress())
    if as_json:
        print_json(shown.to_dict())
        return 0
    for room in shown.rooms:
        click.echo(terminal(room) + "\n")
    click.echo(str(shown.out / "index.html"))
    return 0
