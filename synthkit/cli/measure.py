# SPDX-License-Identifier: Apache-2.0
"""``synthkit listeners`` and ``synthkit measure``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from synthkit.cli.common import json_option, print_json
from synthkit.columns import columns

if TYPE_CHECKING:
    from synthkit.eval.listening.heard import Heard


def metric_tables(pairs: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """``METRIC.KEY=VALUE`` options as tables.

    Parameters
    ----------
    pairs : tuple of str

    Returns
    -------
    dict of str to dict
        Settings by metric.

    Raises
    ------
    ConfigError
        One is not of that form.
    """
    from synthkit.errors import ConfigError
    from synthkit.tables import parse_value

    out: dict[str, dict[str, Any]] = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        metric, dot, key = name.rpartition(".")
        if not equals or not dot:
            raise ConfigError(f"--metric-set {text!r} is not METRIC.KEY=VALUE")
        out.setdefault(metric, {})[key] = parse_value(value)
    return out


metric_options = [
    click.option("-m", "--metric", "metrics", multiple=True,
                 help="A figure by the name it is printed by, or its metric (repeatable)."),
    click.option("--metric-set", "metric_settings", multiple=True, metavar="METRIC.KEY=VALUE",
                 help="A metric's setting, as in whisper.model=small."),
]  # fmt: skip


F = TypeVar("F", bound=Callable[..., Any])


def with_options(options: list[Any]) -> Callable[[F], F]:
    """A decorator: several click options, shown in ``--help`` in this order.

    Parameters
    ----------
    options : list of click options

    Returns
    -------
    callable
    """

    def wrap(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


def rules_options(function: Any) -> Any:
    """A decorator: the limits of `synthkit.eval.listening.screening.Rules`, for two commands.

    Parameters
    ----------
    function : callable
        A click command's.

    Returns
    -------
    callable
    """
    for option in reversed((
        click.option("--reference-below", type=click.FloatRange(0, 100),
                     help="MUSHRA: least score of the hidden reference.  [default: 90]"),
        click.option("--reference-share", type=click.FloatRange(0, 1),
                     help="Share of trials in which it may be below.  [default: 0.15]"),
        click.option("--fast-seconds", type=click.FloatRange(0),
                     help="What a sound lasts, where the answers do not say.  [default: 1]"),
        click.option("--keep", "kept", multiple=True, metavar="LISTENER",
                     help="Do not leave this listener out (repeatable)."),
    )):  # fmt: skip
        function = option(function)
    return function


@click.command()
@click.argument("ratings", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--voice",
    "voices",
    multiple=True,
    help="A voice, in the order to show (repeatable).  [default: all, as they come]",
)
@click.option("--metric", help="What was asked for, where the file does not say: mos, smos, mushra …")
@click.option("--seed", type=int, help="Seed of the bootstrap.")
@rules_options
@json_option
def listeners(
    ratings: Path,
    voices: tuple[str, ...],
    metric: str | None,
    seed: int | None,
    kept: tuple[str, ...],
    as_json: bool,
    **limits: float | None,
) -> int:
    """Who of the listeners listened; means, intervals and tests with and without the others.

    RATINGS is a file or a folder of files: CSV or parquet with the columns listener, utterance, voice and
    score, and perhaps metric (mos, smos, mushra, cmos, ab, abx …), against (the other voice of a comparison),
    role and seconds; or what webMUSHRA, BeaqleJS or WAET keeps. `compare --ratings` puts the same into a
    report.

    \b
    synthkit listeners ratings.csv
    """
    from synthkit.eval.listening.formats import read_heard

    show_verdict(read_heard(ratings, voices or None, metric=metric), voices, seed, kept, as_json, limits)
    return 0


def show_verdict(
    heard: Heard,
    voices: Sequence[str],
    seed: int | None,
    kept: Sequence[str],
    as_json: bool,
    limits: Mapping[str, float | None],
) -> None:
    """Analyse what listeners said and print it.

    Parameters
    ----------
    heard : Heard
    voices : sequence of str
        In the order to show; as they come where empty.
    seed : int or None
        Of the bootstrap; the harness's own where None.
    kept : sequence of str
        Listeners who are not left out whatever the rules say.
    as_json : bool
    limits : mapping of str to float or None
        Fields of `synthkit.eval.listening.screening.Rules`; None leaves one as it is.

    Raises
    ------
    ConfigError
        One of `kept` is no listener.
    """
    from synthkit.errors import ConfigError
    from synthkit.eval.listening.screening import Rules
    from synthkit.eval.listening.verdict import judge, verdict_text
    from synthkit.eval.statistics import SEED

    for who in kept:
        if who not in heard.listeners:
            raise ConfigError(f"--keep: there is no listener {who!r}", hint=", ".join(heard.listeners))
    rules = Rules(**{k: v for k, v in limits.items() if v is not None}, keep=tuple(kept))  # type: ignore[arg-type]
    verdict = judge(heard, voices=voices, rules=rules, seed=SEED if seed is None else seed)
    if as_json:
        print_json(verdict.to_json())
    else:
        click.echo(verdict_text(verdict))


@click.command()
@click.argument("reference", type=click.Path(path_type=Path, exists=True))
@click.argument("test", type=click.Path(path_type=Path, exists=True))
@with_options(metric_options)
@click.option(
    "--definition",
    "definitions",
    multiple=True,
    metavar="METRIC/ID",
    help="Print only this figure, as mcd/versa (repeatable).",
)
@click.option("--text", help="What is said, for metrics that ask.")
@click.option("--language", default="en", show_default=True, help="Language that is spoken.")
@json_option
def measure(
    reference: Path,
    test: Path,
    metrics: tuple[str, ...],
    metric_settings: tuple[str, ...],
    definitions: tuple[str, ...],
    text: str | None,
    language: str,
    as_json: bool,
) -> int:
    """Measure TEST against REFERENCE: two audio files, or two folders of files with the same names.

    \b
    synthkit measure recording.wav spoken.wav -m mcd
    """
    from synthkit.eval.files import giving, measure_files

    rows, left_out = measure_files(
        reference,
        test,
        giving(definitions) if definitions and not metrics else metrics,
        metric_tables(metric_settings),
        text=text or "",
        language=language,
    )
    if definitions:
        rows = [r for r in rows if r.key in definitions]
    if as_json:
        print_json(
            [{"utterance": r.utterance, "definition": r.key, "value": r.value, "n": r.n,
              "unit": r.unit, "reason": r.reason} for r in rows]
        )  # fmt: skip
    else:
        several = len({r.utterance for r in rows}) > 1
        lines = [
            ((r.utterance,) if several else ())
            + (r.key, "–" if r.value is None else f"{r.value:.8g}", r.unit, f"{r.n:g}", r.reason)
            for r in rows
        ]
        head = (("file",) if several else ()) + ("figure", "value", "unit", "n", "")
        click.echo(columns(lines, head))
    for name, reason in left_out:
        click.echo(f"left out: {name}: {reason}", err=True)
    return 0
