# SPDX-License-Identifier: Apache-2.0
"""``synthkit lab``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from synthkit.cli.common import set_option

if TYPE_CHECKING:
    from starlette.routing import Route

BUNDLED: dict[str, str | None] = {"bundled-ru": None, "bundled-en": None}
"""Corpora that are always there."""
UPLOADED = 16_000_000
"""Bytes of a recording that is uploaded."""


@click.command()
@click.argument("voices", nargs=-1, type=click.Path(path_type=Path), metavar="[VOICE]...")
@click.option(
    "--port", default=8379, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option("--open/--no-open", "opens", default=True, help="Open the page in a browser.  [default: open]")
@click.option(
    "--corpus", "corpora", multiple=True, metavar="NAME|FOLDER",
    help="A corpus whose labels are looked at and corrected.",
)  # fmt: skip
@click.option("-l", "--language", help="Language of a --corpus that does not tell its own.")
@click.option(
    "--labels", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of ID.TextGrid, as `synthkit align` writes them, in place of the corpus's own.",
)  # fmt: skip
@click.option(
    "--corrections", type=click.Path(path_type=Path), default="corrections", show_default=True,
    help="Folder that corrected labels go to, a folder for each corpus and voice.",
)  # fmt: skip
@click.option(
    "--build", "builds", multiple=True, type=click.Path(path_type=Path, exists=True),
    metavar="VOICE.toml|FOLDER",
    help="A build to begin, watch and stop, or the folder of a training to watch; those of this folder are "
    "known.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace labels there that were not saved from here.")
@set_option
def lab(
    voices: tuple[Path, ...],
    port: int,
    opens: bool,
    corpora: tuple[str, ...],
    language: str | None,
    labels: Path | None,
    corrections: Path,
    builds: tuple[Path, ...],
    overwrite: bool,
    overrides: tuple[str, ...],
) -> int:
    """See, hear and change every stage of voices in a browser, until stopped with Ctrl-C.

    VOICE is a folder or a name; left out, all voices in this folder, in voices/ and in demo/. Only this
    machine can reach the page.

    \b
    make demo; synthkit lab
    synthkit lab voices/mine demo/demo-ru
    synthkit lab --corpus mine/ --labels labels/
    synthkit lab --build mine.toml
    """
    from synthkit.errors import VoiceError
    from synthkit.pipeline.known_voices import find_voice, known_voices
    from synthkit.pipeline.voice_folder import read_manifest
    from synthkit_web.access import Access
    from synthkit_web.app import make_app
    from synthkit_web.lab.bench.sources import Recordings
    from synthkit_web.lab.labels.opening import label_sources
    from synthkit_web.lab.labels.routes import labels_routes
    from synthkit_web.lab.routes import door
    from synthkit_web.lab.training.builds import Builds
    from synthkit_web.lab.training.routes import training_routes
    from synthkit_web.later import Later
    from synthkit_web.server import Place
    from synthkit_web.server import serve as run
    from synthkit_web.voices import Voices

    folders = [find_voice(voice) for voice in voices] or list(
        {read_manifest(folder)["name"]: folder for folder in reversed(known_voices())}.values()
    )[::-1]
    sources = label_sources(
        folders, corpora, corrections, language=language, labels=labels, overwrite=overwrite
    )
    watched = Builds(builds)
    if not folders and not sources and not watched.all():
        raise VoiceError(
            "no voice was named, and there is none here",
            hint="`make demo` builds three; `synthkit voices list` shows what can be had",
        )
    place = Place("127.0.0.1", port)
    with place.bind() as bound:
        opened = Voices(folders, 2, overrides)
        first = "" if folders else "labels/" if sources else "training/"
        url = f"{place.url(bound.getsockname()[1])}/lab/{first}"

        def ready() -> None:
            click.echo(f"voices: {', '.join(opened.about) or 'none'}")
            click.echo(f"lab:    {url}")
            sys.stdout.flush()
            if opens:
                import webbrowser

                webbrowser.open(url)

        recordings = Recordings(dict.fromkeys(corpora, language) | BUNDLED)

        def bench() -> list[Route]:
            # scipy.signal and scipy.fft are 0.6 s of imports, a quarter of the time to the first sound.
            from synthkit_web.lab.bench.routes import bench_routes

            return bench_routes(opened, recordings)

        panels = [*labels_routes(sources), *training_routes(watched), Later("/api/bench", bench)]
        app = make_app([door(opened, panels)], Access(cookie="synthkit-lab", largest=UPLOADED))
        run(app, bound, ready)
    click.echo("stopped", err=True)
    return 0
