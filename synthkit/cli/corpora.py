# SPDX-License-Identifier: Apache-2.0
"""``synthkit corpora``: list, get, check, split, cut, transcribe, export, vary."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synthkit.cli.common import executor_options, json_option, layout_option, print_json
from synthkit.cli.cutting import cut, transcribe
from synthkit.columns import columns
from synthkit.errors import CorpusError, SynthkitError, visible

if TYPE_CHECKING:
    from rich.progress import Progress

    from synthkit.corpora import Corpus
    from synthkit.corpora.checks import Flaw
    from synthkit.progress import Progress as Told


@click.group()
def corpora() -> None:
    """The data: list, get, check and split corpora, cut or write down recordings.

    A CORPUS is a name of `synthkit corpora list` or a folder of recordings with their texts.

    \b
    synthkit corpora list
    synthkit corpora get msu-ru-nsh
    synthkit corpora check mine/ -l ru
    synthkit corpora cut session.wav session.txt -o mine/
    """


@corpora.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Show the corpora known by name, and which of them are on this machine.

    \b
    synthkit corpora list
    """
    from synthkit.corpora import find_recipe
    from synthkit.plugins import registry

    rows: list[dict[str, Any]] = []
    for registration in registry().of_stage("corpus"):
        try:
            recipe = find_recipe(registration.name)
            there = recipe.available()
            rows.append(
                {
                    "name": registration.name,
                    "languages": list(recipe.languages),
                    "available": there,
                    "folder": str(recipe.folder()),
                    "licence": recipe.licence,
                    "title": recipe.title or registration.summary,
                }
            )
        except SynthkitError as error:  # one broken recipe hides none of the others
            click.echo(f"{registration.name}: {error}", err=True)
    if as_json:
        print_json(rows)
        return
    cells = [
        (r["name"], " ".join(r["languages"]), "yes" if r["available"] else "no", r["licence"], r["title"])
        for r in rows
    ]
    click.echo(columns(cells, ("name", "language", "here", "licence", "what")))
    if not all(r["available"] for r in rows):
        click.echo("`synthkit corpora get NAME` fetches one.", err=True)


@corpora.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder to put it in (one NAME only)."
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with the downloads (.deb files), for machines without a network.",
)
@click.option("--force", is_flag=True, help="Fetch again what is already there.")
@json_option
def get(names: tuple[str, ...], to: Path | None, source: Path | None, force: bool, as_json: bool) -> None:
    """Fetch corpora by name; prints the folder of each.

    Nothing is installed. An interrupted or failed fetch leaves nothing behind.

    \b
    synthkit corpora get msu-ru-nsh
    """
    from synthkit.corpora import find_recipe

    if to is not None and len(names) > 1:
        raise click.UsageError("--to goes with one NAME")
    recipes = [find_recipe(name) for name in names]
    done = []
    for recipe in recipes:
        with _Bar() as bar:
            folder = recipe.get(to, bar.log, progress=bar.update, source=source, force=force)
        done.append({"name": recipe.name, "folder": str(folder)})
        if not as_json:
            click.echo(str(folder))
    if as_json:
        print_json(done)


