# SPDX-License-Identifier: Apache-2.0
"""``synthkit explain``, ``synthkit tune`` and ``synthkit coverage``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from synthkit.cli.common import parse_options
from synthkit.errors import ConfigError, PluginError

_voice = click.option(
    "-v", "--voice", required=True, type=click.Path(path_type=Path), help="A voice: its folder or its name."
)
_json = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")


def _open(folder: Path) -> Any:
    from synthkit.pipeline.known_voices import find_voice
    from synthkit.pipeline.voice import Voice
    from synthkit_unit_selection.model import UnitSelection

    voice = Voice.open(find_voice(folder))
    if not isinstance(voice.acoustic_model, UnitSelection):
        raise PluginError("this command needs a unit-selection voice", where=str(folder))
    return voice


def _pair(text: str) -> tuple[int, int]:
    place, _, unit = text.partition("=")
    try:
        return int(place), int(unit)
    except ValueError:
        raise ConfigError(f"--force {text!r} is not PLACE=UNIT, two numbers of the table") from None


def _print(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


@click.command()
@_voice
@click.argument("text")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Draw it (.svg, .pdf, .png): waveform, spectrogram, phones, sources, costs.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    help="A page that is one file: all candidates, costs by term, sound; beside the path without "
    "--force, --forbid, --exclude and -O.",
)
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), help="Also write what was spoken (.wav, .flac)."
)
@click.option("--exclude", multiple=True, metavar="ID", help="Use no unit of this recording.")
@click.option(
    "--force", multiple=True, metavar="PLACE=UNIT", help="This unit at this place, whatever it costs."
)
@click.option("--forbid", multiple=True, type=int, metavar="UNIT", help="Not this unit.")
@click.option("-O", "--option", "options", multiple=True, metavar="NAME=VALUE", help="As in guidance=0.3.")
@_json
def explain(
    voice: Path,
    text: str,
    picture: Path | None,
    html: Path | None,
    out: Path | None,
    exclude: tuple[str, ...],
    force: tuple[str, ...],
    forbid: tuple[int, ...],
    options: tuple[str, ...],
    as_json: bool,
) -> int:
    """Why these units: where each comes from and what it costs, term by term.

    Places and units are numbered as the table has them, so that --force and --forbid show what else there is.

    \b
    synthkit explain -v voices/demo-ru "Доброе утро!" --picture why.svg
    synthkit explain -v voices/demo-ru "Доброе утро!" --forbid 1204 --html why.html
    """
    from synthkit.types import Waveform
    from synthkit_unit_selection.explain import explanation, table
    from synthkit_unit_selection.picture import check_kind, draw

    if picture:
        check_kind(picture)
    opened = _open(voice)
    said = opened.acoustic_model.asked(parse_options(options))
    more = {"force": said.force | dict(_pair(text) for text in force), "forbid": (*said.forbid, *forbid)}
    asked = said.model_copy(more, check=False)
    spoken = opened.speak(text, exclude=frozenset(exclude), options=asked)
    paths = spoken.predictions
    if as_json:
        _print([explanation(p) for p in paths] if len(paths) > 1 else explanation(paths[0]))
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        click.echo("\n\n".join(table(p, width=width) for p in paths))
    if picture:
        for number, path in enumerate(paths):
            heard: Waveform = opened.render(path)
            draw(path, heard, picture if number == 0 else picture.with_stem(f"{picture.stem}-{number + 1}"))
    if html:
        named: tuple[tuple[str, tuple[Any, ...]], ...] = (
            ("--exclude", exclude), ("--force", force), ("--forbid", forbid), ("-O", options)
        )  # fmt: skip
        changed = " ".join(f"{name} {value}" for name, values in named for value in values)
        _page(html, opened, spoken, asked, frozenset(exclude), changed)
    if out:
        from synthkit import audio

        audio.write(out, spoken.waveform)
    return 0


def _page(html: Path, voice: Any, spoken: Any, asked: Any, exclude: frozenset[str], changed: str) -> None:
    from synthkit.stages import Request
    from synthkit_unit_selection.page import write_page

    parts = spoken.parts
    lattices = [voice.acoustic_model.lattice(Request(p, exclude=exclude, options=asked)) for p in parts]
    before = voice.speak(spoken.segmentation.text) if changed else None
    write_page(html, voice.name, spoken, lattices, before, changed)


@click.command()
@_voice
@click.option("--utterances", type=click.IntRange(4), default=60, show_default=True, help="Recordings used.")
@click.option(
    "--trials", type=click.IntRange(1), default=60, show_default=True, help="Settings tried, in each search."
)
@click.option(
    "--folds", default=2, show_default=True, help="Each is judged by weights that it did not steer."
)
@click.option(
    "--evaluation-every",
    default=10,
    show_default=True,
    help="Every n-th recording is never touched; 0: none.",
)
@click.option(
    "--price",
    "prices",
    multiple=True,
    metavar="FIGURE=DB",
    help="What one of a figure is worth: distance=1, f0=0.02 (Hz), shape=0.5, melody=1 and steps=0.15 (a "
    "phone), words=2 (all of them).",
)
@click.option(
    "--recogniser", metavar="METRIC", help="Also count words heard otherwise than in the recording: whisper."
)
@click.option("--recogniser-set", "settings", multiple=True, metavar="NAME=VALUE", help="As in model=FOLDER.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Draw all that was tried and its Pareto front (.svg, .pdf, .png).",
)
@click.option("--seed", default=0, show_default=True, help="Of the random choices: one seed, one result.")
@_json
def tune(
    voice: Path, utterances: int, trials: int, folds: int, evaluation_every: int, prices: tuple[str, ...],
    recogniser: str | None, settings: tuple[str, ...], picture: Path | None, seed: int, as_json: bool,
) -> int:  # fmt: skip
    """Find weights by leave-one-utterance-out on the voice's own recordings, the evaluation set left out.

    \b
    synthkit tune -v voices/demo-ru --picture front.svg
    """
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import track

    from synthkit_unit_selection.tune import tune as search

    if picture:
        from synthkit_unit_selection.picture import check_kind

        check_kind(picture)
    opened = _open(voice)
    words = None
    if recogniser:
        from synthkit_unit_selection.words import Words

        words = Words(opened, recogniser, parse_options(settings))
    console = Console(file=sys.stderr)
    result = search(
        opened.acoustic_model, count=utterances, trials=trials, folds=folds, prices=dict(map(_price, prices)),
        words=words, evaluation_every=evaluation_every, seed=seed,
        track=lambda r: iter(track(r, "tuning", console=console)),
    )  # fmt: skip
    if picture:
        from synthkit_unit_selection.front import draw_front

        draw_front(result, picture)
    if as_json:
        _print(asdict(result))
        return 0
    from synthkit_unit_selection.tune import told

    click.echo(told(result))
    for kind, weights in (("target", result.target), ("join", result.join)):
        click.echo(f"\n[acoustic_model.{kind}]")
        for name, value in weights.items():
            click.echo(f"{name} = {value:.4g}")
    return 0


def _price(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        price = float(value)
    except ValueError:
        price = -1.0
    if not 0 <= price < float("inf"):
        raise ConfigError(f"--price {text!r} is not FIGURE=DB, a number that is not negative")
    return name, price


@click.command()
@_voice
@click.option(
    "--sentences",
    type=click.Path(path_type=Path),
    help="A text file, one sentence a line: which to record next?",
)
@click.option("--count", default=10, show_default=True, help="How many to name.")
@_json
def coverage(voice: Path, sentences: Path | None, count: int, as_json: bool) -> int:
    """What the voice can say from whole units, what is missing, and what to record next.

    \b
    synthkit coverage -v voices/demo-ru
    """
    from synthkit.errors import TextError
    from synthkit.paths import read_text
    from synthkit_unit_selection.coverage import coverage as count_units
    from synthkit_unit_selection.coverage import named, next_sentences, report

    opened = _open(voice)
    store = opened.acoustic_model.store
    found = count_units(store)
    if sentences:
        texts = []
        for line in read_text(sentences, TextError).splitlines():
            if line.strip():
                try:
                    texts.append(opened.segment(line))
                except TextError as error:
                    print(f"left out: {error}", file=sys.stderr)
        found["record_next"] = [named(row) for row in next_sentences(store, texts, count=count)]
    if as_json:
        _print(found)
        return 0
    click.echo(report(found))
    return 0
