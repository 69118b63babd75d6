# SPDX-License-Identifier: Apache-2.0
"""``synthkit align``."""

from __future__ import annotations

from pathlib import Path

import click

from synthkit.cli.common import (
    executor_options,
    json_option,
    layout_option,
    print_json,
    set_option,
    tell_notes,
)
from synthkit.types import Utterance


@click.command()
@click.argument("source")
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder of the label files."
)
@click.option(
    "-v", "--voice", type=click.Path(path_type=Path), help="Align with this voice's trained aligner."
)
@click.option("--text", help="What is said, when SOURCE is one recording.")
@click.option(
    "-l", "--language", help="Language, where SOURCE does not tell.  [default: the voice's, else by script]"
)
@layout_option
@click.option(
    "--format",
    "form",
    default="textgrid",
    show_default=True,
    help="Format of the labels: textgrid, festvox, htk, ctm, or a plugin's.",
)
@click.option("--limit", type=click.IntRange(0), default=0, help="Only the first N utterances; 0 takes all.")
@set_option
@executor_options
@json_option
def align(
    source: str,
    out: Path,
    voice: Path | None,
    text: str | None,
    language: str | None,
    layout: str | None,
    form: str,
    limit: int,
    overrides: tuple[str, ...],
    executor: str,
    workers: int,
    as_json: bool,
) -> int:
    """Write when each phone and word of SOURCE is said: a corpus by name, a folder, or a recording and its
    --text.

    Without --voice the aligner trains on the recordings themselves; `--set alignment.plugin=mfa` chooses
    another. What cannot be aligned is listed with the reason, and the exit code is then 1.

    \b
    synthkit align mine/ -o labels/
    """
    from synthkit.atomic import make_folder, sweep
    from synthkit.errors import visible
    from synthkit.labels import label_format
    from synthkit.pipeline import aligning
    from synthkit.pipeline.executors import make_executor
    from synthkit.progress import Progress

    label_format(form)  # named wrongly, it is told before the work
    utterances, left_out = _utterances(source, text, language, layout, voice)
    utterances = utterances[:limit] if limit else utterances
    utterances, unnamed = aligning.nameable(utterances, out, form)
    pool = make_executor(executor, workers)
    try:
        found = aligning.align(utterances, pool, Progress(), voice=voice, overrides=overrides)
    finally:
        pool.close()
    make_folder(out)
    sweep(out)
    found.write(out, form)
    if not as_json:
        tell_notes([f"the labels that came with it: {note}" for note in found.notes])
    failed = [*unnamed, *found.left_out]
    left_out = [*left_out, *failed]
    flagged = {
        i: [[a.phones[n].start, why] for n, why in a.flags] for i, a in found.alignments.items() if a.flags
    }
    if as_json:
        print_json(
            {
                "folder": str(out),
                "aligned": list(found.alignments),
                "left_out": left_out,
                "notes": list(found.notes),
                "implausible": flagged,
            }
        )
    else:
        for id_, reason in left_out:
            click.echo(visible(f"left out: {id_}: {reason}"), err=True)
        for id_, reasons in flagged.items():
            for start, why in reasons:
                click.echo(f"implausible: {id_} at {start:.3f} s: {why}", err=True)
        click.echo(f"{out}: {len(found.alignments)} utterances aligned, {len(left_out)} left out")
    return 1 if failed else 0


def _utterances(
    source: str, text: str | None, language: str | None, layout: str | None, voice: Path | None
) -> tuple[list[Utterance], list[tuple[str, str]]]:
    from synthkit.corpora import open_corpus
    from synthkit.errors import ConfigError

    if language is None and voice is not None:
        from synthkit.pipeline.voice_folder import read_manifest

        language = str(read_manifest(voice)["languages"][0])
    path = Path(source).expanduser()
    if not path.is_file():
        if text is not None:
            raise ConfigError("--text is for one recording", where=source)
        corpus = open_corpus(source, language, layout=layout)
        return list(corpus.utterances), list(corpus.left_out)
    if text is None:
        raise ConfigError("is one recording: what is said in it?", where=source, hint='add --text "…"')
    if voice is None:
        raise ConfigError(
            "one recording is too little to train an aligner on",
            where=source,
            hint="add --voice with a built voice, or give a folder of recordings",
        )
    return [Utterance(path.stem, text, path.resolve(), language or "en")], []