@corpora.command()
@click.argument("source", metavar="CORPUS")
@click.option("-l", "--language", help="Language of a folder that does not tell its own.")
@layout_option
@click.option("--segment/--no-segment", default=True, show_default=True, help="Also segment every text.")
@click.option("--plugin", help="Segmentation plugin.  [default: the one a build of this language gets]")
@click.option(
    "--speakers/--no-speakers",
    default=None,
    help="Find recordings of other speakers.  [default: if it can be]",
)
@click.option(
    "--encoder", help="Speaker encoder plugin that compares them.  [default: the first that is ready]"
)
@executor_options
@json_option
def check(
    source: str,
    language: str | None,
    layout: str | None,
    segment: bool,
    plugin: str | None,
    speakers: bool | None,
    encoder: str | None,
    executor: str,
    workers: int,
    as_json: bool,
) -> None:
    """Examine CORPUS (a name or a folder): every recording, transcript and label file.

    One line per finding: severity, utterance, file, reason. Exit code 1 if a build would leave
    something out. Where a speaker encoder is installed, recordings in which another person seems to speak
    are warned of.

    \b
    synthkit corpora check bundled-ru
    synthkit corpora check mine/ -l ru
    """
    from synthkit.cli.checking import examined
    from synthkit.corpora.speakers import FEWEST
    from synthkit.pipeline.starting import open_folder, rate_told, segmentation_for
    from synthkit.progress import Progress

    notes: list[str] = []
    corpus, _ = open_folder(source, language, layout, notes)
    told = rate_told(source, corpus, notes)
    for note in notes:
        click.echo(note, err=True)
    if segment and plugin is None:
        try:
            plugin = segmentation_for(corpus.languages[0])
        except CorpusError as error:
            click.echo(f"texts are not segmented: {error.message}", err=True)
    progress = Progress()
    findings = examined(corpus, plugin if segment else None, executor, workers, progress, rates=told is None)
    if speakers is not False and (speakers or encoder or len(corpus) >= FEWEST):
        findings += _other_speakers(corpus, encoder, progress, asked=bool(speakers or encoder))
    bad = {f.id for f in findings if f.severity == "error"}
    warned = {f.id for f in findings if f.severity == "warning"} - bad
    if as_json:
        print_json(
            {
                "corpus": corpus.name,
                "utterances": len(corpus),
                "findings": [asdict(f) for f in findings],
                "left_out": [{"id": id, "reason": reason} for id, reason in corpus.left_out],
            }
        )
    else:
        for f in findings:
            click.echo(visible(f"{f.severity}: {f.id or corpus.name}: {f.file}: {f.reason}"))
        for id, reason in corpus.left_out:
            click.echo(visible(f"left out: {id}: {reason}"))
        click.echo(
            f"{corpus.name}: {len(corpus)} utterances, {len(bad)} to be left out, {len(warned)} with "
            f"warnings, {len(corpus.left_out)} left out already",
            err=True,
        )
    if bad:
        click.get_current_context().exit(1)


def _other_speakers(corpus: Corpus, name: str | None, progress: Told, *, asked: bool) -> list[Flaw]:
    """Warnings of recordings that are unlike others of their speaker; where nobody can compare them, that is
    said, or refused if it was `asked` for."""
    from synthkit.corpora.speakers import check_speakers, usable_encoder
    from synthkit.errors import MissingDependency

    found = usable_encoder(name)
    if found is None:
        hint = "pip install synthkit-speech[speaker], and what `synthkit plugins` says its encoders lack"
        if asked:
            raise MissingDependency("no speaker encoder is ready to compare speakers", hint=hint)
        click.echo(f"speakers are not compared: no speaker encoder is ready ({hint})", err=True)
        return []
    label = f"comparing speakers by {found[0]}"
    return check_speakers(corpus, found[1], track=lambda us: progress.track(us, label=label, total=len(us)))


