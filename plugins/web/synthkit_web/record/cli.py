# SPDX-License-Identifier: Apache-2.0
"""``synthkit record``."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.option("-l", "--language", required=True, help="Language of the sentences.")
@click.option(
    "-o", "--out", default=Path("recordings"), show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the recordings; one that was begun goes on.",
)  # fmt: skip
@click.option(
    "--prompts", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sentences of your own, one a line.  [default: the list of the language]",
)  # fmt: skip
@click.option(
    "--cover", default=150, show_default=True, type=click.IntRange(1),
    help="How many sentences: those that cover most neighbours of sounds.",
)  # fmt: skip
@click.option(
    "--port", default=8376, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
def record(language: str, out: Path, prompts: Path | None, cover: int, port: int) -> int:
    """Record sentences with the microphone, in a browser on this machine, until stopped with Ctrl-C.

    Sentences come in the order in which they cover the sounds of the language soonest. Every take is on the
    disk, without loss, before the next sentence shows. The folder is a corpus: `synthkit build FOLDER`.

    \b
    synthkit record -l ru -o mine/
    """
    from synthkit.atomic import lock
    from synthkit.corpora.prompting import sentences
    from synthkit.pipeline.starting import segmentation_for
    from synthkit.plugins import registry
    from synthkit_web.access import Access
    from synthkit_web.app import make_app
    from synthkit_web.record.folder import Recording
    from synthkit_web.record.routes import LARGEST, door
    from synthkit_web.server import Place
    from synthkit_web.server import serve as run

    texts = sentences(prompts if prompts is not None else language)
    segmenter = registry().load("segmentation", segmentation_for(language))()
    recording = Recording.open(out, language, texts, segmenter, cover)
    place = Place("127.0.0.1", port)
    with lock(out / ".lock", "a recording of this folder"), place.bind() as bound:
        url = place.url(bound.getsockname()[1])

        def ready() -> None:
            click.echo(f"record: {url}/record/")
            sys.stdout.flush()

        run(make_app([door(recording)], Access(largest=LARGEST)), bound, ready)
    click.echo(f"{out}: {len(recording.taken)} of {len(recording.prompts)} sentences", err=True)
    click.echo(f"next: synthkit build {out} -l {recording.language}", err=True)
    return 0
