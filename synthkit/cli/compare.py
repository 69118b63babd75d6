# SPDX-License-Identifier: Apache-2.0
"""``synthkit compare``."""

from __future__ import annotations

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synthkit.cli.common import json_option, print_json
from synthkit.cli.measure import metric_options, metric_tables, with_options
from synthkit.columns import columns
from synthkit.errors import ConfigError

if TYPE_CHECKING:
    from synthkit.eval.plan import Plan


@click.command()
@click.argument("voices", nargs=-1, metavar="VOICE[:VOCODER]...")
@click.option("-c", "--corpus", help="Registered corpus or folder.  [default: the first voice's]")
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Instead of a corpus: a sentence a line, or id|sentence.",
)
@click.option("--language", help="Language of --texts, or of a folder that does not say.")
@click.option(
    "--split",
    "split_rule",
    default="held-out",
    show_default=True,
    metavar="RULE",
    help="held-out, all, every:N or a file of ids.",
)
@click.option("--limit", type=click.IntRange(1), help="Only so many sentences, spread evenly.")
@click.option(
    "--leave-one-out", is_flag=True, help="Keep each sentence's own recording out of the voices' units."
)
@click.option("--fair", is_flag=True, help="Refuse sentences that a voice learned from.")
@click.option(
    "--copy",
    "copies",
    multiple=True,
    metavar="VOCODER|VOICE",
    help="Copy synthesis rows: by a vocoder, or by that of a voice, for one that is trained.  "
    "[default: world, when it is installed]",
)
@click.option("--no-references", is_flag=True, help="No rows of natural speech and copy synthesis.")
@click.option(
    "--metrics",
    "metric_set",
    metavar="SET",
    help="fast: no models, a second or so a sentence; full: all that is installed.  "
    "[default: fast, or what -m names]",
)
@with_options(metric_options)
@click.option(
    "--primary",
    multiple=True,
    metavar="NAME,…",
    help="The figures that are tested.  [default: the first five measured of mcd, f0-rmse, wer, "
    "predicted-mos, speaker-similarity, vuv-error, duration-rmse, lsd, cer; or what -m names]",
)
@click.option(
    "--metric-timeout",
    type=click.FloatRange(1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="A metric that takes longer for a sentence is stopped and reported.",
)
@click.option("--all-definitions", is_flag=True, help="Also the figures of VERSA, ESPnet, Merlin and pymcd.")
@click.option(
    "--ratings",
    type=click.Path(path_type=Path, exists=True),
    help="A listening test of these voices: a table (of `listen analyse --csv`, or listener, utterance, "
    "voice, score), or what other tools keep.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder of the report.",
)
@click.option(
    "--csv",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table as CSV, definitions with it.",
)
@click.option(
    "--latex",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the primary figures as a LaTeX table (booktabs).",
)
@click.option(
    "--parquet", type=click.Path(path_type=Path, dir_okay=False), help="Write the table as parquet."
)
@click.option(
    "--plan", "planned", is_flag=True, help="Speak nothing; say how many sentences the differences need."
)
@click.option(
    "--pilot",
    type=click.Path(path_type=Path, exists=True),
    help="With --plan: an earlier report, for how much its figures vary.",
)
@click.option(
    "--difference",
    "differences",
    multiple=True,
    metavar="METRIC=X",
    help="With --plan: the difference to find, as mcd=0.3 (repeatable).",
)
@click.option("--title", help="Title of the report.")
@click.option(
    "--examples",
    default=8,
    show_default=True,
    type=click.IntRange(0),
    help="Sentences with F0, and with places aligned with the recording; the others have them in proportion.",
)
@click.option(
    "--audio",
    "audio_format",
    default="flac",
    show_default=True,
    type=click.Choice(["flac", "wav", "mp3"]),
    help="Sound in the report.",
)
@click.option("--seed", type=int, help="Seed of the bootstrap.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    help="Where speech and measurements are kept.  [default: the cache]",
)
@click.option("--executor", default="process", show_default=True, help="How to map over sentences.")
@click.option(
    "-j", "--workers", default=0, show_default="one per core", type=click.IntRange(0), help="Processes."
)
@json_option
def compare(**options: Any) -> int:
    """Compare VOICEs on the same sentences: speak, measure, test, write a report.

    A VOICE is a voice folder; FOLDER:VOCODER speaks it with another vocoder. Everything spoken and measured
    is kept: a run that is interrupted goes on, and a voice added later costs only itself. Every two voices
    are tested in the primary figures; all other figures, and the references, are described.

    \b
    synthkit compare voices/a voices/b
    synthkit compare demo-ru demo-ru:world --metrics full -o report
    """
    from synthkit.eval.compare import Comparison, plan_comparison, run_comparison
    from synthkit.progress import Progress

    settings = metric_tables(options.pop("metric_settings"))
    as_json, planned = options.pop("as_json"), options.pop("planned")
    pilot, differences = options.pop("pilot"), options.pop("differences")
    options["primary"] = [
        name.strip() for text in options["primary"] for name in text.split(",") if name.strip()
    ]
    command = "synthkit " + shlex.join(sys.argv[1:]) if Path(sys.argv[0]).name.startswith("synthkit") else ""
    asked = Comparison(metric_settings=settings, command=command, **options)
    if planned:
        show_plan(plan_comparison(asked, pilot, worth(differences)), as_json)
        return 0
    if pilot is not None or differences:
        raise ConfigError("--pilot and --difference belong to --plan")
    done = run_comparison(asked, Progress())
    for warning in done.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        print_json(done.summary())
    else:
        click.echo(done.text())
    for note in done.notes:
        click.echo(note, err=True)
    return 1 if done.failures else 0


def worth(texts: tuple[str, ...]) -> dict[str, float]:
    """``METRIC=X`` options as numbers by metric.

    Parameters
    ----------
    texts : tuple of str

    Returns
    -------
    dict of str to float
        In the metric's unit; above 0.

    Raises
    ------
    ConfigError
        One is no such pair.
    """
    out = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            out[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals or not 0 < out[name.strip()] < math.inf:
            raise ConfigError(f"--difference {text!r} is not METRIC=X with X above 0", hint="as in mcd=0.3")
    return out


def show_plan(plan: Plan, as_json: bool) -> None:
    """Print a plan, as a table with notes.

    Parameters
    ----------
    plan : Plan
    as_json : bool
    """
    from synthkit.eval.plan import table

    if as_json:
        print_json(plan.to_dict())
        return
    click.echo(f"{plan.voices} voice{'s' * (plan.voices != 1)}, {plan.sentences} sentences")
    rows, head = table(plan)
    click.echo(columns(rows, head))
    for note in plan.notes():
        click.echo(note)