@corpora.command()
@click.argument("source", metavar="CORPUS")
@click.option("-l", "--language", help="Language of a folder that does not tell its own.")
@layout_option
@click.option("--held-out", default=0.1, show_default=True, type=float, help="Share held out.")
@click.option("--seed", default=0, show_default=True, type=int, help="Another seed, another split.")
@click.option("--every", type=int, help="Hold out the first of every N instead.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write train.txt and held-out.txt (ids) here.",
)
@json_option
def split(
    source: str,
    language: str | None,
    layout: str | None,
    held_out: float,
    seed: int,
    every: int | None,
    to: Path | None,
    as_json: bool,
) -> None:
    """Divide CORPUS into a train and a held-out part; prints ``part TAB id`` per utterance.

    The same corpus, share and seed give the same parts on every machine, and an utterance stays in
    its part when others are added.

    \b
    synthkit corpora split bundled-ru
    """
    from synthkit.atomic import write_text
    from synthkit.corpora import open_corpus
    from synthkit.corpora import split as divide

    train, out = divide(
        open_corpus(source, language, layout=layout), held_out=held_out, seed=seed, every=every
    )
    parts = {"train": [u.id for u in train.utterances], "held-out": [u.id for u in out.utterances]}
    if to is not None:
        try:
            for part, ids in parts.items():
                write_text(to / f"{part}.txt", "".join(f"{id}\n" for id in ids))
        except OSError as error:
            raise CorpusError(f"cannot be written: {error.strerror}", where=str(to)) from error
    if as_json:
        print_json(parts)
    elif to is None:
        for part, ids in parts.items():
            for id in ids:
                click.echo(f"{part}\t{id}")
    click.echo(f"{len(train)} train, {len(out)} held out", err=True)


@corpora.command()
@click.argument("source", metavar="CORPUS")
@click.option("-l", "--language", help="Language of a folder that does not tell its own.")
@layout_option
@click.option(
    "--to",
    required=True,
    type=click.Choice(["ljspeech", "kaldi", "lhotse", "hf"]),
    help="For which programs: ljspeech (with Coqui's header), Kaldi, lhotse, Hugging Face's audio folder.",
)
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
def export(source: str, language: str | None, layout: str | None, to: str, out: Path) -> int:
    """Write CORPUS (a name or a folder) in the layout of other programs: recordings and tables.

    \b
    synthkit corpora export bundled-ru --to ljspeech -o out/
    """
    from synthkit.corpora.export import export as write
    from synthkit.pipeline.starting import open_folder

    notes: list[str] = []
    corpus, _ = open_folder(source, language, layout, notes)
    for note in notes:
        click.echo(note, err=True)
    count = write(corpus, out, to)
    click.echo(f"{out}: {count} utterances")
    return 0


@corpora.command()
@click.argument("sources", nargs=-1, required=True, metavar="CORPUS...")
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
@click.option("--hours", required=True, type=float, help="How long it becomes.")
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Another seed, another corpus."
)
@json_option
def vary(sources: tuple[str, ...], out: Path, hours: float, seed: int, as_json: bool) -> int:
    """Make a corpus of any length of the utterances of others, to rehearse what a large one will cost.

    Each is spoken at another speed, pitch and level; no two are alike. They are made as they are read: only
    the sources and a small file for each utterance are on the disk.

    \b
    synthkit corpora vary bundled-ru --hours 10 -o ten-hours/
    """
    from synthkit.corpora import open_corpus
    from synthkit.corpora.varying import vary as write
    from synthkit.progress import Progress

    progress = Progress()
    made = write(
        [open_corpus(source) for source in sources],
        out,
        hours=hours,
        seed=seed,
        track=lambda utterances: progress.track(utterances, label="utterances"),
    )
    if as_json:
        print_json({"folder": str(out), "utterances": len(made)})
    else:
        click.echo(f"{out}: {len(made)} utterances")
    return 0


corpora.add_command(cut)
corpora.add_command(transcribe)


class _Bar:
    """Log lines and, on a terminal, a bar with an ETA, on stderr; a line per 25 % elsewhere."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._what, self._told = "", 0

    def __enter__(self) -> _Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def log(self, message: str) -> None:
        """One line."""
        click.echo(message, err=True)

    def update(self, what: str, done: float) -> None:
        """`done` is 0 to 1."""
        if what != self._what:
            self._what, self._told = what, 0
            if self._bar is not None:
                for task in list(self._bar.task_ids):
                    self._bar.remove_task(task)
                self._bar.add_task(what, total=1.0)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done)
        elif int(done * 4) > self._told:
            self._told = int(done * 4)
            self.log(f"{what}: {self._told * 25} %")
