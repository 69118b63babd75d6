# SPDX-License-Identifier: Apache-2.0
"""``synthkit corpora cut`` and ``transcribe``: recordings become utterances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synthkit.atomic import check_free
from synthkit.cli.common import json_option, print_json
from synthkit.errors import CorpusError

if TYPE_CHECKING:
    from synthkit.eval import Transcribes
    from synthkit.stages import Context, Segmenter
    from synthkit.types import Segmentation


def _made_corpus(command: Callable[..., Any]) -> Callable[..., Any]:
    """What is said of the corpus that is made: its folder, its speaker, its licence."""
    for option in (
        click.option("--licence", default="", help="Under what licence the recordings may be used."),
        click.option("--speaker", default="speaker", show_default=True, help="Who speaks."),
        click.option(
            "-o",
            "--out",
            required=True,
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of the corpus.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="RECORDING TEXT...")
@click.option("-l", "--language", help="Language of the texts.  [default: by the texts]")
@_made_corpus
@click.option("--plugin", help="Segmentation plugin.  [default: the one a build of this language gets]")
@click.option("--aligner", default="hmm", show_default=True, help="Alignment plugin that finds sentences.")
@click.option(
    "--shortest",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0.5, 60),
    help="Seconds of a piece of a text without sentence breaks, if there are pauses.",
)
@click.option(
    "--longest", default=12.0, show_default=True, type=click.FloatRange(1, 120), help="The same, at most."
)
@json_option
def cut(
    sources: tuple[str, ...],
    out: Path,
    language: str | None,
    speaker: str,
    licence: str,
    plugin: str | None,
    aligner: str,
    shortest: float,
    longest: float,
    as_json: bool,
) -> int:
    """Cut long recordings into utterances by their texts: RECORDING TEXT, one after the other.

    A sentence ends with its line, in a long line with a full stop and the like, and the reader has paused
    there. A text that goes on without such ends is parted where pauses fall between words, into pieces of
    --shortest to --longest seconds. What was read otherwise, said again, left out or added is not cut but
    listed, in a label track for Audacity and on a page that plays it. Exit code 1 where there is such.

    \b
    synthkit corpora cut session.wav session.txt -o mine/
    synthkit corpora cut chapter.mp3 chapter.txt -o mine/ --longest 8
    """
    from synthkit.corpora import cutting
    from synthkit.corpora.language import guess
    from synthkit.corpora.layouts.files import read_text
    from synthkit.corpora.running import is_running
    from synthkit.corpora.running import read as read_running
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.pipeline.starting import segmentation_for
    from synthkit.plugins import registry
    from synthkit.progress import Progress
    from synthkit.scratch import scratch_folder

    if len(sources) % 2:
        raise click.UsageError("give a text for each recording: RECORDING TEXT RECORDING TEXT …")
    pairs = [(Path(a), Path(b)) for a, b in zip(sources[::2], sources[1::2], strict=True)]
    for path in (path for pair in pairs for path in pair):
        if not path.exists():
            raise CorpusError("there is no such file", where=str(path))
    check_free(out, CorpusError)
    if longest < 2 * shortest:
        raise CorpusError(
            f"--longest {longest:g} leaves no choice of pauses", hint="at least twice --shortest"
        )
    texts = [read_text(text) for _, text in pairs]
    spoken = language or guess(texts)
    if spoken is None:
        raise CorpusError("the language cannot be told from the text", hint="say it: --language")
    segmenter = registry().load("segmentation", plugin or segmentation_for(spoken))()
    progress, cuts = Progress(), []
    align = registry().load("alignment", aligner)()
    for (recording, source), text in zip(pairs, texts, strict=True):
        with scratch_folder() as work:
            ctx = BuildContext(SerialExecutor(), progress, work)
            if is_running(text):
                progress.log(f"{source}: no sentence breaks; parted at pauses of {recording.name}")
                whole = read_running(text, segmenter, spoken, str(source))
                ranges, found = align.part(
                    recording, whole.segmentation, ctx,
                    shortest=shortest, longest=longest, whole=whole.whole,
                )  # fmt: skip
                lines = whole.part(ranges)
            else:
                lines, read = _segmented(cutting.sentences(text, str(source)), segmenter, spoken, ctx, source)
                found = align.find(recording, read, ctx)
        cuts.append(cutting.Cut(recording, lines, found))
    corpus = cutting.write(cuts, out, language=spoken, speaker=speaker, licence=licence)
    doubts = [(c.recording.name, c.describe(s)) for c in cuts for s in c.doubtful]
    if as_json:
        print_json({"folder": str(out), "utterances": [u.id for u in corpus.utterances], "doubtful": doubts})
    else:
        for name, what in doubts:
            click.echo(f"{name}: {what}")
        asked = sum(len(c.texts) for c in cuts)
        click.echo(
            f"{out}: {len(corpus)} of {asked} sentences cut, {len(doubts)} things to look at", err=True
        )
        click.echo(f"next: synthkit build {out}", err=True)
    return 1 if doubts else 0


def _segmented(
    lines: list[str], segmenter: Segmenter, language: str, ctx: Context, source: Path
) -> tuple[list[str], list[Segmentation]]:
    """The lines that can be segmented, and what they are; the others are told."""
    from synthkit.errors import TextError, reason

    kept, read = [], []
    for line in lines:
        try:
            read.append(segmenter.segment(line, language))
            kept.append(line)
        except TextError as error:
            ctx.log(f"{source}: left out: {line[:60]!r}: {reason(error)}")
    return kept, read


@click.command()
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    metavar="RECORDING|FOLDER...",
    type=click.Path(path_type=Path, exists=True),
)
@click.option("-l", "--language", required=True, help="Language that is spoken.")
@_made_corpus
@click.option("--recogniser", default="whisper", show_default=True, help="Plugin that hears words.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Its setting, as in model=small.")
@click.option(
    "--shortest",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0.5, 60),
    help="Seconds of a part of a long recording, if there are pauses.",
)
@click.option(
    "--longest", default=12.0, show_default=True, type=click.FloatRange(1, 30), help="The same, at most."
)
@json_option
def transcribe(
    sources: tuple[Path, ...],
    out: Path,
    language: str,
    speaker: str,
    licence: str,
    recogniser: str,
    settings: tuple[str, ...],
    shortest: float,
    longest: float,
    as_json: bool,
) -> int:
    """Make a corpus of recordings without text: a recogniser writes down what it hears.

    Recordings longer than --longest are cut at pauses. What a recogniser hears is not what was said: the
    texts are marked in the table, the attribution and the licence, and `corpora check` warns of them until
    somebody has read them (and emptied the column extra.text_by of utterances.tsv).

    \b
    synthkit corpora transcribe clips/ -o mine/ -l ru --set model=small
    synthkit corpora transcribe talk.mp3 -o talk/ -l en --set model=whisper-base/
    """
    from synthkit.corpora.transcribing import transcribe as write
    from synthkit.eval import Clip, EvalSample
    from synthkit.progress import Progress

    if longest < 2 * shortest:
        raise CorpusError(
            f"--longest {longest:g} leaves no choice of pauses", hint="at least twice --shortest"
        )
    check_free(out, CorpusError)
    metric, by = _recogniser(recogniser, settings)
    progress = Progress()
    corpus = write(
        sources,
        out,
        lambda wave: metric.transcribe(EvalSample("clip", "", language, Clip(wave))),
        by,
        language=language,
        speaker=speaker,
        licence=licence,
        shortest=shortest,
        longest=longest,
        track=lambda parts: progress.track(parts, label=f"listening by {by}", total=len(parts)),
    )
    if as_json:
        print_json(
            {
                "folder": str(out),
                "by": by,
                "texts": {u.id: u.text for u in corpus},
                "left_out": corpus.left_out,
            }
        )
    else:
        for id, why in corpus.left_out:
            click.echo(f"left out: {id}: {why}")
        click.echo(
            f"{out}: {len(corpus)} texts by {by}, not by a person; {len(corpus.left_out)} left out", err=True
        )
        click.echo(f"next: read {out / 'utterances.tsv'}, then synthkit build {out}", err=True)
    return 0


def _recognisers() -> str:
    """Which there are: a hint."""
    from synthkit.errors import MissingDependency, PluginError
    from synthkit.eval import Transcribes
    from synthkit.plugins import registry

    there = []
    for registration in registry().of_stage("metric"):
        try:
            if issubclass(registration.load(), Transcribes):
                there.append(registration.name)
        except (MissingDependency, PluginError):
            continue  # `synthkit plugins` says why
    if there:
        return f"installed are {', '.join(there)}"
    return "none is installed: pip install synthkit-speech[asr] brings whisper and onnx-asr"


def _recogniser(name: str, settings: tuple[str, ...]) -> tuple[Transcribes, str]:
    """The recogniser, ready to hear, and what it is called where its texts are marked."""
    from synthkit.errors import ConfigError, MissingDependency
    from synthkit.eval import Transcribes
    from synthkit.plugins import registry
    from synthkit.tables import parse_value, validate

    if ("metric", name) not in registry().components and name in ("whisper", "onnx-asr"):
        raise MissingDependency(
            f"recogniser {name!r} comes with the plugin synthkit-asr, which is not installed",
            hint="pip install synthkit-speech[asr], and a model: --set model=NAME or --set model=FOLDER",
        )
    kind = registry().load("metric", name) if ("metric", name) in registry().components else None
    if kind is None or not issubclass(kind, Transcribes):
        raise ConfigError(
            f"there is no recogniser {name!r}" if kind is None else f"{name!r} hears no words",
            where="--recogniser",
            hint=_recognisers(),
        )
    table = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text!r} is not KEY=VALUE")
        table[key.removeprefix(f"{name}.")] = parse_value(value)
    metric = kind(validate(kind.Config, table, where=f"--set of {name}", what="setting"))
    try:
        metric.prepare()
    except MissingDependency as error:
        hint = error.hint.replace(f"--metric-set {name}.", "--set ").replace(f"{name}.", "--set ")
        raise MissingDependency(error.message, where=error.where, hint=hint) from error
    model = str(getattr(metric.config, "model", "") or "")
    return metric, f"{name} {Path(model).name}".strip()
